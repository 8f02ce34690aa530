"""Public operations of the engine: inspect, render, preview, deidentify. Runs in the caller, works in the sandbox.

Threat: an answer from the sandbox may be forged by a malicious file. Types are checked, and every rendition is
verified here, byte by byte, before anyone sees it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections.abc import Sequence

from imaging.engine.errors import Dirty, Refused
from imaging.engine.limits import MAX_FILE_BYTES, MAX_MASKS, MAX_POINTS
from imaging.engine.output.verify import verify
from imaging.engine.sandbox import wire
from imaging.engine.sandbox.client import sandbox
from imaging.engine.types import DEFAULT, Comparison, Crop, Inspection, Mask, Options, Rendition, Result


def inspect(data: bytes, *, options: Options = DEFAULT) -> Inspection:
    """Report the size of a picture, kinds of metadata, faces, eyes and text; with an unmasked preview.

    Raises Refused when the file is not accepted. Costs one to two CPU seconds at 12 megapixels.
    """
    head, blobs = _request("inspect", data, options)
    try:
        inspection = wire.load_inspection(head.get("inspection"), _single_blob(blobs), wire.load_cost(head.get("cost")))
    except wire.Malformed as error:
        raise Refused("decoder_died") from error
    _require_clean(inspection.preview)
    return inspection


def count_frames(data: bytes, *, options: Options = DEFAULT) -> int:
    """Return how many pictures a file holds of which one can be chosen (`Options.frame`), by its headers alone.

    1 for kinds that hold one, and for those whose pictures cannot be chosen. Raises Refused.
    """
    head, _blobs = _request("count", data, options)
    try:
        return wire.load_frames(head.get("frames"))
    except wire.Malformed as error:
        raise Refused("decoder_died") from error


def render(
    data: bytes,
    *,
    masks: Sequence[Mask],
    crop: Crop | None = None,
    windows: Sequence[Mask] = (),
    options: Options = DEFAULT,
) -> tuple[Rendition, ...]:
    """Encode full, display (<= 2048 px) and thumbnail (<= 480 px) from the masked pixels.

    masks, crop (x, y, width, height) and windows are px of the upright full-size picture. A window opens a
    veil over a lesion; it may not touch a bar and is bounded in size. Raises Refused.
    """
    return _renditions("render", data, options, masks, crop, windows, {})[0]


def cover_more(
    data: bytes,
    *,
    masks: Sequence[Mask],
    crop: Crop | None = None,
    windows: Sequence[Mask] = (),
    options: Options = DEFAULT,
) -> tuple[tuple[Rendition, ...], bool]:
    """Encode what `render` does, and tell whether it shows no pixel that `data` does not show as it is.

    The pixels are compared before they are encoded, so that no tolerance is needed. Raises Refused.
    """
    renditions, head = _renditions("render", data, options, masks, crop, windows, {"compare": True})
    return renditions, head.get("shows_no_more") is True


def preview(
    data: bytes,
    *,
    masks: Sequence[Mask],
    crop: Crop | None = None,
    windows: Sequence[Mask] = (),
    longest: int = 1600,
    options: Options = DEFAULT,
) -> Rendition:
    """Encode one masked JPEG for the review page, longest side at most `longest` px. Raises Refused."""
    return _renditions("preview", data, options, masks, crop, windows, {"longest": max(16, longest)})[0][0]


def compare(before: bytes, after: bytes, *, options: Options = DEFAULT) -> Comparison:
    """Measure how two pictures of one place differ in distance, angle, light and part shown. Raises Refused.

    Costs about half a CPU second at display size.
    """
    if not before or not after:
        raise Refused("empty")
    head, _blobs = _request("compare", before + after, options, first=len(before))
    try:
        return wire.load_comparison(head.get("comparison"))
    except wire.Malformed as error:
        raise Refused("decoder_died") from error


def deidentify(data: bytes, options: Options = DEFAULT) -> Result:
    """Inspect, mask every region and render, in one decode and without review. Raises Refused."""
    head, blobs = _request("deidentify", data, options)
    try:
        result = wire.load_result(head, blobs)
    except (wire.Malformed, IndexError) as error:
        raise Refused("decoder_died") from error
    _require_clean(result.inspection.preview)
    return dataclasses.replace(result, renditions=tuple(_checked(item) for item in result.renditions))


def _renditions(
    operation: str,
    data: bytes,
    options: Options,
    masks: Sequence[Mask],
    crop: Crop | None,
    windows: Sequence[Mask],
    extra: wire.Head,
) -> tuple[tuple[Rendition, ...], wire.Head]:
    for mask in (*masks, *windows):
        place = (mask.x, mask.y, mask.width, mask.height, mask.angle, mask.thickness)
        numbers = (*place, *(number for point in mask.points for number in point))
        if len(mask.points) > MAX_POINTS or not all(math.isfinite(number) and abs(number) < 1e6 for number in numbers):
            raise Refused("bad_mask")
    if len(masks) + len(windows) > MAX_MASKS:
        raise Refused("bad_mask")
    head, blobs = _request(
        operation,
        data,
        options,
        masks=[wire.dump(mask) for mask in masks],
        windows=[wire.dump(mask) for mask in windows],
        crop=crop,
        **extra,
    )
    try:
        renditions = wire.load_renditions(head, blobs)
    except wire.Malformed as error:
        raise Refused("decoder_died") from error
    return tuple(_checked(item) for item in renditions), head


def _request(operation: str, data: bytes, options: Options, **more: object) -> tuple[wire.Head, list[bytes]]:
    if not data:
        raise Refused("empty")
    if len(data) > MAX_FILE_BYTES:
        raise Refused("too_large_file")
    head: wire.Head = {"operation": operation, "options": wire.dump(options), **more}
    return sandbox.ask(head, data, options)


def _single_blob(blobs: Sequence[bytes]) -> bytes:
    if len(blobs) != 1:
        raise wire.Malformed("one blob")
    return blobs[0]


def _require_clean(data: bytes) -> None:
    try:
        verify(data)
    except Dirty as error:
        raise Refused("not_clean") from error


def _checked(rendition: Rendition) -> Rendition:
    """Verify the bytes and compute the digest here, outside the sandbox's influence."""
    _require_clean(rendition.data)
    return dataclasses.replace(rendition, sha256=hashlib.sha256(rendition.data).hexdigest())
