"""Upright, eight bits, sRGB, no alpha: whatever the container and however it says so."""

from __future__ import annotations

import io

import numpy as np
import pydicom
import pytest
from PIL import Image, ImageCms
from pydicom.encaps import encapsulate

from imaging.engine import Refused, colour
from imaging.engine.decode import decode
from tests.imaging import pictures
from tests.imaging.pictures import chart, encoded, exif


def colours(pixels):
    """The middle of each quarter, reading order."""
    height, width = pixels.shape[:2]
    return [pixels[height * y // 4, width * x // 4].astype(int) for y in (1, 3) for x in (1, 3)]


def same(one, other, tolerance):
    return all(np.abs(a - b).max() <= tolerance for a, b in zip(colours(one), colours(other), strict=True))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "AVIF", "HEIF"])
def test_every_format_comes_out_the_same(kind):
    picture = decode(encoded(chart(), kind))
    assert picture.pixels.shape == (48, 64, 3)
    assert picture.pixels.dtype == np.uint8
    assert not picture.pixels.flags.writeable
    assert same(picture.pixels, chart(), 12)


UNDONE = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: np.rot90(a, -1),
}
"""How a camera would store an upright picture under each orientation."""


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_orientation_is_applied(kind, orientation):
    stored = np.ascontiguousarray(UNDONE[orientation](chart()))
    more = {"tiffinfo": {274: orientation}} if kind == "TIFF" else {"exif": exif(orientation)}
    picture = decode(encoded(stored, kind, **more))
    assert picture.pixels.shape == (48, 64, 3)
    assert same(picture.pixels, chart(), 12)


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


RAMP = np.linspace(0, 255, 64 * 48).reshape(48, 64)


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
    with pytest.raises(colour.ProfileBroken):
        colour.to_srgb(Image.fromarray(chart()), grey)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_half_a_file_is_refused(kind):
    data = encoded(pictures.noise(200, 150), kind)
    with pytest.raises(Refused) as refused:
        decode(data[: len(data) // 2])
    assert refused.value.code == "broken"


def test_lossless_sources_are_known():
    lossless = {
        kind: decode(encoded(chart(), kind)).lossless for kind in ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "HEIF")
    }
    assert lossless == {"JPEG": False, "PNG": True, "WEBP": False, "TIFF": True, "GIF": True, "HEIF": False}
    assert decode(encoded(chart(), "WEBP", lossless=True)).lossless


def dicom(pixels, *, syntax="1.2.840.10008.1.2.1", data=None, **more):
    """A secondary capture with a patient in it."""
    dataset = pydicom.Dataset()
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = "1.2.3"
    dataset.PatientName, dataset.StudyDate = "Canary^Patient", "20240101"
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.SamplesPerPixel = 3 if pixels.ndim == 3 else 1
    dataset.PhotometricInterpretation = "RGB" if pixels.ndim == 3 else "MONOCHROME2"
    if pixels.ndim == 3:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = dataset.BitsStored = 8 * pixels.dtype.itemsize
    dataset.HighBit, dataset.PixelRepresentation = dataset.BitsStored - 1, 0
    dataset.PixelData = data or pixels.tobytes()
    for keyword, value in more.items():
        setattr(dataset, keyword, value)
    out = io.BytesIO()
    pydicom.dcmwrite(out, dataset, enforce_file_format=True)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(dicom(chart()), chart(), id="rgb"),
        pytest.param(dicom(RAMP.astype(np.uint8)), np.repeat(RAMP[..., None], 3, 2), id="grey"),
        pytest.param(dicom((RAMP * 16).astype(np.uint16)), np.repeat(RAMP[..., None], 3, 2), id="12-bit grey"),
        pytest.param(
            dicom(RAMP.astype(np.uint8), PhotometricInterpretation="MONOCHROME1"),
            255 - np.repeat(RAMP[..., None], 3, 2),
            id="inverted grey",
        ),
        pytest.param(
            dicom(np.asarray(Image.fromarray(chart()).convert("YCbCr")), PhotometricInterpretation="YBR_FULL"),
            chart(),
            id="ybr",
        ),
        pytest.param(
            dicom(
                chart(),
                syntax="1.2.840.10008.1.2.4.50",
                data=encapsulate([encoded(chart(), "JPEG", quality=95)]),
                PhotometricInterpretation="YBR_FULL_422",
            ),
            chart(),
            id="jpeg inside",
        ),
    ],
)
def test_dicom_gives_its_pixels_and_nothing_else(data, expected):
    picture = decode(data)
    assert same(picture.pixels, expected.astype(int), 3)
    assert {"dicom_header", "patient", "time", "unique_id"} <= set(picture.found)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(dicom(np.stack([chart()] * 2)[0], NumberOfFrames=2), "multi_page", id="two frames"),
        pytest.param(dicom(chart(), PhotometricInterpretation="HSV"), "dicom_unsupported", id="odd colours"),
        pytest.param(dicom(chart())[:-5000], "dicom_unsupported", id="cut"),
        pytest.param(dicom(chart(), Rows=30000), "too_large", id="too large"),
        pytest.param(bytes(128) + b"DICM" + b"nonsense", "dicom_unsupported", id="no data set"),
    ],
)
def test_dicom_that_is_no_single_picture_is_refused(data, code):
    with pytest.raises(Refused) as refused:
        decode(data)
    assert refused.value.code == code
