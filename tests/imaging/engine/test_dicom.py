"""DICOM: whatever the syntax, the pixels of one frame and nothing of the patient; in the sandbox too."""

from __future__ import annotations

import io

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.pixels.encoders import RLELosslessEncoder

from imaging.engine import Refused, preview
from imaging.engine.container import count_frames
from imaging.engine.decode import decode
from tests.imaging.engine import damages
from tests.imaging.engine.decoded import RAMP, same
from tests.imaging.engine.pictures import chart, encoded


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


def inside(syntax, frame, meaning):
    """The chart, compressed: syntax is the end of its UID."""
    return dicom(
        chart(),
        syntax=f"1.2.840.10008.1.2.{syntax}",
        data=encapsulate([frame]),
        PhotometricInterpretation=meaning,
    )


def jpeg_2000(**more):
    out = io.BytesIO()
    Image.fromarray(chart()).save(out, "JPEG2000", no_jp2=True, **more)
    return out.getvalue()


def rgb_jpeg():
    """Red, green and blue as they are, and nothing in the JPEG that says so."""
    data = encoded(chart(), "JPEG", quality=95, keep_rgb=True)
    adobe = data.index(b"\xff\xee")
    bare = data[:adobe] + data[adobe + 2 + int.from_bytes(data[adobe + 2 : adobe + 4], "big") :]
    for letter, number in ((b"R", b"\1"), (b"G", b"\2"), (b"B", b"\3")):
        bare = bare.replace(letter + b"\x11", number + b"\x11", 1)
    scan = bare.index(b"\xff\xda")
    return bare[:scan] + bare[scan:].replace(b"R\0G\0B\0", b"\1\0\2\0\3\0", 1)


def run_lengths():
    height, width = chart().shape[:2]
    shape = {"rows": height, "columns": width, "number_of_frames": 1, "samples_per_pixel": 3, "planar_configuration": 0}
    depth = {"bits_allocated": 8, "bits_stored": 8, "pixel_representation": 0, "photometric_interpretation": "RGB"}
    return RLELosslessEncoder.encode(chart(), **shape, **depth)


INDEXED = Image.fromarray(chart()).quantize(4)
COLOURS = np.array(INDEXED.getpalette()[:12], np.uint16).reshape(-1, 3)
BIG_ENDIAN = "1.2.840.10008.1.2.2"


def palette_colour(coded, bits, *, first=0, segmented=False, shift=0, **more):
    """The chart with a palette; coded gives the bytes of one channel."""
    tables = {}
    for index, name in enumerate(("Red", "Green", "Blue")):
        tables[f"{name}PaletteColorLookupTableDescriptor"] = [len(COLOURS), first, bits]
        data = f"{'Segmented' if segmented else ''}{name}PaletteColorLookupTableData"
        tables[data] = coded(COLOURS[:, index])
    numbers = np.asarray(INDEXED) + np.array(shift, more.pop("kind", np.uint8))
    return dicom(numbers, PhotometricInterpretation="PALETTE COLOR", **more, **tables)


def words(factor, order="<"):
    return lambda channel: (channel * factor).astype(f"{order}u2").tobytes()


def swapped(channel):
    """Two to a word, the first in its low byte, the word's high byte first."""
    return channel.astype(np.uint8).reshape(-1, 2)[:, ::-1].tobytes()


def segments(channel):
    """The first two as they are, then a line of one step to each of the others."""
    a, b, c, d = (int(value) * 257 for value in channel)
    return np.array([0, 2, a, b, 1, 1, c, 1, 1, d], "<u2").tobytes()


