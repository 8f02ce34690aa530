"""Comparison of two pictures of one place: what differs in how they were taken, measured by registration."""
