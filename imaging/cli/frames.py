"""Choice among the pictures of one file: pages of a TIFF, frames of a DICOM file (`--frames`)."""

from __future__ import annotations

import argparse
import contextlib

from imaging.engine import Options, Refused, count_frames
from imaging.engine.limits import MAX_FRAMES

Ranges = tuple[range, ...]
ALL = "all"
_NOT_NUMBERS = 'must be "all", or numbers like 1,3-5'


def parse(text: str) -> str:
    """Return a choice as it stands in the manifest: "all", or numbers from 1 and ranges of them, "2", "1,3-5".

    Raises argparse.ArgumentTypeError.
    """
    if text == ALL:
        return ALL
    return ",".join(str(one[0]) if len(one) == 1 else f"{one[0]}-{one[-1]}" for one in ranges(text))


def ranges(choice: str) -> Ranges:
    """Return the numbers of a choice, from 1. Raises argparse.ArgumentTypeError."""
    if choice == ALL:
        return (range(1, MAX_FRAMES + 1),)
    found = []
    for part in choice.split(","):
        first, dash, last = part.partition("-")
        try:
            found.append(range(int(first), int(last if dash else first) + 1))
        except ValueError as error:
            raise argparse.ArgumentTypeError(_NOT_NUMBERS) from error
        if not found[-1] or found[-1][0] < 1:
            raise argparse.ArgumentTypeError(_NOT_NUMBERS)
    return tuple(found)


def choose(chosen: Ranges, count: int) -> list[int]:
    """Return the chosen numbers of a file that holds `count` pictures, in order and each once."""
    return sorted({number for numbers in chosen for number in range(numbers[0], min(numbers[-1], count) + 1)})


def find(data: bytes, choice: str | None, options: Options) -> list[int]:
    """Return the chosen numbers, for `Options.frame`.

    None for a file to be read as one picture: it is one, it holds none of those chosen, or too many, and is
    refused in its turn.
    """
    if choice is None:
        return []
    try:
        count = count_frames(data, options=options)
    except Refused:
        return []
    return [] if count == 1 or count > MAX_FRAMES else choose(ranges(choice), count)


def sentence(data: bytes, refusal: Refused, options: Options) -> str:
    """Return the refusal's sentence, for a file of several pictures with their number and the flag that chooses."""
    if refusal.code == "multi_page":
        with contextlib.suppress(Refused):
            count = count_frames(data, options=options)
            if count > 1:
                return f"The file holds {count} pictures. Choose with --frames: all, or numbers like 1,3-5."
    return refusal.sentence
