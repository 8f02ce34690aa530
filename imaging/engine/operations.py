"""Operations on one picture inside the sandbox child: decode once, detect, mask, encode."""

from __future__ import annotations

import io
import resource
import time
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import pillow_heif
import pydicom
from PIL import Image
from pydicom.encaps import encapsulate

from imaging.engine.comparison.register import register
from imaging.engine.container import count_frames
from imaging.engine.decode import Picture, decode
from imaging.engine.detect.find import Finder
from imaging.engine.detect.yunet import SIDE as LARGE_SIDE
from imaging.engine.limits import DISPLAY_SIDE, ENGINE_VERSION, PREVIEW_QUALITY, SMALL_SIDES
from imaging.engine.masking import paint, subset
from imaging.engine.output import encode
from imaging.engine.quality.checks import find_warnings
from imaging.engine.quality.picture_type import guess_type
from imaging.engine.quality.screen import shows_screen
from imaging.engine.sandbox import wire
from imaging.engine.types import Inspection, Mask, Options, Region, Rendition

Answer = tuple[wire.Head, list[bytes]]
_finder: Finder | None = None


def load_finder() -> Finder:
    """Return the detectors, loaded once per process. Raises DetectorMissing."""
    global _finder
    if _finder is None:
        _finder = Finder()
    return _finder


def warm_up() -> None:
    """Load everything and decode every format once, so that a confined child needs to open no file."""
    cv2.setNumThreads(1)
    load_finder()
    pixels = np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8)
    image = Image.fromarray(pixels)
    for name in ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "AVIF"):
        out = io.BytesIO()
        image.save(out, name)
        perform({"operation": "preview", "options": {}, "longest": 64, "masks": []}, out.getvalue())
    perform({"operation": "preview", "options": {}, "longest": 64, "masks": []}, _dicom(image))
    out = io.BytesIO()
    pillow_heif.from_pillow(image).save(out)
    head = {"operation": "deidentify", "options": {}}
    perform(head, out.getvalue())
    register(pixels, pixels)
    shows_screen(np.zeros((*SMALL_SIDES[::-1], 3), np.uint8))  # smaller pictures skip this check


def _dicom(image: Image.Image) -> bytes:
    """Build a DICOM file with JPEG 2000: pydicom looks for its decoders on first use."""
    frame, out = io.BytesIO(), io.BytesIO()
    image.save(frame, "JPEG2000", no_jp2=True)
    dataset = pydicom.Dataset()
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.JPEG2000
    dataset.SOPClassUID, dataset.SOPInstanceUID = pydicom.uid.SecondaryCaptureImageStorage, "1.2.3"
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = image.height, image.width, 3
    dataset.PhotometricInterpretation, dataset.PlanarConfiguration = "YBR_RCT", 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
    dataset.PixelData = encapsulate([frame.getvalue()])
    pydicom.dcmwrite(out, dataset, enforce_file_format=True)
    return out.getvalue()


def perform(head: wire.Head, data: bytes) -> Answer:
    """Perform the operation of one request and return its answer. Raises Refused."""
    began_cpu, began = time.process_time(), time.monotonic()
    operation, options = head["operation"], wire.load_options(head["options"])
    if operation == "count":
        return {"frames": count_frames(data)}, []
    # Two files come joined; of one, the first is all of it.
    picture = decode(data[: head.get("first", len(data))], options.frame, accept_damaged=options.accept_damaged)
    if operation == "compare":
        other = decode(data[head["first"] :], accept_damaged=options.accept_damaged)
        answer: Answer = {"comparison": wire.dump(register(picture.pixels, other.pixels))}, []
    elif operation == "inspect":
        answer = _inspect(picture, options)
    elif operation == "deidentify":
        answer = _deidentify(picture, options)
    else:
        answer = _render(picture, head, only_preview=operation == "preview")
    answer[0]["cost"] = {
        "cpu_seconds": time.process_time() - began_cpu,
        "wall_seconds": time.monotonic() - began,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    return answer


def _inspection(picture: Picture, options: Options) -> Inspection:
    height, width = picture.pixels.shape[:2]
    # one reduced copy for all detectors: reducing twelve megapixels costs 0.15 s each time
    large = encode.shrink(picture.pixels, LARGE_SIDE, roughly=True)
    guessed = guess_type(large)
    regions = load_finder().find(picture.pixels, options, large, guessed)
    return Inspection(
        width=width,
        height=height,
        source_format=picture.kind,
        lossless=picture.lossless,
        found=picture.found,
        regions=regions,
        preview=encode.encode_jpeg(encode.shrink(large, DISPLAY_SIDE), PREVIEW_QUALITY),
        warnings=(*picture.warnings, *find_warnings(picture, large, options.picture_type or guessed)),
        engine_version=ENGINE_VERSION,
        picture_type=guessed,
    )


def _inspect(picture: Picture, options: Options) -> Answer:
    inspection = _inspection(picture, options)
    return {"inspection": _row(inspection)}, [inspection.preview]


def _deidentify(picture: Picture, options: Options) -> Answer:
    inspection = _inspection(picture, options)
    masks = suggest_masks(inspection.regions, options)
    made = encode.make_renditions(paint.paint_masks(picture.pixels, masks), lossless=picture.lossless)
    head = {
        "inspection": _row(inspection),
        "masks": [wire.dump(item) for item in masks],
        "renditions": [wire.dump(item) for item in made],
    }
    return head, [inspection.preview, *(item.data for item in made)]


def _row(inspection: Inspection) -> dict[str, Any]:
    return {**wire.dump(inspection), "regions": [wire.dump(region) for region in inspection.regions]}


def suggest_masks(regions: Sequence[Region], options: Options) -> list[Mask]:
    """Return masks over every region: veils over faces, bars over eyes and text."""
    return [painted for region in regions if (painted := region.mask_for(options))]


def _render(picture: Picture, head: wire.Head, *, only_preview: bool) -> Answer:
    masks = [wire.load_mask(raw) for raw in head["masks"]]
    windows = [wire.load_mask(raw) for raw in head.get("windows", [])]
    masked = paint.paint_masks(picture.pixels, masks, windows, wire.load_crop(head.get("crop")))
    made: tuple[Rendition, ...]
    answer: wire.Head = {}
    if head.get("compare"):
        height, width = picture.pixels.shape[:2]
        after = subset.View(masked, masks, windows, wire.load_crop(head.get("crop")))
        before = subset.View(picture.pixels)
        answer["shows_no_more"] = subset.shows_no_more(before=before, after=after, height=height, width=width)
    if only_preview:
        made = (encode.make_rendition("preview", encode.shrink(masked, head["longest"])),)
    else:
        made = encode.make_renditions(masked, lossless=picture.lossless)
    return {**answer, "renditions": [wire.dump(item) for item in made]}, [item.data for item in made]
