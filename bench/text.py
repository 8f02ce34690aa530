"""Text hidden and lesions left visible: the engine on drawn names, labels, wristbands, screenshots and collages.

    python bench/text.py [--kind KIND] [--save DIR] [--other PATH-TO-ANOTHER-CHECKOUT]

Every picture is made here, always the same, with fonts of matplotlib and OpenCV; lesions are the demo community's
drawings. For pictures with text "hidden" is the part of the letters' pixels that the command line paints over, and
"whole" the share of lines of which at least 97 % is hidden. For all "boxes" is how many masks are painted, and
"lesion" which part of what is no text they cover. "asked" counts regions that a person is asked about.
"""

from __future__ import annotations

import argparse
import functools
import importlib.metadata
import itertools
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
import numpy as np  # noqa: E402
import numpy.typing as npt  # noqa: E402
from PIL import Image, ImageDraw, ImageFont  # noqa: E402

Pixels = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]
PEOPLE = (
    "MEYER", "Öztürk", "Ayşe Yılmaz", "GARCÍA LÓPEZ", "Παπαδόπουλος", "Иванова", "O'Brien", "Nguyễn", "Jan",
    "Kowalska 1961", "MUSTERMANN, ERIKA", "12.03.1957", "0532 555 01 20", "Fatma", "Lindström",
)  # fmt: skip
FACES = (
    "DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSerif.ttf", "DejaVuSerif-Italic.ttf", "DejaVuSansMono.ttf",
    "DejaVuSerif-Bold.ttf", "STIXGeneral.ttf", "DejaVuSans-BoldOblique.ttf",
)  # fmt: skip
INKS: tuple[tuple[Colour, Colour], ...] = (
    ((20, 20, 25), (240, 240, 232)), ((245, 245, 245), (20, 30, 60)), ((180, 20, 30), (250, 240, 225)),
    ((250, 230, 60), (30, 90, 60)), ((60, 60, 65), (160, 165, 170)), ((240, 240, 245), (200, 150, 130)),
)  # fmt: skip


@dataclass
class Sample:
    """One picture: RGB pixels, its kind, and for each line of text its place and the mask of its letters (H×W bool)."""

    kind: str
    pixels: Pixels
    lines: list[tuple[tuple[int, int], npt.NDArray[np.bool_]]] = field(default_factory=list)


def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """Return a font that ships with matplotlib, its size in px."""
    (path,) = [file.locate() for file in importlib.metadata.files("matplotlib") or [] if file.name == name]
    return ImageFont.truetype(str(path), size)


def letters(words: str, name: str, size: int) -> Pixels:
    """Return a line as grey levels, 255 for ink, cut to the ink."""
    type_ = font(name, size)
    left, top, right, bottom = type_.getbbox(words)
    image = Image.new("L", (int(right - left) + 4, int(bottom - top) + 4))
    ImageDraw.Draw(image).text((2 - left, 2 - top), words, 255, font=type_)
    return np.asarray(image)


def put(sample: Sample, ink: Pixels, x: int, y: int, colour: Colour, strength: float = 1.0) -> None:
    """Print a line (grey levels of ink) with its top left corner at x, y; what leaves the picture is cut."""
    height, width = sample.pixels.shape[:2]
    x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + ink.shape[1], width), min(y + ink.shape[0], height)
    part = ink[y0 - y : y1 - y, x0 - x : x1 - x]
    cover = part[..., None] / 255 * strength
    there = sample.pixels[y0:y1, x0:x1]
    there[:] = (there * (1 - cover) + np.array(colour) * cover).astype(np.uint8)
    sample.lines.append(((x0, y0), part > 96))


def turned(ink: Pixels, angle: float) -> Pixels:
    """Return a line turned by degrees, its canvas grown to hold it."""
    return np.asarray(Image.fromarray(ink).rotate(angle, Image.Resampling.BICUBIC, expand=True))


def bent(ink: Pixels, radius: float) -> Pixels:
    """Return a line on an arc of this radius (px); below zero it bends the other way."""
    height, width = ink.shape
    turn = width / abs(radius)
    wide = int(2 * (abs(radius) + height) * np.sin(min(turn / 2, np.pi / 2))) + 8
    sag = abs(radius) * (1 - np.cos(turn / 2))
    high = int(height + sag) + 8
    down, right = np.mgrid[:high, :wide].astype(np.float32)
    centre = abs(radius) + height + 4
    angle = np.arctan2(right - wide / 2, centre - down)
    away = np.hypot(right - wide / 2, centre - down)
    where = (angle * abs(radius) + width / 2).astype(np.float32), (centre - 4 - away + 4).astype(np.float32)
    arc = cv2.remap(ink, *where, cv2.INTER_LINEAR)
    return np.asarray(arc if radius > 0 else cv2.flip(cv2.remap(cv2.flip(ink, 0), *where, cv2.INTER_LINEAR), 0))


