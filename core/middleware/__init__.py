"""Middleware of the site as a whole, one module each."""
