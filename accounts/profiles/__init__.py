"""Profiles: a member's own page, the CV for other members, portraits, the directory, following, ORCID."""
