"""Reader of BMP, by Windows and OS/2, to raw pixels. Source: Microsoft's "Bitmap Storage"."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from imaging.engine.container.base import Container, check_size
from imaging.engine.errors import Refused
from imaging.engine.limits import MAX_PROFILE_BYTES

Pixels = npt.NDArray[np.uint8]
FILE_HEADER = 14
CORE, OS2 = 12, frozenset((16, 64))
HEADERS = frozenset((CORE, 40, 52, 56, 108, 124)) | OS2
PLAIN, RLE8, RLE4, BITFIELDS, ALPHA_BITFIELDS = 0, 1, 2, 3, 6
DEPTHS = {PLAIN: (1, 2, 4, 8, 16, 24, 32), RLE8: (8,), RLE4: (4,), BITFIELDS: (16, 32), ALPHA_BITFIELDS: (16, 32)}
"""Bits of a pixel in each compression. JPEG and PNG inside a BMP are for printers only, and are refused."""
MASKS = {16: (0x7C00, 0x03E0, 0x001F, 0), 32: (0xFF0000, 0x00FF00, 0x0000FF, 0)}
EMBEDDED, LINKED = b"DEBM", b"KNIL"
END_OF_LINE, END_OF_BITMAP, DELTA = 0, 1, 2


def matches(data: bytes) -> bool:
    """Whether these bytes begin a BMP: two letters alone would match too much."""
    return data[:2] == b"BM" and int.from_bytes(data[14:18], "little") in HEADERS


@dataclass(frozen=True)
class _Header:
    width: int
    height: int
    top_down: bool
    bits: int
    compression: int
    entries: int  # of the palette
    entry: int  # bytes of each
    palette: int  # where it begins
    pixels: int  # where they begin
    masks: tuple[int, ...]

    @property
    def stride(self) -> int:
        return (self.width * self.bits + 31) // 32 * 4


def read(data: bytes) -> Container:
    """Return the pixels, with alpha where the header defines it. Raises Refused."""
    try:
        header = _header(data)
        check_size(header.width, header.height)
        if header.compression in (RLE8, RLE4):
            numbers, end = _unpack_runs(data, header)
            levels = _palette(data, header)[numbers]
        else:
            end = header.pixels + header.stride * header.height
            levels = _levels(data, header)
        profile, after = _profile(data)
    except (struct.error, IndexError, ValueError) as error:
        raise Refused("broken") from error
    found = {"colour_profile"} if profile is not None else set()
    between = data[header.palette + header.entries * header.entry : header.pixels]
    if between.strip(b"\0") or data[max(end, after) :].strip(b"\0"):
        found.add("trailing_data")
    upright = levels if header.top_down else levels[::-1]
    return Container(
        kind="bmp",
        payload=np.ascontiguousarray(upright).tobytes(),
        raw_mode="RGBA" if levels.shape[2] == 4 else "RGB",
        lossless=True,
        width=header.width,
        height=header.height,
        profile=profile or None,
        found=found,
    )


def _header(data: bytes) -> _Header:
    size = int.from_bytes(data[14:18], "little")
    start = int.from_bytes(data[10:14], "little")
    compression = entries = 0
    if size == CORE:
        width, height, _, bits = struct.unpack("<HHHH", data[18:26])
    else:
        width, height, _, bits = struct.unpack("<iiHH", data[18:30])
        if size != 16:
            compression, _, _, _, entries = struct.unpack("<IIIII", data[30:50])
    if bits not in DEPTHS.get(compression, ()) or (size in OS2 and compression >= BITFIELDS):
        raise Refused("unknown_format")
    masks, after = _masks(data, size, bits, compression)
    entry = 3 if size == CORE else 4
    entries = min(entries or 1 << bits, 1 << bits) if bits <= 8 else 0
    if bits <= 8 and size == CORE and after <= start < after + entries * entry:
        entries = (start - after) // entry  # old programs write a short palette and do not say so
    pixels = start if start >= after else after + entries * entry
    top_down = height < 0
    return _Header(width, abs(height), top_down, bits, compression, entries, entry, after, pixels, masks)


def _masks(data: bytes, size: int, bits: int, compression: int) -> tuple[tuple[int, ...], int]:
    """Return the masks of red, green, blue, alpha, and where the palette begins."""
    after = FILE_HEADER + size
    if compression not in (BITFIELDS, ALPHA_BITFIELDS):
        return MASKS.get(bits, ()), after
    count = 4 if compression == ALPHA_BITFIELDS or size >= 56 else 3
    masks = struct.unpack(f"<{count}I", data[54 : 54 + 4 * count])
    return (*masks, 0)[:4], after if size >= 52 else after + 4 * count


def _palette(data: bytes, header: _Header) -> Pixels:
    """Return 256×3 colours; numbers without an entry are black, as other readers have them."""
    table = np.zeros((256, 3), np.uint8)
    raw = np.frombuffer(data, np.uint8, header.entries * header.entry, header.palette)
    table[: header.entries] = raw.reshape(-1, header.entry)[:, 2::-1]
    return table


def _levels(data: bytes, header: _Header) -> Pixels:
    """Return H×W×3 or H×W×4 of pixels that are not packed as runs."""
    stride, height, width, bits = header.stride, header.height, header.width, header.bits
    rows = data[header.pixels : header.pixels + stride * height]
    if len(rows) < stride * (height - 1) + (width * bits + 7) // 8:
        raise Refused("broken")
    table = np.frombuffer(rows.ljust(stride * height, b"\0"), np.uint8).reshape(height, stride)
    if bits <= 8:
        each = 8 // bits
        shifts = np.arange(each - 1, -1, -1, dtype=np.uint8) * np.uint8(bits)
        numbers = (table[..., None] >> shifts & np.uint8((1 << bits) - 1)).reshape(height, -1)[:, :width]
        return np.asarray(_palette(data, header)[numbers])
    if bits == 24:
        return table[:, : 3 * width].reshape(height, width, 3)[..., ::-1]
    words = table.view("<u2" if bits == 16 else "<u4")[:, :width]
    planes = [_field(words, mask) for mask in header.masks[:3]]
    if header.masks[3]:
        alpha = _field(words, header.masks[3])
        if alpha.any():  # many writers define alpha and leave it empty
            planes.append(alpha)
    return np.stack(planes, axis=-1)


def _field(words: npt.NDArray[Any], mask: int) -> Pixels:
    """Return the bits under a mask as 0..255."""
    if not mask:
        return np.zeros(words.shape, np.uint8)
    low = (mask & -mask).bit_length() - 1
    values = (words & words.dtype.type(mask)) >> words.dtype.type(low)
    scaled: Pixels = np.round(values * (255 / (mask >> low))).astype(np.uint8)
    return scaled


def _unpack_runs(data: bytes, header: _Header) -> tuple[Pixels, int]:
    """Unpack run-length coded rows to palette numbers (H×W), bottom row first; and where they end.

    Pixels that no run covers are number 0. Raises Refused where the stream ends before its end mark and the last row.
    """
    width, height = header.width, header.height
    rows = np.zeros((height, width), np.uint8)
    x = y = 0
    at = header.pixels
    four = header.compression == RLE4
    while at + 2 <= len(data):
        count, value = data[at], data[at + 1]
        at += 2
        if count:
            run = np.frombuffer(
                bytes((value >> 4, value & 15)) * (count // 2 + 1) if four else bytes((value,)) * count, np.uint8
            )
        elif value == END_OF_LINE:
            x, y = 0, y + 1
            continue
        elif value == END_OF_BITMAP:
            return rows, at
        elif value == DELTA:
            x, y = x + data[at], y + data[at + 1]
            at += 2
            continue
        else:
            size = (value + 1) // 2 if four else value
            packed = np.frombuffer(data, np.uint8, size, at)
            run, count = np.stack([packed >> 4, packed & 15], axis=-1).ravel() if four else packed, value
            at += size + (size & 1)
        if y < height:
            room = max(0, min(count, width - x))
            rows[y, x : x + room] = run[:room]
        x += count
    if y < height - 1 or (y == height - 1 and x < width):
        raise Refused("broken")
    return rows, at


def _profile(data: bytes) -> tuple[bytes | None, int]:
    """Return the embedded ICC profile and where it ends; empty for the name of a profile's file, None without."""
    if int.from_bytes(data[14:18], "little") != 124 or data[70:74] not in (EMBEDDED, LINKED):
        return None, 0
    start, size = struct.unpack("<II", data[126:134])
    if size > MAX_PROFILE_BYTES:
        raise Refused("profile_too_large")
    end = FILE_HEADER + start + size
    return (data[FILE_HEADER + start : end] if data[70:74] == EMBEDDED else b""), end
