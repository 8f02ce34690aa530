"""JPEGs of which a part is missing or wrong: refused, or told on request. Whole ones that only look odd are taken."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from imaging.engine import Refused
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
