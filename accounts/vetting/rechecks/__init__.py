"""Blind re-checks: each quarter a few accepted applications are decided again by uninvolved moderators."""
