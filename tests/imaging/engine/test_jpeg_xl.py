"""JPEG XL: right colours however it stores them, upright, one picture, and its boxes named."""

from __future__ import annotations

import base64
import io
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from imaging.engine import Refused, jpegxl, preview
from imaging.engine.container import read
from imaging.engine.decode import decode
from tests.imaging.engine.boxes import box
from tests.imaging.engine.colours import SPACES
from tests.imaging.engine.decoded import same
from tests.imaging.engine.pictures import chart, encoded, exif

pylibjxl = pytest.importorskip("pylibjxl", reason="the decoder is for Linux on x86-64 alone")
TURNED = base64.b64decode("/woPigUCiksCCAIBAKQASxgTvxU4mJhgNoqP/zH+BYIAABje0eCH/wCAA8JOtQ4XMDAqTQICRAE=")
"""The chart, stored as a camera held to the side stores it, orientation 6, by cjxl."""
FILM = base64.b64decode("/wpBBAMIKC4JCAIIAABcAEsYixXCSQLmBSIAGPKpHAAAAAAAAAAACAIEAFwASxiLFcJJAuYFIgAY8qkcAAAAAAAAAAA=")
"""Two frames of 8 × 8 px, by cjxl."""
CONVERTED = (
    "/wpYMJAg5MyoKOIlKAdNyfsmhFcIaUnABxMOAnEhABKIAgBEAs2pGgAAFSqjjBu8nOv58kOHxbSN6wxttW1hCWPiGWAhx8tCeMt+Z8Y+M/mXNIlE"
    "zGc7HjhcdM1oX3tNkT8ynXKMpgBQAVC4ditJ8RiAcBin3IgJ2nejiTWisBzH7wXUFhUuuvQhguE0aSUMN8olACMOAgT43NDHgQshW6Jl6+w8YAv55"
    "2Mr1xqkdlsgLiEBFQU=",
    "/wpYMJDCvcKAhHkAcuYOHtrO62g+RsPuOqNAAy+vIYbbpi7Cbj3L8PrCcMpGmVypwehhqwZ3AzDt0rPp+HnHOWiK4nOEkU0aYfAtNhyY9GvRpYAl"
    "HxYEhBSVlYWV+Bns+rXrkovYY70zzVQNwlkEPynBIXwQTQMCEoN5KiCjCAt6EF82QDVNeHsGABKIAgAwAhWtGAAAFSqjjBu8nOv58kOHxbSN6wxt"
    "tW1hCWPiGWAhx8uCbNNziHiKv1DmEz0x33VdHRx4qb6UHehUR7ZCdAOACoDCtS19flseWPdO2QKmplgiwkN++Z46q2ZoBIF67vSSPaDc2QDIA6wE"
    "QUMH2CBnBWQJ2fIvS3HV4VLQpnl61DBvl1qWKuREYOYJ",
)
"""A soft chart of 16 × 12 px in the first two of SPACES (one by number, one by profile), stored as XYB, by cjxl."""
PLAIN = pylibjxl.encode(chart(), lossless=True)
LOSSY = pylibjxl.encode(chart())
ALL_EXIF = {"gps", "camera", "owner", "software", "time", "serial", "maker_notes", "comment", "exif"}
HEAD = b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"ftyp", b"jxl \0\0\0\0jxl ")


def boxed(*boxes, stream=PLAIN):
    return HEAD + b"".join(boxes) + box(b"jxlc", stream)


def parts(*cuts, stream=PLAIN):
    ends = [0, *cuts, len(stream)]
    pieces = [stream[a:b] for a, b in pairwise(ends)]
    return HEAD + b"".join(box(b"jxlp", number.to_bytes(4, "big"), piece) for number, piece in enumerate(pieces))


GREY = chart()[..., 0]
HALF = np.dstack([chart(), np.full(chart().shape[:2], 128, np.uint8)])


@pytest.mark.parametrize(
    ("data", "expected", "lossless"),
    [
        pytest.param(PLAIN, chart(), True, id="codestream"),
        pytest.param(LOSSY, chart(), True, id="lossy, but in its own colours"),
        pytest.param(boxed(), chart(), True, id="boxes"),
        pytest.param(parts(9, 20), chart(), True, id="in parts"),
        pytest.param(TURNED, chart(), True, id="turned"),
        pytest.param(boxed(box(b"Exif", bytes(4), exif(6)[6:])), chart(), True, id="exif does not turn"),
        pytest.param(pylibjxl.encode(HALF, lossless=True), (chart() + 255.0) / 2, True, id="half transparent"),
        pytest.param(pylibjxl.jpeg_to_jxl(encoded(chart(), "JPEG", quality=95)), chart(), False, id="made from a jpeg"),
    ],
)
def test_pixels(data, expected, lossless):
    picture = decode(data)
    assert same(picture.pixels, expected, 8)
    assert (picture.kind, picture.lossless) == ("jxl", lossless)


def soft(*size):
    return np.clip(chart(*size), 60, 200).astype(np.uint8)


