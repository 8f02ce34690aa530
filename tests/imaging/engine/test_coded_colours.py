"""Colours named by number: what they mean is computed here once more, without any profile."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from imaging.engine.colour import coded
from imaging.engine.container import read
from imaging.engine.decode import decode
from tests.imaging.engine.boxes import box, heic
from tests.imaging.engine.pictures import chart, encoded, with_chunk

PNG = encoded(chart(), "PNG")
TO_SRGB = {
    "p3": [[1.2249, -0.2247, 0.0], [-0.0420, 1.0419, 0.0], [-0.0197, -0.0786, 1.0979]],
    "2020": [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]],
    "srgb": np.eye(3),
}
"""Linear RGB to linear sRGB, one white point for both: from BT.2087 and the CSS Color 4 tables, rounded."""


def encode(light):
    light = np.clip(light, 0, 1)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def decoded(levels, gamma):
    v = levels / 255
    return v**gamma if gamma else np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


SOFT = (60 + chart().astype(float) * 0.5).round().astype(np.uint8)
"""Colours inside sRGB whatever they are taken for: outside it, clipping is a matter of taste."""


@pytest.mark.parametrize(
    ("primaries", "transfer", "matrix", "gamma"),
    [
        (12, 13, "p3", None),
        (12, 1, "p3", None),
        (9, 13, "2020", None),
        (9, 14, "2020", None),
        (1, 4, "srgb", 2.2),
        (1, 5, "srgb", 2.8),
        (1, 8, "srgb", 1.0),
        (12, 4, "p3", 2.2),
        (1, 13, "srgb", None),
        (1, 1, "srgb", None),
        (2, 2, "srgb", None),
        (5, 6, "srgb", None),
    ],
)
def test_png_named_by_number(primaries, transfer, matrix, gamma):
    data = with_chunk(encoded(SOFT, "PNG"), b"cICP", bytes([primaries, transfer, 0, 1]))
    expected = encode(decoded(SOFT, gamma) @ np.asarray(TO_SRGB[matrix]).T)
    assert np.abs(decode(data).pixels - expected).max() <= 2


P3_POINTS = (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
SRGB_POINTS = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)


def measures(gamma, points, *, png=None):
    """A PNG that says how its levels were made, and from which colours."""
    data = png or encoded(SOFT, "PNG")
    if points:
        data = with_chunk(data, b"cHRM", struct.pack(">8I", *points))
    return with_chunk(data, b"gAMA", gamma.to_bytes(4, "big")) if gamma is not None else data


@pytest.mark.parametrize(
    ("gamma", "points", "matrix", "power"),
    [
        (100_000, None, "srgb", 1.0),
        (55_556, SRGB_POINTS, "srgb", 1.8),
        (45_455, P3_POINTS, "p3", None),
        (None, P3_POINTS, "p3", None),
        (100_000, P3_POINTS, "p3", 1.0),
        (45_455, SRGB_POINTS, "srgb", None),
        (45_000, None, "srgb", None),
    ],
)
def test_png_that_measures_its_colours(gamma, points, matrix, power):
    expected = encode(decoded(SOFT, power) @ np.asarray(TO_SRGB[matrix]).T)
    assert np.abs(decode(measures(gamma, points)).pixels - expected).max() <= 2


@pytest.mark.parametrize(
    ("gamma", "points"),
    [
        (0, None),
        (4_000_000_000, None),
        (None, (31270, 32900, 64000, 0, 30000, 60000, 15000, 6000)),
        (None, (31270, 32900, *(30000, 60000) * 3)),
        (None, (31270, 32900, 4_000_000_000, 1, 30000, 60000, 15000, 6000)),
    ],
    ids=["no gamma", "huge gamma", "no light", "one colour", "huge"],
)
def test_measures_of_nothing_are_left_alone(gamma, points):
    assert np.array_equal(decode(measures(gamma, points)).pixels, SOFT)


@pytest.mark.parametrize(
    ("kind", "body"), [(b"sRGB", b"\0"), (b"cICP", bytes([1, 13, 0, 1]))], ids=["sRGB", "coded colours"]
)
def test_what_names_its_colours_is_not_measured(kind, body):
    assert np.array_equal(decode(with_chunk(measures(100_000, P3_POINTS), kind, body)).pixels, SOFT)


def test_grey_is_not_measured():
    data = measures(100_000, None, png=encoded(SOFT[..., 0], "PNG"))
    assert decode(data).warnings == ()


@pytest.mark.parametrize("transfer", [16, 18])
def test_high_dynamic_range_is_said(transfer):
    picture = decode(with_chunk(PNG, b"cICP", bytes([9, transfer, 0, 1])))
    assert picture.warnings == ("colour_profile_unreadable",)
    with pytest.raises(coded.NoProfile):
        coded.profile_from_codes(9, transfer)


def test_numbers_go_before_a_profile():
    data = encoded(SOFT, "PNG", icc_profile=coded.profile_from_codes(1, 8))
    assert (decode(data).pixels != SOFT).any()
    assert (decode(with_chunk(data, b"cICP", bytes([1, 13, 0, 1]))).pixels == SOFT).all()
    assert (decode(with_chunk(data, b"cICP", b"too short")).pixels != SOFT).any()


def nclx(primaries, transfer):
    return box(b"colr", b"nclx", primaries.to_bytes(2, "big"), transfer.to_bytes(2, "big"), b"\0\1\x80")


def main_item(number, *, wide=False):
    return box(b"pitm", bytes([wide, 0, 0, 0]), number.to_bytes(4 if wide else 2, "big"))


def belongs(*pairs, version=0, wide=False):
    """ipma: (item, numbers of its properties)."""
    entries = b""
    for item, numbers in pairs:
        entries += item.to_bytes(4 if version else 2, "big") + bytes([len(numbers)])
        entries += b"".join((n | 0x8000).to_bytes(2, "big") if wide else bytes([n | 0x80]) for n in numbers)
    return box(b"ipma", bytes([version, 0, 0, wide]), len(pairs).to_bytes(4, "big"), entries)


def coloured(*colours, primary, associations):
    """A HEIC's boxes with these colours as properties 2, 3 ...; 1 is the size."""
    data = heic(*colours, more=primary)
    at = data.index(b"ipco") - 4
    size = int.from_bytes(data[at : at + 4], "big")
    whole = data[: at + size] + associations + data[at + size :]
    for name in (b"meta", b"iprp"):
        place = whole.index(name) - 4
        grown = int.from_bytes(whole[place : place + 4], "big") + len(associations)
        whole = whole[:place] + grown.to_bytes(4, "big") + whole[place + 4 :]
    return whole


