"""From a container to upright 8-bit sRGB pixels. Runs inside the sandbox only."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pillow_heif
from PIL import (
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from imaging.engine import colour
from imaging.engine.container import read
from imaging.engine.container.base import Container, check_size
from imaging.engine.errors import Refused

Pixels = npt.NDArray[np.uint8]

ImageFile.LOAD_TRUNCATED_IMAGES = False
Image.MAX_IMAGE_PIXELS = None  # the container reader has checked the size already
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
pillow_heif.options.DECODE_THREADS = 1

OPENERS: dict[str, Callable[[io.BytesIO], Image.Image]] = {
    "jpeg": JpegImagePlugin.JpegImageFile,
    "png": PngImagePlugin.PngImageFile,
    "gif": GifImagePlugin.GifImageFile,
    "webp": WebPImagePlugin.WebPImageFile,
    "tiff": TiffImagePlugin.TiffImageFile,
    "avif": AvifImagePlugin.AvifImageFile,
}
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
"""What Pillow and libheif raise for broken files; anything else ends the child, which is refused too."""

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
    """Upright pixels (H×W×3 uint8 sRGB, read-only) and what the file was."""

    pixels: Pixels
    kind: str
    lossless: bool
    found: tuple[str, ...]
    warnings: tuple[str, ...]


def decode(data: bytes) -> Picture:
    """Read a whole file. Raises Refused."""
    container = read(data)
    warnings: list[str] = []
    try:
        image = _open(container)
        check_size(*image.size)
        image.load()
        upright = image if container.orientation == 1 else image.transpose(TURNS[container.orientation])
        flat = _flat(upright, container.profile, warnings)
    except DECODER_ERRORS as error:
        raise Refused("broken") from error
    pixels = np.asarray(flat)
    pixels.setflags(write=False)
    return Picture(pixels, container.kind, container.lossless, tuple(sorted(container.found)), tuple(warnings))


def _open(container: Container) -> Image.Image:
    if container.kind == "dicom":
        return Image.frombytes("RGB", (container.width, container.height), container.payload)
    file = io.BytesIO(container.payload)
    if container.kind == "heic":
        return _open_heif(file, container)
    image = OPENERS[container.kind](file)
    if getattr(image, "n_frames", 1) > 1 and container.kind != "tiff":
        raise Refused("animated")
    if container.kind == "avif":
        # Pillow turns the container's rotation into EXIF's, or leaves EXIF's own: one answer either way
        container.orientation = image.getexif().get(0x0112, 1)
        if container.orientation not in TURNS:
            container.orientation = 1
    container.profile = container.profile or image.info.get("icc_profile")
    return image


def _open_heif(file: io.BytesIO, container: Container) -> Image.Image:
    pictures = pillow_heif.open_heif(file, convert_hdr_to_8bit=True)
    if len(pictures) > 1:
        raise Refused("multi_page")
    container.profile = pictures.info.get("icc_profile") or None
    mode = pictures.mode
    return Image.frombuffer(mode, pictures.size, pictures.data, "raw", mode, pictures.stride, 1)


def _flat(image: Image.Image, profile: bytes | None, warnings: list[str]) -> Image.Image:
    """RGB without alpha, in sRGB. Transparent pixels become white: what lies under them is dropped."""
    image = _eight_bits(image)
    alpha = None
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        alpha, image = image.getchannel("A"), image.convert("RGB")
    if image.mode in ("P", "1"):
        image = image.convert("RGB" if image.mode == "P" else "L")
    if profile:
        try:
            image = colour.to_srgb(image, profile)
        except colour.ProfileBroken:
            warnings.append("colour_profile_unreadable")
    if image.mode != "RGB":
        image = image.convert("RGB")
    if alpha is not None and alpha.getextrema() != (255, 255):
        image = Image.composite(image, Image.new("RGB", image.size, "white"), alpha)
    return image


def _eight_bits(image: Image.Image) -> Image.Image:
    """Scale deeper pixels explicitly: Pillow's own conversion clips them."""
    if image.mode.startswith("I;16") or image.mode == "I":
        deep = np.asarray(image).astype(np.float32)
        return Image.fromarray(np.clip(np.round(deep / 257), 0, 255).astype(np.uint8))
    if image.mode == "F":
        deep = np.asarray(image)
        finite = np.nan_to_num(deep, nan=0.0, posinf=0.0, neginf=0.0)
        top = 1.0 if finite.max(initial=0) <= 1 else 255.0 if finite.max() <= 255 else 65535.0
        return Image.fromarray(np.clip(np.round(finite * (255 / top)), 0, 255).astype(np.uint8))
    return image
