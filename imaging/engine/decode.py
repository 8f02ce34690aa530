"""Decoding of a file to upright 8-bit sRGB pixels. Runs inside the sandbox only."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pillow_heif
from PIL import (
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    Jpeg2KImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from imaging.engine import channels
from imaging.engine.colour import coded, convert
from imaging.engine.container import read
from imaging.engine.container.base import Aperture, Container, Samples, check_size
from imaging.engine.damage import dead, find, jpeg
from imaging.engine.errors import Refused

ORIENTATION = 0x0112
UNKNOWN_LAYOUT = frozenset(("unknown pixel mode", "unknown data organization"))
"""Pillow's words for a TIFF that it does not know how to read, as opposed to one that is broken."""
Pixels = npt.NDArray[np.uint8]

ImageFile.LOAD_TRUNCATED_IMAGES = False
Image.MAX_IMAGE_PIXELS = None  # the container reader has checked the size already
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
pillow_heif.options.DECODE_THREADS = 1

OPENERS: dict[str, Callable[[io.BytesIO], Image.Image]] = {
    "png": PngImagePlugin.PngImageFile,
    "gif": GifImagePlugin.GifImageFile,
    "webp": WebPImagePlugin.WebPImageFile,
    "tiff": TiffImagePlugin.TiffImageFile,
    "jp2": Jpeg2KImagePlugin.Jpeg2KImageFile,
    "avif": AvifImagePlugin.AvifImageFile,
}
JPEG_MODES = {1: "L", 3: "RGB", 4: "CMYK"}
DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    OverflowError,
    RuntimeError,
    AttributeError,
    struct.error,
    zlib.error,
    UnidentifiedImageError,
    Image.DecompressionBombError,
)
"""Errors that Pillow and libheif raise for broken files; any other ends the child, which is a refusal too."""

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Picture:
    """Upright pixels (H×W×3 uint8 sRGB, read-only) and facts about their file."""

    pixels: Pixels
    kind: str
    lossless: bool
    found: tuple[str, ...]
    warnings: tuple[str, ...]


def decode(data: bytes, frame: int | None = None, *, accept_damaged: bool = False) -> Picture:
    """Decode a whole file, or the frame (from 1) that was chosen of several.

    Raises Refused, for a damaged part too, which accept_damaged turns into a warning.
    """
    container = read(data, frame)
    warnings: list[str] = []
    try:
        container.damaged = container.damaged or find.is_damaged(container)
        if container.damaged and not accept_damaged:
            raise Refused("damaged")
        image = _open(container)
        check_size(*image.size)
        image.load()
        container.damaged = container.damaged or dead.has_dead_end(image)
        if container.damaged and not accept_damaged:
            raise Refused("damaged")
        flat = _flatten(_turn(image, container), _find_profile(container, warnings), warnings)
    except DECODER_ERRORS as error:
        raise Refused("broken") from error
    if container.damaged:
        warnings.append("damaged")
    pixels = np.asarray(flat)
    pixels.setflags(write=False)
    return Picture(pixels, container.kind, container.lossless, tuple(sorted(container.found)), tuple(warnings))


def _open(container: Container) -> Image.Image:
    if container.raw_mode:
        return Image.frombytes(container.raw_mode, (container.width, container.height), container.payload)
    file = io.BytesIO(container.payload)
    if container.kind == "heic":
        return _open_heif(file, container)
    if container.kind == "jpeg":
        levels, damaged = jpeg.decode(container)
        container.damaged |= damaged
        return Image.fromarray(levels[..., 0] if levels.shape[2] == 1 else levels, JPEG_MODES[levels.shape[2]])
    if container.samples is not None:
        return _join_samples(container.samples)
    try:
        image = OPENERS[container.kind](file)
    except SyntaxError as error:
        raise Refused("tiff_unsupported" if str(error) in UNKNOWN_LAYOUT else "broken") from error
    if container.channels is not None:
        image.load()
        return channels.join(image, container.channels)
    if container.kind == "tiff":
        image.info.pop("xmp", None)  # Pillow turns by XMP too, and fails where that is text
        image.getexif()[ORIENTATION] = 1  # else Pillow turns it, and it would be turned twice
    container.profile = container.profile or image.info.get("icc_profile")
    return image


