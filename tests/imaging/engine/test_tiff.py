"""TIFF in all its kinds: right pixels or a refusal, never wrong pixels."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from imaging.engine import Refused, preview
from imaging.engine.container import count_frames
from imaging.engine.decode import decode
from tests.imaging.engine.decoded import UNDONE, same
from tests.imaging.engine.pictures import chart
from tests.imaging.engine.tiffs import tiff

DEEP = chart().astype(np.uint16) * 257
DEEPER = chart().astype(np.uint32) * 0x01010101
FLOAT = (chart() / 255).astype(np.float32)
GREY = chart()[..., 0]
GREY_SHOWN = np.repeat(GREY[..., None], 3, 2)
LAYOUTS = [
    {"planar": planar, "order": order, "big": big, "tile": tile}
    for planar in (False, True)
    for order in "<>"
    for big in (False, True)
    for tile in (0, 16)
]


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("pixels", [chart(), DEEP, FLOAT, FLOAT * 255, FLOAT * 65535], ids=lambda a: str(a.dtype))
def test_colour_in_every_layout(pixels, layout):
    picture = decode(tiff(pixels, **layout))
    assert np.abs(picture.pixels.astype(int) - chart()).max() <= 1
    assert picture.lossless


def with_alpha(pixels, opaque):
    return np.dstack([pixels, np.full(pixels.shape[:2], opaque, pixels.dtype)])


CMYK = np.dstack([255 - chart(), np.zeros(chart().shape[:2], np.uint8)])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(tiff(DEEPER), chart(), id="32-bit rgb"),
        pytest.param(tiff(DEEPER[..., 0], photometric=1), GREY_SHOWN, id="32-bit grey"),
        pytest.param(tiff(GREY.astype(np.int32) * 257, photometric=1), GREY_SHOWN, id="16 bits in signed 32"),
        pytest.param(tiff(GREY.astype(np.int16) * 100, photometric=1), GREY_SHOWN * (100 / 257), id="signed 16 bits"),
        pytest.param(tiff(FLOAT[..., 0], photometric=1), GREY_SHOWN, id="float grey"),
        pytest.param(tiff(DEEP[..., 0], photometric=1), GREY_SHOWN, id="16-bit grey"),
        pytest.param(tiff(DEEP[..., 0], photometric=1, order=">"), GREY_SHOWN, id="16-bit grey, big-endian"),
        pytest.param(tiff(65535 - DEEP[..., 0], photometric=0), GREY_SHOWN, id="16-bit, white is zero"),
        pytest.param(tiff(65535 - DEEP[..., 0], photometric=0, order=">"), GREY_SHOWN, id="the same, big-endian"),
        pytest.param(tiff(255 - GREY, photometric=0), GREY_SHOWN, id="8-bit, white is zero"),
        pytest.param(tiff(with_alpha(DEEP, 65535), more={338: (2,)}), chart(), id="16-bit rgba"),
        pytest.param(tiff(with_alpha(DEEP, 9), more={338: (0,)}, planar=True), chart(), id="unknown fourth plane"),
        pytest.param(tiff(with_alpha(chart(), 9), more={338: (0,)}), chart(), id="unknown fourth sample"),
        pytest.param(tiff(CMYK, photometric=5), chart(), id="cmyk"),
        pytest.param(tiff(CMYK.astype(np.uint16) * 257, photometric=5), chart(), id="16-bit cmyk"),
        pytest.param(tiff(CMYK.astype(np.uint16) * 257, photometric=5, planar=True), chart(), id="16-bit cmyk planes"),
    ],
)
def test_other_samples(data, expected):
    assert np.abs(decode(data).pixels.astype(int) - expected).max() <= 1


def image(mode):
    picture = Image.fromarray(chart())
    return picture.quantize(4) if mode == "P" else picture.convert(mode)


def lab():
    srgb, to = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    return ImageCms.profileToProfile(Image.fromarray(chart()), srgb, to, outputMode="LAB")


def saved(picture, **more):
    out = io.BytesIO()
    picture.save(out, "TIFF", **more)
    return out.getvalue()


@pytest.mark.parametrize("packed", ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "zstd", "lzma"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "CMYK", "P"])
def test_compressions_that_lose_nothing(mode, packed):
    picture = decode(saved(image(mode), compression=packed))
    assert same(picture.pixels, chart(), 4)
    assert picture.lossless


@pytest.mark.parametrize("packed", ["raw", "group3", "group4"])
def test_one_bit(packed):
    expected = np.repeat(np.asarray(image("1"))[..., None], 3, 2) * 255
    assert (decode(saved(image("1"), compression=packed)).pixels == expected).all()


@pytest.mark.parametrize(
    ("data", "lossless"),
    [
        pytest.param(saved(image("RGB"), compression="jpeg"), False, id="jpeg"),
        pytest.param(saved(image("YCbCr"), compression="jpeg"), False, id="ycbcr jpeg"),
        pytest.param(saved(image("YCbCr")), True, id="ycbcr"),
        pytest.param(saved(lab()), True, id="lab with its profile"),
        pytest.param(tiff(np.asarray(lab()), photometric=8), True, id="lab"),
        pytest.param(saved(image("RGB"), big_tiff=True), True, id="bigtiff"),
    ],
)
def test_other_colours(data, lossless):
    picture = decode(data)
    assert same(picture.pixels, chart(), 6)
    assert picture.lossless is lossless


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("planar", [False, True])
def test_deep_samples_are_turned_too(planar, orientation):
    stored = np.ascontiguousarray(UNDONE[orientation](FLOAT))
    assert (decode(tiff(stored, planar=planar, more={274: (orientation,)})).pixels == chart()).all()


def canon():
    """A TIFF with Canon's mark behind its head."""
    data = tiff(chart())
    return data[:4] + len(data).to_bytes(4, "little") + b"CR" + data[10:] + data[8:]


