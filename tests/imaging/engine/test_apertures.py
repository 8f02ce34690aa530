"""HEIC and AVIF show what their transformations leave, in the order in which the file has them."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from imaging.engine import Refused, preview
from imaging.engine.container import read
from imaging.engine.decode import decode
from tests.imaging.engine.boxes import aperture, box, heic, retransformed
from tests.imaging.engine.decoded import same
from tests.imaging.engine.pictures import chart, encoded
from tests.imaging.engine.test_coded_colours import belongs, coloured, main_item

KINDS = ["HEIF", "AVIF"]
LEFT = aperture(32, 48, -32, 0)  # the left half of 64 × 48
TOP_LEFT = aperture(32, 24, -32, -24)
TURN, MIRROR = box(b"irot", b"\1"), box(b"imir", b"\1")


def noted(kind, orientation):
    """The chart with EXIF's orientation, and no property of the container that encoders make of it."""
    tag = b"\x12\1\3\0\1\0\0\0"
    exif = b"II*\0\x08\0\0\0\1\0" + tag + bytes([orientation]) + bytes(7)
    unknown = exif.replace(tag, b"\x13" + tag[1:])
    data = encoded(chart(), kind, exif=unknown, quality=95)
    assert data.count(unknown) == 1
    return data.replace(unknown, exif)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        pytest.param([LEFT], chart()[:, :32], id="left half"),
        pytest.param([TOP_LEFT], chart()[:24, :32], id="a quarter"),
        pytest.param([TOP_LEFT, TURN], np.rot90(chart()[:24, :32], 1), id="cut, then turned"),
        pytest.param([TURN, aperture(24, 32, 24, -32)], np.rot90(chart(), 1)[:32, 24:], id="turned, then cut"),
        pytest.param([TURN, MIRROR], np.rot90(chart(), 1)[:, ::-1], id="turned, then mirrored"),
        pytest.param([MIRROR, TURN], np.rot90(chart()[:, ::-1], 1), id="mirrored, then turned"),
        pytest.param([LEFT, MIRROR, TURN], np.rot90(chart()[:, :32][:, ::-1], 1), id="all three"),
    ],
)
def test_transformations_in_their_order(kind, properties, expected):
    picture = decode(retransformed(encoded(chart(), kind, quality=95), *properties))
    assert picture.pixels.shape == expected.shape
    assert np.abs(picture.pixels.astype(int) - expected).mean() < 8


@pytest.mark.parametrize("kind", KINDS)
def test_an_aperture_between_pixels_shows_none_that_is_cut(kind):
    """31 px wide about a centre half a pixel off: from 0.5 to 31.5."""
    odd = box(b"clap", *(n.to_bytes(4, "big", signed=True) for n in (31, 1, 48, 1, -16, 1, 0, 1)))
    assert decode(retransformed(encoded(chart(), kind), odd)).pixels.shape[1] <= 31


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(box(b"clap", bytes(32)), id="without size"),
        pytest.param(aperture(32, 48, 400, 0), id="beside the picture"),
    ],
)
def test_an_aperture_without_picture_is_refused(kind, damaged):
    with pytest.raises(Refused) as refused:
        decode(retransformed(encoded(chart(), kind), damaged))
    assert refused.value.code == "broken"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        pytest.param([], np.rot90(chart(), -1), id="exif alone"),
        pytest.param([LEFT], np.rot90(chart()[:, :32], -1), id="exif and aperture"),
        pytest.param([box(b"irot", b"\0")], chart(), id="turned by nothing"),
        pytest.param([box(b"irot", b"\2")], chart()[::-1, ::-1], id="turned by half"),
        pytest.param([MIRROR], chart()[:, ::-1], id="mirrored"),
    ],
)
def test_exif_counts_only_without_rotation_or_mirror(kind, properties, expected):
    picture = decode(retransformed(noted(kind, 6), *properties))
    assert picture.pixels.shape == expected.shape
    assert np.abs(picture.pixels.astype(int) - expected).mean() < 8


def test_a_rotation_of_another_item_says_nothing():
    avif = coloured(TURN, primary=main_item(1), associations=belongs((2, [1, 2]))).replace(b"heic", b"avif")
    mine = coloured(TURN, primary=main_item(1), associations=belongs((1, [1, 2]))).replace(b"heic", b"avif")
    assert [read(data).transforms for data in (avif, mine)] == [(), (8,)]


def test_a_cut_in_a_property_is_refused():
    with pytest.raises(Refused) as refused:
        decode(heic(box(b"clap", bytes(7))))
    assert refused.value.code == "broken"


def test_a_confined_child_cuts_too():
    data = retransformed(encoded(chart(), "AVIF", quality=95), TOP_LEFT)
    with Image.open(io.BytesIO(preview(data, masks=[], longest=64).data)) as shown:
        assert shown.size == (32, 24)
        assert same(np.asarray(shown), chart()[:24, :32], 12)