FROM_BELOW = palette_colour(words(257), 16, first=-2, shift=-2, kind=np.int16, PixelRepresentation=1)
PALETTES = [
    pytest.param(palette_colour(words(257), 16), id="16 bits"),
    pytest.param(palette_colour(words(1), 8), id="8 bits padded to 16"),
    pytest.param(palette_colour(words(256), 8), id="8 bits in the high byte"),
    pytest.param(palette_colour(words(257), 8), id="8 bits in both bytes"),
    pytest.param(palette_colour(words(1), 16), id="8 bits that are said to be 16"),
    pytest.param(palette_colour(lambda channel: channel.astype(np.uint8).tobytes(), 8), id="8 bits packed"),
    pytest.param(palette_colour(words(257, ">"), 16, syntax=BIG_ENDIAN), id="big-endian, 16 bits"),
    pytest.param(palette_colour(words(1, ">"), 8, syntax=BIG_ENDIAN), id="big-endian, 8 bits padded"),
    pytest.param(palette_colour(swapped, 8, syntax=BIG_ENDIAN), id="big-endian, 8 bits packed"),
    pytest.param(palette_colour(words(257), 16, first=100, shift=100), id="numbers from 100"),
    pytest.param(palette_colour(words(257), 16, first=300, shift=300, kind=np.uint16), id="numbers of 16 bits"),
    pytest.param(FROM_BELOW, id="from -2"),
    pytest.param(
        FROM_BELOW.replace(b"SS\6\0\4\0\xfe\xff", b"US\6\0\4\0\xfe\xff"), id="from -2, not said to be negative"
    ),
    pytest.param(palette_colour(segments, 16, segmented=True), id="segments"),
]


@pytest.mark.parametrize("data", PALETTES)
def test_palettes_of_every_kind(data):
    assert same(decode(data).pixels, chart().astype(int), 2)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(palette_colour(lambda _: b"\2\0\1\0\0\0\0\0", 16, segmented=True), id="indirect"),
        pytest.param(palette_colour(lambda _: b"\1\0\1\0\0\0\0\0", 16, segmented=True), id="a line from nowhere"),
        pytest.param(palette_colour(lambda _: b"\0\0", 16, segmented=True), id="empty"),
    ],
)  # fmt: skip
def test_palettes_that_cannot_be_read(data):
    with pytest.raises(Refused) as refused:
        decode(data)
    assert refused.value.code == "dicom_unsupported"


def with_preamble(start, data):
    return start.ljust(128, b"\0") + data[128:]


@pytest.mark.parametrize(
    ("start", "found"),
    [
        pytest.param(b"II*\0\x08\0\0\0", {"preamble"}, id="tiff"),
        pytest.param(b"MM\0*\0\0\0\x08", {"preamble"}, id="tiff, big-endian"),
        pytest.param(b"\xff\xd8\xff\xe0\0\x10JFIF\0", {"preamble"}, id="jpeg"),
        pytest.param(b"MZ", {"preamble"}, id="program"),
        pytest.param(b"", set(), id="none"),
    ],
)
def test_a_second_head_before_the_data_set_changes_nothing_and_is_named(start, found):
    data = with_preamble(start, dicom(chart()))
    picture = decode(data)
    assert same(picture.pixels, chart().astype(int), 0)
    assert set(picture.found) == set(decode(dicom(chart())).found) | found


def test_a_file_that_is_a_tiff_too_names_what_that_holds():
    data = dicom(chart())
    at = len(data)
    directory = b"\2\0" + b"\x0f\1\2\0\4\0\0\0Make" + b"\x11\1\4\0\1\0\0\0\0\4\0\0" + bytes(4)
    both = with_preamble(b"II*\0" + at.to_bytes(4, "little"), data) + directory
    assert {"preamble", "preview", "camera"} <= set(decode(both).found)


def frames(*pixels, **more):
    whole = np.stack(pixels)
    return dicom(pixels[0], data=whole.tobytes(), NumberOfFrames=len(pixels), **more)


TURNED = np.ascontiguousarray(chart()[::-1])
FILM = frames(chart(), TURNED)
JPEGS = dicom(
    chart(),
    syntax="1.2.840.10008.1.2.4.50",
    data=encapsulate([encoded(chart(), "JPEG", quality=95), encoded(TURNED, "JPEG", quality=95)]),
    PhotometricInterpretation="YBR_FULL_422",
    NumberOfFrames=2,
)


