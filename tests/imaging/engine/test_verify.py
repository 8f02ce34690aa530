"""The proof accepts what the engine writes and not one byte more."""

from __future__ import annotations

import io
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from imaging.engine import Dirty, verify
from imaging.engine.output.encode import encode_jpeg, encode_png
from tests.imaging.engine import pictures

CLEAN = {"jpeg": encode_jpeg(pictures.noise()), "png": encode_png(pictures.noise())}
WIDE = encode_png(pictures.noise(700, 700))


@pytest.mark.parametrize("data", [*CLEAN.values(), WIDE], ids=["jpeg", "png", "png in several chunks"])
def test_accepts_what_the_engine_writes(data):
    verify(data)


@pytest.mark.parametrize("kind", ["jpeg", "png"])
@given(tail=st.binary(min_size=1, max_size=40))
def test_rejects_anything_appended(kind, tail):
    with pytest.raises(Dirty):
        verify(CLEAN[kind] + tail)


@pytest.mark.parametrize("kind", ["jpeg", "png"])
@given(cut=st.integers(min_value=1, max_value=2000))
def test_rejects_anything_cut_off(kind, cut):
    with pytest.raises(Dirty):
        verify(CLEAN[kind][: max(0, len(CLEAN[kind]) - cut)])


@pytest.mark.parametrize("marker", [*range(0xE0, 0xF0), 0xFE, 0xF0, 0xDD, 0xC2, 0x01])
def test_rejects_every_other_jpeg_segment(marker):
    jfif_first = CLEAN["jpeg"][:20] + bytes([0xFF, marker]) + b"\x00\x08secret" + CLEAN["jpeg"][20:]
    with pytest.raises(Dirty):
        verify(jfif_first)


def _pillow(**more):
    out = io.BytesIO()
    Image.fromarray(pictures.noise()).save(out, **more)
    return out.getvalue()


def _replaced(kind, old, new):
    assert old in CLEAN[kind]
    return CLEAN[kind].replace(old, new, 1)


def _png(*chunks):
    return b"\x89PNG\r\n\x1a\n" + b"".join(pictures.chunk(kind, body) for kind, body in chunks)


HEADER = (b"IHDR", b"\x00\x00\x00\x02\x00\x00\x00\x01\x08\x02\x00\x00\x00")
PIXELS = zlib.compress(bytes(7))
END = (b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"GIF89a", id="another format"),
        pytest.param(b"\xff\xd8\xff", id="jpeg start alone"),
        pytest.param(_pillow(format="JPEG", progressive=True, subsampling=0), id="progressive jpeg"),
        pytest.param(_pillow(format="JPEG", subsampling=2), id="jpeg 4:2:0"),
        pytest.param(_pillow(format="JPEG", subsampling=0, dpi=(72, 72))[:18] + b"\x01\x01", id="jfif thumbnail"),
        pytest.param(_pillow(format="JPEG", subsampling=0, icc_profile=b"secret"), id="jpeg profile"),
        pytest.param(_pillow(format="JPEG", subsampling=0, comment=b"secret"), id="jpeg comment"),
        pytest.param(_pillow(format="JPEG", subsampling=0, exif=pictures.exif()), id="jpeg exif"),
        pytest.param(_replaced("jpeg", b"\xff\xdb\x00\x43\x00", b"\xff\xdb\x00\x43\x05"), id="table number"),
        pytest.param(_replaced("jpeg", b"\xff\xc4\x00\x1f\x00", b"\xff\xc4\x00\x1f\x07"), id="huffman class"),
        pytest.param(_replaced("jpeg", b"\xff\xc4\x00\x1f\x00\x00", b"\xff\xc4\x00\x1f\x00\x01"), id="huffman length"),
        pytest.param(_replaced("jpeg", b"\xff\xc0\x00\x11\x08", b"\xff\xc0\x00\x11\x0c"), id="12 bits"),
        pytest.param(_replaced("jpeg", b"\x02\x11\x01\x03\x11", b"\x02\x21\x01\x03\x11"), id="sampling"),
        pytest.param(_replaced("jpeg", b"\x11\x03\x11\x00\x3f\x00", b"\x11\x03\x11\x00\x3e\x00"), id="part of a scan"),
        pytest.param(_replaced("jpeg", b"\xff\xdb\x00\x43", b"\xff\xdb\x00\x01"), id="segment without a length"),
        pytest.param(_replaced("jpeg", b"\xff\xdb\x00\x43", b"\xfe\xdb\x00\x43"), id="byte between segments"),
        pytest.param(_png(HEADER, (b"IDAT", PIXELS), END, (b"IDAT", b"")), id="chunk after the end"),
        pytest.param(_png(HEADER, (b"tEXt", b"a\0b"), (b"IDAT", PIXELS), END), id="png text"),
        pytest.param(_png(HEADER, (b"IDAT", PIXELS), (b"IEND", b"secret")), id="png end with a body"),
        pytest.param(_png(HEADER, END), id="png without pixels"),
        pytest.param(_png(HEADER, (b"IDAT", PIXELS)), id="png without end"),
        pytest.param(_png(HEADER, HEADER, (b"IDAT", PIXELS), END), id="two png headers"),
        pytest.param(_png(HEADER, (b"IDAT", PIXELS), HEADER, END), id="a late png header"),
        pytest.param(_png(HEADER, (b"IDAT", PIXELS + b"secret"), END), id="bytes behind the stream"),
        pytest.param(_png(HEADER, (b"IDAT", PIXELS), (b"IDAT", b"secret"), END), id="a chunk behind the stream"),
        pytest.param(_png(HEADER, (b"IDAT", zlib.compress(bytes(8))), END), id="one pixel byte too many"),
        pytest.param(_png(HEADER, (b"IDAT", zlib.compress(bytes(6))), END), id="one pixel byte too few"),
        pytest.param(_png(HEADER, (b"IDAT", PIXELS[:-1]), END), id="stream cut short"),
        pytest.param(_png(HEADER, (b"IDAT", b"secret"), END), id="no stream"),
        pytest.param(_png((b"IHDR", HEADER[1][:8] + b"\x10\x02\0\0\0"), (b"IDAT", PIXELS), END), id="16 bits"),
        pytest.param(_png((b"IHDR", HEADER[1] + b"\0"), (b"IDAT", PIXELS), END), id="long header"),
        pytest.param(CLEAN["png"][:40] + b"\x00" + CLEAN["png"][41:], id="checksum"),
        pytest.param(CLEAN["png"][:-3], id="png cut in a chunk"),
        pytest.param(CLEAN["png"][:8], id="png signature alone"),
    ],
)
def test_rejects(data):
    with pytest.raises(Dirty):
        verify(data)


def test_accepts_a_hand_made_png():
    """The table above is built from this one: without it, everything there could fail for one reason."""
    verify(_png(HEADER, (b"IDAT", PIXELS), END))


@given(at=st.integers(min_value=0), bit=st.integers(0, 7))
def test_a_flipped_bit_never_raises_anything_else(at, bit):
    for data in CLEAN.values():
        flipped = bytearray(data)
        flipped[at % len(data)] ^= 1 << bit
        try:
            verify(bytes(flipped))
        except Dirty:
            continue
        assert np.frombuffer(flipped, np.uint8).size == len(data)
