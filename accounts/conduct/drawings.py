"""Drawings of the cases as SVG: 320 × 180 units, drawn by code, with labels in the reader's language.

Nobody is shown: skin, people and papers are made up of shapes. Colours come from static/accounts/conduct.css, so that a
drawing fits the light and the dark page. The same name and labels always give the same bytes.
"""

from collections.abc import Callable, Mapping
from typing import Final

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

WIDTH: Final = 320
HEIGHT: Final = 180

Labels = Mapping[str, str]
Scene = Callable[[Labels], list[str]]
_SCENES: dict[str, Scene] = {}


class UnknownDrawing(LookupError):
    """A name without a scene."""


def names() -> frozenset[str]:
    """Return the names of all drawings."""
    return frozenset(_SCENES)


def draw(name: str, *, labels: Labels, description: str) -> SafeString:
    """Return the drawing as an SVG element that screen readers read out as `description`.

    Raises UnknownDrawing, and KeyError for a label that the scene needs and `labels` has not.
    """
    if name not in _SCENES:
        raise UnknownDrawing(name)
    return format_html(
        '<svg class="conduct-drawing" viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">{}</svg>',
        WIDTH,
        HEIGHT,
        description,
        mark_safe("".join(_SCENES[name](labels))),  # noqa: S308 - shapes of this module; labels are escaped in `text`
    )


def scene(function: Scene) -> Scene:
    """Register a scene under its function's name."""
    _SCENES[function.__name__] = function
    return function


# --- Shapes. Positions and sizes in units; `css` is a class of conduct.css without its prefix.


def rect(x: float, y: float, width: float, height: float, css: str, *, r: float = 4) -> str:
    """Return a rectangle with round corners."""
    return f'<rect class="k-{css}" x="{x}" y="{y}" width="{width}" height="{height}" rx="{r}"/>'


def ellipse(x: float, y: float, rx: float, ry: float, css: str) -> str:
    """Return an ellipse around its centre."""
    return f'<ellipse class="k-{css}" cx="{x}" cy="{y}" rx="{rx}" ry="{ry}"/>'


def path(moves: str, css: str) -> str:
    """Return a path of SVG's own commands."""
    return f'<path class="k-{css}" d="{moves}"/>'


def text(x: float, y: float, words: str, css: str = "words", *, anchor: str = "start") -> str:
    """Return a line of words, escaped; its foot stands at `y`."""
    return f'<text class="k-{css}" x="{x}" y="{y}" text-anchor="{anchor}">{conditional_escape(words)}</text>'


def lines(x: float, y: float, widths: tuple[float, ...], *, step: float = 10) -> str:
    """Return lines of writing that cannot be read."""
    return "".join(rect(x, y + number * step, width, 4, "writing", r=2) for number, width in enumerate(widths))


def person(x: float, y: float, size: float, css: str = "person") -> str:
    """Return a head and shoulders; `size` is the radius of the head."""
    shoulders = f"M{x - 2 * size} {y + 3.6 * size}c0 {-2.4 * size} {4 * size} {-2.4 * size} {4 * size} 0z"
    return ellipse(x, y, size, size * 1.1, css) + path(shoulders, css)


def arm(x: float, y: float, scale: float = 1) -> str:
    """Return a forearm that lies across, with a rash of a few patches."""
    length, height = 96 * scale, 34 * scale
    spots = ((0.22, 0.35, 5), (0.36, 0.62, 7), (0.5, 0.3, 6), (0.62, 0.6, 4), (0.74, 0.42, 5))
    patches = (ellipse(x + a * length, y + b * height, s * scale, s * 0.8 * scale, "rash") for a, b, s in spots)
    return rect(x, y, length, height, "skin", r=height / 2) + "".join(patches)


def phone(x: float, y: float) -> str:
    """Return a phone of 84 × 160 units with an empty screen."""
    return rect(x, y, 84, 160, "device", r=12) + rect(x + 6, y + 12, 72, 134, "screen", r=5)


def bubble(x: float, y: float, width: float, height: float, css: str = "card") -> str:
    """Return a bubble of speech with its tip at the lower left."""
    return rect(x, y, width, height, css, r=9) + path(f"M{x + 14} {y + height - 1}l-8 12 18 -12z", css)


def arrow(x: float, y: float, length: float) -> str:
    """Return an arrow to the right."""
    return path(f"M{x} {y}h{length}m-9 -7l9 7 -9 7", "arrow")


