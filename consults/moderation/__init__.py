"""Moderation: reports by members, hiding by moderators, and the second look at what was hidden."""
