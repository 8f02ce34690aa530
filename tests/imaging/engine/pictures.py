"""Pictures for the engine's tests: from installed packages, or made here. Never from a folder of the machine."""

from __future__ import annotations

import importlib.metadata
import io
import struct
import zlib

import numpy as np
import piexif
import pillow_heif
from PIL import Image, ImageCms, TiffImagePlugin


def packaged(distribution: str, name: str) -> bytes:
    """A file of an installed package, without importing it."""
    files = importlib.metadata.files(distribution) or []
    (path,) = [file for file in files if file.name == name]
    return path.locate().read_bytes()


def astronaut() -> bytes:
    return packaged("scikit-image", "astronaut.png")


def hopper() -> bytes:
    return packaged("matplotlib", "grace_hopper.jpg")


def coffee() -> bytes:
    return packaged("scikit-image", "coffee.png")


def chart(width: int = 64, height: int = 48) -> np.ndarray:
    """Four flat quarters: red, green, blue, white. Turning it shows, and codecs keep it."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = (200, 30, 30)
    pixels[: height // 2, width // 2 :] = (30, 180, 40)
    pixels[height // 2 :, : width // 2] = (40, 40, 200)
    pixels[height // 2 :, width // 2 :] = (240, 240, 240)
    return pixels


def noise(width: int = 64, height: int = 48, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def encoded(pixels: np.ndarray, kind: str, **more: object) -> bytes:
    """Pixels as a file: JPEG, PNG, WEBP, TIFF, GIF, AVIF or HEIF."""
    out = io.BytesIO()
    image = Image.fromarray(pixels)
    if kind == "HEIF":
        pillow_heif.from_pillow(image).save(out, **more)
    else:
        image.save(out, kind, **more)
    return out.getvalue()


SECRET = "Canary Patient 1957"


def exif(orientation: int = 1, *, thumbnail: bool = False) -> bytes:
    """EXIF with a position, a camera, serials, times, an owner and, if wanted, a thumbnail."""
    tags = {
        "0th": {
            piexif.ImageIFD.Make: b"Make",
            piexif.ImageIFD.Model: b"Model",
            piexif.ImageIFD.Orientation: orientation,
            piexif.ImageIFD.Artist: SECRET.encode(),
            piexif.ImageIFD.Software: b"Software",
            piexif.ImageIFD.DateTime: b"2024:01:02 03:04:05",
        },
        "Exif": {
            piexif.ExifIFD.BodySerialNumber: b"12345",
            piexif.ExifIFD.MakerNote: SECRET.encode(),
            piexif.ExifIFD.UserComment: SECRET.encode(),
        },
        "GPS": {piexif.GPSIFD.GPSLatitude: ((1, 1), (2, 1), (3, 1)), piexif.GPSIFD.GPSLatitudeRef: b"N"},
        "1st": {piexif.ImageIFD.Compression: 6} if thumbnail else {},
        "thumbnail": encoded(chart(32, 24), "JPEG") if thumbnail else None,
    }
    return piexif.dump(tags)


def spliced(jpeg: bytes, marker: int, body: bytes) -> bytes:
    """A JPEG with one more segment right after its start."""
    return jpeg[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def chunk(kind: bytes, body: bytes) -> bytes:
    """One PNG chunk."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_chunk(png: bytes, kind: bytes, body: bytes) -> bytes:
    """A PNG with one more chunk after its header."""
    return png[:33] + chunk(kind, body) + png[33:]


def swapped_profile() -> bytes:
    """An ICC profile for RGB numbers that are far from sRGB: linear light."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # littleCMS writes parametric curves "para" of type 3 (sRGB's); type 0 with gamma 1 means linear
    at, out = 0, bytearray(profile)
    while (at := out.find(b"para", at)) >= 0:
        if out[at + 8 : at + 10] == b"\x00\x03":
            out[at + 8 : at + 16] = b"\x00\x00\x00\x00\x00\x01\x00\x00"
        at += 4
    return bytes(out)


def tiff(pixels: np.ndarray, **tags: object) -> bytes:
    info = TiffImagePlugin.ImageFileDirectory_v2()
    for number, value in tags.items():
        info[int(number.lstrip("t"))] = value
    return encoded(pixels, "TIFF", tiffinfo=info)
