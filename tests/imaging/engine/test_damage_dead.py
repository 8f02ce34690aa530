"""Damage that another program has saved: a sound file whose picture ends in a dead area."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from imaging.engine import Refused
from imaging.engine.damage.dead import has_dead_end
from imaging.engine.decode import decode
from tests.imaging.engine import damages

ALIVE = np.asarray(Image.open(io.BytesIO(damages.photograph("PNG"))))


def dead_from(row, column, block=16, level=128, pixels=ALIVE):
    """Pixels that are grey from this block of rows and this column on."""
    changed = pixels.copy()
    changed[row : row + block, column:] = level
    changed[row + block :] = level
    return changed


@pytest.mark.parametrize(
    ("pixels", "dead"),
    [
        pytest.param(ALIVE, False, id="alive"),
        pytest.param(dead_from(160, 208), True, id="dead from a block on"),
        pytest.param(dead_from(160, 208, 64, 0), True, id="large blocks, black"),
        pytest.param(dead_from(160, 208, 8, 255), True, id="small blocks, white"),
        pytest.param(dead_from(160, 0), False, id="a margin"),
        pytest.param(dead_from(160, 205), False, id="off the grid"),
        pytest.param(dead_from(160, 472), False, id="nearly the whole row"),
        pytest.param(dead_from(160, 208, 20), False, id="no block's height"),
        pytest.param(dead_from(0, 208), False, id="nothing above"),
        pytest.param(dead_from(336, 208, 16), False, id="a few rows"),
        pytest.param(np.full((360, 480, 3), 128, np.uint8), False, id="nothing but one colour"),
        pytest.param(dead_from(160, 208, pixels=dead_from(0, 100, 150)), False, id="a drawing"),
        pytest.param(ALIVE[:16], False, id="too small"),
    ],
)
def test_an_area_that_begins_within_a_row_of_blocks_is_dead(pixels, dead):
    assert has_dead_end(Image.fromarray(pixels)) is dead
    assert has_dead_end(Image.fromarray(pixels).convert("L")) is dead
    assert has_dead_end(Image.fromarray(pixels).convert("CMYK")) is False


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_a_damaged_picture_saved_anew_is_refused(kind):
    cut = damages.cut(damages.photograph(), 0.5, b"\xff\xd9")
    out = io.BytesIO()
    Image.open(io.BytesIO(cut)).save(out, kind, **({"lossless": True} if kind == "WEBP" else {}))
    with pytest.raises(Refused) as refused:
        decode(out.getvalue())
    assert refused.value.code == "damaged"
    assert decode(out.getvalue(), accept_damaged=True).warnings == ("damaged",)