@pytest.mark.parametrize("data", [FILM, JPEGS], ids=["native", "jpeg"])
def test_one_frame_of_several_is_chosen(data):
    assert count_frames(data) == 2
    assert same(decode(data, 1).pixels, chart().astype(int), 6)
    assert same(decode(data, 2).pixels, TURNED.astype(int), 6)


@pytest.mark.parametrize(
    ("data", "frame", "code"),
    [
        pytest.param(FILM, None, "multi_page", id="no choice"),
        pytest.param(FILM, 3, "no_such_frame", id="too high"),
        pytest.param(FILM, -1, "no_such_frame", id="negative"),
        pytest.param(dicom(chart()), 2, "no_such_frame", id="one frame"),
        pytest.param(dicom(chart(), NumberOfFrames=501), 1, "too_many_frames", id="too many"),
        pytest.param(
            frames(chart(), TURNED, SOPClassUID="1.2.840.10008.5.1.4.1.1.77.1.6"), 1, "slide", id="whole slide"
        ),
    ],
)
def test_frames_that_are_refused(data, frame, code):
    with pytest.raises(Refused) as refused:
        decode(data, frame)
    assert refused.value.code == code


def test_frames_that_are_no_number_are_not_counted():
    with pytest.raises(Refused) as refused:
        count_frames(dicom(chart(), NumberOfFrames=[2, 3]))
    assert refused.value.code == "dicom_unsupported"


def halved(pixels):
    """YBR_FULL_422: two lumas, then the chromas of both."""
    luma = np.asarray(Image.fromarray(pixels).convert("YCbCr"))
    return np.stack([luma[:, ::2, 0], luma[:, 1::2, 0], luma[:, ::2, 1], luma[:, ::2, 2]], axis=-1).tobytes()


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
            dicom((RAMP / 4).astype(np.uint8), BitsStored=6, HighBit=5),
            np.repeat(RAMP[..., None], 3, 2),
            id="6-bit grey",
        ),
        pytest.param(
            dicom(
                RAMP.astype(np.uint8),
                data=np.packbits(RAMP > 127, bitorder="little").tobytes(),
                BitsAllocated=1,
                BitsStored=1,
                HighBit=0,
            ),
            np.repeat(255 * (RAMP > 127)[..., None], 3, 2),
            id="1-bit grey",
        ),
        pytest.param(
            dicom(
                RAMP.astype(np.uint8),
                syntax="1.2.840.10008.1.2.4.50",
                data=encapsulate([encoded(RAMP.astype(np.uint8), "JPEG", quality=95)]),
                PhotometricInterpretation="MONOCHROME1",
            ),
            255 - np.repeat(RAMP[..., None], 3, 2),
            id="inverted grey jpeg inside",
        ),
        pytest.param(
            dicom(np.asarray(Image.fromarray(chart()).convert("YCbCr")), PhotometricInterpretation="YBR_FULL"),
            chart(),
            id="ybr",
        ),
        pytest.param(inside("4.50", encoded(chart(), "JPEG", quality=95), "YBR_FULL_422"), chart(), id="jpeg inside"),
        pytest.param(inside("4.50", rgb_jpeg(), "RGB"), chart(), id="rgb jpeg inside"),
        pytest.param(inside("4.50", encoded(chart(), "JPEG", quality=95), "RGB"), chart(), id="jpeg that is no rgb"),
        pytest.param(inside("4.90", jpeg_2000(), "YBR_RCT"), chart(), id="jpeg 2000, lossless"),
        pytest.param(inside("4.91", jpeg_2000(irreversible=True), "YBR_ICT"), chart(), id="jpeg 2000, lossy"),
        pytest.param(inside("4.90", jpeg_2000(mct=0), "RGB"), chart(), id="jpeg 2000, rgb"),
        pytest.param(inside("5", run_lengths(), "RGB"), chart(), id="run lengths"),
        pytest.param(dicom(chart(), syntax="1.2.840.10008.1.2"), chart(), id="implicit"),
        pytest.param(dicom(chart(), syntax="1.2.840.10008.1.2.1.99"), chart(), id="deflated"),
        pytest.param(dicom(chart(), SOPClassUID="1.2.840.10008.5.1.4.1.1.77.1.4"), chart(), id="vl photograph"),
        pytest.param(dicom(chart(), SOPClassUID="1.2.840.10008.5.1.4.1.1.77.1.7"), chart(), id="dermoscopy"),
        pytest.param(
            dicom(chart(), data=np.ascontiguousarray(chart().transpose(2, 0, 1)).tobytes(), PlanarConfiguration=1),
            chart(),
            id="planes",
        ),
        pytest.param(dicom(chart().astype(np.uint16) * 257), chart(), id="16-bit rgb"),
        pytest.param(dicom(chart().astype(np.uint16) * 16, BitsStored=12, HighBit=11), chart(), id="12-bit rgb"),
        pytest.param(
            dicom(chart(), data=halved(chart()), PhotometricInterpretation="YBR_FULL_422"), chart(), id="ybr, halved"
        ),
        pytest.param(
            dicom(RAMP.astype(">u2") * 257, syntax=BIG_ENDIAN), np.repeat(RAMP[..., None], 3, 2), id="big-endian grey"
        ),
    ],
)
def test_dicom_gives_its_pixels_and_nothing_else(data, expected):
    picture = decode(data)
    assert same(picture.pixels, expected.astype(int), 6)
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


