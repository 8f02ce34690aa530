"""Originals and pieces of uploads, readable by the pipeline and in the owner's review only."""

from imaging.originals.quota import require_room, unsealed_bytes
from imaging.originals.store import (
    PREVIEWED_FRAMES,
    STATES_WITH_ORIGINAL,
    SWEEP_AGE,
    Pieces,
    destroy,
    destroy_pieces,
    read,
    read_frame,
    read_pieces,
    read_preview,
    read_result,
    save,
    save_frame,
    save_piece,
    save_preview,
    save_result,
    sweep,
)

__all__ = [
    "PREVIEWED_FRAMES",
    "STATES_WITH_ORIGINAL",
    "SWEEP_AGE",
    "Pieces",
    "destroy",
    "destroy_pieces",
    "read",
    "read_frame",
    "read_pieces",
    "read_preview",
    "read_result",
    "require_room",
    "save",
    "save_frame",
    "save_piece",
    "save_preview",
    "save_result",
    "sweep",
    "unsealed_bytes",
]
