"""JPEG 2000: components become the colours that the file's boxes say, whole, and without what rides along."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image

from imaging.engine import Refused, preview
from imaging.engine.container import jp2, read
from imaging.engine.container.bmff import C2PA_UUID, XMP_UUID
from imaging.engine.decode import decode
from tests.imaging.engine.boxes import box
from tests.imaging.engine.colours import SPACES
from tests.imaging.engine.decoded import RAMP, same
from tests.imaging.engine.pictures import chart, exif

ALL_EXIF = {"gps", "camera", "owner", "software", "time", "serial", "maker_notes", "comment", "exif"}
GREY = chart()[..., 0]
SHOWN = np.repeat(GREY[..., None], 3, 2)
SIGNATURE = b"\0\0\0\x0cjP  \r\n\x87\n"


def stream(pixels, **more):
    """A bare codestream."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG2000", no_jp2=True, **more)
    return out.getvalue()


def shallow(pixels, depth):
    """A grey codestream of fewer bits: its header says so, and pixels move with the middle grey that it implies."""
    whole = 8 * pixels.dtype.itemsize
    data = stream(pixels + pixels.dtype.type((1 << whole - 1) - (1 << depth - 1)))
    return data[:42] + bytes([depth - 1]) + data[43:]


def space(number):
    return box(b"colr", b"\1\0\0", number.to_bytes(4, "big"))


def profile(data):
    return box(b"colr", b"\2\0\0", data)


def uses(*rows):
    return box(b"cdef", struct.pack(">H", len(rows)), *(struct.pack(">HHH", *row) for row in rows))


def palette(table, depth=8):
    rows = np.asarray(table, ">u2" if depth > 8 else np.uint8)
    head = struct.pack(">HB", len(rows), rows.shape[1]) + bytes([depth - 1]) * rows.shape[1]
    columns = b"".join(struct.pack(">HBB", 0, 1, column) for column in range(rows.shape[1]))
    return box(b"pclr", head, rows.tobytes()) + box(b"cmap", columns)


def jp2_file(codestream, *header, more=b""):
    count = int.from_bytes(codestream[40:42], "big")
    size = box(b"ihdr", struct.pack(">IIHBBBB", 48, 64, count, 7, 7, 0, 0))
    return SIGNATURE + box(b"ftyp", b"jp2 \0\0\0\0jp2 ") + box(b"jp2h", size, *header) + more + box(b"jp2c", codestream)


def to_the_end(data):
    """The last box without a size."""
    at = data.rindex(b"jp2c") - 4
    return data[:at] + bytes(4) + data[at + 4 :]


def wide(data):
    """The last box with a size of eight bytes."""
    at = data.rindex(b"jp2c") - 4
    return data[:at] + b"\0\0\0\1jp2c" + (len(data) - at + 8).to_bytes(8, "big") + data[at + 8 :]


NUMBERS = np.asarray(Image.fromarray(chart()).quantize(4))
TABLE = np.array(Image.fromarray(chart()).quantize(4).getpalette()[:12]).reshape(-1, 3)
INK = np.dstack([255 - chart(), np.zeros(chart().shape[:2], np.uint8)])
LUMA = np.asarray(Image.fromarray(chart()).convert("YCbCr"))
HALF = np.dstack([chart(), np.full(chart().shape[:2], 128, np.uint8)])
GREY_HALF = np.dstack([GREY, np.full(GREY.shape, 128, np.uint8)])
SWAPPED = np.ascontiguousarray(chart()[..., ::-1])
DEEP = (RAMP * 257).astype(np.uint16)
RAMP_SHOWN = np.repeat(RAMP[..., None], 3, 2)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(stream(chart()), chart(), id="codestream"),
        pytest.param(stream(chart(), tile_size=(32, 32)), chart(), id="tiles"),
        pytest.param(stream(GREY), SHOWN, id="grey codestream"),
        pytest.param(stream(HALF), chart(), id="codestream with a fourth component of unknown use"),
        pytest.param(jp2_file(stream(chart()), space(16)), chart(), id="srgb"),
        pytest.param(jp2_file(stream(GREY), space(17)), SHOWN, id="grey"),
        pytest.param(jp2_file(stream(255 - GREY), space(0)), SHOWN, id="white is zero"),
        pytest.param(jp2_file(stream(LUMA, mct=0), space(18)), chart(), id="sycc"),
        pytest.param(jp2_file(stream(INK), space(12)), chart(), id="cmyk"),
        pytest.param(jp2_file(stream(SWAPPED), space(16), uses((0, 0, 3), (1, 0, 2), (2, 0, 1))), chart(), id="bgr"),
        pytest.param(jp2_file(stream(HALF), space(16), uses((3, 1, 0))), (chart() + 255.0) / 2, id="alpha"),
        pytest.param(jp2_file(stream(HALF), space(16)), chart(), id="a fourth channel of unknown use"),
        pytest.param(jp2_file(stream(GREY_HALF), space(17), uses((1, 1, 0))), (SHOWN + 255.0) / 2, id="grey and alpha"),
        pytest.param(jp2_file(stream(NUMBERS), space(16), palette(TABLE)), chart(), id="palette"),
        pytest.param(jp2_file(stream(NUMBERS), space(16), palette(TABLE * 257, 16)), chart(), id="16-bit palette"),
        pytest.param(jp2_file(stream(chart()), profile(SPACES[0].profile())), SPACES[0].srgb(chart()), id="profile"),
        pytest.param(stream(DEEP), RAMP_SHOWN, id="16 bits"),
        pytest.param(
            jp2_file(stream(chart()), box(b"colr", b"\4\0\0\0"), space(16)), chart(), id="a method unknown here"
        ),
        pytest.param(jp2_file(stream(HALF), space(16), uses((3, 65535, 65535))), chart(), id="a channel without use"),
        pytest.param(to_the_end(jp2_file(stream(chart()), space(16))), chart(), id="the last box to the end"),
        pytest.param(wide(jp2_file(stream(chart()), space(16))), chart(), id="a box with a wide size"),
        pytest.param(shallow(DEEP // 16, 12), RAMP_SHOWN, id="12 bits"),
        pytest.param(shallow((RAMP > 100).astype(np.uint8), 1), 255 * (RAMP_SHOWN > 100), id="one bit"),
    ],
)
def test_pixels(data, expected):
    picture = decode(data)
    assert same(picture.pixels, np.asarray(expected, float), 4)
    assert (picture.kind, picture.lossless) == ("jp2", True)