SUB = {330: (8,), 254: (1,)}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(tiff(chart().astype(np.float16)), "bit_depth", id="half floats"),
        pytest.param(tiff(chart().astype(np.float64)), "bit_depth", id="double floats"),
        pytest.param(tiff(DEEPER, order=">"), "bit_depth", id="32-bit big-endian"),
        pytest.param(tiff(FLOAT, more={317: (3,)}), "bit_depth", id="floats as differences"),
        pytest.param(tiff(FLOAT, photometric=8), "tiff_unsupported", id="float lab"),
        pytest.param(tiff(DEEP, photometric=5, planar=True), "bit_depth", id="three of four colours"),
        pytest.param(tiff(chart(), more={258: (8, 8, 16)}), "bit_depth", id="unequal depths"),
        pytest.param(tiff(DEEP[..., 0], photometric=32803), "raw", id="a sensor's mosaic"),
        pytest.param(tiff(DEEP, photometric=34892), "raw", id="linear raw"),
        pytest.param(tiff(chart(), more=SUB), "raw", id="a small copy before the picture"),
        pytest.param(canon(), "raw", id="canon's raw file"),
    ],
)
def test_refused_rather_than_misread(data, code):
    with pytest.raises(Refused) as refused:
        decode(data)
    assert refused.value.code == code


def chained(*pages):
    """Classic TIFFs of one directory each as pages of one file."""
    joined = b""
    for number, page in enumerate(pages):
        start = len(joined)
        part = moved(page, start)
        if number:
            at = last_link(joined)
            joined = joined[:at] + (start + 8).to_bytes(4, "little") + joined[at + 4 :]
        joined += part
    return joined


def moved(page, by):
    """The same bytes with offsets for a place further on."""
    count = int.from_bytes(page[8:10], "little")
    out = bytearray(page)
    for at in range(10, 10 + 12 * count, 12):
        tag, kind, number = struct.unpack_from("<HHI", page, at)
        size = {3: 2, 4: 4, 2: 1}[kind] * number
        if size > 4:
            (place,) = struct.unpack_from("<I", page, at + 8)
            struct.pack_into("<I", out, at + 8, place + by)
            if tag == 273:
                values = struct.unpack_from(f"<{number}I", page, place)
                struct.pack_into(f"<{number}I", out, place, *(value + by for value in values))
    return bytes(out)


def last_link(data):
    """Where the last directory's pointer to a next one is."""
    at = 4
    while int.from_bytes(data[at : at + 4], "little"):
        here = int.from_bytes(data[at : at + 4], "little")
        at = here + 2 + 12 * int.from_bytes(data[here : here + 2], "little")
    return at


UPSIDE_DOWN = np.ascontiguousarray(chart()[::-1])
PAGES = chained(tiff(chart()), tiff(UPSIDE_DOWN, more={274: (4,)}), tiff(DEEP), tiff(FLOAT, planar=True))
SMALL = chart(32, 24)
REDUCED = {254: (1,)}


@pytest.mark.parametrize("frame", [1, 2, 3, 4])
def test_each_page_is_read_alone_and_turned_by_its_own_orientation(frame):
    assert count_frames(PAGES) == 4
    assert same(decode(PAGES, frame).pixels, chart(), 1)