@pytest.mark.parametrize("lossless", [True, False])
@pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)
def test_other_colour_spaces_become_srgb(space, lossless):
    picture = decode(pylibjxl.encode(soft(), lossless=lossless, icc=space.profile()))
    assert same(picture.pixels, space.srgb(soft()), 5)
    assert not picture.warnings


@pytest.mark.parametrize(
    ("coded", "space"), [*zip(CONVERTED, SPACES[:2], strict=True)], ids=["by number", "by profile"]
)
def test_pictures_stored_as_xyb_become_srgb(coded, space):
    """Unless asked, libjxl gives them back in the file's space, or in linear light, and its bindings do not say so."""
    picture = decode(base64.b64decode(coded))
    assert same(picture.pixels, space.srgb(soft(16, 12)), 12)
    assert not picture.lossless


@pytest.mark.parametrize(
    ("data", "found"),
    [
        pytest.param(PLAIN, set(), id="bare"),
        pytest.param(boxed(box(b"jxll", b"\5"), box(b"free", bytes(3))), set(), id="bare boxes"),
        pytest.param(boxed(box(b"xml ", b"<dc:creator>")), {"xmp", "owner"}, id="xmp"),
        pytest.param(boxed(box(b"Exif", bytes(4), exif()[6:])) , ALL_EXIF, id="exif"),
        pytest.param(boxed(box(b"jumb", b"x")), {"c2pa"}, id="record of origin"),
        pytest.param(boxed(box(b"jhgm", b"x")), {"gain_map"}, id="gain map"),
        pytest.param(boxed(box(b"what", b"x")), {"trailing_data"}, id="unknown box"),
        pytest.param(boxed(box(b"brob", b"xxxxyyyy")), {"text"}, id="packed, unknown"),
        pytest.param(boxed() + b"end", {"trailing_data"}, id="bytes behind the boxes"),
        pytest.param(PLAIN + b"end", {"trailing_data"}, id="bytes behind the codestream"),
        pytest.param(
            pylibjxl.encode(chart(), exif=bytes(4) + exif()[6:], xmp=b"<x/>", jumbf=b"x" * 9),
            {"exif", "xmp", "c2pa"},
            id="packed",
        ),
    ],
)  # fmt: skip
def test_boxes_are_named(data, found):
    assert read(data).found == found


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(FILM, "animated", id="film"),
        pytest.param(PLAIN[:-9], "broken", id="cut"),
        pytest.param(PLAIN[:5], "broken", id="cut in the header"),
        pytest.param(boxed()[:-9], "broken", id="cut box"),
        pytest.param(HEAD, "broken", id="no codestream"),
        pytest.param(b"\xff\x0a" + bytes(40), "broken", id="nothing but zeros"),
    ],
)
def test_refused(data, code):
    with pytest.raises(Refused) as refused:
        decode(data)
    assert refused.value.code == code


def test_a_bomb_is_refused_by_its_header():
    """30,000 px a side of one colour are a few hundred bytes."""
    large = bytes.fromhex("ff0a") + _header(30_000, 30_000)
    with pytest.raises(Refused) as refused:
        decode(large + PLAIN[8:])
    assert refused.value.code == "too_large"


def _header(width, height):
    """SizeHeader with 18-bit fields, then ImageMetadata by default; least significant bit first."""
    bits, at = 0, 0
    for value, size in ((0, 1), (2, 2), (height - 1, 18), (0, 3), (2, 2), (width - 1, 18), (1, 1), (0, 60)):
        bits |= value << at
        at += size
    return bits.to_bytes(-(-at // 8), "little")


def test_more_than_colours_and_alpha(monkeypatch):
    header = jpegxl.read_header(PLAIN)

    def told(**changed):
        monkeypatch.setattr(jpegxl, "read_header", lambda _: jpegxl.Header(**(vars(header) | changed)))

    told(further_channels=True, preview=True)
    assert read(PLAIN).found == {"auxiliary_picture", "preview"}
    told(black=True)
    with pytest.raises(Refused) as refused:
        read(PLAIN)
    assert refused.value.code == "bit_depth"


def test_what_the_library_cannot_do_is_broken():
    decoder = jpegxl._Decoder(jpegxl.load(), PLAIN, 0)
    with pytest.raises(jpegxl.Broken):
        decoder.call("GetBasicInfo", None)  # before the header is read


def test_a_machine_without_the_library_reads_none(monkeypatch):
    assert jpegxl.load("no such package") is None
    assert jpegxl.load("pydicom") is None
    monkeypatch.setattr(jpegxl, "_LIBRARY", None)
    with pytest.raises(Refused) as refused:
        decode(PLAIN)
    assert refused.value.code == "unknown_format"


@pytest.mark.parametrize("data", [PLAIN, LOSSY, boxed()], ids=["lossless", "lossy", "boxes"])
def test_a_confined_child_reads_it_too(data):
    with Image.open(io.BytesIO(preview(data, masks=[], longest=64).data)) as shown:
        assert same(np.asarray(shown), chart(), 20)
