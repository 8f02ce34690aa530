"""Identifiers: random, so that one URL reveals nothing about another."""

import uuid


def new_id() -> uuid.UUID:
    """Return a random UUID (version 4) for a row, an object in storage or a URL."""
    return uuid.uuid4()
