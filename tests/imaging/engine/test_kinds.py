"""Kinds of information in the packets that travel in files: phones, cameras, picture programs."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from imaging.engine import Refused
from imaging.engine.container import read, sniff
from imaging.engine.container.base import KINDS
from imaging.engine.container.exif import exif_kinds
from imaging.engine.container.packets import iptc_kinds, photoshop_kinds, xmp_kinds
from imaging.engine.decode import decode
from tests.imaging.engine import pictures
from tests.imaging.engine.pictures import chart, encoded, exif, noise, spliced, with_chunk

JPEG, PNG = encoded(chart(), "JPEG"), encoded(chart(), "PNG")
XMP_HEAD = b"http://ns.adobe.com/xap/1.0/\0"


@pytest.mark.parametrize(
    ("packet", "kinds"),
    [
        (b"", set()),
        (b"<exif:GPSLatitude>1,2N</exif:GPSLatitude>", {"gps"}),
        (b"photoshop:City='x'", {"gps"}),
        (b"Iptc4xmpExt:LocationCreated", {"gps"}),
        (b"xmp:CreateDate='2024'", {"time"}),
        (b"stEvt:when='2024'", {"time"}),
        (b"tiff:Make='x'", {"camera"}),
        (b"aux:Lens='x'", {"lens"}),
        (b"aux:SerialNumber='1'", {"serial"}),
        (b"<dc:creator>", {"owner"}),
        (b"<dc:rights>", {"owner"}),
        (b"xmp:CreatorTool='x'", {"software"}),
        (b"xmpMM:DocumentID='x'", {"unique_id"}),
        (b"<dc:title>", {"description"}),
        (b"exif:UserComment", {"comment"}),
        (b"<xmp:Thumbnails>", {"thumbnail"}),
        (b"GDepth:Data='x'", {"auxiliary_picture"}),
        (b"hdrgm:Version='1.0'", {"gain_map"}),
        (b"HDRGainMap:HDRGainMapVersion", {"gain_map"}),
        (b"GAudio:Data='x'", {"audio"}),
        (b"GCamera:MotionPhoto='1'", {"motion_video"}),
        (b"GCamera:MicroVideo='0'", set()),
        (b"Item:Semantic='MotionPhoto'", {"motion_video"}),
        (b"mwg-rs:Regions", {"faces"}),
    ],
)
def test_xmp(packet, kinds):
    assert xmp_kinds(packet) == {"xmp"} | kinds


def record(number, value=b"x", part=2):
    return bytes([0x1C, part, number]) + len(value).to_bytes(2, "big") + value


@pytest.mark.parametrize(
    ("block", "kinds"),
    [
        (b"", set()),
        (record(80), {"owner"}),
        (record(80, b""), set()),
        (record(80, part=1), set()),
        (record(90) + record(55), {"gps", "time"}),
        (record(120) + record(65), {"description", "software"}),
        (record(202) + record(103), {"thumbnail", "unique_id"}),
        (record(0, b"\0\2") + b"no record" + record(80), set()),
    ],
)
def test_iptc(block, kinds):
    assert iptc_kinds(block) == {"iptc"} | kinds


def resource(number, body, name=b""):
    padded = bytes([len(name)]) + name
    padded += b"\0" * (len(padded) % 2)
    return b"8BIM" + number.to_bytes(2, "big") + padded + len(body).to_bytes(4, "big") + body + b"\0" * (len(body) % 2)


RESOURCES = [
    (b"", set()),
    (resource(0x03ED, b"resolution"), set()),
    (resource(0x0404, record(80)), {"iptc", "owner"}),
    (resource(0x03ED, b"odd", b"named") + resource(0x040C, b"jfif"), {"thumbnail"}),
    (resource(0x0409, b"raw"), {"thumbnail"}),
    (resource(0x0424, b"<dc:creator>"), {"xmp", "owner"}),
    (resource(0x0422, b"MM"), {"exif"}),
    (b"8BIM\x04\x04", {"iptc"}),
]


@pytest.mark.parametrize(("block", "kinds"), RESOURCES)
def test_photoshop(block, kinds):
    assert photoshop_kinds(block) == {"photoshop"} | kinds


def test_photoshop_resources_may_be_cut_anywhere():
    """A thumbnail is larger than a JPEG segment: what follows it stands in the next one."""
    block = resource(0x040C, bytes(70_000)) + resource(0x0404, record(80))
    data = spliced(JPEG, 0xED, b"Photoshop 3.0\0" + block[60_000:])
    data = spliced(data, 0xED, b"Photoshop 3.0\0" + block[:60_000])
    assert read(data).found == {"photoshop", "thumbnail", "iptc", "owner"}


@pytest.mark.parametrize(
    ("marker", "body", "kinds"),
    [
        (0xE1, b"FLIR\0\1", {"auxiliary_picture"}),
        (0xE1, b"something of a maker's", {"maker_notes"}),
        (0xE2, b"urn:iso:std:iso:ts:21496:-1\0", {"gain_map"}),
        (0xE2, b"FPXR\0\0", {"preview"}),
        (0xE5, b"SamsungUniqueID\0x", {"unique_id"}),
        (0xE6, b"GoPro\0", {"gps"}),
        (0xEA, b"UNICODE\0", {"comment"}),
        (0xEB, b"HDR_RI ver=11", {"gain_map"}),
        (0xEC, b"Ducky\0\1", {"comment"}),
        (0xED, b"Adobe_CM", {"photoshop"}),
    ],
)
def test_segments_of_jpeg(marker, body, kinds):
    assert read(spliced(JPEG, marker, body)).found == kinds


SECOND = spliced(spliced(encoded(chart(32, 24), "JPEG"), 0xE1, XMP_HEAD + b"HDRGainMap"), 0xFE, b"note")


@pytest.mark.parametrize(
    ("tail", "kinds"),
    [
        pytest.param(SECOND, {"preview", "xmp", "gain_map", "comment"}, id="a second picture with its own xmp"),
        pytest.param(b"\0" * 300_000 + b"\0\0\0\x1cftypisom", {"motion_video"}, id="a video far behind"),
        pytest.param(b"\0\0\x01\x0aMotionPhoto_Data", {"motion_video"}, id="samsung motion photo"),
        pytest.param(b"\0\0\x01\x0aImage_UTC_Data1700000000000", {"time"}, id="samsung time"),
        pytest.param(b"\0\0\xa1\x0aMCC_Data262", {"gps"}, id="samsung country"),
        pytest.param(b"SoundShot_000", {"audio"}, id="samsung sound"),
        pytest.param(b"\xff\xd8\xff\xe1\x00", {"preview"}, id="a second picture cut short"),
        pytest.param(b"\xff\xd8\xff\xff\xd8\xff", {"trailing_data"}, id="no picture"),
    ],
)
def test_what_phones_hang_behind(tail, kinds):
    assert read(JPEG + tail).found == {"trailing_data"} | kinds


def test_a_two_eyed_camera_gives_its_first_picture():
    out = io.BytesIO()
    Image.fromarray(chart()).save(out, "MPO", save_all=True, append_images=[Image.fromarray(noise())])
    picture = decode(out.getvalue())
    assert {"mpf", "preview", "trailing_data"} <= set(picture.found)
    assert abs(picture.pixels[12, 16].astype(int) - (200, 30, 30)).max() <= 3


def ultra_hdr(second):
    """As Android writes it: a gain map of half the size behind the picture, XMP in both, an MPF index."""
    data = spliced(JPEG, 0xE2, b"MPF\0MM\0*")
    return spliced(data, 0xE1, XMP_HEAD + b"hdrgm:Version='1.0' Container:Directory") + second


def test_a_gain_map_is_named_and_left_behind():
    container = read(ultra_hdr(SECOND))
    assert {"gain_map", "mpf", "xmp", "preview"} <= container.found
    assert (decode(ultra_hdr(SECOND)).pixels == decode(JPEG).pixels).all()
    assert container.payload.count(b"\xff\xd8\xff") == 1


def directory(*entries, order="<", following=0):
    """One IFD of (tag, type, count, value as four bytes) at offset 8, with its TIFF head."""
    body = b"".join(struct.pack(order + "HHI", *entry[:3]) + entry[3] for entry in entries)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + body + struct.pack("<I", following)


def test_exif_directories():
    note = directory((0x927C, 7, 40, struct.pack("<I", 26))) + b"Maker\0" + b"\xff\xd8\xff\xdb" + bytes(40)
    assert exif_kinds(note)[0] == {"exif", "maker_notes", "preview"}
    blank = directory((0x9286, 7, 12, struct.pack("<I", 26))) + b"ASCII\0\0\0    " + bytes(8)
    assert exif_kinds(blank)[0] == {"exif"}
    bare = directory((0x0100, 3, 1, b"\1\0\0\0"), following=26) + struct.pack("<HHHII", 1, 0x0111, 4, 1, 8) + bytes(8)
    assert exif_kinds(bare)[0] == {"exif", "thumbnail"}


def pointed(tag, entries):
    """A directory that points to another one, of entries whose values fit into them."""
    sub = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHI", *e[:3]) + e[3] for e in entries) + bytes(4)
    return directory((tag, 4, 1, struct.pack("<I", 26))) + sub


@pytest.mark.parametrize(
    ("block", "kinds"),
    [
        (pointed(0x8825, [(0, 1, 4, b"\2\3\0\0")]), {"exif"}),
        (pointed(0x8825, [(0, 1, 4, b"\2\3\0\0"), (1, 2, 2, b"N\0\0\0")]), {"exif", "gps"}),
        (pointed(0xA005, [(1, 2, 4, b"R98\0")]), {"exif"}),
        (pointed(0x8769, [(0x9003, 2, 4, b"2024")]), {"exif", "time"}),
    ],
    ids=["gps version alone", "position", "interoperability", "time"],
)
def test_what_exif_points_to(block, kinds):
    assert exif_kinds(block)[0] == kinds


@pytest.mark.parametrize(
    ("entry", "orientation"),
    [
        ((0x0112, 3, 1, b"\6\0\0\0"), 6),
        ((0x0112, 3, 1, b"\x09\0\0\0"), 1),
        ((0x0112, 2, 2, b"6\0\0\0"), 1),
        ((0x0112, 1, 1, b"\6\0\0\0"), 6),
        ((0x0112, 4, 1, b"\6\0\0\0"), 6),
        ((0x0112, 6, 1, b"\6\0\0\0"), 6),
        ((0x0112, 8, 1, b"\6\0\0\0"), 6),
        ((0x0112, 9, 1, b"\6\0\0\0"), 6),
        ((0x0112, 8, 1, b"\xfa\xff\0\0"), 1),
        ((0x0112, 11, 1, b"\0\0\xc0\x40"), 1),
        ((0x0112, 3, 0, b"\6\0\0\0"), 1),
    ],
)
def test_an_orientation_is_a_number_from_one_to_eight(entry, orientation):
    assert exif_kinds(directory(entry))[1] == orientation


def test_packets_inside_exif_and_tiff_are_read():
    data = pictures.tiff(chart(), t700=XMP_HEAD + b"<dc:creator>", t34377=resource(0x0404, record(90)))
    assert read(data).found >= {"xmp", "owner", "photoshop", "iptc", "gps"}


def test_a_picture_inside_a_tiff_is_named():
    plain = encoded(chart(), "TIFF")
    inner = len(plain) + len(plain) % 2
    sub = struct.pack("<HHHII", 1, 0x0111, 4, 1, 8) + bytes(4)
    data = pictures.tiff(chart(), t330=0xABCD0123).replace(
        struct.pack("<I", 0xABCD0123), struct.pack("<I", inner + 100)
    )
    assert read(data.ljust(inner + 100, b"\0") + sub).found == {"preview"}


@pytest.mark.parametrize(
    ("keyword", "text", "kinds"),
    [
        (
            b"Raw profile type exif",
            b"\nexif\n8\n" + exif().hex().encode(),
            {"gps", "camera", "owner", "serial", "exif"},
        ),
        (b"Raw profile type APP1", b"\ngeneric\n8\n" + exif().hex().encode(), {"gps", "camera", "exif"}),
        (b"Raw profile type APP1", b"\ngeneric\n8\n" + (XMP_HEAD + b"<dc:creator>").hex().encode(), {"xmp", "owner"}),
        (b"Raw profile type xmp", b"\nxmp\n8\n" + b"<dc:creator>".hex().encode(), {"xmp", "owner"}),
        (b"Raw profile type iptc", b"\niptc\n8\n" + resource(0x0404, record(90)).hex().encode(), {"iptc", "gps"}),
        (b"Raw profile type exif", b"\nexif\n8\nno digits", {"exif"}),
        (b"Raw profile type icm", b"\nicm\n8\n00", set()),
        (b"date:create", b"2024-01-01", {"time"}),
        (b"exif:GPSLatitude", b"1/1", {"gps"}),
        (b"Copyright", b"x", {"owner"}),
        (b"Source", b"x", {"camera"}),
        (b"Thumb::URI", b"file:///home/x", {"preview"}),
    ],
)
def test_text_in_png(keyword, text, kinds):
    assert read(with_chunk(PNG, b"tEXt", keyword + b"\0" + text)).found >= {"text"} | kinds


@pytest.mark.parametrize("chunk", [b"iDOT", b"oFFs", b"sTER"])
def test_harmless_chunks_are_not_announced(chunk):
    assert read(with_chunk(PNG, chunk, bytes(9))).found == set()


@pytest.mark.parametrize(
    ("start", "code"),
    [
        (b"FUJIFILMCCD-RAW 0201", "raw"),
        (b"IIRO\x08\0\0\0", "raw"),
        (b"IIU\0\x18\0\0\0", "raw"),
        (b"FOVb\0\0\3\0", "raw"),
        (b"\0MRM\0\0\0\0", "raw"),
        (b"BM\x36\0\0\0", "unknown_format"),
        (b"8BPS\0\1", "unknown_format"),
        (b"\0\0\1\0\1\0", "unknown_format"),
    ],
)
def test_other_pictures_are_refused(start, code):
    with pytest.raises(Refused) as refused:
        sniff(start + bytes(64))
    assert refused.value.code == code


def test_canons_newest_raw_is_no_video():
    with pytest.raises(Refused) as refused:
        read(b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(40))
    assert refused.value.code == "raw"


def test_kinds_that_are_found_are_known_kinds():
    """What pages have words for: nothing may be found that cannot be said."""
    from imaging.engine.container import dicom, exif, jpeg, packets, png

    named = set(exif.KINDS.values()) | set(packets.IPTC_KINDS) | {kind for kind, _ in packets.XMP_KINDS}
    named |= {kind for *_, kind in jpeg.SEGMENTS} | {kind for kind, _ in jpeg.TRAILERS} | set(dicom.KINDS)
    named |= {kind for _, kind in png.KEYWORDS}
    assert named <= KINDS
