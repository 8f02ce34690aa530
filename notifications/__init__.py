"""Notifications: mail to members about their own affairs, without content."""
