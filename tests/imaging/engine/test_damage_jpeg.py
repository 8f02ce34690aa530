"""JPEGs of which a part is missing or wrong: refused, or told on request. Whole ones that only look odd are taken."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from imaging.engine import Refused
from imaging.engine.container.jpeg import read
from imaging.engine.container.jpeg_scans import Scans
from imaging.engine.damage import jpeg
from imaging.engine.damage.seam import has_seam
from imaging.engine.damage.sectors import has_lost_sector
from imaging.engine.decode import decode
from tests.imaging.engine import damages, pictures

PLAIN = damages.photograph()
PROGRESSIVE = damages.photograph(progressive=True)
RESTARTS = damages.photograph(restart_marker_rows=1)
END = b"\xff\xd9"
LAST_SCAN = PROGRESSIVE.rindex(b"\xff\xda")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(damages.zeroed(PLAIN, 0.5, 4096), id="zeros"),
        pytest.param(damages.zeroed(PLAIN, 0.5, 4096, 255), id="erased"),
        pytest.param(damages.noisy(PLAIN, 0.5, 4096), id="noise"),
        pytest.param(damages.lost(PLAIN, 0.5, 4096), id="lost"),
        pytest.param(damages.cut(PLAIN, 0.4), id="cut"),
        pytest.param(damages.cut(PLAIN, 0.4, END), id="cut, end put back"),
        pytest.param(damages.cut(PLAIN, 0.4, damages.FILM), id="cut, film after it"),
        pytest.param(damages.with_height(PLAIN, 2), id="height doubled"),
        pytest.param(damages.with_height(PLAIN, 0.5), id="height halved"),
        pytest.param(damages.without_restarts(RESTARTS, 3, 1), id="a restart piece lost"),
        pytest.param(damages.without_restarts(RESTARTS, 3, 8), id="restart pieces lost in step"),
        pytest.param(damages.zeroed(PROGRESSIVE, 0.5, 4096), id="progressive, zeros"),
        pytest.param(damages.cut(PROGRESSIVE, 0.5), id="progressive, cut"),
        pytest.param(damages.cut(PROGRESSIVE, 0.5, END), id="progressive, cut, end put back"),
        pytest.param(PROGRESSIVE[:LAST_SCAN], id="progressive, cut between scans"),
        pytest.param(PROGRESSIVE[:LAST_SCAN] + END, id="progressive, cut between scans, end put back"),
    ],
)
def test_a_damaged_part_is_refused_and_accepted_with_a_warning(data):
    with pytest.raises(Refused) as refused:
        decode(data)
    assert refused.value.code == "damaged"
    picture = decode(data, accept_damaged=True)
    assert "damaged" in picture.warnings
    assert picture.pixels.shape[1:] == (480, 3)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        pytest.param(PLAIN[:-2], (), id="no end"),
        pytest.param(PROGRESSIVE[:-2], (), id="progressive, no end"),
        pytest.param(RESTARTS[:-2], (), id="restarts, no end"),
        pytest.param(PLAIN[:-1], (), id="half an end"),
        pytest.param(PLAIN[:-2] + damages.FILM, ("motion_video", "trailing_data"), id="a film for an end"),
        pytest.param(PLAIN + damages.FILM, ("motion_video", "trailing_data"), id="a film after the end"),
        pytest.param(
            PLAIN[:-2] + pictures.encoded(pictures.chart(), "JPEG"), ("preview", "trailing_data"), id="a copy"
        ),
        pytest.param(PLAIN[:-2] + bytes(range(1, 255)) * 9, (), id="other bytes for an end"),
        pytest.param(PLAIN[:-2] + bytes(700) + END, (), id="padding before the end"),
        pytest.param(PLAIN[:-2] + b"\xff\xfe\0\4ab" + END, ("comment",), id="a comment before the end"),
        pytest.param(PLAIN[:-2] + b"\xff\xff\xff" + END, (), id="fill bytes before the end"),
        pytest.param(PLAIN[:-2] + b"\xff\xfe\0\4ab\xff\xff" + END, ("comment",), id="fill bytes after a comment"),
    ],
)
def test_a_whole_picture_with_an_odd_end_is_taken(data, found):
    picture = decode(data)
    assert (picture.warnings, picture.found) == ((), found)
    whole = decode(PROGRESSIVE if b"\xff\xc2\x00\x11" in data[:400] else PLAIN)
    assert (picture.pixels == whole.pixels).all()


@pytest.mark.parametrize(
    ("mode", "more"),
    [
        ("RGB", {"subsampling": 0}),
        ("RGB", {"subsampling": 1}),
        ("RGB", {"subsampling": 2}),
        ("RGB", {"progressive": True, "quality": 20}),
        ("L", {}),
        ("L", {"progressive": True}),
    ],
)
def test_pixels_are_those_of_pillow(mode, more):
    out = io.BytesIO()
    Image.open(io.BytesIO(pictures.hopper())).convert(mode).resize((203, 155)).save(out, "JPEG", **more)
    assert (decode(out.getvalue()).pixels == np.asarray(Image.open(out).convert("RGB"))).all()


def test_what_cannot_be_decoded_at_all_is_broken():
    without_quantisation = PLAIN[: PLAIN.index(b"\xff\xdb")] + PLAIN[PLAIN.index(b"\xff\xc0") :]
    with pytest.raises(Refused) as refused:
        decode(without_quantisation, accept_damaged=True)
    assert refused.value.code == "broken"


def _with_jumps(pixels, first, *, unit=16, size=40):
    """Pixels as after a wrong bit: all blocks from this one on, in reading order, brighter."""
    changed = pixels.astype(np.int16)
    row, column = divmod(first, pixels.shape[1] // unit)
    changed[row * unit : (row + 1) * unit, column * unit :] += size
    changed[(row + 1) * unit :] += size
    return np.clip(changed, 0, 255).astype(np.uint8)


SMOOTH = np.asarray(Image.open(io.BytesIO(PLAIN)))


@pytest.mark.parametrize(
    ("pixels", "damaged"),
    [
        pytest.param(SMOOTH, False, id="sound"),
        pytest.param(_with_jumps(SMOOTH, 30 * 11 + 9), True, id="brighter from a block on"),
        pytest.param(_with_jumps(SMOOTH, 30 * 11 + 9, size=-40), True, id="darker"),
        pytest.param(_with_jumps(SMOOTH, 30 * 11 + 9, size=np.array([0, 0, 40])), True, id="bluer"),
        pytest.param(_with_jumps(SMOOTH, 30 * 11), False, id="an edge of the whole width"),
        pytest.param(_with_jumps(SMOOTH, 30 * 11 + 2), False, id="nearly the whole width"),
        pytest.param(_with_jumps(_with_jumps(SMOOTH, 30 * 9 + 9), 30 * 10 + 9), False, id="stairs of a gradient"),
        pytest.param(_with_jumps(SMOOTH[:64, :128], 9), False, id="too small to tell"),
    ],
)
def test_a_jump_along_the_blocks_in_reading_order_is_damage(pixels, damaged):
    assert has_seam(pixels, "420") is damaged
    assert has_seam(pixels, "unknown") is False


@pytest.mark.parametrize("shape", [(360, 480, 1), (360, 480, 4)])
def test_a_jump_is_found_in_grey_and_ink_too(shape):
    grey = np.repeat(SMOOTH[..., :1], shape[2], axis=2)
    assert not has_seam(grey, "Gray")
    assert has_seam(_with_jumps(grey, 60 * 20 + 30, unit=8), "Gray")


def test_most_wrong_bytes_that_decode_without_a_warning_are_noticed():
    scan = PLAIN.index(b"\xff\xda") + 14
    silent = noticed = 0
    for place in range(scan + 2900, scan + 13_000, 211):
        container = read(PLAIN[:place] + bytes([PLAIN[place] ^ 96]) + PLAIN[place + 1 :])
        pixels, warned = jpeg._hear(container)
        harmed = (np.abs(pixels[::4, ::4].astype(int) - SMOOTH[::4, ::4]).max(axis=2) > 24).mean() > 0.2
        silent += harmed and not warned
        noticed += harmed and not warned and jpeg.decode(container)[1]
    assert 2 * noticed > silent > 2


FLAT = pictures.encoded(np.full((600, 800, 3), 255, np.uint8), "JPEG", optimize=True)
ZEROS = bytes(64)


def test_zeros_that_code_a_flat_area_are_sound():
    assert ZEROS in FLAT
    assert not has_lost_sector(FLAT)
    assert decode(FLAT).warnings == ()


@pytest.mark.parametrize(
    ("data", "lost"),
    [
        (PLAIN, False),
        (damages.zeroed(PLAIN, 0.5, 200), True),
        (damages.zeroed(PLAIN, 0.5, 50), False),
        (damages.zeroed(PLAIN, 0.5, 200, 85), False),
        (PLAIN[:-2] + bytes(200) + END, False),
        (damages.zeroed(PROGRESSIVE, 0.5, 200), False),
    ],
)
def test_zeros_that_no_block_is_coded_with_are_a_lost_sector(data, lost):
    assert has_lost_sector(read(data).payload) is lost


def test_a_scan_of_a_component_that_the_frame_does_not_have_counts_for_nothing():
    scans = Scans()
    scans.start(b"\1\1\x11\0", progressive=True)
    scans.add(b"\1\2\0\0\x3f\0")
    scans.add(b"\1\1\0\x3f\0\0")
    assert not scans.complete
    scans.add(b"\1\1\0\0\x3f\0")
    assert scans.complete
