"""Leaving, and the copy of one's data: what a member takes along, what goes, and what stays without a name."""
