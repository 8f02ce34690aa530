"""Transparency: what was reported, decided, removed and vetted in each quarter, for all members to read."""
