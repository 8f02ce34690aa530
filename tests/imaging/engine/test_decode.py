"""Upright, eight bits, sRGB, no alpha: whatever the container and however it says so."""

from __future__ import annotations

import io
import zlib

import numpy as np
import piexif
import pillow_heif
import pytest
from PIL import Image, ImageCms

from imaging.engine import Refused
from imaging.engine.colour import convert
from imaging.engine.decode import decode
from tests.imaging.engine import pictures
from tests.imaging.engine.decoded import RAMP, UNDONE, same
from tests.imaging.engine.pictures import chart, encoded, exif, with_chunk


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "AVIF", "HEIF"])
def test_every_format_comes_out_the_same(kind):
    picture = decode(encoded(chart(), kind))
    assert picture.pixels.shape == (48, 64, 3)
    assert picture.pixels.dtype == np.uint8
    assert not picture.pixels.flags.writeable
    assert same(picture.pixels, chart(), 12)


"""How a camera would store an upright picture under each orientation."""


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_orientation_is_applied(kind, orientation):
    stored = np.ascontiguousarray(UNDONE[orientation](chart()))
    more = {"tiffinfo": {274: orientation}} if kind == "TIFF" else {"exif": exif(orientation)}
    picture = decode(encoded(stored, kind, **more))
    assert picture.pixels.shape == (48, 64, 3)
    assert same(picture.pixels, chart(), 12)


def raw_profile(orientation, kind=b"tEXt", name=b"exif"):
    """A PNG chunk as ImageMagick writes EXIF: a name, a length and hexadecimal digits."""
    block = exif(orientation)
    text = b"\n%s\n%8d\n" % (name, len(block)) + block.hex().encode() + b"\n"
    packed = {b"tEXt": text, b"zTXt": b"\0" + zlib.compress(text), b"iTXt": b"\0\0\0\0" + text}[kind]
    return kind, b"Raw profile type " + name + b"\0" + packed


@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt"])
@pytest.mark.parametrize("name", [b"exif", b"APP1"])
def test_png_turned_by_a_raw_profile(kind, name):
    stored = encoded(np.ascontiguousarray(UNDONE[6](chart())), "PNG")
    assert same(decode(with_chunk(stored, *raw_profile(6, kind, name))).pixels, chart(), 0)


@pytest.mark.parametrize("first", [True, False])
def test_the_chunk_for_exif_counts_before_a_raw_profile(first):
    chunks = [(b"eXIf", exif(1)[6:]), raw_profile(6)]
    data = encoded(chart(), "PNG")
    for kind, body in chunks if first else reversed(chunks):
        data = with_chunk(data, kind, body)
    assert same(decode(data).pixels, chart(), 0)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_heic_turned_by_its_container(orientation):
    """pillow-heif writes EXIF's orientation as the container's own rotation."""
    stored = np.ascontiguousarray(UNDONE[orientation](chart()))
    picture = decode(encoded(stored, "HEIF", exif=exif(orientation)))
    assert same(picture.pixels, chart(), 12)


def test_heic_turned_by_exif_alone():
    stored = np.ascontiguousarray(UNDONE[6](chart()))
    data = encoded(stored, "HEIF", exif=exif(1))
    one = b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x01"
    assert data.count(one) == 1
    picture = decode(data.replace(one, one[:-1] + b"\x06"))
    assert same(picture.pixels, chart(), 12)


def _image(image, kind="PNG", **more):
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(_image(Image.fromarray((RAMP * 257).astype(np.uint16))), RAMP, id="16-bit grey png"),
        pytest.param(_image(Image.fromarray((RAMP * 257).astype(np.uint16)), "TIFF"), RAMP, id="16-bit grey tiff"),
        pytest.param(_image(Image.fromarray((RAMP / 255).astype(np.float32)), "TIFF"), RAMP, id="float tiff 0..1"),
        pytest.param(_image(Image.fromarray(RAMP.astype(np.float32)), "TIFF"), RAMP, id="float tiff 0..255"),
        pytest.param(_image(Image.fromarray((RAMP * 257).astype(np.float32)), "TIFF"), RAMP, id="float tiff 0..65535"),
        pytest.param(_image(Image.fromarray(RAMP.astype(np.uint8))), RAMP, id="grey png"),
        pytest.param(_image(Image.fromarray(RAMP.astype(np.uint8)), "JPEG", quality=100), RAMP, id="grey jpeg"),
        pytest.param(_image(Image.fromarray(RAMP > 100)), (RAMP > 100) * 255, id="one bit"),
    ],
)
def test_other_depths_are_scaled(data, expected):
    pixels = decode(data).pixels
    assert np.abs(pixels.astype(int) - np.repeat(expected[..., None], 3, axis=2)).max() <= 2


