"""Originals and their pieces, readable by the pipeline and in the owner's review only."""

from imaging.originals.store import (
    HELD_IN,
    SWEPT_AFTER,
    Pieces,
    forget,
    forget_pieces,
    keep,
    keep_piece,
    keep_preview,
    read,
    read_pieces,
    read_preview,
    sweep,
)

__all__ = [
    "HELD_IN",
    "SWEPT_AFTER",
    "Pieces",
    "forget",
    "forget_pieces",
    "keep",
    "keep_piece",
    "keep_preview",
    "read",
    "read_pieces",
    "read_preview",
    "sweep",
]
