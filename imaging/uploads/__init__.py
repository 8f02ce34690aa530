"""Uploads in pieces, so that a lost connection costs one piece."""

from imaging.uploads.pieces import (
    MAX_OPEN_UPLOADS,
    TooManyUploads,
    WrongOffset,
    destroy,
    expire,
    find,
    receive_piece,
    start,
)

__all__ = [
    "MAX_OPEN_UPLOADS",
    "TooManyUploads",
    "WrongOffset",
    "destroy",
    "expire",
    "find",
    "receive_piece",
    "start",
]
