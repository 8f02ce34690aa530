"""What is found in a file, what is refused, and that the decoder gets nothing but pixels."""

from __future__ import annotations

import io
import zlib

import pytest
from PIL import Image

from imaging.engine import Refused
from imaging.engine.container import bmff, read, sniff
from imaging.engine.container.exif import walk
from tests.imaging.engine import pictures
from tests.imaging.engine.boxes import FTYP, box, heic
from tests.imaging.engine.pictures import SECRET, chart, encoded, exif, noise, spliced, with_chunk

# ruff: noqa: E501 - the tables are read across
ALL_EXIF = {"gps", "camera", "owner", "software", "time", "serial", "maker_notes", "comment", "exif"}
JPEG, PNG, WEBP = (encoded(chart(), kind) for kind in ("JPEG", "PNG", "WEBP"))
XMP = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta exif:GPSLatitude='1' dc:creator='x' xmp:CreateDate='2024'/>"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (JPEG, "jpeg"),
        (PNG, "png"),
        (WEBP, "webp"),
        (encoded(chart(), "GIF"), "gif"),
        (encoded(chart(), "TIFF"), "tiff"),
        (encoded(chart(), "AVIF"), "bmff"),
        (encoded(chart(), "HEIF"), "bmff"),
    ],
)
def test_a_kind_is_known_by_its_bytes(data, kind):
    assert sniff(data) == kind


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"x", "unknown_format"),
        (b"plain text that is no picture", "unknown_format"),
        (b"%PDF-1.7\n", "pdf"),
        (b"%!PS-Adobe", "postscript"),
        (b"\xef\xbb\xbf <svg xmlns='x'>", "svg"),
        (b"<?xml version='1.0'?><svg/>", "svg"),
        (b"RIFF\0\0\0\0AVI LIST", "video"),
        (b"OggS\0\0", "video"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "video"),
        (b"\0\0\0\x14ftypwhat\0\0\0\0what", "unknown_format"),
        (b"\0\0\0\x14ftypavis\0\0\0\0avis", "animated"),
        (b"\0\0\0\x14ftypheic\0\0\0\0heic", "broken"),
        (JPEG[:200], "broken"),
        (b"\xff\xd8\xff\xd9", "broken"),
        (b"\xff\xd8\xff\xe0\x00\x01", "broken"),
        (b"\xff\xd8\xff\xc0\x00\x04\x08\x00", "broken"),
        (JPEG.replace(b"\xff\xc0\x00\x11\x08", b"\xff\xc0\x00\x11\x0c"), "bit_depth"),
        (JPEG.replace(b"\xff\xc0\x00\x11", b"\xff\xc3\x00\x11"), "bit_depth"),
        (JPEG.replace(b"\xff\xc0\x00\x11\x08\x00\x30\x00\x40", b"\xff\xc0\x00\x11\x08\xff\xff\xff\xff"), "too_large"),
        (JPEG.replace(b"\xff\xc0\x00\x11\x08\x00\x30\x00\x40", b"\xff\xc0\x00\x11\x08\x00\x30\x00\x00"), "broken"),
        (PNG[:-6], "broken"),
        (PNG[:8] + pictures.chunk(b"IEND", b""), "broken"),
        (with_chunk(PNG, b"acTL", b"\0\0\0\x02\0\0\0\0"), "animated"),
        (with_chunk(PNG, b"zTXt", b"a\0\0" + zlib.compress(bytes(9 << 20))), "text_too_large"),
        (with_chunk(PNG, b"iTXt", b"a\0\1\0\0\0" + zlib.compress(bytes(9 << 20))), "text_too_large"),
        (with_chunk(PNG, b"iCCP", b"a\0\0" + zlib.compress(bytes(2 << 20))), "profile_too_large"),
        (WEBP[:40], "broken"),
        (b"RIFF\x04\0\0\0WEBP", "broken"),
        (b"RIFF\x10\0\0\0WEBPVP8 \xff\0\0\0", "broken"),
        (b"RIFF\x14\0\0\0WEBPVP8 \xff\0\0\0abcdefgh", "broken"),
        (encoded(chart(), "GIF")[:-4], "broken"),
        (b"GIF89a", "broken"),
        (b"GIF89a\x01\0\x01\0\0\0\0;", "broken"),
        (b"GIF89a\x01\0\x01\0\0\0\0,", "broken"),
        (b"GIF89a\x01\0\x01\0\0\0\0\x77", "broken"),
        (b"II*\0\x08\0\0\0\0\0\0\0\0\0\0\0", "broken"),
        (b"II*\0\xff\xff\0\0" + bytes(16), "broken"),
    ],
)
def test_refused_with_its_reason(data, code):
    with pytest.raises(Refused) as refused:
        read(data)
    assert refused.value.code == code
    assert refused.value.sentence.endswith(".")


