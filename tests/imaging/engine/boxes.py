"""ISO media boxes, as many as a HEIC needs to be walked. Source: ISO/IEC 14496-12, 23008-12."""

from __future__ import annotations


def box(kind, *bodies):
    body = b"".join(bodies)
    return (8 + len(body)).to_bytes(4, "big") + kind + body


FTYP = box(b"ftyp", b"heic\0\0\0\0heicmif1")
ISPE = box(b"ispe", bytes(4), (64).to_bytes(4, "big"), (48).to_bytes(4, "big"))


def heic(*properties, more=b"", outside=b""):
    """As much of a HEIC as is walked: a size, more properties, more in "meta", more behind it."""
    return FTYP + box(b"meta", bytes(4), more, box(b"iprp", box(b"ipco", ISPE, *properties))) + outside
