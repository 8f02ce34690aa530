"""Browsing: feed, facets, search, the case page, saved cases."""