def _frames(kind, **more):
    out = io.BytesIO()
    first, second = (Image.fromarray(noise(seed=seed)) for seed in (1, 2))
    first.save(out, kind, save_all=True, append_images=[second], **more)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "code"), [("GIF", "animated"), ("WEBP", "animated"), ("PNG", "animated"), ("TIFF", "multi_page")]
)
def test_several_frames_are_refused_never_cut_to_the_first(kind, code):
    with pytest.raises(Refused) as refused:
        read(_frames(kind))
    assert refused.value.code == code


def test_a_jpeg_of_very_many_scans_is_refused():
    progressive = encoded(chart(), "JPEG", progressive=True)
    scan = progressive[progressive.rindex(b"\xff\xda") : -2]
    assert read(progressive).width == 64
    with pytest.raises(Refused) as refused:
        read(progressive[:-2] + scan * 120 + b"\xff\xd9")
    assert refused.value.code == "too_many_scans"


def test_a_jpeg_profile_in_many_parts_is_bounded():
    data = JPEG
    for number in range(1, 20):
        data = spliced(data, 0xE2, b"ICC_PROFILE\0" + bytes([number, 19]) + bytes(65000))
    with pytest.raises(Refused) as refused:
        read(data)
    assert refused.value.code == "profile_too_large"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        pytest.param(JPEG, set(), id="bare jpeg"),
        pytest.param(PNG, set(), id="bare png"),
        pytest.param(WEBP, set(), id="bare webp"),
        pytest.param(encoded(chart(), "GIF"), set(), id="bare gif"),
        pytest.param(encoded(chart(), "TIFF"), set(), id="bare tiff"),
        pytest.param(
            encoded(chart(), "JPEG", exif=exif(thumbnail=True)),
            {"gps", "camera", "owner", "software", "time", "serial", "maker_notes", "comment", "thumbnail", "exif"},
            id="jpeg exif",
        ),
        pytest.param(spliced(JPEG, 0xE1, XMP), {"xmp", "gps", "owner", "time"}, id="jpeg xmp"),
        pytest.param(spliced(JPEG, 0xFE, SECRET.encode()), {"comment"}, id="jpeg comment"),
        pytest.param(spliced(JPEG, 0xE2, b"MPF\0MM"), {"mpf"}, id="jpeg mpf"),
        pytest.param(spliced(JPEG, 0xEB, b"JP\0\1"), {"c2pa"}, id="jpeg c2pa"),
        pytest.param(spliced(JPEG, 0xED, b"Photoshop 3.0\x008BIM\x04\x04"), {"iptc", "photoshop"}, id="jpeg iptc"),
        pytest.param(spliced(JPEG, 0xED, b"Photoshop 3.0\0"), {"photoshop"}, id="jpeg photoshop"),
        pytest.param(spliced(JPEG, 0xE0, b"JFXX\0\x10"), {"thumbnail"}, id="jfxx"),
        pytest.param(spliced(JPEG, 0xE0, b"JFIF\0\1\1\0\0\1\0\1\1\1abc"), {"thumbnail"}, id="jfif thumbnail"),
        pytest.param(spliced(JPEG, 0xE5, b"ours"), {"maker_notes"}, id="jpeg app5"),
        pytest.param(spliced(JPEG, 0xF3, b"ours"), {"trailing_data"}, id="jpeg odd segment"),
        pytest.param(encoded(chart(), "JPEG", icc_profile=b"p" * 200), {"colour_profile"}, id="jpeg profile"),
        pytest.param(JPEG + b"\0\0\0", set(), id="jpeg padded"),
        pytest.param(JPEG + b"secret", {"trailing_data"}, id="jpeg tail"),
        pytest.param(JPEG + JPEG, {"trailing_data", "preview"}, id="jpeg in the tail"),
        pytest.param(JPEG + b"\0\0\0\x18ftypmp42", {"trailing_data", "motion_video"}, id="motion photo"),
        pytest.param(with_chunk(PNG, b"eXIf", exif()[6:]), ALL_EXIF, id="png exif"),
        pytest.param(with_chunk(PNG, b"tIME", bytes(7)), {"time"}, id="png time"),
        pytest.param(with_chunk(PNG, b"tEXt", b"Author\0x"), {"text", "owner"}, id="png author"),
        pytest.param(with_chunk(PNG, b"zTXt", b"Comment\0\0" + zlib.compress(b"x")), {"text", "comment"}, id="png ztxt"),
        pytest.param(with_chunk(PNG, b"zTXt", b"Comment\0\0broken"), {"text", "comment"}, id="png broken ztxt"),
        pytest.param(with_chunk(PNG, b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP), {"text", "xmp", "gps", "owner", "time"}, id="png xmp"),
        pytest.param(with_chunk(PNG, b"tEXt", b"Creation Time\0x"), {"text", "time"}, id="png creation time"),
        pytest.param(with_chunk(PNG, b"caBX", b"x"), {"c2pa"}, id="png c2pa"),
        pytest.param(with_chunk(PNG, b"prVt", b"x"), {"text"}, id="png private"),
        pytest.param(with_chunk(PNG, b"fcTL", b"x"), {"trailing_data"}, id="png frame control"),
        pytest.param(with_chunk(PNG, b"acTL", b"\0\0\0\1\0\0\0\0"), set(), id="png one frame"),
        pytest.param(with_chunk(PNG, b"pHYs", bytes(9)), set(), id="png resolution"),
        pytest.param(PNG + b"PK\3\4", {"trailing_data"}, id="png tail"),
        pytest.param(encoded(chart(), "WEBP", exif=exif()), ALL_EXIF, id="webp exif"),
        pytest.param(encoded(chart(), "WEBP", xmp=XMP), {"xmp", "gps", "owner", "time"}, id="webp xmp"),
        pytest.param(encoded(chart(), "WEBP", icc_profile=b"p" * 200), {"colour_profile"}, id="webp profile"),
        pytest.param(WEBP + b"tail", {"trailing_data"}, id="webp tail"),
        pytest.param(encoded(chart(), "GIF", comment=SECRET.encode()), {"comment"}, id="gif comment"),
        pytest.param(encoded(chart(), "GIF") + b"tail", {"trailing_data"}, id="gif tail"),
        pytest.param(pictures.tiff(chart(), t315=SECRET, t305="s", t306="2024:01:01 00:00:00"), {"owner", "software", "time"}, id="tiff tags"),
        pytest.param(pictures.tiff(chart(), t40000="mine"), {"exif"}, id="tiff private tag"),
        pytest.param(encoded(chart(), "HEIF", exif=exif()), ALL_EXIF, id="heic exif"),
        pytest.param(encoded(chart(), "HEIF", xmp=XMP), {"xmp", "gps", "owner", "time"}, id="heic xmp"),
        pytest.param(encoded(chart(), "AVIF", exif=exif()), ALL_EXIF, id="avif exif"),
    ],
)  # fmt: skip
def test_what_is_found_is_named_by_kind(data, found):
    assert read(data).found == found


