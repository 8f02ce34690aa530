"""Notifications: mail to members about their own affairs, by ids only, never content."""
