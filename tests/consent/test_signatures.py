"""What counts as a drawn signature: enough ink, spread enough, in a small PNG that opens."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from consent.records import signatures
from consent.records.signatures import TooLittleInk, Unreadable
from imaging import engine
from tests.consent import drawing

SIGNED = drawing.signature()
WIDE = (1100, 200)


def header(width: int, height: int) -> bytes:
    """A PNG that says how large it is and holds nothing."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


@pytest.mark.parametrize(
    ("png", "refusal"),
    [
        (SIGNED, None),
        (drawing.png(drawing.HAND, paper="#0000"), None),  # on a transparent canvas
        (drawing.png(drawing.HAND, size=WIDE, width=2), None),
        (drawing.png(((40, 40), (120, 120)), ((120, 40), (40, 120))), None),  # three crosses are a signature too
        (drawing.png(), TooLittleInk),
        (drawing.png(paper="#0000"), TooLittleInk),
        (drawing.png(paper="black"), TooLittleInk),
        (drawing.png(((100, 100), (102, 100))), TooLittleInk),
        (drawing.png(((100, 100), (110, 110)), width=24), TooLittleInk),  # a blot
        (drawing.png(((5, 5), (590, 5)), width=1, paper="#fff").replace(b"IHDR", b"IHDX"), Unreadable),
        (SIGNED[:200], Unreadable),
        (SIGNED + bytes(signatures.MAX_BYTES), Unreadable),
        (header(4097, 10), Unreadable),
        (header(4000, 4000), Unreadable),
        (header(0, 10), Unreadable),
        (header(300, 100), Unreadable),
        (drawing.encoded(Image.new("RGB", (300, 100)), format="JPEG"), Unreadable),
        (b"", Unreadable),
    ],
)
def test_what_is_a_signature(png: bytes, refusal: type[Exception] | None) -> None:
    assert verdict(png) is refusal


def verdict(png: bytes) -> type[Exception] | None:
    """What is wrong with a drawing: its header in the request, then its ink in the job."""
    try:
        signatures.check_header(png)
        signatures.check_ink(engine.preview(png, masks=()).data)
    except engine.Refused:
        return Unreadable
    except (Unreadable, TooLittleInk) as error:
        return type(error)
    return None


@given(st.binary(max_size=400))
def test_no_bytes_break_it(tail: bytes) -> None:
    for data in (tail, SIGNED[:33] + tail, SIGNED[:100] + tail + SIGNED[100:]):
        try:
            signatures.check_header(data)
        except Unreadable:
            continue


@pytest.mark.parametrize("url", ["", "data:image/png;base64,é", drawing.data_url(SIGNED, "image/gif")])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(Unreadable):
        signatures.decode(url)