def test_a_lossy_syntax_is_not_kept_as_png():
    lossless = [
        decode(inside(*row)).lossless for row in (("4.90", jpeg_2000(), "YBR_RCT"), ("4.91", jpeg_2000(), "YBR_ICT"))
    ]
    assert lossless == [True, False]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(dicom(chart()), id="as it is"),
        pytest.param(inside("4.50", encoded(chart(), "JPEG", quality=95), "YBR_FULL_422"), id="jpeg"),
        pytest.param(inside("4.90", jpeg_2000(), "YBR_RCT"), id="jpeg 2000"),
        pytest.param(inside("5", run_lengths(), "RGB"), id="run lengths"),
        pytest.param(palette_colour(words(1), 8), id="palette"),
    ],
)
def test_a_confined_child_has_every_decoder_already(data):
    """pydicom imports its decoders when it needs them; the child cannot open a file any more."""
    with Image.open(io.BytesIO(preview(data, masks=[], longest=64).data)) as shown:
        assert same(np.asarray(shown), chart(), 20)


FRAME = damages.photograph("JPEG2000", no_jp2=True)


@pytest.mark.parametrize(
    ("syntax", "frame", "meaning"),
    [
        pytest.param("4.90", damages.zeroed(FRAME, 0.5, 4096), "RGB", id="JPEG 2000, zeros"),
        pytest.param("4.90", damages.noisy(FRAME, 0.5, 4096), "RGB", id="JPEG 2000, noise"),
        pytest.param("4.50", damages.zeroed(damages.photograph(), 0.5, 4096), "YBR_FULL_422", id="JPEG"),
        pytest.param("4.50", damages.zeroed(damages.photograph(mode="L"), 0.5, 4096), "MONOCHROME1", id="grey JPEG"),
    ],
)
def test_a_damaged_frame_is_refused(syntax, frame, meaning):
    pixels = np.zeros((360, 480) if meaning == "MONOCHROME1" else (360, 480, 3), np.uint8)
    syntax = f"1.2.840.10008.1.2.{syntax}"
    data = dicom(pixels, syntax=syntax, data=encapsulate([frame]), PhotometricInterpretation=meaning)
    with pytest.raises(Refused) as refused:
        decode(data)
    assert refused.value.code == "damaged"
    assert "damaged" in decode(data, accept_damaged=True).warnings
