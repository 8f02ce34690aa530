"""Protocol between caller and sandbox: one JSON head and some blobs each way.

Threat: a child that has read a malicious file may be controlled by its sender. So never pickle, and check every
field: nothing in its answer is executed or trusted.
"""

from __future__ import annotations

import dataclasses
import json
import math
import struct
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from imaging.engine.limits import MAX_POINTS
from imaging.engine.types import (
    Asked,
    Comparison,
    Cost,
    Crop,
    Incomparable,
    Inspection,
    Mask,
    Options,
    PictureType,
    Point,
    Region,
    RegionKind,
    Rendition,
    RenditionName,
    Result,
    Shape,
    Style,
)

Head = dict[str, Any]
PREFIX = struct.Struct(">I")
MAX_HEAD_BYTES = 4 * 1024 * 1024
MAX_ANSWER_BYTES = 512 * 1024 * 1024


class Malformed(Exception):
    """A message that does not follow the protocol."""


def pack(head: Head, blobs: Sequence[bytes]) -> list[bytes]:
    """Return the parts to write one after the other, not joined, so that a 40 MB file is not copied again."""
    raw = json.dumps({"head": head, "blobs": [len(blob) for blob in blobs]}, allow_nan=False).encode()
    return [PREFIX.pack(len(raw)), raw, *blobs]


def head_size(prefix: bytes) -> int:
    """Return the length (bytes) of the JSON that follows. Raises Malformed."""
    size: int = PREFIX.unpack(prefix)[0]
    if size > MAX_HEAD_BYTES:
        raise Malformed("head")
    return size


