"""Check of a JPEG 2000 codestream, of which decoders show what they can. Source: ITU-T T.800, annexes A and B."""

from __future__ import annotations

import re

from imaging.engine.damage.runs import find_runs

START = b"\xff\x4f\xff\x51"
TILE_PART, DATA, CODING_STYLE = b"\xff\x90", b"\xff\x93", b"\xff\x52"
END = b"\xff\xd9"
FORBIDDEN = re.compile(rb"\xff[\x90\x93-\xff]")
"""Codes that packets never hold: after FF a bit is stuffed. 91 and 92 mark packets."""
RUN = 1024
"""Equal bytes in a row: empty packets are one byte each, but not so many unless bands are divided into precincts."""
UNDIVIDED = tuple(bytes([style]) for style in range(0, 8, 2))
SMALL_PRECINCT = 128
"""Pixels for each packet of the smallest usual precincts, over all components."""
HEADER = 12


def is_damaged(data: bytes) -> bool:
    """Whether a JPEG 2000 file, or a bare codestream, lacks parts or holds bytes that no encoder writes."""
    at = data.find(START)
    if at < 0:
        return False  # the decoder judges it
    pixels = int.from_bytes(data[at + 8 : at + 12], "big") * int.from_bytes(data[at + 12 : at + 16], "big")
    run, at = RUN, at + 2
    while data[at : at + 2] != TILE_PART:
        if data[at : at + 2] == CODING_STYLE and data[at + 4 : at + 5] not in UNDIVIDED:
            run = RUN + pixels // SMALL_PRECINCT
        at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
        if at >= len(data):
            return True
    while data[at : at + 2] == TILE_PART:
        size = int.from_bytes(data[at + 6 : at + 10], "big") or len(data.rstrip(b"\0").removesuffix(END)) - at
        part = data[at : at + size]
        body = part[part.find(DATA, HEADER) + len(DATA) :]
        if len(part) < size or FORBIDDEN.search(body) or any(True for _ in find_runs(body, run)):
            return True
        at += size
    return data[at : at + 2] != END