@pytest.mark.parametrize(
    "data",
    [
        encoded(chart(), "JPEG", exif=exif(), comment=SECRET.encode()),
        with_chunk(PNG, b"tEXt", b"Author\0" + SECRET.encode()),
        encoded(chart(), "WEBP", exif=exif(), xmp=SECRET.encode()),
    ],
    ids=["jpeg", "png", "webp"],
)
def test_the_decoder_is_not_given_what_rides_along(data):
    assert SECRET.encode() in data
    assert SECRET.encode() not in read(data).payload


@pytest.mark.parametrize("block", [b"", b"II*\0", b"MM\0*" + b"\xff" * 40, b"II*\0\x08\0\0\0" + b"\xff" * 40])
def test_broken_exif_is_no_reason_to_stop(block):
    assert walk(block).orientation == 1


def test_exif_that_points_at_itself_ends():
    loop = b"II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\x08\0\0\0"
    assert len(walk(loop).directories) == 1


def item(kind, *, version=2):
    wide = 2 if version == 2 else 4
    entry = box(b"infe", bytes([version, 0, 0, 0]), (7).to_bytes(wide, "big"), b"\0\0", kind, b"\0")
    return box(b"iinf", bytes([0, 0, 0, 0, 0, 1]), entry)


def location(start, length, *, version=0, method=0):
    wide = 2 if version < 2 else 4
    body = bytes([version, 0, 0, 0, 0x44, 0x00]) + (1).to_bytes(wide, "big") + (7).to_bytes(wide, "big")
    body += method.to_bytes(2, "big") if version else b""
    return box(b"iloc", body, b"\0\0", b"\0\1", start.to_bytes(4, "big"), length.to_bytes(4, "big"))


