"""Readers of XMP, IPTC and Photoshop resources that name kinds of metadata. Values are never kept.

Sources: ISO 16684-1 (XMP), IPTC-IIM 4.2, Adobe's Photoshop file format specification.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

XMP_KINDS = (
    ("gps", re.compile(rb"exif:GPS|GPSL(?:atitude|ongitude)|photoshop:City|Iptc4xmp(?:Core|Ext):Location", re.I)),
    ("time", re.compile(rb"CreateDate|ModifyDate|DateTimeOriginal|DateCreated|MetadataDate|stEvt:when", re.I)),
    ("camera", re.compile(rb"tiff:(?:Make|Model)", re.I)),
    ("lens", re.compile(rb"aux:Lens|exifEX:Lens", re.I)),
    ("serial", re.compile(rb"SerialNumber", re.I)),
    ("owner", re.compile(rb"dc:creator|dc:rights|OwnerName|photoshop:Credit|AuthorsPosition|CaptionWriter", re.I)),
    ("software", re.compile(rb"CreatorTool|softwareAgent|tiff:Software", re.I)),
    ("unique_id", re.compile(rb"xmpMM:(?:Original)?(?:DocumentID|InstanceID)|ImageUniqueID", re.I)),
    ("description", re.compile(rb"dc:(?:description|title|subject)|photoshop:Headline|RawFileName", re.I)),
    ("comment", re.compile(rb"exif:UserComment", re.I)),
    ("thumbnail", re.compile(rb"xmp:Thumbnails|xapGImg:image|xmpGImg:image", re.I)),
    ("auxiliary_picture", re.compile(rb"GImage:|GDepth:|DepthMap:", re.I)),
    ("gain_map", re.compile(rb"hdrgm:|HDRGainMap|HDRToneMap", re.I)),
    ("audio", re.compile(rb"GAudio:", re.I)),
    ("motion_video", re.compile(rb"Camera:(?:MotionPhoto|MicroVideo)(?:=[\"']|>)1|Semantic=.MotionPhoto", re.I)),
    ("faces", re.compile(rb"mwg-rs:|MPReg:|PersonDisplayName|PersonInImage", re.I)),
)  # fmt: skip

IPTC_KINDS = {
    "owner": (80, 85, 110, 115, 116, 118, 122),
    "time": (30, 35, 37, 47, 55, 60, 62, 63),
    "gps": (26, 27, 90, 92, 95, 100, 101),
    "description": (5, 15, 20, 25, 40, 105, 120),
    "software": (65, 70),
    "unique_id": (22, 103),
    "thumbnail": (202,),
}
IPTC, OLD_THUMBNAIL, THUMBNAIL, EXIF, XMP = 0x0404, 0x0409, 0x040C, 0x0422, 0x0424


def xmp_kinds(packet: bytes) -> set[str]:
    """Return the kinds in an XMP packet, always including "xmp"."""
    return {"xmp"} | {kind for kind, pattern in XMP_KINDS if pattern.search(packet)}


def iptc_kinds(block: bytes) -> set[str]:
    """Return the kinds in IPTC records, always including "iptc", up to the first broken record."""
    kinds, at = {"iptc"}, 0
    while at + 5 <= len(block) and block[at] == 0x1C:
        record, number, size = block[at + 1], block[at + 2], int.from_bytes(block[at + 3 : at + 5], "big")
        if record == 2:
            kinds |= {kind for kind, numbers in IPTC_KINDS.items() if number in numbers and size}
        at += 5 + size
    return kinds


def photoshop_kinds(block: bytes) -> set[str]:
    """Return the kinds in Photoshop's image resources, always including "photoshop"."""
    kinds = {"photoshop"}
    for number, body in _resources(block + bytes(8)):  # padded, so that a truncated one is named too
        if number == IPTC:
            kinds |= iptc_kinds(body)
        elif number in (OLD_THUMBNAIL, THUMBNAIL):
            kinds.add("thumbnail")
        elif number == XMP:
            kinds |= xmp_kinds(body)
        elif number == EXIF:
            kinds.add("exif")
    return kinds


def _resources(block: bytes) -> Iterator[tuple[int, bytes]]:
    at = block.find(b"8BIM")
    while at >= 0 and at + 12 <= len(block) and block[at : at + 4] in (b"8BIM", b"PHUT", b"MeSa", b"AgHg", b"DCSR"):
        number = int.from_bytes(block[at + 4 : at + 6], "big")
        at += 6 + (block[at + 6] + 2 & ~1)  # the name with its length byte, padded to an even size
        size = int.from_bytes(block[at : at + 4], "big")
        yield number, block[at + 4 : at + 4 + size]
        at += 4 + size + (size & 1)