@functools.cache
def small_drawing(name: str) -> Pixels:
    """Return one of the demo community's pictures, 1,000 px wide: drawing it takes a second."""
    from demo.drawings import catalogue

    return cv2.resize(np.asarray(catalogue.PICTURES[name].draw()), (1000, 750), interpolation=cv2.INTER_AREA)


def drawing(names: Sequence[str], index: int, width: int, height: int) -> Pixels:
    """Return one of the demo community's pictures at this size."""
    drawn = small_drawing(names[index % len(names)])
    return np.array(cv2.resize(drawn, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def of_kind(*kinds: str) -> list[str]:
    """Return names of drawings of these kinds."""
    from demo.drawings import catalogue

    return sorted(name for name, picture in catalogue.PICTURES.items() if picture.kind in kinds)[::3]


# --- Kinds of pictures


def frame_filling(rng: np.random.Generator) -> Iterator[Sample]:
    """Yield names that fill the frame: fonts, colours, languages, any angle, cut by the frame."""
    for index in range(48):
        words = PEOPLE[index % len(PEOPLE)]
        width, height = ((1600, 1200), (2000, 1000), (1000, 1400), (3000, 2000))[index % 4]
        colour, ground = INKS[int(rng.integers(len(INKS)))]
        ink = turned(
            letters(words, FACES[int(rng.integers(len(FACES)))], 300), (0, 0, 0, 8, -12, 90, 180, 35)[index % 8]
        )
        scale = min(width / ink.shape[1], height / ink.shape[0]) * (0.95, 0.8, 1.12, 0.6)[index // 8 % 4]
        ink = cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
        sample = Sample("name fills the frame", np.full((height, width, 3), ground, np.uint8))
        put(sample, ink, (width - ink.shape[1]) // 2, (height - ink.shape[0]) // 2, colour)
        yield noisy(sample, rng)


def labels(rng: np.random.Generator) -> Iterator[Sample]:
    """Yield labels of three lines on drawn skin, from a tenth of the picture to all of it."""
    names = of_kind("clinical_overview", "clinical_close_up")
    for index in range(24):
        width, height = (1600, 1200) if index % 2 else (1200, 1600)
        sample = Sample("label", drawing(names, index, width, height))
        wide = int(width * rng.uniform(0.25, 0.95))
        high = int(wide * rng.uniform(0.35, 0.5))
        x, y = int(rng.uniform(0, width - wide)), int(rng.uniform(0, height - high))
        colour, ground = INKS[int(rng.integers(4))]
        sample.pixels[y : y + high, x : x + wide] = ground
        for row in range(3):
            ink = letters(PEOPLE[int(rng.integers(len(PEOPLE)))], FACES[int(rng.integers(len(FACES)))], 100)
            scale = min(0.26 * high / ink.shape[0], 0.9 * wide / ink.shape[1])
            ink = cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            put(sample, ink, x + int(0.05 * wide), y + int((0.04 + 0.32 * row) * high), colour)
        yield noisy(sample, rng)


def screenshots(rng: np.random.Generator) -> Iterator[Sample]:
    """Yield long chats, light and dark, with bubbles and pictures of lesions, and one that lies on its side."""
    names = of_kind("clinical_close_up", "dermoscopy")
    for index in range(12):
        height = (3600, 6000, 9000, 12000)[index % 4]
        dark = index % 2
        width = (1080, 1080, 720, 1440)[index // 3]
        ground: Colour = (18, 27, 33) if dark else ((236, 229, 221), (255, 255, 255), (240, 242, 245))[index % 3]
        sample = Sample("long screenshot", np.full((height, width, 3), ground, np.uint8))
        size, y = int(width * rng.uniform(0.026, 0.042)), 60
        type_ = FACES[(0, 0, 4, 2)[index % 4]]
        while y < height - 200:
            mine = rng.random() < 0.5
            bubble: Colour = (
                ((32, 44, 51) if mine else (0, 92, 75)) if dark else ((255, 255, 255) if mine else (217, 253, 211))
            )
            if rng.random() < 0.12 and y < height - width:
                picture = drawing(names, int(rng.integers(40)), int(width * 0.7), int(width * 0.55))
                sample.pixels[y : y + picture.shape[0], 40 : 40 + picture.shape[1]] = picture
                y += picture.shape[0] + 60
                continue
            words = f"{PEOPLE[int(rng.integers(len(PEOPLE)))]} {rng.integers(10**6, 10**7)}"
            ink = letters(words, type_, size)
            x = 60 if mine else max(60, width - ink.shape[1] - 80)
            cv2.rectangle(sample.pixels, (x - 24, y - 20), (x + ink.shape[1] + 24, y + 2 * size + 10), bubble, -1)
            put(sample, ink, x, y, (233, 237, 239) if dark else (17, 27, 33))
            put(
                sample,
                letters(f"{rng.integers(10, 24)}:{rng.integers(10, 60)}", type_, int(size * 0.7)),
                x,
                y + int(1.2 * size),
                (134, 150, 160),
            )
            y += int(size * rng.choice([3.6, 5, 12, 30]))
        if index == 11:
            sample = Sample("long screenshot", np.ascontiguousarray(np.rot90(sample.pixels)), rotated(sample))
        yield sample


def rotated(sample: Sample) -> list[tuple[tuple[int, int], npt.NDArray[np.bool_]]]:
    """Return the lines of a picture after a quarter turn anticlockwise."""
    width = sample.pixels.shape[1]
    return [((y, width - x - ink.shape[1]), np.rot90(ink)) for (x, y), ink in sample.lines]


def wristbands(rng: np.random.Generator) -> Iterator[Sample]:
    """Yield numbers on bent bands of any radius, over drawn skin."""
    names = of_kind("clinical_overview", "clinical_close_up")
    for index in range(20):
        width, height = ((1600, 1200), (4032, 3024))[index % 2]
        sample = Sample("bent line", drawing(names, index + 3, width, height))
        size = int(width * rng.uniform(0.018, 0.05))
        words = (
            " ".join(str(rng.choice(PEOPLE)) for _ in range(2))
            if index % 3
            else f"{rng.integers(10**9, 10**10)}  W  12.04.1961"
        )
        ink = letters(words, FACES[int(rng.integers(len(FACES)))], size)
        ink = ink[:, : int(0.7 * width)]
        radius = ink.shape[1] * rng.uniform(0.35, 1.6) * (1, -1)[index // 2 % 2]
        arc = turned(
            bent(cv2.copyMakeBorder(ink, size // 2, size // 2, size, size, cv2.BORDER_CONSTANT), radius),
            rng.uniform(-30, 30),
        )
        x, y = int(rng.uniform(0, max(1, width - arc.shape[1]))), int(rng.uniform(0, max(1, height - arc.shape[0])))
        ground = cv2.dilate(arc, np.ones((size, size), np.uint8))
        put(sample, np.where(ground > 40, 255, 0).astype(np.uint8), x, y, (242, 242, 238))
        sample.lines.clear()
        put(sample, arc, x, y, (25, 25, 35))
        yield noisy(sample, rng)


def thin(rng: np.random.Generator) -> Iterator[Sample]:
    """Yield lettering of 18 to 24 px in twelve megapixels, dark or light, strong or faint."""
    names = of_kind("clinical_overview", "clinical_close_up", "dermoscopy")
    for index in range(12):
        sample = Sample("18-24 px in 12 MP", drawing(names, 3 * index, 4032, 3024))
        for row in range(5):
            ink = letters(
                f"{PEOPLE[int(rng.integers(len(PEOPLE)))]} {rng.integers(10**6, 10**7)}",
                FACES[(0, 2, 4, 6)[row % 4]],
                int(rng.integers(18, 25)),
            )
            light = rng.random() < 0.5
            x, y = int(rng.uniform(80, 3400)), int(200 + 550 * row + rng.uniform(0, 200))
            put(sample, ink, x, y, (250, 250, 250) if light else (15, 15, 20), rng.uniform(0.55, 1.0))
        yield noisy(sample, rng)


def collages(rng: np.random.Generator) -> Iterator[Sample]:
    """Yield two, three, four and six panels of lesions, with white or black seams."""
    names = of_kind("clinical_overview", "clinical_close_up", "dermoscopy", "histology")
    for index in range(12):
        across, down = ((2, 1), (2, 2), (3, 1), (1, 2), (3, 2), (1, 3))[index % 6]
        wide, high, seam = 700, 540, int(rng.integers(0, 40))
        ground = 255 if index // 6 else 0
        canvas = np.full((down * (high + seam) + seam, across * (wide + seam) + seam, 3), ground, np.uint8)
        for cell in range(across * down):
            y, x = seam + cell // across * (high + seam), seam + cell % across * (wide + seam)
            canvas[y : y + high, x : x + wide] = drawing(names, int(rng.integers(60)), wide, high)
        yield noisy(Sample("collage", canvas), rng)


def charts(rng: np.random.Generator) -> Iterator[Sample]:
    """Yield colour charts: fields of one colour, with and without gaps."""
    for index in range(16):
        across, down = ((2, 2), (6, 4), (3, 2), (4, 1), (1, 3), (5, 5), (8, 2), (2, 1))[index % 8]
        gap = (0, 24)[index // 8]
        canvas = np.full((900, 1200, 3), (0, 255)[index % 2], np.uint8)
        for cell in range(across * down):
            x, y = cell % across * 1200 // across, cell // across * 900 // down
            canvas[y + gap : y + 900 // down - gap, x + gap : x + 1200 // across - gap] = rng.integers(0, 256, 3)
        yield Sample("colour chart", canvas)


def drawn(rng: np.random.Generator) -> Iterator[Sample]:
    """Yield the demo community's pictures: lesions, dermoscopy, histology."""
    for name in of_kind("clinical_overview", "clinical_close_up", "dermoscopy", "histology"):
        yield noisy(Sample("drawn lesion", drawing([name], 0, 1600, 1200)), rng)


def noisy(sample: Sample, rng: np.random.Generator) -> Sample:
    """Return the picture after a camera: some noise, and JPEG."""
    noise = cv2.randn(np.empty(sample.pixels.shape, np.int16), (0, 0, 0), (2.5,) * 3)
    pixels = np.clip(sample.pixels + noise, 0, 255).astype(np.uint8)
    _done, coded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(80, 95))])
    sample.pixels = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    return sample


KINDS: dict[str, Callable[[np.random.Generator], Iterator[Sample]]] = {
    "frame": frame_filling, "label": labels, "screenshot": screenshots, "bent": wristbands, "thin": thin,
    "collage": collages, "chart": charts, "drawn": drawn,
}  # fmt: skip


# --- Measuring


class Table:
    """Counts of one kind of picture."""

    def __init__(self) -> None:
        """Start at nothing."""
        self.pictures = self.lines = self.whole = self.boxes = self.asked = 0
        self.ink = self.hidden = self.seconds = self.lost = self.worst = 0.0

    def add(self, sample: Sample, regions: Sequence[object], hidden: npt.NDArray[np.bool_], seconds: float) -> None:
        """Count one picture, what was found in it and what is painted (H×W bool)."""
        self.pictures += 1
        self.seconds += seconds
        for (x, y), ink in sample.lines:
            under = hidden[y : y + ink.shape[0], x : x + ink.shape[1]] & ink
            part = under.sum() / max(1, ink.sum())
            self.lines += 1
            self.whole += part >= 0.97
            self.ink += 1
            self.hidden += part
        self.asked += sum(getattr(region, "why_asked", None) not in (None, "doubtful") for region in regions)
        self.boxes += sum(is_painted(region) for region in regions)
        self.lost += hidden.mean()
        self.worst = max(self.worst, float(hidden.mean()))

    def row(self, kind: str) -> str:
        """Return the counts as a line of the table."""
        share = f"{100 * self.hidden / self.ink:5.1f} %" if self.ink else "     –"
        whole = f"{self.whole}/{self.lines}" if self.lines else "–"
        count = self.pictures
        return (
            f"| {kind:22} | {count:4} | {share} | {whole:>9} | {self.boxes / count:5.2f} | {self.asked / count:5.2f} "
            f"| {100 * self.lost / count:5.1f} % | {100 * self.worst:5.1f} % | {self.seconds / count:5.2f} |"
        )


def is_painted(region: object) -> bool:
    """Whether the command line masks a region."""
    return getattr(region, "why_asked", None) in (None, "doubtful")


def main() -> None:
    """Make the pictures, look at them, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", action="append", choices=tuple(KINDS))
    parser.add_argument("--save", type=Path, help="write every picture with what is painted over it")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="look at every Nth picture only")
    parser.add_argument("--other", type=Path, help="measure the engine of another checkout")
    parser.add_argument("--everything", action="store_true", help="faces and eyes too, not only text")
    arguments = parser.parse_args()
    if arguments.other:
        sys.path.insert(0, str(arguments.other))
    from imaging.engine import Options
    from imaging.engine.masking.paint import hidden_by
    from imaging.engine.operations import load_finder

    cv2.setNumThreads(1)
    options = Options(faces=arguments.everything, eyes=arguments.everything)
    print("| kind | pictures | hidden | whole lines | boxes | asked | covered | at most | CPU s |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in arguments.kind or KINDS:
        table = Table()
        for index, sample in enumerate(
            itertools.islice(KINDS[name](np.random.default_rng(11)), 0, None, arguments.every)
        ):
            began = time.process_time()
            regions = load_finder().find(sample.pixels, options)
            spent = time.process_time() - began
            hidden = hidden_by([one.mask() for one in regions if is_painted(one)], *sample.pixels.shape[:2])
            table.add(sample, regions, hidden, spent)
            if arguments.save:
                arguments.save.mkdir(parents=True, exist_ok=True)
                shown = sample.pixels[..., ::-1] // (1 + hidden[..., None].astype(np.uint8) * 2)
                cv2.imwrite(str(arguments.save / f"{name}-{index:02}.png"), shown)
        print(table.row(sample.kind), flush=True)


if __name__ == "__main__":
    main()