def test_a_lossy_one_is_not_kept_as_png():
    assert not decode(stream(chart(), irreversible=True)).lossless


@pytest.mark.parametrize(
    ("more", "found"),
    [
        pytest.param(b"", set(), id="bare"),
        pytest.param(box(b"xml ", b"<dc:creator>"), {"xmp", "owner"}, id="xml"),
        pytest.param(box(b"jumb", b"x"), {"c2pa"}, id="jumbf"),
        pytest.param(box(b"uinf", b"x"), {"text"}, id="uuid info"),
        pytest.param(box(b"uuid", XMP_UUID, b"<dc:creator>"), {"xmp", "owner"}, id="xmp"),
        pytest.param(box(b"uuid", jp2.EXIF_UUID, exif()[6:]), ALL_EXIF, id="exif"),
        pytest.param(box(b"uuid", jp2.IPTC_UUID, b"\x1c\2\x50\0\1x"), {"iptc", "owner"}, id="iptc"),
        pytest.param(box(b"uuid", jp2.GEO_UUID), {"gps"}, id="geotiff"),
        pytest.param(box(b"uuid", C2PA_UUID), {"c2pa"}, id="c2pa"),
        pytest.param(box(b"uuid", bytes(16)), {"trailing_data"}, id="unknown uuid"),
        pytest.param(box(b"what", b"x"), {"trailing_data"}, id="unknown box"),
        pytest.param(box(b"free", b"x"), set(), id="free"),
    ],
)  # fmt: skip
def test_boxes_are_named(more, found):
    assert read(jp2_file(stream(chart()), space(16), more=more)).found == found


def test_comments_are_named_and_dropped():
    container = read(stream(chart(), comment="Canary"))
    assert container.found == {"comment"}
    assert b"Canary" not in container.payload


def test_bytes_behind_the_codestream_are_named():
    assert read(stream(chart()) + b"end").found == {"trailing_data"}
    assert read(jp2_file(stream(chart()), profile(b"p" * 200))).found == {"colour_profile"}


WHOLE = stream(chart(), tile_size=(32, 32))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(WHOLE[: WHOLE.rindex(b"\xff\x90")], "broken", id="a tile is missing"),
        pytest.param(stream(chart())[:-30], "broken", id="cut"),
        pytest.param(WHOLE[:20], "broken", id="cut in the header"),
        pytest.param(SIGNATURE, "broken", id="no codestream"),
        pytest.param(SIGNATURE + box(b"free") * 20_001, "broken", id="very many boxes"),
        pytest.param(SIGNATURE + b"\0\0\0\2free", "broken", id="a box smaller than its head"),
        pytest.param(jp2_file(WHOLE, space(16))[:-9], "broken", id="cut box"),
        pytest.param(jp2_file(WHOLE, box(b"colr", b"\1")), "broken", id="no colours"),
        pytest.param(jp2_file(WHOLE, space(14)), "bit_depth", id="cielab"),
        pytest.param(jp2_file(stream(GREY), space(16)), "bit_depth", id="too few components"),
        pytest.param(jp2_file(stream(DEEP), space(16), palette(TABLE)), "bit_depth", id="palette of 65536"),
        pytest.param(jp2_file(stream(NUMBERS + 9), space(16), palette(TABLE)), "broken", id="beyond the palette"),
        pytest.param(jp2_file(WHOLE, space(16), more=box(b"jp2c", WHOLE)), "multi_page", id="two pictures"),
        pytest.param(SIGNATURE + box(b"ftyp", b"mjp2\0\0\0\0mjp2"), "video", id="film"),
        pytest.param(WHOLE[:8] + (30_000).to_bytes(4, "big") + WHOLE[12:], "too_large", id="too large"),
    ],
)  # fmt: skip
def test_refused(data, code):
    with pytest.raises(Refused) as refused:
        decode(data)
    assert refused.value.code == code


@pytest.mark.parametrize("data", [stream(chart()), jp2_file(stream(LUMA, mct=0), space(18))], ids=["plain", "sycc"])
def test_a_confined_child_reads_it_too(data):
    with Image.open(io.BytesIO(preview(data, masks=[], longest=64).data)) as shown:
        assert same(np.asarray(shown), chart(), 20)