@pytest.mark.parametrize(
    ("data", "found"),
    [
        pytest.param(heic(), set(), id="bare"),
        pytest.param(heic(outside=box(b"uuid", b"x")), {"trailing_data"}, id="uuid"),
        pytest.param(heic(outside=box(b"uuid", bmff.C2PA_UUID)), {"c2pa"}, id="c2pa uuid"),
        pytest.param(heic(outside=box(b"uuid", bmff.XMP_UUID, b"<dc:creator>")), {"xmp", "owner"}, id="xmp uuid"),
        pytest.param(heic(outside=box(b"jumb", b"x")), {"c2pa"}, id="jumbf"),
        pytest.param(heic(outside=box(b"free", bytes(9))), set(), id="free"),
        pytest.param(heic(outside=box(b"free", b"hidden")), {"trailing_data"}, id="free and full"),
        pytest.param(
            heic(box(b"auxC", b"urn:com:apple:photo:2020:aux:hdrgainmap\0")), {"gain_map"}, id="apple gain map"
        ),
        pytest.param(heic(box(b"auxC", b"urn:mpeg:hevc:2015:auxid:1\0")), set(), id="alpha"),
        pytest.param(heic(more=box(b"hdlr", bytes(24))), set(), id="handler"),
        pytest.param(heic(more=box(b"iinf", bytes(6), box(b"what", bytes(12)))), set(), id="unknown entry"),
        pytest.param(heic(more=box(b"iprp", box(b"what"))), set(), id="unknown properties"),
        pytest.param(heic(more=box(b"grpl", box(b"altr", b""))), set(), id="alternatives"),
        pytest.param(heic(outside=box(b"moov", b"")), {"motion_video"}, id="moov"),
        pytest.param(heic(outside=box(b"mpvd", b"")), {"motion_video"}, id="mpvd"),
        pytest.param(heic(outside=box(b"what", b"")), {"trailing_data"}, id="unknown box"),
        pytest.param(heic(outside=b"\0\0\0\1free" + (16).to_bytes(8, "big")), set(), id="wide size"),
        pytest.param(heic(outside=b"\0\0\0\0mdat123"), set(), id="size to the end"),
        pytest.param(heic(box(b"colr", b"prof", bytes(20))), {"colour_profile"}, id="profile"),
        pytest.param(heic(box(b"colr", b"nclx", bytes(7))), set(), id="coded colours"),
        pytest.param(heic(more=box(b"iref", bytes(4), box(b"thmb", bytes(6)))), {"thumbnail"}, id="thumbnail"),
        pytest.param(heic(more=box(b"iref", bytes(4), box(b"auxl", bytes(6)))), {"auxiliary_picture"}, id="auxiliary"),
        pytest.param(heic(more=box(b"iref", bytes(4), box(b"dimg", bytes(6)))), set(), id="tiles"),
        pytest.param(heic(more=item(b"tmap")), {"gain_map"}, id="gain map"),
        pytest.param(heic(more=item(b"hvc1", version=3)), set(), id="wide item number"),
        pytest.param(heic(more=item(b"mime") + location(0, 8)), {"xmp"}, id="xmp item"),
        pytest.param(heic(more=item(b"mime") + location(0, 8, version=1, method=1)), {"xmp"}, id="xmp item elsewhere"),
        pytest.param(heic(more=item(b"Exif") + location(0, 0)), {"exif"}, id="empty exif item"),
    ],
)
def test_boxes_of_heic(data, found):
    container = read(data)
    assert container.found == found
    assert (container.width, container.height) == (64, 48)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(heic(outside=b"\0\0\0\4mdat"), "broken", id="box smaller than its head"),
        pytest.param(heic(outside=b"\0\0\1\0mdat"), "broken", id="box beyond the end"),
        pytest.param(heic(more=box(b"iloc", b"")), "broken", id="no location"),
        pytest.param(heic(more=box(b"grpl", box(b"pymd", b""))), "multi_page", id="pyramid of sizes"),
        pytest.param(heic(box(b"colr", b"prof", bytes(2 << 20))), "profile_too_large", id="profile"),
        pytest.param(FTYP + box(b"meta", bytes(4)), "broken", id="no size"),
    ],
)
def test_boxes_that_are_refused(data, code):
    with pytest.raises(Refused) as refused:
        read(data)
    assert refused.value.code == code


