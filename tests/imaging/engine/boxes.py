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


def children(data, at, end):
    """(type, first byte, start of the body, end) of each box."""
    while at < end:
        size = int.from_bytes(data[at : at + 4], "big") or end - at
        yield data[at + 4 : at + 8], at, at + 8, at + size
        at += size


def retransformed(data, *properties):
    """A HEIC or AVIF with these properties on its main item, in this order, after those that it has.

    Its boxes are written anew behind the pixels, whose places stay as they are.
    """
    ((_, first, start, end),) = [row for row in children(data, 0, len(data)) if row[0] == b"meta"]
    parts = {kind: data[here:stop] for kind, here, _, stop in children(data, start + 4, end)}
    main = parts[b"pitm"][12:14]
    inner = {kind: data[body:stop] for kind, _, body, stop in children(parts[b"iprp"], 8, len(parts[b"iprp"]))}
    whole = {
        kind: parts[b"iprp"][body:stop] for kind, _, body, stop in children(parts[b"iprp"], 8, len(parts[b"iprp"]))
    }
    inner |= whole
    known = len(list(children(inner[b"ipco"], 0, len(inner[b"ipco"]))))
    numbers = bytes(0x80 | (known + place) for place in range(1, len(properties) + 1))
    ipma = inner[b"ipma"]
    at = ipma.index(main, 8)
    count = ipma[at + 2]
    ipma = (
        ipma[: at + 2]
        + bytes([count + len(properties)])
        + ipma[at + 3 : at + 3 + count]
        + numbers
        + ipma[at + 3 + count :]
    )
    parts[b"iprp"] = box(b"iprp", box(b"ipco", inner[b"ipco"], *properties), box(b"ipma", ipma))
    meta = box(b"meta", data[start : start + 4], *parts.values())
    return data[:first] + box(b"free", bytes(end - start)) + data[end:] + meta


def aperture(width, height, right, down):
    """A clean aperture: size, and offset of its centre in halves of a pixel."""
    numbers = (width, 1, height, 1, right, 2, down, 2)
    return box(b"clap", *((number % 2**32).to_bytes(4, "big") for number in numbers))
