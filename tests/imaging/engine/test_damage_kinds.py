"""Damage in the other formats: what their decoders pass over in silence is found in the bytes."""

from __future__ import annotations

import io

import pillow_heif
import pytest
from PIL import Image

from imaging.engine import Refused
from imaging.engine.decode import decode
from tests.imaging.engine import damages


def _heic(**more):
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.open(io.BytesIO(damages.photograph("PNG")))).save(out, **more)
    return out.getvalue()


def _tiff(compression, mode="RGB", **more):
    out = io.BytesIO()
    image = Image.open(io.BytesIO(damages.photograph("PNG", (640, 480)))).convert(mode)
    image.save(out, "TIFF", compression=compression, **more)
    return out.getvalue()


HEIC = _heic(quality=90)
AVIF = damages.photograph("AVIF", quality=90)
WEBP = damages.photograph("WEBP", quality=90)
LOSSLESS = damages.photograph("WEBP", (240, 180), lossless=True)
FILES = {
    "heic": HEIC,
    "avif": AVIF,
    "webp": WEBP,
    "webp lossless": LOSSLESS,
    "tiff jpeg": _tiff("jpeg"),
    "tiff jpeg grey": _tiff("jpeg", "L"),
    "tiff deflate": _tiff("tiff_adobe_deflate"),
    "tiff packbits": _tiff("packbits"),
    "tiff lzw": _tiff("tiff_lzw"),
    "tiff zstd": _tiff("zstd"),
    "png": damages.photograph("PNG"),
    "gif": damages.photograph("GIF"),
}
SILENT = (
    "heic",
    "avif",
    "webp",
    "tiff jpeg",
    "tiff jpeg grey",
    "tiff deflate",
    "tiff packbits",
    "tiff lzw",
    "tiff zstd",
)


@pytest.mark.parametrize("name", FILES)
def test_the_sound_file_is_taken(name):
    assert decode(FILES[name]).warnings == ()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(("start", "size"), [(0.4, 4096), (0.7, 700)])
@pytest.mark.parametrize("fill", [0, 255])
def test_a_lost_sector_is_refused(name, start, size, fill):
    with pytest.raises(Refused) as refused:
        decode(damages.zeroed(FILES[name], start, size, fill))
    assert refused.value.code in ("damaged", "broken")


@pytest.mark.parametrize("name", SILENT)
def test_a_lost_sector_is_a_warning_on_request(name):
    data = damages.zeroed(FILES[name], 0.6, 1500)
    with pytest.raises(Refused) as refused:
        decode(data)
    assert refused.value.code == "damaged"


def test_half_of_a_heic_zeroed():
    media = HEIC.rindex(b"mdat")
    half = (media + len(HEIC)) // 2
    with pytest.raises(Refused) as refused:
        decode(HEIC[:half] + bytes(len(HEIC) - half))
    assert refused.value.code == "damaged"
    assert decode(HEIC[:half] + bytes(len(HEIC) - half), accept_damaged=True).warnings == ("damaged",)
