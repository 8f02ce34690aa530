"""Damage in the other formats: what their decoders pass over in silence is found in the bytes."""

from __future__ import annotations

import io
import zlib

import pillow_heif
import pytest
from PIL import Image

from imaging.engine import Refused
from imaging.engine.damage import bmff, jpeg2000, tiff
from imaging.engine.damage.runs import find_runs
from imaging.engine.decode import decode
from tests.imaging.engine import damages


def _heic(**more):
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.open(io.BytesIO(damages.photograph("PNG")))).save(out, **more)
    return out.getvalue()


def _tiff(compression, mode="RGB", **more):
    out = io.BytesIO()
    image = Image.open(io.BytesIO(damages.photograph("PNG", (640, 480)))).convert(mode)
    image.save(out, "TIFF", compression=compression, **more)
    return out.getvalue()


HEIC = _heic(quality=90)
AVIF = damages.photograph("AVIF", quality=90)
WEBP = damages.photograph("WEBP", quality=90)
LOSSLESS = damages.photograph("WEBP", (240, 180), lossless=True)
PORTRAIT = damages.photograph(size=(256, 256))
HEADER = PORTRAIT.index(b"\xff\xda") + 14
FILES = {
    "heic": HEIC,
    "avif": AVIF,
    "webp": WEBP,
    "webp lossless": LOSSLESS,
    "tiff jpeg": _tiff("jpeg"),
    "tiff jpeg grey": _tiff("jpeg", "L"),
    "tiff deflate": _tiff("tiff_adobe_deflate"),
    "tiff packbits": _tiff("packbits"),
    "tiff lzw": _tiff("tiff_lzw"),
    "tiff zstd": _tiff("zstd"),
    "png": damages.photograph("PNG"),
    "gif": damages.photograph("GIF"),
}
SILENT = (
    "heic",
    "avif",
    "webp",
    "tiff jpeg",
    "tiff jpeg grey",
    "tiff deflate",
    "tiff packbits",
    "tiff lzw",
    "tiff zstd",
)


@pytest.mark.parametrize("name", FILES)
def test_the_sound_file_is_taken(name):
    assert decode(FILES[name]).warnings == ()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(("start", "size"), [(0.4, 4096), (0.7, 700)])
@pytest.mark.parametrize("fill", [0, 255])
def test_a_lost_sector_is_refused(name, start, size, fill):
    with pytest.raises(Refused) as refused:
        decode(damages.zeroed(FILES[name], start, size, fill))
    assert refused.value.code in ("damaged", "broken")


@pytest.mark.parametrize("name", SILENT)
def test_a_lost_sector_is_a_warning_on_request(name):
    data = damages.zeroed(FILES[name], 0.6, 1500)
    with pytest.raises(Refused) as refused:
        decode(data)
    assert refused.value.code == "damaged"


def test_half_of_a_heic_zeroed():
    media = HEIC.rindex(b"mdat")
    half = (media + len(HEIC)) // 2
    with pytest.raises(Refused) as refused:
        decode(HEIC[:half] + bytes(len(HEIC) - half))
    assert refused.value.code == "damaged"
    assert decode(HEIC[:half] + bytes(len(HEIC) - half), accept_damaged=True).warnings == ("damaged",)


@pytest.mark.parametrize("layout", [{}, {"tile_size": (256, 256)}, {"precinct_size": (64, 64)}, {"no_jp2": False}])
def test_jpeg_2000(layout):
    sound = damages.photograph("JPEG2000", **{"no_jp2": True, **layout})
    start = sound.index(jpeg2000.START)
    assert not jpeg2000.is_damaged(sound)
    assert jpeg2000.is_damaged(damages.zeroed(sound, 0.5, 4096))
    assert jpeg2000.is_damaged(damages.noisy(sound, 0.5, 4096))
    assert jpeg2000.is_damaged(damages.cut(sound, 0.5))
    assert jpeg2000.is_damaged(sound[:-2])
    assert jpeg2000.is_damaged(sound[: start + 60])


def test_what_is_no_jpeg_2000_is_left_to_its_decoder():
    assert not jpeg2000.is_damaged(b"no codestream")


def test_a_tile_part_may_reach_to_the_end():
    sound = damages.photograph("JPEG2000", no_jp2=True)
    part = sound.index(jpeg2000.TILE_PART)
    assert not jpeg2000.is_damaged(sound[: part + 6] + bytes(4) + sound[part + 10 :])


