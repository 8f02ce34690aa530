"""Palettes of DICOM's PALETTE COLOR. Source: PS3.3, C.7.6.3.1.5, C.7.6.3.1.6 and C.7.9.2."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from imaging.engine.errors import Refused

CHANNELS = ("Red", "Green", "Blue")
MOST = 1 << 16
"""Entries of a palette, where the descriptor says 0."""


def apply(levels: npt.NDArray[Any], dataset: Any) -> npt.NDArray[np.uint8]:
    """Return H×W×3 uint8 for H×W palette numbers of any integer type. Raises Refused, AttributeError, ValueError."""
    tables = [_table(dataset, channel) for channel in CHANNELS]
    first = _first(dataset)
    if max(int(table.max()) for table in tables) > 255:
        tables = [np.round(table * (255 / 65535)).astype(np.uint16) for table in tables]
    places = levels.astype(np.int32) - first
    return np.stack([table.astype(np.uint8)[np.clip(places, 0, len(table) - 1)] for table in tables], axis=-1)


def _first(dataset: Any) -> int:
    """Return the pixel value of the first entry: signed where pixels are, whatever type the file gave it."""
    first = int(dataset.RedPaletteColorLookupTableDescriptor[1])
    return first - MOST if dataset.PixelRepresentation and first >= MOST // 2 else first


def _table(dataset: Any, channel: str) -> npt.NDArray[np.uint16]:
    """Return one channel's entries: 0 to 255 for 8 bits, 0 to 65535 for 16."""
    entries, _, bits = (int(value) for value in getattr(dataset, f"{channel}PaletteColorLookupTableDescriptor"))
    count = (entries or MOST) % MOST or MOST
    order = "<" if dataset.file_meta.TransferSyntaxUID.is_little_endian else ">"
    segments = dataset.get(f"Segmented{channel}PaletteColorLookupTableData")
    if segments:
        table = _expand(_words(bytes(segments), order, bits, wide=bits > 8))
    else:
        packed = bytes(getattr(dataset, f"{channel}PaletteColorLookupTableData"))
        table = _words(packed, order, bits, wide=bits > 8 or len(packed) >= 2 * count)
    if not len(table):
        raise Refused("dicom_unsupported")
    return table[:count]


def _words(packed: bytes, order: str, bits: int, *, wide: bool) -> npt.NDArray[np.uint16]:
    """Return the entries as numbers. wide: each fills a 16-bit word, even where it has 8 bits only."""
    if not wide:
        narrow = np.frombuffer(packed[: len(packed) & ~1], np.uint8)
        # two to a 16-bit word, the first in its low byte
        return (narrow if order == "<" else narrow.reshape(-1, 2)[:, ::-1].ravel()).astype(np.uint16)
    words = np.frombuffer(packed[: len(packed) & ~1], f"{order}u2").astype(np.uint16)
    if bits <= 8 and words.size and words.max() > 255:
        words >>= 8
    return words


def _expand(words: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint16]:
    """Expand discrete (0) and linear (1) segments. Raises Refused for indirect and unknown ones."""
    values = words.tolist()
    table: list[int] = []
    at = 0
    while at + 2 < len(values) and len(table) < MOST:
        kind, length = values[at : at + 2]
        at += 2
        if kind == 0:
            table += values[at : at + length]
            at += length
        elif kind == 1 and table:
            start, end = table[-1], values[at]
            table += [round(start + (end - start) * step / length) for step in range(1, length + 1)]
            at += 1
        else:
            raise Refused("dicom_unsupported")
    return np.array(table, np.uint16)
