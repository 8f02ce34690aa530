"""Leaving, and the copy of one's data."""