def test_reduced_copies_are_no_pages():
    data = chained(tiff(chart()), tiff(SMALL, more=REDUCED), tiff(UPSIDE_DOWN))
    assert count_frames(data) == 2
    assert same(decode(data, 2).pixels, UPSIDE_DOWN, 0)
    assert "thumbnail" in decode(data, 1).found


def test_pages_of_a_bigtiff():
    big = saved(image("RGB"), big_tiff=True, save_all=True, append_images=[Image.fromarray(UPSIDE_DOWN)])
    assert count_frames(big) == 2
    assert same(decode(big, 2).pixels, UPSIDE_DOWN, 0)


def test_five_hundred_pages_are_counted_and_no_more_read():
    tiny = tiff(chart(4, 4))
    whole, more = chained(*[tiny] * 500), chained(*[tiny] * 501)
    assert [count_frames(whole), count_frames(more)] == [500, 501]
    assert decode(whole, 500).pixels.shape == (4, 4, 3)
    with pytest.raises(Refused) as refused:
        decode(more, 1)
    assert refused.value.code == "too_many_frames"


def tiled(*size):
    return tiff(chart(*size), tile=16)


@pytest.mark.parametrize(
    ("data", "frame", "code"),
    [
        pytest.param(PAGES, None, "multi_page", id="no choice"),
        pytest.param(PAGES, 5, "no_such_frame", id="too high"),
        pytest.param(PAGES, 0, "no_such_frame", id="zero"),
        pytest.param(tiff(chart()), 2, "no_such_frame", id="one page"),
        pytest.param(chained(tiled(128, 96), tiff(SMALL), tiled(64, 48)), 1, "slide", id="tiled in two sizes"),
        pytest.param(chained(tiff(chart(), more={270: b"Aperio Image Library"}), tiff(SMALL)), 2, "slide", id="aperio"),
        pytest.param(chained(tiff(chart(), more={65420: (1,)}), tiff(SMALL)), 2, "slide", id="hamamatsu"),
    ],
)
def test_pages_that_are_refused(data, frame, code):
    with pytest.raises(Refused) as refused:
        decode(data, frame)
    assert refused.value.code == code


def test_tiled_pages_of_other_shapes_are_pictures():
    assert decode(chained(tiled(128, 96), tiled(64, 96)), 2).pixels.shape == (96, 64, 3)


@pytest.mark.parametrize("kind", [1, 3, 4, 6, 8, 9])
def test_an_orientation_of_any_integer_type_turns(kind):
    stored = tiff(np.ascontiguousarray(UNDONE[6](chart())), more={274: (6,)})
    short = b"\x12\1\3\0\1\0\0\0"
    assert stored.count(short) == 1
    assert same(decode(stored.replace(short, b"\x12\1" + bytes([kind]) + short[3:])).pixels, chart(), 0)


def test_an_orientation_in_xmp_alone_does_not_turn():
    packet = b"<x:xmpmeta><rdf:Description tiff:Orientation='6'/></x:xmpmeta>"
    assert (decode(tiff(chart(), more={700: packet})).pixels == chart()).all()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(tiff(chart().astype(np.uint16), photometric=8), id="16-bit cielab"),
        pytest.param(tiff(chart(), photometric=9), id="icclab"),
        pytest.param(tiff(chart(), photometric=10), id="itulab"),
        pytest.param(tiff(GREY, photometric=8), id="grey lab"),
        pytest.param(tiff(chart().astype(np.int16), photometric=32845), id="logluv"),
        pytest.param(tiff(GREY, photometric=32844), id="logl"),
        pytest.param(tiff(GREY, photometric=4), id="mask"),
        pytest.param(tiff(chart(), more={259: (34712,)}), id="jpeg 2000 inside"),
        pytest.param(tiff(chart(), more={259: (34676,)}), id="packed logluv"),
        pytest.param(tiff(chart(), more={258: (4, 4, 4)}), id="4-bit colours"),
    ],
)
def test_kinds_of_tiff_that_no_decoder_here_knows(data):
    with pytest.raises(Refused) as refused:
        decode(data)
    assert refused.value.code == "tiff_unsupported"


@pytest.mark.parametrize(
    "data",
    [tiff(FLOAT, planar=True), tiff(DEEP), saved(lab()), saved(image("RGB"), compression="tiff_lzw")],
    ids=["float planes", "16-bit", "lab", "lzw"],
)
def test_a_confined_child_reads_it_too(data):
    with Image.open(io.BytesIO(preview(data, masks=[], longest=64).data)) as shown:
        assert same(np.asarray(shown), chart(), 20)
