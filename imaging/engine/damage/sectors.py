"""Lost sectors in a sequential JPEG that decode without a warning: zeros, which are valid codes. Source: ITU-T T.81."""

from __future__ import annotations

from imaging.engine.damage.runs import find_runs

TABLES, SCAN = 0xC4, 0xDA
SEQUENTIAL = frozenset((0xC0, 0xC1))
COUNTS = 17
"""Bytes before a Huffman table's symbols: its class and number, and how many codes there are of each length."""
RUN = 64
START_OF_SCAN, END = b"\xff\xda", b"\xff\xd9"


def has_lost_sector(payload: bytes) -> bool:
    """Whether the only scan of a sequential JPEG has a run of zeros that no block can have been coded with.

    The code of zeros alone stands for a table's first symbol. If that is "no change" and "end of block", in every
    table, such a run is a flat area; cameras' tables have other ones. payload is as `container.jpeg` passes it on.
    """
    at, flat, sequential = 2, True, False
    while (marker := payload[at + 1]) != SCAN:
        size = int.from_bytes(payload[at + 2 : at + 4], "big")
        sequential |= marker in SEQUENTIAL
        if marker == TABLES:
            flat &= not any(_first_symbols(payload[at + 4 : at + 2 + size]))
        at += 2 + size
    if flat or not sequential:
        return False
    scan = payload[at + 2 + int.from_bytes(payload[at + 2 : at + 4], "big") :]
    end = len(scan) - len(END)  # zeros up to there may be padding, else the decoder misses blocks
    return START_OF_SCAN not in scan and any(value == 0 and stop < end for _, stop, value in find_runs(scan, RUN))


def _first_symbols(body: bytes) -> list[int]:
    """Return the first symbol of each Huffman table in a segment."""
    symbols, at = [], 0
    while at + COUNTS < len(body):
        symbols.append(body[at + COUNTS])
        at += COUNTS + sum(body[at + 1 : at + COUNTS])
    return symbols