@pytest.mark.parametrize(
    ("data", "least", "runs"),
    [
        (b"", 8, []),
        (b"abcd" * 50, 8, []),
        (b"ab" + b"c" * 8 + b"d", 8, [(2, 10, 99)]),
        (b"ab" + b"c" * 7 + b"d", 8, []),
        (bytes(20) + b"x" + bytes(8), 8, [(0, 20, 0), (21, 29, 0)]),
        (b"\1" * 30 + b"\2" * 30, 8, [(0, 30, 1), (30, 60, 2)]),
    ],
)
def test_runs_of_one_byte(data, least, runs):
    assert list(find_runs(data, least)) == runs


@pytest.mark.parametrize(
    ("piece", "expected", "damaged"),
    [
        (b"\2abc", 3, False),
        (b"\xfea", 3, False),
        (b"\x80\2abc\0", 3, False),
        (b"\2abc", 4, True),
        (b"\2abc", 2, True),
        (b"\2abc\0a", 3, True),
        (b"\2ab", 3, True),
    ],
)
def test_packbits(piece, expected, damaged):
    assert tiff.CHECKS[tiff.PACKBITS](piece, expected) is damaged


PACKED = zlib.compress(bytes(range(256)) * 40)


@pytest.mark.parametrize(
    ("piece", "damaged"),
    [
        (PACKED, False),
        (PACKED + b"padding", False),
        (PACKED[:-4], False),
        (PACKED[: len(PACKED) // 2], True),
        (PACKED[:-1] + bytes([PACKED[-1] ^ 1]), True),
        (zlib.compress(bytes(100)), True),
        (zlib.compress(bytes(20_000))[:-4], True),
        (b"", True),
    ],
)
def test_deflate(piece, damaged):
    assert tiff.CHECKS[8](piece, 256 * 40) is damaged


def test_tiles_of_a_tiff_are_checked_too():
    frame = damages.photograph(size=(256, 256))
    for tile, damaged in ((frame, False), (damages.zeroed(frame, 0.5, 2048), True), (frame[:-2], False)):
        assert tiff.is_damaged(damages.tiff_around(tile)) is damaged


def test_a_jpeg_of_another_kind_in_a_tiff_is_left_to_its_decoder():
    frame = damages.photograph(size=(256, 256))
    assert not tiff.is_damaged(damages.tiff_around(frame.replace(b"\xff\xc0\x00\x11", b"\xff\xc3\x00\x11")))
    assert tiff.is_damaged(damages.tiff_around(b"no JPEG"))
    assert tiff.is_damaged(damages.tiff_around(damages.with_height(frame, 0.5)))


@pytest.mark.parametrize(
    ("outside", "size", "strip", "damaged"),
    [
        pytest.param(PORTRAIT, len(PORTRAIT), b"", False, id="all of it outside"),
        pytest.param(PORTRAIT, 0, b"", False, id="no size"),
        pytest.param(PORTRAIT[:HEADER], HEADER, PORTRAIT[HEADER:], False, id="header outside"),
        pytest.param(PORTRAIT[:HEADER], HEADER, PORTRAIT[HEADER : len(PORTRAIT) // 2], True, id="half a strip"),
        pytest.param(damages.zeroed(PORTRAIT, 0.5, 4096), len(PORTRAIT), b"", True, id="zeros"),
        pytest.param(b"", 0, PORTRAIT, False, id="tables alone"),
    ],
)
def test_jpeg_of_the_old_style(outside, size, strip, damaged):
    assert tiff.is_damaged(damages.tiff_around(strip, outside=outside, size=size)) is damaged


@pytest.mark.parametrize(
    ("body", "damaged"),
    [
        (b"\0\0\0\4abcd" + b"\0\0\0\2ef", False),
        (b"\0\0\0\4abcd" + b"\0\0\0\3ef", True),
        (b"\0\0\0\4abcd\0\0", True),
        (b"\0\0\0\x20abcd\0\0\1" + b"x" * 25, True),
        (b"\0\0\0\x20abcd\0\0\3" + b"x" * 25, False),
        (b"\0\0\0\x0aabcdef\0\0\0\0", False),
    ],
)
def test_nal_units(body, damaged):
    assert any(map(bmff._is_broken, bmff._units(body, 4))) is damaged
