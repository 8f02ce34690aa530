"""Originals and pieces of uploads, readable by the pipeline and in the owner's review only."""

from imaging.originals.store import (
    STATES_WITH_ORIGINAL,
    SWEEP_AGE,
    Pieces,
    destroy,
    destroy_pieces,
    read,
    read_pieces,
    read_preview,
    save,
    save_piece,
    save_preview,
    sweep,
)

__all__ = [
    "STATES_WITH_ORIGINAL",
    "SWEEP_AGE",
    "Pieces",
    "destroy",
    "destroy_pieces",
    "read",
    "read_pieces",
    "read_preview",
    "save",
    "save_piece",
    "save_preview",
    "sweep",
]