def _turn(image: Image.Image, container: Container) -> Image.Image:
    """Cut and turn stored pixels to the upright picture."""
    for step in (*container.transforms, container.orientation):
        if isinstance(step, Aperture):
            image = image.crop(step.box(*image.size))
        elif step in TURNS:
            image = image.transpose(TURNS[step])
    return image


def _open_heif(file: io.BytesIO, container: Container) -> Image.Image:
    pictures = pillow_heif.open_heif(file, convert_hdr_to_8bit=True)
    if len(pictures) > 1:
        raise Refused("multi_page")
    container.profile = pictures.info.get("icc_profile") or None
    mode = pictures.mode
    return Image.frombuffer(mode, pictures.size, pictures.data, "raw", mode, pictures.stride, 1)


def _join_samples(samples: Samples) -> Image.Image:
    """Build an 8-bit grey, RGB or CMYK image from deep samples, without alpha."""
    planes = []
    for payload in samples.planes:
        with TiffImagePlugin.TiffImageFile(io.BytesIO(payload)) as image:
            levels = np.asarray(image)
        if samples.unsigned and levels.dtype == np.int32:
            levels = levels.view(np.uint32)
        planes.append(levels.reshape(levels.shape[0], -1, samples.together))
    joined = np.concatenate(planes, axis=2)[..., : samples.colours]
    scaled = _scale_levels(joined)
    if samples.inverted:
        scaled = 255 - scaled
    modes = {1: "L", 3: "RGB", 4: "CMYK"}
    return Image.fromarray(
        np.ascontiguousarray(scaled if samples.colours > 1 else scaled[..., 0]), modes[samples.colours]
    )


def _find_profile(container: Container, warnings: list[str]) -> bytes | None:
    """Return the file's ICC profile, or one built from its coded colours."""
    if container.profile or container.coded_colours is None:
        return container.profile
    try:
        return coded.profile_from_codes(*container.coded_colours)
    except coded.NoProfile:
        warnings.append("colour_profile_unreadable")
        return None


def _flatten(image: Image.Image, profile: bytes | None, warnings: list[str]) -> Image.Image:
    """Convert to RGB in sRGB without alpha. Transparent pixels become white; the colour under them is dropped."""
    image = _to_eight_bits(image)
    image, alpha = _split_alpha(image)
    if profile:
        try:
            image = convert.to_srgb(image, profile)
        except convert.ProfileBroken:
            warnings.append("colour_profile_unreadable")
    if image.mode != "RGB":
        image = image.convert("RGB")
    if alpha is not None and alpha.getextrema() != (255, 255):
        image = Image.composite(image, Image.new("RGB", image.size, "white"), alpha)
    return image


def _split_alpha(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Return the colours in the space they are stored in (grey stays grey, for its profile), and alpha or None."""
    if image.mode in ("La", "RGBa"):  # multiplied by alpha
        image = image.convert({"La": "LA", "RGBa": "RGBA"}[image.mode])
    alpha = None
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        alpha = image.convert("RGBA").getchannel("A")
    if image.mode in ("1", "LA"):
        image = image.convert("L")
    elif image.mode in ("P", "PA", "RGBA"):
        image = image.convert("RGB")
    return image, alpha


def _to_eight_bits(image: Image.Image) -> Image.Image:
    """Scale deeper pixels to 8 bits explicitly: Pillow's own conversion clips them."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        return Image.fromarray(_scale_levels(np.asarray(image)))
    return image


def _scale_levels(levels: npt.NDArray[Any]) -> Pixels:
    """Scale an array of any shape, integers or floats, to uint8 from the smallest usual range that holds it."""
    if levels.dtype == np.uint8:
        return np.asarray(levels, np.uint8)
    floating = levels.dtype.kind == "f"
    finite = np.nan_to_num(levels, nan=0.0, posinf=0.0, neginf=0.0) if floating else levels
    highest = finite.max(initial=0)
    tops = (1.0, 255.0, 65535.0) if floating else (65535.0, 4294967295.0)
    top = next((top for top in tops if highest <= top), float(highest))
    scaled: Pixels = np.clip(np.round(finite * np.float32(255 / top)), 0, 255).astype(np.uint8)
    return scaled