def test_transparent_pixels_become_white_and_what_was_under_them_is_gone():
    hidden = np.dstack([chart(), np.full((48, 64), 255, np.uint8)])
    hidden[:24, :32, 3] = 0
    for data in (_image(Image.fromarray(hidden)), _image(Image.fromarray(hidden), "WEBP", lossless=True)):
        assert (decode(data).pixels[12, 16] == 255).all()
        assert np.abs(decode(data).pixels[36, 16].astype(int) - (40, 40, 200)).max() <= 2


def test_palette_with_transparency():
    image = Image.fromarray(chart()).quantize(8)
    image.info["transparency"] = image.getpixel((5, 5))
    pixels = decode(_image(image, transparency=image.getpixel((5, 5)))).pixels
    assert (pixels[12, 16] == 255).all()
    assert same(pixels[24:], chart()[24:], 40)


def test_cmyk_jpeg():
    pixels = decode(_image(Image.fromarray(chart()).convert("CMYK"), "JPEG", quality=95)).pixels
    assert same(pixels, chart(), 40)


def test_cmyk_jpeg_that_is_not_photoshops():
    """Without Adobe's mark the four numbers are ink as it is; with it they are turned round."""
    ink = np.asarray(Image.fromarray(chart()).convert("CMYK"))
    data = _image(Image.fromarray(255 - ink, "CMYK"), "JPEG", quality=95)
    mark = data.index(b"\xff\xee\x00\x0eAdobe")
    assert same(decode(data[:mark] + data[mark + 16 :]).pixels, chart(), 40)


def test_a_profile_is_converted_not_dropped():
    profile = pictures.swapped_profile()
    data = encoded(chart(), "PNG", icc_profile=profile)
    reference = ImageCms.profileToProfile(
        Image.fromarray(chart()),
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    pixels = decode(data).pixels
    assert not same(pixels, chart(), 12)
    assert np.abs(pixels.astype(int) - np.asarray(reference)).max() <= 1


def test_an_srgb_profile_changes_nothing():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert (decode(encoded(chart(), "PNG", icc_profile=profile)).pixels == chart()).all()


def test_a_broken_profile_is_a_warning():
    picture = decode(encoded(chart(), "PNG", icc_profile=b"no profile at all"))
    assert picture.warnings == ("colour_profile_unreadable",)
    assert (picture.pixels == chart()).all()


def test_a_profile_for_another_kind_of_picture_is_broken():
    grey = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    with pytest.raises(convert.ProfileBroken):
        convert.to_srgb(Image.fromarray(chart()), grey)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_half_a_file_is_refused(kind):
    data = encoded(pictures.noise(200, 150), kind)
    with pytest.raises(Refused) as refused:
        decode(data[: len(data) // 2])
    assert refused.value.code in ("broken", "damaged")


def several(kind):
    """Two pictures in one AVIF or HEIC, whose brand does not say so."""
    first, second = Image.fromarray(chart()), Image.fromarray(pictures.noise())
    out = io.BytesIO()
    if kind == "AVIF":
        first.save(out, "AVIF", save_all=True, append_images=[second])
        return out.getvalue().replace(b"ftypavis", b"ftypavif", 1)
    file = pillow_heif.from_pillow(first)
    file.add_from_pillow(second)
    file.save(out)
    return out.getvalue()


@pytest.mark.parametrize(("kind", "code"), [("AVIF", "animated"), ("HEIF", "multi_page")])
def test_several_pictures_in_one_are_refused(kind, code):
    with pytest.raises(Refused) as refused:
        decode(several(kind))
    assert refused.value.code == code


@pytest.mark.parametrize("kind", ["WEBP", "TIFF"])
def test_a_profile_is_bounded_in_every_container(kind):
    with pytest.raises(Refused) as refused:
        decode(encoded(chart(), kind, icc_profile=bytes((1 << 20) + 1)))
    assert refused.value.code == "profile_too_large"


def test_avif_with_an_orientation_that_is_none():
    """Pillow hands on what EXIF says, whatever it says; made from another tag, because it writes none itself."""
    unit = b"\x01\x28\x00\x03\x00\x00\x00\x01\x00\x63"
    data = encoded(chart(), "AVIF", exif=piexif.dump({"0th": {piexif.ImageIFD.ResolutionUnit: 0x63}}))
    assert data.count(unit) == 1
    assert same(decode(data.replace(unit, b"\x01\x12" + unit[2:])).pixels, chart(), 12)


def test_lossless_sources_are_known():
    lossless = {
        kind: decode(encoded(chart(), kind)).lossless for kind in ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "HEIF")
    }
    assert lossless == {"JPEG": False, "PNG": True, "WEBP": False, "TIFF": True, "GIF": True, "HEIF": False}
    assert decode(encoded(chart(), "WEBP", lossless=True)).lossless
