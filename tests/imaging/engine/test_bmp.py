"""BMP of all depths, both directions and packings."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image

from imaging.engine import Refused, preview
from imaging.engine.container import read, sniff
from imaging.engine.decode import decode
from tests.imaging.engine.bitmaps import bmp, packed, quads, rows
from tests.imaging.engine.colours import SPACES
from tests.imaging.engine.decoded import same
from tests.imaging.engine.pictures import chart

INDEXED = Image.fromarray(chart()).quantize(4)
NUMBERS = np.asarray(INDEXED)
TABLE = np.array(INDEXED.getpalette()[:12]).reshape(-1, 3)
ONE = (chart()[..., 0] > 100).astype(np.uint8)
ONE_SHOWN = np.where(ONE[..., None], (250, 10, 20), (5, 6, 7))
BGR = chart()[..., ::-1]
RED, GREEN, BLUE = (chart()[..., n].astype(np.uint32) for n in range(3))
FIVES = (RED >> 3) << 10 | (GREEN >> 3) << 5 | BLUE >> 3
SIXES = (RED >> 3) << 11 | (GREEN >> 2) << 5 | BLUE >> 3
WORDS = RED << 16 | GREEN << 8 | BLUE
MASKS_565 = struct.pack("<III", 0xF800, 0x07E0, 0x1F)
MASKS_RGBA = struct.pack("<IIII", 0xFF, 0xFF00, 0xFF0000, 0xFF000000)
WITH_ALPHA = RED | GREEN << 8 | BLUE << 16


def shorts(levels):
    return rows(levels.astype("<u2"))


def longs(levels):
    return rows(levels.astype("<u4"))


def runs_of_8(numbers):
    """Each row: one run of a half, the other half as it is; the end of the bitmap instead of the last line's."""
    lines = []
    for row in numbers[::-1]:
        half = len(row) // 2
        lines.append(bytes([half, row[0], 0, half]) + row[half:].tobytes() + b"\0" * (half % 2))
    return b"\0\0".join(lines) + b"\0\1"


def runs_of_4(numbers):
    lines = []
    for row in numbers[::-1]:
        half = len(row) // 2
        whole = packed(row[None, half:], 4).tobytes()
        lines.append(bytes([half, row[0] << 4 | row[1], 0, half]) + whole + b"\0" * (len(whole) % 2))
    return b"\0\0".join(lines) + b"\0\1"


HOLE = np.zeros((48, 64), np.uint8)
HOLE[24, 40:50] = 3
"""Row 23 from below, 40 px to the right, by a jump; the rest is number 0."""
JUMP = bmp(b"\0\2\x28\x17\x0a\3\0\1", bits=8, compression=1, palette=quads(TABLE), entries=4)


