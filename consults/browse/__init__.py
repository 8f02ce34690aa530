"""Finding and reading cases: feed, facets, search, the case page, saved cases."""