def parse_head(raw: bytes) -> tuple[Head, list[int]]:
    """Return the head and the lengths of the blobs. Raises Malformed."""
    try:
        outer = json.loads(raw)
        head, sizes = outer["head"], outer["blobs"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Malformed("json") from error
    if not isinstance(head, dict) or not isinstance(sizes, list):
        raise Malformed("types")
    if not all(type(size) is int and size >= 0 for size in sizes) or sum(sizes) > MAX_ANSWER_BYTES:
        raise Malformed("blobs")
    return head, sizes


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Malformed("number")
    return float(value)


def _integer(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**40:
        raise Malformed("whole number")
    return value


def _string(value: Any, allowed: Sequence[str] = (), longest: int = 200) -> str:
    if not isinstance(value, str) or len(value) > longest or (allowed and value not in allowed):
        raise Malformed("word")
    return value


def _list(value: Any, longest: int = 10_000) -> Sequence[Any]:
    if not isinstance(value, list | tuple) or len(value) > longest:
        raise Malformed("list")
    return value


def dump(value: Any) -> Head:
    """Return a flat dataclass as a JSON object, without bytes and cost."""
    return {
        field.name: getattr(value, field.name)
        for field in dataclasses.fields(value)
        if not isinstance(getattr(value, field.name), bytes | Cost)
    }


def load_mask(raw: Mapping[str, Any]) -> Mask:
    """Parse a mask from its JSON object. Raises Malformed."""
    x, y, width, height, angle = (_number(raw.get(key)) for key in ("x", "y", "width", "height", "angle"))
    shape: Shape = _string(raw.get("shape"), get_args(Shape))  # type: ignore[assignment]
    style: Style = _string(raw.get("style"), get_args(Style))  # type: ignore[assignment]
    points = tuple(_point(value) for value in _list(raw.get("points"), MAX_POINTS))
    return Mask(shape, x, y, width, height, angle, style, points, _number(raw.get("thickness")))


def _point(value: Any) -> Point:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise Malformed("point")
    return _number(value[0]), _number(value[1])


def load_region(raw: Mapping[str, Any]) -> Region:
    """Parse a region from its JSON object. Raises Malformed."""
    kind: RegionKind = _string(raw.get("kind"), get_args(RegionKind))  # type: ignore[assignment]
    turned = None
    if raw.get("turned") is not None:
        a, b, c, d = (_number(value) for value in _four_values(raw["turned"]))
        turned = (a, b, c, d)
    x, y, width, height, score, angle = (
        _number(raw.get(key)) for key in ("x", "y", "width", "height", "score", "angle")
    )
    detector, note = _string(raw.get("detector")), _string(raw.get("note"))
    reason = raw.get("why_asked")
    why = None if reason is None else Asked(_string(reason, tuple(Asked)))
    return Region(kind, x, y, width, height, score, detector, angle, turned, note, why)


def _four_values(value: Any) -> Sequence[Any]:
    values = _list(value)
    if len(values) != 4:
        raise Malformed("four")
    return values


def load_crop(value: Any) -> Crop | None:
    """Parse a crop (x, y, width, height) or None. Raises Malformed."""
    if value is None:
        return None
    x, y, width, height = (_integer(number) for number in _four_values(value))
    return x, y, width, height


def load_options(raw: Mapping[str, Any]) -> Options:
    """Parse options as written by `dump`; only our own child reads them."""
    return Options(**raw)


def load_cost(raw: Any) -> Cost:
    """Parse CPU s, wall s and peak bytes. Raises Malformed."""
    if not isinstance(raw, dict):
        raise Malformed("cost")
    return Cost(_number(raw.get("cpu_seconds")), _number(raw.get("wall_seconds")), _integer(raw.get("peak_bytes")))


def load_inspection(raw: Any, preview: bytes, cost: Cost) -> Inspection:
    """Parse an inspection from its JSON object and the preview's bytes. Raises Malformed."""
    if not isinstance(raw, dict) or not isinstance(raw.get("lossless"), bool):
        raise Malformed("inspection")
    return Inspection(
        width=_integer(raw.get("width")),
        height=_integer(raw.get("height")),
        source_format=_string(raw.get("source_format")),
        lossless=raw["lossless"],
        found=tuple(_string(item) for item in _list(raw.get("found"))),
        regions=tuple(load_region(item) for item in _list(raw.get("regions")) if isinstance(item, dict)),
        preview=preview,
        warnings=tuple(_string(item) for item in _list(raw.get("warnings"))),
        engine_version=_string(raw.get("engine_version")),
        picture_type=_picture_type(raw.get("picture_type")),
        cost=cost,
    )


def _picture_type(value: Any) -> PictureType | None:
    return None if value is None else PictureType(_string(value, tuple(PictureType)))


def load_rendition(raw: Any, data: bytes) -> Rendition:
    """Parse a rendition from its JSON object and bytes; the caller checks the digest. Raises Malformed."""
    if not isinstance(raw, dict):
        raise Malformed("rendition")
    name: RenditionName = _string(raw.get("name"), get_args(RenditionName))  # type: ignore[assignment]
    content_type = _string(raw.get("content_type"), ("image/jpeg", "image/png"))
    width, height = _integer(raw.get("width")), _integer(raw.get("height"))
    return Rendition(name, data, content_type, width, height, _string(raw.get("sha256")))


def load_frames(raw: Any) -> int:
    """Parse the number of a file's pictures. Raises Malformed."""
    return _integer(raw)


def load_comparison(raw: Any) -> Comparison:
    """Parse a comparison of two pictures from its JSON object. Raises Malformed."""
    if not isinstance(raw, dict):
        raise Malformed("comparison")
    reason = raw.get("incomparable")
    why = None if reason is None else Incomparable(_string(reason, tuple(Incomparable)))
    scale, turn, tilt, overlap, lightness, red, yellow = (
        _number(raw.get(key)) for key in ("scale", "turn", "tilt", "overlap", "lightness", "red", "yellow")
    )
    return Comparison(why, scale, turn, tilt, overlap, lightness, red, yellow, _integer(raw.get("points")))


def load_result(head: Head, blobs: Sequence[bytes]) -> Result:
    """Parse an answer to "deidentify": preview first, then one blob per rendition. Raises Malformed."""
    inspection = load_inspection(head.get("inspection"), blobs[0], load_cost(head.get("cost")))
    masks = tuple(load_mask(item) for item in _list(head.get("masks")) if isinstance(item, dict))
    return Result(inspection, masks, load_renditions(head, blobs[1:]))


def load_renditions(head: Head, blobs: Sequence[bytes]) -> tuple[Rendition, ...]:
    """Parse the renditions of an answer. Raises Malformed when rows and blobs do not match."""
    rows = _list(head.get("renditions"))
    if len(rows) != len(blobs) or not rows:
        raise Malformed("renditions")
    return tuple(load_rendition(row, blob) for row, blob in zip(rows, blobs, strict=True))
