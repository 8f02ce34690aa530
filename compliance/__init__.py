"""Compliance: the consent audit, its exports, and recalls of exports after a withdrawal."""
