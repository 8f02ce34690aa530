"""Uploads that arrive in pieces, so that a lost connection costs one piece."""

from imaging.uploads.pieces import (
    MOST_OPEN,
    OutOfStep,
    TooManyOpen,
    begin,
    expire,
    find,
    forget,
    take,
)

__all__ = [
    "MOST_OPEN",
    "OutOfStep",
    "TooManyOpen",
    "begin",
    "expire",
    "find",
    "forget",
    "take",
]