P3, REC2020, LINEAR = nclx(12, 13), nclx(9, 14), nclx(1, 8)
FAR = {"primary": main_item(7, wide=True), "associations": belongs((7, [2]), version=1, wide=True)}


@pytest.mark.parametrize(
    ("data", "colours"),
    [
        (heic(P3), None),
        (coloured(P3, primary=main_item(1), associations=belongs((1, [1, 2]))), (12, 13)),
        (coloured(LINEAR, P3, primary=main_item(2), associations=belongs((1, [2]), (2, [1, 3]))), (12, 13)),
        (coloured(P3, primary=main_item(1), associations=belongs((2, [1, 2]))), None),
        (coloured(REC2020, **FAR), (9, 14)),
    ],
)
def test_the_colours_of_heic_are_those_of_its_main_item(data, colours):
    assert read(data).coded_colours == colours


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
def test_a_phones_colours_are_converted(kind):
    """Encoders here write sRGB's numbers; made Display P3's by changing the number only."""
    data = encoded(SOFT, kind, quality=100)
    numbers = b"nclx\0\x01\0\x0d"
    assert data.count(numbers) == 1
    there = decode(data.replace(numbers, b"nclx\0\x0c\0\x0d")).pixels.astype(int)
    expected = encode(decoded(decode(data).pixels.astype(float), None) @ np.asarray(TO_SRGB["p3"]).T)
    assert np.abs(there - expected).max() <= 2