def with_profile(profile, kind=b"DEBM", fill=b""):
    """A header of version 5 with a profile behind the pixels."""
    body = rows(BGR.reshape(48, -1))
    masks = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0)
    place = 124 + len(body)
    more = masks + kind + bytes(36 + 12) + struct.pack("<IIII", 4, place, len(profile), 0)
    return bmp(body, size=124, more=more, tail=profile + fill)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(bmp(rows(BGR.reshape(48, -1))), chart(), id="24 bits"),
        pytest.param(bmp(rows(BGR[::-1].reshape(48, -1)), height=-48), chart(), id="top row first"),
        pytest.param(bmp(rows(BGR[:, :63].reshape(48, -1)), width=63), chart()[:, :63], id="odd width"),
        pytest.param(bmp(rows(BGR.reshape(48, -1)), size=12), chart(), id="os/2"),
        pytest.param(bmp(rows(BGR.reshape(48, -1)), size=16), chart(), id="os/2, 16 bytes"),
        pytest.param(bmp(rows(BGR.reshape(48, -1)), size=64), chart(), id="os/2, version 2"),
        pytest.param(bmp(longs(WORDS | 7 << 24), bits=32), chart(), id="32 bits"),
        pytest.param(bmp(shorts(FIVES), bits=16), chart(), id="16 bits"),
        pytest.param(bmp(shorts(SIXES), bits=16, compression=3, more=MASKS_565), chart(), id="16 bits, 5-6-5"),
        pytest.param(bmp(shorts(SIXES), bits=16, compression=3, more=MASKS_565, size=52), chart(), id="version 2"),
        pytest.param(
            bmp(longs(WITH_ALPHA | 0x80000000), bits=32, compression=3, more=MASKS_RGBA, size=108),
            (chart() * 128.0 + 255 * 127) / 255,
            id="alpha",
        ),
        pytest.param(
            bmp(longs(WITH_ALPHA | 0xFF000000), bits=32, compression=6, more=MASKS_RGBA), chart(), id="alpha masks"
        ),
        pytest.param(
            bmp(longs(WITH_ALPHA), bits=32, compression=3, more=MASKS_RGBA, size=56), chart(), id="empty alpha"
        ),
        pytest.param(
            bmp(longs(RED << 16), bits=32, compression=3, more=struct.pack("<III", 0xFF0000, 0, 0)),
            chart() * (1, 0, 0),
            id="a colour without bits",
        ),
        pytest.param(bmp(rows(NUMBERS), bits=8, palette=quads(TABLE), entries=4), chart(), id="8 bits"),
        pytest.param(
            bmp(rows(NUMBERS), bits=8, palette=quads(np.pad(TABLE, ((0, 252), (0, 0))))), chart(), id="whole palette"
        ),
        pytest.param(bmp(rows(packed(NUMBERS, 4)), bits=4, palette=quads(TABLE), entries=4), chart(), id="4 bits"),
        pytest.param(bmp(rows(packed(NUMBERS, 2)), bits=2, palette=quads(TABLE)), chart(), id="2 bits"),
        pytest.param(
            bmp(rows(packed(ONE, 1)), bits=1, palette=quads([(5, 6, 7), (250, 10, 20)])), ONE_SHOWN, id="1 bit"
        ),
        pytest.param(
            bmp(rows(NUMBERS), bits=8, size=12, palette=TABLE[:, ::-1].astype(np.uint8).tobytes()),
            chart(),
            id="os/2, short palette",
        ),
        pytest.param(
            bmp(runs_of_8(NUMBERS), bits=8, compression=1, palette=quads(TABLE), entries=4), chart(), id="rle8"
        ),
        pytest.param(
            bmp(runs_of_4(NUMBERS), bits=4, compression=2, palette=quads(TABLE), entries=4), chart(), id="rle4"
        ),
        pytest.param(
            bmp(runs_of_8(NUMBERS)[:-2], bits=8, compression=1, palette=quads(TABLE), entries=4),
            chart(),
            id="rle8 without its end mark",
        ),
        pytest.param(
            bmp(
                runs_of_8(np.vstack([NUMBERS[:1] * 0, NUMBERS])), bits=8, compression=1, palette=quads(TABLE), entries=4
            ),
            chart(),
            id="rle8 with a row too many",
        ),
        pytest.param(JUMP, TABLE[HOLE], id="rle8 with a jump"),
        pytest.param(with_profile(SPACES[0].profile()), SPACES[0].srgb(chart()), id="profile"),
    ],
)
def test_pixels(data, expected):
    picture = decode(data)
    assert picture.pixels.shape == np.asarray(expected).shape
    assert np.abs(picture.pixels - np.asarray(expected, float)).max() <= 9
    assert (picture.kind, picture.lossless) == ("bmp", True)


PLAIN = bmp(rows(BGR.reshape(48, -1)))


@pytest.mark.parametrize(
    ("data", "found"),
    [
        pytest.param(PLAIN, set(), id="bare"),
        pytest.param(PLAIN + b"\0\0", set(), id="padded"),
        pytest.param(PLAIN + b"secret", {"trailing_data"}, id="bytes behind"),
        pytest.param(bmp(rows(BGR.reshape(48, -1)), gap=b"secret"), {"trailing_data"}, id="bytes before"),
        pytest.param(with_profile(SPACES[0].profile()), {"colour_profile"}, id="profile"),
        pytest.param(with_profile(b"C:\\x.icm", b"KNIL"), {"colour_profile"}, id="name of a profile"),
        pytest.param(with_profile(b"p" * 9, fill=b"x"), {"colour_profile", "trailing_data"}, id="behind the profile"),
    ],
)
def test_what_rides_along_is_named(data, found):
    assert read(data).found == found


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(PLAIN[:-9], "broken", id="cut"),
        pytest.param(PLAIN[:30], "broken", id="cut in the header"),
        pytest.param(JUMP[:-1], "broken", id="cut runs"),
        pytest.param(JUMP[:-5], "broken", id="cut jump"),
        pytest.param(JUMP[:-2], "broken", id="runs that end early"),
        pytest.param(bmp(b"", compression=4), "unknown_format", id="jpeg inside"),
        pytest.param(bmp(b"", bits=7), "unknown_format", id="odd depth"),
        pytest.param(bmp(b"", bits=8, compression=2), "unknown_format", id="runs of another depth"),
        pytest.param(bmp(b"", bits=32, compression=3, size=64), "unknown_format", id="os/2's own packing"),
        pytest.param(bmp(b"", width=30_000), "too_large", id="too large"),
        pytest.param(bmp(b"", width=-64), "broken", id="negative width"),
        pytest.param(with_profile(bytes(1025 * 1024)), "profile_too_large", id="large profile"),
    ],
)
def test_refused(data, code):
    with pytest.raises(Refused) as refused:
        read(data)
    assert refused.value.code == code


def test_two_letters_are_no_bitmap():
    with pytest.raises(Refused) as refused:
        sniff(b"BM is how this text begins, and nothing more")
    assert refused.value.code == "unknown_format"


def test_a_confined_child_reads_it_too():
    with Image.open(io.BytesIO(preview(PLAIN, masks=[], longest=64).data)) as shown:
        assert same(np.asarray(shown), chart(), 20)
