"""Draws the simulated face of docs/imaging.md and lets the engine mask it: before, after, with a lesion window.

    python docs/pictures/draw.py

Nobody sat for it: ellipses, arcs and grain. Writes before.jpg, after.jpg and window.jpg beside this file.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from imaging.engine import Mask, deidentify, render  # noqa: E402

WIDTH, HEIGHT = 1600, 1200
SKIN = (214, 170, 146)
LESION = (985, 740)
Colour = tuple[float, float, float]
Cover = npt.NDArray[np.float32]


class Canvas:
    """An RGB picture in float, painted in soft shapes (px)."""

    def __init__(self, ground: Colour) -> None:
        """All one colour."""
        self.pixels = np.full((HEIGHT, WIDTH, 3), ground, np.float32)

    def paint(self, cover: Cover, colour: Colour, amount: float = 1.0) -> None:
        """Lay a colour on, as far as cover (0 to 1) says."""
        share = cover[..., None] * amount
        self.pixels = self.pixels * (1 - share) + np.array(colour, np.float32) * share


def ellipse(x: float, y: float, wide: float, high: float, *, turn: float = 0, soft: float = 4) -> Cover:
    """A filled ellipse with half axes in px, its edge blurred."""
    sheet = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.ellipse(sheet, (round(x), round(y)), (round(wide), round(high)), turn, 0, 360, 1.0, -1)
    return np.asarray(cv2.GaussianBlur(sheet, (0, 0), soft), np.float32)


def arc(x: float, y: float, wide: float, high: float, start: float, end: float, *, thick: int, soft: float) -> Cover:
    """Part of an ellipse's outline, degrees clockwise from the right."""
    sheet = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.ellipse(sheet, (round(x), round(y)), (round(wide), round(high)), 0, start, end, 1.0, thick)
    return np.asarray(cv2.GaussianBlur(sheet, (0, 0), soft), np.float32)


def eye(canvas: Canvas, x: float, y: float, side: int) -> None:
    """Socket, white, iris, pupil, light, lids and brow; side -1 is the left of the picture."""
    white = ellipse(x, y, 66, 30, soft=2)
    canvas.paint(ellipse(x, y - 8, 95, 62, soft=18), (120, 80, 65), 0.35)
    canvas.paint(white, (238, 232, 226))
    canvas.paint(ellipse(x + 4, y - 1, 29, 29, soft=1.5) * white, (92, 66, 44))
    canvas.paint(ellipse(x + 4, y - 1, 13, 13, soft=1) * white, (15, 12, 10))
    canvas.paint(ellipse(x + 12, y - 10, 5, 5, soft=1), (255, 255, 255))
    canvas.paint(arc(x, y, 70, 34, 185, 355, thick=7, soft=1.5), (50, 32, 26))
    canvas.paint(arc(x, y + 2, 68, 30, 10, 170, thick=3, soft=1.5), (110, 70, 60), 0.5)
    brow = (225, 308) if side < 0 else (232, 315)
    canvas.paint(arc(x, y + 16, 100, 100, *brow, thick=20, soft=4), (66, 44, 34), 0.85)


def portrait() -> npt.NDArray[np.uint8]:
    """H×W×3 uint8 sRGB: a face with a scaly plaque on one cheek, and a name label."""
    rng = np.random.default_rng(3)
    canvas = Canvas((120, 128, 132))
    canvas.paint(ellipse(800, 1250, 520, 300, soft=8), (70, 90, 110))
    canvas.paint(ellipse(800, 950, 170, 260, soft=8), (184, 146, 126))
    canvas.paint(ellipse(800, 470, 430, 470, soft=10), (70, 50, 40))
    face = ellipse(800, 590, 345, 450, soft=6)
    canvas.paint(face, SKIN)
    down, right = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    fall = np.clip(np.hypot((right - 800) / 345, (down - 590) / 450), 0, 1.2)
    canvas.pixels *= (face * (1 - 0.25 * fall**3) + (1 - face))[..., None]
    for side in (-1, 1):
        eye(canvas, 800 + side * 140, 540, side)
        canvas.paint(ellipse(800 + side * 30, 738, 17, 9, turn=side * 12, soft=3), (96, 54, 44), 0.8)
    canvas.paint(ellipse(762, 640, 12, 80, turn=8, soft=14), (154, 122, 105), 0.5)
    canvas.paint(ellipse(800, 842, 104, 25, soft=5), (176, 92, 88), 0.85)
    canvas.paint(ellipse(800, 868, 80, 26, soft=7), (190, 108, 100), 0.6)
    canvas.paint(arc(800, 828, 112, 18, 15, 165, thick=5, soft=2), (96, 44, 42))
    canvas.paint(ellipse(*LESION, 62, 48, turn=25, soft=7), (196, 96, 86), 0.75)
    for x, y in rng.normal(LESION, (26, 20), (60, 2)):
        canvas.paint(ellipse(x, y, 5, 4, soft=1.5), (236, 214, 200), 0.5)
    grain = cv2.GaussianBlur(rng.normal(0, 1, (HEIGHT, WIDTH)).astype(np.float32), (0, 0), 1.2) * 6
    noisy = canvas.pixels + (grain + rng.normal(0, 2, (HEIGHT, WIDTH)))[..., None]
    picture = np.clip(noisy, 0, 255).astype(np.uint8)
    cv2.rectangle(picture, (1180, 1010), (1540, 1130), (246, 246, 240), -1)
    cv2.putText(
        picture, "A. MILLER  14.03.1957", (1195, 1080), cv2.FONT_HERSHEY_DUPLEX, 0.85, (30, 30, 40), 2, cv2.LINE_AA
    )
    return picture


def save(name: str, data: bytes) -> None:
    """A copy of half the size, small enough for a page."""
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    half = cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(HERE / name), half, [cv2.IMWRITE_JPEG_QUALITY, 85])


def main() -> None:
    """Draw, mask, save."""
    _, data = cv2.imencode(".png", cv2.cvtColor(portrait(), cv2.COLOR_RGB2BGR))
    before = data.tobytes()
    result = deidentify(before)
    window = Mask("ellipse", LESION[0] - 95, LESION[1] - 54, 190, 120)
    save("before.jpg", before)
    save("after.jpg", result.full.data)
    save("window.jpg", render(before, masks=result.masks, windows=[window])[0].data)


if __name__ == "__main__":
    main()
