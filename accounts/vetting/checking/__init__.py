"""Checks for moderators: the number, the register's own look-up, and warnings about duplicates. None decides."""