def test_a_mirrored_heic_is_turned_by_its_container_only():
    turned = [
        read(heic(box(b"imir", b"\0"), more=item(b"Exif"))),
        read(heic(box(b"irot", b"\1"))),
        read(heic(box(b"irot", b"\0"))),
    ]
    assert [container.orientation for container in turned] == [1, 1, 1]


def test_the_decoder_is_not_promised_a_gain_map():
    """A recipe that it does not know would keep it from the picture, which needs none."""
    data = FTYP.replace(b"heicmif1", b"tmapmif1") + heic()[len(FTYP) :] + box(b"free", b"tmap")
    assert read(data).payload == data.replace(b"tmapmif1", b"mif1mif1")


@pytest.mark.parametrize(
    ("extension", "found"),
    [
        (b"!\xff\x0bXMP DataXMP\x03exi\0", {"xmp"}),
        (b"!\xff\x0bMYCOMPANY10\0", {"text"}),
        (b"!\xff\x0bNETSCAPE2.0\x03\1\0\0\0", set()),
        (b"!\x01\x02hi\0", {"text"}),
        (b"!\xf9\x04\0\0\0\0\0", set()),
    ],
)
def test_extensions_of_gif(extension, found):
    gif = encoded(chart(), "GIF")
    at = 13 + (3 << ((gif[10] & 7) + 1))
    assert read(gif[:at] + extension + gif[at:]).found == found


def test_a_tiff_thumbnail_is_dropped_and_said():
    out = io.BytesIO()
    small = Image.fromarray(chart(32, 24))
    small.encoderinfo = {"tiffinfo": {254: 1}}
    Image.fromarray(chart()).save(out, "TIFF", save_all=True, append_images=[small])
    assert read(out.getvalue()).found == {"thumbnail"}


def test_a_tiff_profile_is_kept_for_its_colours():
    container = read(encoded(chart(), "TIFF", icc_profile=b"p" * 200))
    assert (container.profile, container.found) == (b"p" * 200, {"colour_profile"})


def test_stray_bytes_between_jpeg_segments_are_skipped_and_dropped():
    data = JPEG[:20] + b"\0secret\xff\xff" + JPEG[21:]
    assert b"secret" not in read(data).payload


@pytest.mark.parametrize(
    "data", [JPEG[:20] + b"no marker any more", JPEG[:20] + b"\xff\xe1\x00\x01", JPEG[:20] + b"\xff\xe1\xff\xffshort"]
)
def test_jpeg_segments_that_lie_about_their_length(data):
    with pytest.raises(Refused):
        read(data)


def test_a_jpeg_scan_may_hold_fill_bytes_and_restarts():
    data = encoded(pictures.noise(), "JPEG", restart_marker_blocks=2)
    assert read(data).payload.count(b"\xff\xd0") >= 1
    assert read(data[:-2] + b"\xff\xff\xd9").width == 64


@pytest.mark.parametrize(
    "data",
    [b"RIFF\xff\xff\0\0WEBPVP8 ", WEBP[:12] + b"VP8X\x02\0\0\0\0\0", WEBP[:12] + b"VP8L\x02\0\0\0\0\0"],
    ids=["longer than the file", "short header", "short picture"],
)
def test_webp_that_lies(data):
    with pytest.raises(Refused) as refused:
        read(data[:4] + (len(data) - 8).to_bytes(4, "little") + data[8:] if b"\xff\xff" not in data[:8] else data)
    assert refused.value.code == "broken"


def test_webp_odd_chunks_are_named():
    extra = WEBP + b"C2PA\x02\0\0\0ab" + b"WHAT\x02\0\0\0ab"
    data = extra[:4] + (len(extra) - 8).to_bytes(4, "little") + extra[8:]
    assert read(data).found == {"c2pa", "text"}
