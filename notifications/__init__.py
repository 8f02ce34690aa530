"""Notifications: notices and mail to members about their own affairs, without content."""