def tattoo(x: float, y: float) -> str:
    """Return an anchor, as sailors have it."""
    return path(f"M{x} {y}v22m-7 -15h14m-18 6c0 12 22 12 22 0", "tattoo") + ellipse(x, y - 3, 3, 3, "tattoo")


# --- Scenes, in the order of the cases


@scene
def phone_and_file(labels: Labels) -> list[str]:
    """Draw a phone with a rash, and what its file says beside it."""
    rows = ((labels["place"], "38.42, 27.14"), (labels["time"], "14:07"), (labels["device"], "SM-A12"))
    said = [
        text(180, 44 + 44 * number, name, "label") + text(180, 62 + 44 * number, value)
        for number, (name, value) in enumerate(rows)
    ]
    return [phone(46, 10), arm(55, 75, 0.69), rect(166, 20, 130, 140, "card"), path("M132 90h32", "dashes"), *said]


@scene
def short_form(labels: Labels) -> list[str]:
    """Draw a sheet with one line and a signature."""
    return [
        rect(60, 8, 200, 164, "card", r=3),
        rect(80, 24, 70, 7, "heading", r=3),
        text(160, 62, labels["line"], "small", anchor="middle"),
        path("M80 140h160", "line"),
        path("M100 136c10-22 16-22 13-7s8 7 14-3 9-8 9 0 11 4 26-5", "sign"),
    ]


@scene
def group_chat(labels: Labels) -> list[str]:
    """Draw a chat of many, and an arrow that leads out of it."""
    people = [person(48 + 26 * number, 142, 6, "person" if number % 2 else "person-2") for number in range(6)]
    return [
        rect(20, 10, 196, 160, "card", r=10),
        text(36, 34, labels["group"], "bold"),
        text(36, 51, labels["members"], "label"),
        bubble(36, 62, 112, 48, "bubble"),
        arm(44, 69, 0.9),
        *people,
        arrow(158, 84, 110),
        rect(276, 56, 28, 52, "device", r=5),
        rect(279, 61, 22, 40, "screen", r=2),
        arm(280.5, 76, 0.2),
    ]


@scene
def open_profile(labels: Labels) -> list[str]:
    """Draw a profile that anybody can read."""
    return [
        rect(40, 8, 240, 164, "card", r=8),
        rect(40, 8, 240, 44, "band", r=8),
        ellipse(84, 56, 27, 27, "screen"),
        person(84, 48, 10),
        text(122, 72, labels["clinic"], "label"),
        bubble(60, 96, 200, 44, "bubble"),
        text(160, 123, labels["post"], "small", anchor="middle"),
        path("M248 26m-14 0c8-11 20-11 28 0c-8 11-20 11-28 0z", "eye"),
        ellipse(248, 26, 4, 4, "eye-dot"),
    ]


@scene
def private_message(labels: Labels) -> list[str]:
    """Draw a friend request with three pictures and a question."""
    pictures = [rect(86 + 52 * n, 64, 44, 34, "screen") + arm(88 + 52 * n, 74, 0.42) for n in range(3)]
    return [
        rect(44, 8, 232, 164, "card", r=10),
        person(82, 26, 8, "person-2"),
        text(108, 40, labels["request"], "bold"),
        *pictures,
        bubble(60, 110, 200, 36, "bubble"),
        text(160, 133, labels["message"], "small", anchor="middle"),
    ]


@scene
def thread_with_question(labels: Labels) -> list[str]:
    """Draw a picture of a plaque and a question below it."""
    return [
        rect(30, 8, 260, 92, "picture", r=6),
        rect(60, 26, 200, 56, "skin", r=28),
        ellipse(160, 54, 38, 20, "rash"),
        path("M134 50l12 5 8-7 11 8 9-7 12 5", "scale"),
        person(56, 124, 8),
        bubble(92, 112, 190, 40, "card"),
        text(187, 137, labels["question"], "bold", anchor="middle"),
    ]


@scene
def pair(labels: Labels) -> list[str]:
    """Draw a scar before and after; the second is brighter, and a tattoo is bare."""
    return [
        rect(16, 10, 138, 134, "picture", r=6),
        rect(36, 30, 98, 94, "skin-dark", r=20),
        path("M62 48c14 16 22 30 42 52", "scar"),
        rect(98, 38, 30, 40, "cloth", r=3),
        rect(166, 10, 138, 134, "picture-light", r=6),
        rect(186, 30, 98, 94, "skin-light", r=20),
        path("M212 48c14 16 22 30 42 52", "scar-pale"),
        tattoo(263, 48),
        text(85, 166, labels["before"], "bold", anchor="middle"),
        text(235, 166, labels["after"], "bold", anchor="middle"),
    ]


