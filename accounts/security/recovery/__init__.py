"""Losing everything: two moderators identify a member anew, and the member begins with a new password and factor."""
