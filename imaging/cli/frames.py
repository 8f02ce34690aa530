"""Choice among the pictures of one file: pages of a TIFF, frames of a DICOM file (`--frames`)."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Collection, Mapping
from typing import Any

from imaging.engine import Options, Refused, count_frames
from imaging.engine.limits import MAX_FRAMES

Row = Mapping[str, Any]
Ranges = tuple[range, ...]
ALL: Ranges = (range(1, MAX_FRAMES + 1),)


def parse(text: str) -> Ranges:
    """Parse "all", or numbers from 1 and ranges of them: "2", "1,3-5". Raises argparse.ArgumentTypeError."""
    if text == "all":
        return ALL
    ranges = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        try:
            ranges.append(range(int(first), int(last if dash else first) + 1))
        except ValueError as error:
            raise argparse.ArgumentTypeError('must be "all", or numbers like 1,3-5') from error
        if not ranges[-1] or ranges[-1][0] < 1:
            raise argparse.ArgumentTypeError('must be "all", or numbers like 1,3-5')
    return tuple(ranges)


def choose(chosen: Ranges, count: int) -> list[int]:
    """Return the chosen numbers of a file that holds `count` pictures, in order and each once."""
    return sorted({number for numbers in chosen for number in range(numbers[0], min(numbers[-1], count) + 1)})


def find(data: bytes, chosen: Ranges, options: Options) -> tuple[list[int], int]:
    """Return the chosen numbers, for `Options.frame`, and how many pictures the file holds.

    No numbers for a file to be read as one picture: it is one, it holds none of those chosen, or too many, and is
    refused in its turn.
    """
    try:
        count = count_frames(data, options=options)
    except Refused:
        return [], 1
    return ([] if count == 1 or count > MAX_FRAMES else choose(chosen, count)), count


def sentence(data: bytes, refusal: Refused, options: Options) -> str:
    """Return the refusal's sentence, for a file of several pictures with their number and the flag that chooses."""
    if refusal.code == "multi_page":
        with contextlib.suppress(Refused):
            count = count_frames(data, options=options)
            if count > 1:
                return f"The file holds {count} pictures. Choose with --frames: all, or numbers like 1,3-5."
    return refusal.sentence


def is_complete(rows: Collection[Row], chosen: Ranges | None) -> bool:
    """Whether these rows of one file cover all frames that are chosen now."""
    (first, *_) = rows
    if first.get("frame") is None:
        return True
    return chosen is not None and {row["frame"] for row in rows} >= {*choose(chosen, first["frames"])}
