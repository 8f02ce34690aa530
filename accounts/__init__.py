"""Accounts: members, their applications, and the decision of two moderators."""