@scene
def paid_lecture(labels: Labels) -> list[str]:
    """Draw a lecture, a box of medicine and an envelope from its maker."""
    coins = [ellipse(252 + 7 * n, 132 - 5 * n, 9, 9, "coin") for n in range(3)]
    return [
        rect(20, 10, 150, 92, "card", r=4),
        lines(34, 26, (70, 100, 86)),
        rect(34, 62, 20, 28, "band", r=2),
        rect(60, 72, 20, 18, "band", r=2),
        rect(86, 54, 20, 36, "heading", r=2),
        person(100, 124, 12),
        rect(196, 22, 96, 52, "card", r=3),
        rect(196, 22, 96, 14, "band", r=3),
        text(244, 60, labels["maker"], "bold", anchor="middle"),
        rect(196, 96, 96, 62, "card", r=3),
        path("M196 98l48 34 48-34", "line"),
        *coins,
    ]


@scene
def harsh_thread(labels: Labels) -> list[str]:
    """Draw a small question, a loud answer, and three who laugh."""
    faces = [
        ellipse(214 + 30 * n, 152, 11, 11, "face")
        + path(f"M{208 + 30 * n} {153}c3 7 9 7 12 0z", "mouth")
        + path(f"M{208 + 30 * n} {148}l4 -2m4 0l4 2", "line")
        for n in range(3)
    ]
    return [
        person(36, 24, 7, "person-2"),
        bubble(64, 10, 150, 34, "card"),
        text(139, 32, labels["resident"], "small", anchor="middle"),
        person(40, 88, 12),
        bubble(76, 64, 226, 62, "loud"),
        text(189, 102, labels["professor"], "shout", anchor="middle"),
        *faces,
    ]


@scene
def slide_with_label(labels: Labels) -> list[str]:
    """Draw a glass slide with tissue and a label with a name."""
    cells = [
        ellipse(152 + 13 * (n % 9), 78 + 12 * (n // 9) + 3 * (n % 2), 2.6, 2.6, "nucleus") for n in range(36) if n % 5
    ]
    return [
        rect(20, 48, 280, 84, "glass", r=4),
        rect(26, 54, 78, 72, "card", r=2),
        text(65, 84, labels["label"], "bold", anchor="middle"),
        path("M36 98h3v16h-3zm7 0h2v16h-2zm6 0h5v16h-5zm9 0h2v16h-2zm6 0h3v16h-3zm7 0h5v16h-5zm9 0h2v16h-2z", "ink"),
        path("M136 84c20-28 96-26 134-4 14 10 8 32-8 36-40 12-96 10-118-2-10-6-16-20-8-30z", "tissue"),
        *cells,
        ellipse(65, 90, 50, 48, "ring"),
    ]


@scene
def guardian_and_child(labels: Labels) -> list[str]:
    """Draw an adult, and a child who turns away and says no."""
    return [
        person(96, 58, 24),
        person(190, 92, 17, "person-2"),
        rect(214, 126, 36, 10, "skin", r=5),
        ellipse(226, 131, 3, 2.5, "rash"),
        ellipse(237, 130, 2.5, 2, "rash"),
        bubble(220, 26, 84, 40, "card"),
        text(262, 53, labels["no"], "shout", anchor="middle"),
    ]


@scene
def letter_and_machine(labels: Labels) -> list[str]:
    """Draw a letter, and an arrow from it to a machine in a cloud."""
    return [
        rect(24, 18, 108, 144, "card", r=3),
        text(38, 42, labels["letter"], "bold"),
        lines(38, 56, (80, 72, 80, 50, 76, 80, 62, 30)),
        path("M38 146c6-10 10-8 9-1s7 2 18-3", "sign"),
        arrow(142, 92, 42),
        path("M206 132c-22 0-24-34-2-36 0-30 42-38 52-14 24-6 42 16 30 32 6 12-4 18-14 18z", "cloud"),
        rect(220, 84, 52, 38, "device", r=8),
        ellipse(235, 99, 4, 4, "screen"),
        ellipse(257, 99, 4, 4, "screen"),
        text(246, 117, labels["tool"], "on-device", anchor="middle"),
    ]
