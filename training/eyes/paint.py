"""Things painted on crops: skin, lesions, folds, hair, cloth, fingers, rulers. Arrays are H×W×3 float32, 0 to 255."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.float32]
Point = tuple[float, float]
TONES = np.array(
    [
        *((60, 35, 28), (95, 55, 40), (130, 30, 30), (170, 60, 60), (200, 90, 90), (150, 110, 60)),
        *((190, 160, 100), (30, 22, 22), (225, 200, 190), (90, 50, 80), (60, 60, 80), (220, 210, 160)),
        *((250, 235, 220), (20, 15, 15), (120, 60, 50), (240, 170, 160)),
    ],
    np.float32,
)
"""Colours of lesions, crusts, scale, blood, pus, pigment."""
CLOTH = np.array(
    [(40, 110, 120), (60, 140, 110), (70, 110, 180), (30, 60, 110), (225, 228, 230), (235, 235, 225), (120, 90, 160)],
    np.float32,
)


def tone(rng: np.random.Generator) -> Image:
    """Return the colour of some lesion."""
    picked: Image = TONES[rng.integers(len(TONES))] * np.float32(rng.uniform(0.7, 1.2))
    return picked


def noise(size: int, cells: int, rng: np.random.Generator, smooth: bool = True) -> Image:
    """Return smooth noise, size×size, standard deviation about 1, `cells` bumps along a side."""
    way = cv2.INTER_CUBIC if smooth else cv2.INTER_NEAREST
    coarse = rng.standard_normal((max(2, cells), max(2, cells)), np.float32)
    grown: Image = cv2.resize(coarse, (size, size), interpolation=way)
    return grown


_GRIDS: dict[int, tuple[Image, Image]] = {}


def grid(size: int) -> tuple[Image, Image]:
    """Return x and y of every pixel of a square."""
    if size not in _GRIDS:
        y, x = np.mgrid[:size, :size].astype(np.float32)
        _GRIDS[size] = x, y
    return _GRIDS[size]


def blob(size: int, at: Point, radius: float, rng: np.random.Generator, stretch: float = 1.3) -> Image:
    """Return the cover (0 to 1) of an uneven spot."""
    x, y = grid(size)
    angle, ratio = rng.uniform(0, math.pi), rng.uniform(1 / stretch, stretch)
    dx, dy = x - np.float32(at[0]), y - np.float32(at[1])
    p, q = dx * math.cos(angle) + dy * math.sin(angle), dy * math.cos(angle) - dx * math.sin(angle)
    distance = np.hypot(p * np.float32(ratio), q / np.float32(ratio))
    distance += noise(size, 9, rng) * np.float32(radius * rng.uniform(0.02, 0.25))
    soft = max(1.0, radius * rng.uniform(0.08, 0.5))
    cover: Image = np.clip((radius - distance) / soft, 0, 1).astype(np.float32)
    return cover


def lay(image: Image, layer: Image | npt.NDArray[np.float32], cover: Image, strength: float = 1.0) -> None:
    """Blend a colour or picture over the image, in place."""
    image += (layer - image) * (cover * np.float32(strength))[..., None]


def skin(size: int, rng: np.random.Generator) -> Image:
    """Return bare skin: a tone, slow shading, fine texture."""
    light = rng.uniform(0.2, 1)
    colour = np.array([235, 185 * light**0.15, 160 * light**0.25], np.float32) * np.float32(light)
    shade = 1 + 0.13 * noise(size, 4, rng) + 0.05 * noise(size, size // 6, rng)
    shade += np.float32(rng.uniform(0.01, 0.06)) * noise(size, size // 2, rng)
    image: Image = (colour * shade[..., None]).astype(np.float32)
    return image


def hairs(image: Image, rng: np.random.Generator, most: int = 30) -> None:
    """Draw curved hairs, in place."""
    size = image.shape[0]
    dark = rng.uniform(0.1, 0.5) if rng.random() < 0.8 else rng.uniform(1.3, 1.6)
    colour = tuple(float(v) for v in np.clip(image.mean((0, 1)) * dark, 0, 255))
    main = rng.uniform(0, 2 * math.pi)
    for _ in range(int(rng.integers(2, most))):
        angle, length = main + rng.normal(0, 0.5), size * rng.uniform(0.15, 0.9)
        start = rng.uniform(-0.1, 1.1, 2) * size
        end = start + length * np.array([math.cos(angle), math.sin(angle)])
        middle = (start + end) / 2 + rng.normal(0, length * 0.12, 2)
        t = np.linspace(0, 1, 10)[:, None]
        line = start * (1 - t) ** 2 + 2 * middle * t * (1 - t) + end * t**2
        cv2.polylines(image, [np.round(line).astype(np.int32)], False, colour, int(rng.integers(1, 3)), cv2.LINE_AA)


def lesion(image: Image, rng: np.random.Generator, at: Point | None = None, rings: float = 0.2) -> None:
    """Paint one spot: dark, red, crusted, pale, perhaps in rings or with a wet highlight; in place."""
    size = image.shape[0]
    radius = size * math.exp(rng.uniform(math.log(0.02), math.log(0.32 if at is None else 0.16)))
    x, y = rng.uniform(0, size, 2) if at is None else at
    cover = blob(size, (x, y), radius, rng, 1.8)
    colour = tone(rng)
    if rng.random() < 0.5:
        layer = image * (colour / 190)
    else:
        layer = colour + noise(size, size // 3, rng)[..., None] * np.float32(rng.uniform(3, 18))
    lay(image, layer, cover, rng.uniform(0.35, 1))
    if rng.random() < rings:
        for share in (rng.uniform(0.4, 0.8), rng.uniform(0.1, 0.4)):
            near = x + rng.normal(0, 0.1 * radius), y + rng.normal(0, 0.1 * radius)
            lay(image, tone(rng), blob(size, near, radius * share, rng), rng.uniform(0.4, 1))
    if rng.random() < 0.3:
        near = x + rng.normal(0, 0.3 * radius), y + rng.normal(0, 0.3 * radius)
        lay(image, np.float32(245), blob(size, near, max(1.5, radius * 0.15), rng), rng.uniform(0.5, 1))


def plaque(image: Image, rng: np.random.Generator) -> None:
    """Paint a large uneven patch with a rim, scale or crust, or a group of vesicles or papules; in place."""
    size = image.shape[0]
    at = (size * rng.uniform(0.3, 0.7), size * rng.uniform(0.3, 0.7))
    radius = size * rng.uniform(0.15, 0.5)
    if rng.random() < 0.35:
        for _ in range(int(rng.integers(4, 16))):
            angle, away = rng.uniform(0, 2 * math.pi), radius * math.sqrt(rng.random())
            near = at[0] + away * math.cos(angle), at[1] + away * math.sin(angle)
            small = size * rng.uniform(0.02, 0.08)
            umbilicated(image, rng, near, small) if rng.random() < 0.5 else lay(
                image, tone(rng), blob(size, near, small, rng), rng.uniform(0.3, 0.9)
            )
        return
    cover = blob(size, at, radius, rng, 2.2)
    if rng.random() < 0.4:  # annular
        cover *= 1 - np.float32(rng.uniform(0.4, 1)) * blob(size, at, radius * rng.uniform(0.4, 0.85), rng)
    blend = np.clip(0.5 + 0.6 * noise(size, int(rng.integers(4, 50)), rng, rng.random() < 0.6), 0, 1)[..., None]
    layer = tone(rng) * blend + tone(rng) * (1 - blend)
    if rng.random() < 0.5:
        layer = image * layer / np.float32(170)
    lay(image, layer.astype(np.float32), cover, rng.uniform(0.4, 1))
    if rng.random() < 0.4:
        lay(image, tone(rng), np.clip(1 - np.abs(cover - 0.5) * 3, 0, 1).astype(np.float32), rng.uniform(0.3, 0.9))


def umbilicated(image: Image, rng: np.random.Generator, at: Point, radius: float) -> None:
    """Paint a shining papule with a dent in its middle, lit from one side; in place."""
    size = image.shape[0]
    cover = blob(size, at, radius, rng, 1.2)
    lay(image, image * np.float32(rng.uniform(0.85, 1.25)), cover)
    angle = rng.uniform(0, 2 * math.pi)
    side = radius * 0.45 * math.cos(angle), radius * 0.45 * math.sin(angle)
    lay(image, np.float32(250), blob(size, (at[0] + side[0], at[1] + side[1]), max(1, radius * 0.3), rng), 0.5)
    lay(image, image * np.float32(0.55), blob(size, (at[0] - side[0], at[1] - side[1]), radius * 0.5, rng), 0.6)
    lay(image, tone(rng) * np.float32(0.6), blob(size, at, max(1, radius * rng.uniform(0.15, 0.45)), rng), 0.8)


def fold(image: Image, rng: np.random.Generator) -> None:
    """Paint a crease, a slit with lit edges or a navel, as dark as a lid line; in place."""
    size = image.shape[0]
    x, y = grid(size)
    at, angle = rng.uniform(0.2, 0.8, 2) * size, rng.uniform(0, math.pi)
    dx, dy = x - np.float32(at[0]), y - np.float32(at[1])
    p = dx * math.cos(angle) + dy * math.sin(angle)
    q = dy * math.cos(angle) - dx * math.sin(angle) + noise(size, 4, rng) * np.float32(0.02 * size)
    length, width = size * rng.uniform(0.08, 0.7), size * rng.uniform(0.006, 0.06)
    q = q + np.float32(rng.uniform(-0.6, 0.6) / length) * p * p
    line = np.exp(-((q / width) ** 2) - (p / length) ** 4).astype(np.float32)
    edge = np.exp(-(((q - 2.2 * width) / (1.8 * width)) ** 2) - (p / length) ** 4).astype(np.float32)
    lay(image, image * np.float32(rng.uniform(0.1, 0.6)), line)
    lay(image, image * np.float32(rng.uniform(1.05, 1.35)), edge)
    if rng.random() < 0.4:
        lay(image, image * np.float32(0.5), blob(size, (at[0], at[1]), size * rng.uniform(0.03, 0.2), rng, 1.6), 0.8)


def occlude(image: Image, mask: Image, rng: np.random.Generator) -> None:
    """Lay a finger, a glove, gauze or a ruler over a part and take it from the mask (size×size, 0 to 1); in place."""
    size = image.shape[0]
    kind = int(rng.integers(4))
    angle, away, width = rng.uniform(0, 2 * math.pi), size * rng.uniform(0.22, 0.55), size * rng.uniform(0.1, 0.35)
    x, y = size / 2 + away * math.cos(angle), size / 2 + away * math.sin(angle)
    turn, reach = angle if kind < 3 else angle + math.pi / 2, size * 1.2
    shift = reach if kind < 3 else 0.0
    box = ((x + shift * math.cos(angle), y + shift * math.sin(angle)), (2 * reach, width), math.degrees(turn))
    cover = np.zeros((size, size), np.float32)
    cv2.fillPoly(cover, [np.round(cv2.boxPoints(box)).astype(np.int32)], 1.0)
    if kind < 2:
        cv2.circle(cover, (int(x), int(y)), int(width / 2), 1.0, -1)
    if kind == 0:  # a finger has the colour of the picture's middle
        colour = image[size // 4 : -size // 4, size // 4 : -size // 4].mean((0, 1)) * np.float32(rng.uniform(0.7, 1.3))
    elif kind < 3:
        colour = CLOTH[rng.integers(len(CLOTH))]
    else:
        colour = np.array([(240, 240, 235), (230, 220, 120), (200, 200, 200)], np.float32)[rng.integers(3)]
    shade = cv2.GaussianBlur(cover, (0, 0), width / 5)[..., None]
    texture = noise(size, size // int(rng.integers(1, 5)), rng)[..., None] * np.float32(rng.uniform(1, 9))
    cover = cv2.GaussianBlur(cover, (0, 0), 0.8)
    lay(image, (colour * (0.55 + 0.45 * shade) + texture).astype(np.float32), cover)
    mask *= 1 - cover
    if kind == 3:
        _marks(image, (x, y), turn, width, rng)


def _marks(image: Image, at: Point, turn: float, width: float, rng: np.random.Generator) -> None:
    step, reach = max(2.0, width * rng.uniform(0.1, 0.3)), image.shape[0]
    along = np.array([math.cos(turn), math.sin(turn)])
    cross = np.array([-along[1], along[0]])
    for k in range(int(-reach / step), int(reach / step)):
        start = np.array(at) + along * k * step - cross * width / 2
        end = start + cross * width * (0.5 if k % 5 == 0 else 0.3)
        cv2.line(image, (int(start[0]), int(start[1])), (int(end[0]), int(end[1])), (30, 30, 30), 1)


def drape(image: Image, mask: Image, rng: np.random.Generator, at: Point, reach: float) -> None:
    """Cover everything with cloth but a round or square opening; the mask (0 to 1) is cut too; in place."""
    size = image.shape[0]
    hole = np.zeros((size, size), np.float32)
    box = (at, (2 * reach, 2 * reach * rng.uniform(0.6, 1.2)), rng.uniform(0, 180))
    if rng.random() < 0.5:
        cv2.ellipse(hole, box, 1.0, -1)
    else:
        cv2.fillPoly(hole, [np.round(cv2.boxPoints(box)).astype(np.int32)], 1.0)
    shade = 1 + 0.15 * noise(size, 6, rng) + 0.03 * noise(size, size // 2, rng)
    hole = cv2.GaussianBlur(hole, (0, 0), 0.7)
    lay(image, (CLOTH[rng.integers(len(CLOTH))] * shade[..., None]).astype(np.float32), 1 - hole)
    mask *= hole
