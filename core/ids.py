"""Identifiers: random, so that one address says nothing about another."""

import uuid


def new_id() -> uuid.UUID:
    """A random UUID (version 4) for a domain row, an object in storage or a URL."""
    return uuid.uuid4()
