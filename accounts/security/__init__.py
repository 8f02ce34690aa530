"""Sign-in, passwords, sessions, trusted devices, and the log of security events."""
