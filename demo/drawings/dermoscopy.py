"""Dermoscopic pictures of simulated lesions: contact polarised, 16 mm across by default.

Every picture function takes `seed`, `monk` (1-10), `width` and `height` (px) and returns H×W×3 uint8
sRGB. Colour says depth: melanin is black at the surface, brown at the junction, blue-grey in the dermis.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.drawings.palette import (
    BLOOD,
    DERMAL_PIGMENT,
    MELANIN,
    Amount,
    Field,
    Rgb,
    absorb,
    over,
    shade,
    skin_tone,
    to_linear,
    to_srgb,
)
from demo.drawings.texture import (
    Shape,
    Window,
    blur,
    cells,
    fractal,
    outline,
    scatter,
    smoothstep,
    stroke,
    wander,
    window,
)


class Scope:
    """What the dermatoscope sees: chromophore amounts H×W float32, and covers 0-1.

    surface: melanin in the horny layer; melanin: at the junction; dermal: deep; blood; white: scar or
    veil; horn: yellow-brown keratin.
    """

    def __init__(self, *, seed: int, monk: int, width: int = 1600, height: int = 1200, across_mm: float = 16.0) -> None:
        self.rng = np.random.default_rng(seed)
        self.monk = monk
        self.shape: Shape = (height, width)
        self.mm = width / across_mm
        self.melanin, self.dermal, self.blood, self.white, self.horn, self.surface = (
            np.zeros(self.shape, np.float32) for _ in range(6)
        )
        self.centre = width * self.rng.uniform(0.47, 0.53), height * self.rng.uniform(0.47, 0.53)
        self.blood += 0.055 * self.noise(4.0) + 0.04 * self.noise(0.8)
        self.melanin += 0.05 * self.noise(3.0) + 0.02 * self.noise(0.3)
        self._faint_lines()

    def noise(self, millimetres: float, *, octaves: int = 4, gain: float = 0.5) -> Field:
        """Noise of unit deviation over the frame with features of that size."""
        return fractal(self.rng, self.shape, max(1.5, millimetres * self.mm), octaves=octaves, gain=gain)

    def whole(self) -> Window:
        """The whole frame seen from the middle of the lesion."""
        return window(self.shape, self.centre, 2.0 * max(self.shape))

    def part(self, centre: tuple[float, float], reach: float) -> Window:
        """The part within `reach` px of `centre` (x, y px)."""
        return window(self.shape, centre, reach)

    def _faint_lines(self) -> None:
        net = cells(
            self.rng, self.shape, 0.62 * self.mm, stretch=1.4, angle=self.rng.uniform(0, 3), bent=0.08 * self.mm
        )
        line = np.exp(-((net.edge / (0.055 * self.mm)) ** 2)) * smoothstep(-1.2, 1.2, self.noise(3, octaves=2))
        # On dark skin the net of normal skin itself carries pigment.
        self.melanin += line * np.float32(0.035 + 0.02 * max(0, self.monk - 4))
        self.white += line * np.float32(0.05)
        if self.monk > 5:
            own = cells(self.rng, self.shape, 0.24 * self.mm, bent=0.03 * self.mm)
            self.melanin += np.exp(-((own.edge / (0.05 * self.mm)) ** 2)) * np.float32(0.035 * (self.monk - 5))

    def photograph(self, *, round_field: bool = True, ruler: bool = False, bubbles: int = 0, hairs: int = 6) -> Rgb:
        """Render to H×W×3 uint8 sRGB."""
        rng, (height, width) = self.rng, self.shape
        base = skin_tone(self.monk) * np.array((0.98, 0.88, 0.86), np.float32)
        light = absorb(
            base,
            (np.maximum(self.melanin, -0.25), MELANIN),
            (np.maximum(self.surface, 0), np.array((0.95, 1.1, 1.2), np.float32)),
            (np.maximum(self.dermal, 0), DERMAL_PIGMENT),
            (np.maximum(self.blood, -0.2), BLOOD),
        )
        # Tyndall: deep pigment also scatters some blue back.
        haze = 1 - np.exp(-np.maximum(self.dermal, 0) * 0.8)
        light = light + haze[..., None] * np.array((0.030, 0.048, 0.085), np.float32)
        light = over(light, to_linear((226, 208, 206)) * np.float32(1 - 0.05 * max(0, self.monk - 3)), self.white)
        horn = absorb(
            to_linear((222, 178, 110)),
            (0.35 + 0.25 * self.noise(0.15, octaves=3), np.array((0.5, 0.95, 1.4), np.float32)),
        )
        light = over(light, horn, self.horn)
        # Light wanders under the skin: everything but the horny layer is a little soft, red most.
        light = np.dstack([blur(np.ascontiguousarray(light[..., c]), s) for c, s in enumerate((1.5, 0.9, 0.7))])
        relief = self.noise(0.05, octaves=2) + 0.6 * self.noise(0.4, octaves=2)
        shade(light, 1 + 0.022 * relief)
        self._hairs(light, hairs)
        for _ in range(bubbles):
            self._bubble(light)
        x, y = np.meshgrid(
            (np.arange(width, dtype=np.float32) - width / 2) / (height / 2),
            (np.arange(height, dtype=np.float32) - height / 2) / (height / 2),
        )
        radius = np.sqrt(x**2 + y**2)
        shade(light, 1.12 - 0.20 * radius**2 + 0.03 * x)
        soft = np.asarray(cv2.GaussianBlur(light, (9, 9), 2.2), np.float32)
        light = over(light, soft, smoothstep(0.7, 1.15, radius))
        if ruler:
            self._ruler(light, inside=0.86 if round_field else 0.0)
        if round_field:
            rim = smoothstep(0.985, 0.965, radius) * (1 - 0.42 * smoothstep(0.72, 0.985, radius))
            light = light * rim[..., None] + (0.004 + 0.004 * np.exp(-(((radius - 1.0) / 0.02) ** 2)))[..., None]
        grain = cv2.resize(
            rng.standard_normal((height // 2, width // 2), np.float32), (width, height), interpolation=cv2.INTER_CUBIC
        )
        shade(light, 1 + 0.010 * grain)
        return to_srgb(np.asarray(light, np.float32))

    def _hairs(self, light: Field, count: int) -> None:
        layer = np.zeros(self.shape, np.uint8)
        height, width = self.shape
        lean = self.rng.uniform(0, 3)
        for _ in range(count):
            start = self.rng.uniform(0, width), self.rng.uniform(0, height)
            path = wander(
                self.rng, start, lean + self.rng.normal(0, 0.3), self.rng.uniform(2, 7) * self.mm, curl=0.03, step=14
            )
            stroke(layer, path, np.linspace(5.5, 1.2, len(path)) * self.mm / 100, int(self.rng.uniform(120, 230)))
        cover = blur(layer.astype(np.float32) / 255, 0.9)
        shade(light, 1 - 0.78 * cover)

    def _bubble(self, light: Field) -> None:
        height, width = self.shape
        centre = self.rng.uniform(0.1, 0.9) * width, self.rng.uniform(0.1, 0.9) * height
        radius = self.rng.uniform(0.10, 0.42) * self.mm
        spot = self.part(centre, radius * 1.6)
        gone = np.sqrt(spot.x**2 + spot.y**2) / np.float32(radius)
        ring = np.exp(-(((gone - 0.97) / 0.06) ** 2))
        glint = np.exp(-((spot.x + 0.45 * radius) ** 2 + (spot.y + 0.45 * radius) ** 2) / (0.16 * radius) ** 2)
        light[spot.at] *= (1 - 0.40 * ring)[..., None]
        light[spot.at] += (0.10 * smoothstep(1.0, 0.7, gone) * gone**2 + 0.55 * glint)[..., None]

    def _ruler(self, light: Field, inside: float) -> None:
        height, width = self.shape
        layer = np.zeros(self.shape, np.uint8)
        half = height / 2 * (inside or 0.94)
        count = int(9 if inside else width / self.mm / 2 - 1)
        for i in range(-count, count + 1):
            tall = 0.42 if i % 5 == 0 else 0.24
            if inside:
                turn = math.pi / 2 - i * self.mm / half
                away = np.array((math.cos(turn), math.sin(turn)))
                ends = np.array((width / 2, height / 2)) + away * np.array([[half], [half + tall * self.mm]])
            else:
                x = width / 2 + i * self.mm
                ends = np.array(((x, height - 4.0), (x, height - 4.0 - tall * self.mm)))
            stroke(layer, ends, np.array((3.0, 3.0)) * self.mm / 100 + 1, 255)
        shade(light, 1 - 0.9 * layer.astype(np.float32) / 255)

    # --- structures -----------------------------------------------------------------------------

    def network(
        self, where: Amount, *, pitch: float = 0.22, thick: float = 0.05, amount: float = 0.75, vary: float = 0.5
    ) -> None:
        """Brown honeycomb lines, `pitch` and `thick` in mm; `vary` makes an atypical network."""
        net = cells(self.rng, self.shape, pitch * self.mm, jitter=0.30 + 0.25 * vary, bent=pitch * self.mm * 0.16)
        breadth = thick * self.mm * np.exp(0.45 * vary * self.noise(1.2, octaves=2))
        lines = np.exp(-((net.edge / breadth) ** 2))
        strength = np.clip(1 + 0.45 * vary * self.noise(1.6, octaves=3), 0.15, 2)
        self.melanin += where * lines * strength * np.float32(amount)
        self.melanin += where * np.float32(0.22 * amount)

    def globules(
        self, where: Amount, *, count: int, size: float = 0.10, amount: float = 1.0, deep: bool = False
    ) -> None:
        """Round clumps, `size` mm; brown, or blue-grey when `deep`."""
        target = self.dermal if deep else self.melanin
        for x, y in scatter(self.rng, count, self.shape, apart=size * self.mm * 1.5, weight=where):
            radius = size * self.mm * self.rng.uniform(0.5, 1.25)
            spot = self.part((x, y), radius * 1.8)
            inside = outline(self.rng, spot, radius, irregular=0.12, lobes=3, ratio=self.rng.uniform(0.8, 1.25))
            target[spot.at] += smoothstep(-0.3 * radius, 0.35 * radius, inside) * np.float32(
                amount * self.rng.uniform(0.5, 1.1)
            )

    def streaks(self, inside: Amount, *, count: int, length: float = 0.9) -> None:
        """Radial lines at the border with bulbous ends (pseudopods), `length` mm."""
        layer = np.zeros(self.shape, np.uint8)
        slope_x = cv2.Sobel(blur(inside, 8), cv2.CV_32F, 1, 0)
        slope_y = cv2.Sobel(blur(inside, 8), cv2.CV_32F, 0, 1)
        rim = np.exp(-(((inside - 0.5 * self.mm) / (0.25 * self.mm)) ** 2)).astype(np.float32)
        for x, y in scatter(self.rng, count, self.shape, apart=0.13 * self.mm, weight=rim):
            out = math.atan2(-slope_y[int(y), int(x)], -slope_x[int(y), int(x)])
            path = wander(
                self.rng,
                (float(x), float(y)),
                out + self.rng.normal(0, 0.15),
                length * self.mm * self.rng.uniform(0.5, 1),
                curl=0.05,
            )
            stroke(layer, path, np.linspace(7, 4, len(path)) * self.mm / 100, 230)
            end = path[-1]
            cv2.circle(
                layer,
                (int(end[0]), int(end[1])),
                max(2, int(self.rng.uniform(3, 7) * self.mm / 100)),
                255,
                -1,
                cv2.LINE_AA,
            )
        self.melanin += blur(layer.astype(np.float32) / 255, 1.6) * 1.25

    def veil(self, where: Amount) -> None:
        """Structureless blue pigment under a whitish ground-glass haze."""
        self.dermal += where * np.float32(1.15)
        self.melanin += where * np.float32(0.25)
        self.white += where * (0.17 + 0.05 * self.noise(0.8))

    def vessels(self, layer: NDArray[np.uint8], *, soft: float = 0.8, amount: float = 1.7) -> None:
        """Add a drawn layer of vessels, in focus as on a basal cell carcinoma."""
        cover = blur(layer.astype(np.float32) / 255, soft)
        self.blood += cover * np.float32(amount)
        self.white *= 1 - 0.75 * cover

    def openings(self, where: Amount, *, count: int) -> None:
        """Comedo-like openings: brown-black plugs with a sharp edge."""
        for x, y in scatter(self.rng, count, self.shape, apart=0.32 * self.mm, weight=where):
            radius = self.rng.uniform(0.07, 0.24) * self.mm
            spot = self.part((x, y), radius * 2)
            inside = outline(
                self.rng,
                spot,
                radius,
                irregular=0.22,
                lobes=5,
                ratio=self.rng.uniform(0.7, 1.6),
                angle=self.rng.uniform(0, 3),
            )
            cover = smoothstep(-2.0, 4.0, inside)
            grain = fractal(self.rng, spot.shape, 0.06 * self.mm, octaves=2)
            self.melanin[spot.at] += cover * (1.25 + 0.18 * grain)
            self.surface[spot.at] += cover * smoothstep(0, radius, inside) * 0.7
            self.white[spot.at] *= 1 - cover
            self.horn[spot.at] *= 1 - 0.8 * cover

    def cysts(self, where: Amount, *, count: int) -> None:
        """Milia-like cysts: whitish-yellow round structures that seem to glow."""
        for x, y in scatter(self.rng, count, self.shape, apart=0.4 * self.mm, weight=where):
            radius = self.rng.uniform(0.05, 0.15) * self.mm
            spot = self.part((x, y), radius * 3)
            glow = np.exp(-(spot.x**2 + spot.y**2) / (radius * 1.15) ** 2)
            self.white[spot.at] = np.maximum(self.white[spot.at], glow * 0.8)
            self.melanin[spot.at] *= 1 - 0.6 * glow
            self.horn[spot.at] = np.maximum(self.horn[spot.at], glow * 0.22)


def branch(
    layer: NDArray[np.uint8],
    rng: np.random.Generator,
    start: tuple[float, float],
    angle: float,
    length: float,
    width: float,
    depth: int,
) -> None:
    """Draw an arborising vessel, `length` and `width` px, branching `depth` times."""
    path = wander(rng, start, angle, length, curl=0.16, step=max(5.0, length / 18))
    stroke(layer, path, np.linspace(width, width * 0.6, len(path)), 255 if width > 1.6 else 150)
    if depth == 0:
        return
    for _ in range(int(rng.integers(2, 5))):
        at = int(rng.integers(len(path) // 5, len(path)))
        turn = angle + float(rng.choice((-1, 1))) * rng.uniform(0.35, 1.1)
        branch(
            layer,
            rng,
            (float(path[at][0]), float(path[at][1])),
            turn,
            length * rng.uniform(0.35, 0.65),
            width * 0.58,
            depth - 1,
        )


# --- pictures -----------------------------------------------------------------------------------


def melanoma(*, seed: int, monk: int = 2, width: int = 1600, height: int = 1200) -> Rgb:
    """Atypical network, irregular globules, streaks, blue-white veil and regression."""
    scope = Scope(seed=seed, monk=monk, width=width, height=height)
    rng, mm = scope.rng, scope.mm
    part = scope.whole()
    inside = outline(rng, part, 4.1 * mm, ratio=1.25, angle=0.5, irregular=0.22, lobes=7, ragged=0.20 * mm)
    cover = smoothstep(-0.25 * mm, 0.35 * mm, inside)
    coarse = scope.noise(2.6)
    scope.melanin += cover * np.clip(0.42 + 0.25 * coarse + 0.08 * scope.noise(0.3), 0.1, 1.4)
    scope.network(cover * smoothstep(2.6 * mm, 0.9 * mm, inside), pitch=0.25, thick=0.062, amount=0.95, vary=1.0)
    scope.streaks(inside, count=64)
    ink = smoothstep(0.5, 1.3, coarse + 0.2 * scope.noise(0.3)) * cover
    scope.melanin += ink * 1.1
    scope.surface += ink * 0.6
    blue = np.exp(-((((part.x - 0.7 * mm) / (1.6 * mm)) ** 2 + ((part.y + 0.3 * mm) / (1.3 * mm)) ** 2) ** 1.5))
    scope.veil(cover * blue * np.clip(0.9 + 0.2 * scope.noise(0.7), 0.3, 1.3))
    scar = (
        smoothstep(0.45, 1.3, scope.noise(2.2, octaves=3)) * cover * smoothstep(0.5 * mm, 1.4 * mm, inside) * (1 - blue)
    )
    scope.melanin -= scar * scope.melanin * 0.8
    scope.white += scar * 0.42
    scope.blood += scar * 0.22
    scope.globules(scar, count=130, size=0.035, amount=0.8, deep=True)
    scope.globules(cover * smoothstep(1.2 * mm, 0.4 * mm, inside), count=46, size=0.11, amount=1.1)
    return scope.photograph(ruler=True, bubbles=2)


def dysplastic_naevus(*, seed: int, monk: int = 3, width: int = 1600, height: int = 1200) -> Rgb:
    """Typical reticular network, thinning towards the border, darker and globular in the middle."""
    scope = Scope(seed=seed, monk=monk, width=width, height=height, across_mm=14)
    rng, mm = scope.rng, scope.mm
    inside = outline(rng, scope.whole(), 3.7 * mm, ratio=1.25, angle=-0.4, irregular=0.10, lobes=5, ragged=0.12 * mm)
    cover = smoothstep(-0.5 * mm, 1.2 * mm, inside)
    scope.melanin += cover * (0.16 + 0.07 * scope.noise(1.4)) + smoothstep(1.2 * mm, 3.0 * mm, inside) * 0.32
    scope.blood += cover * 0.08
    scope.network(cover, pitch=0.23, thick=0.05, amount=0.85, vary=0.35)
    scope.globules(smoothstep(1.7 * mm, 2.7 * mm, inside) * 0.8, count=70, size=0.075, amount=0.7)
    return scope.photograph(ruler=False, bubbles=4, hairs=9)


def basal_cell_carcinoma(*, seed: int, monk: int = 2, width: int = 1600, height: int = 1200) -> Rgb:
    """Arborising vessels over a milky pink ground, blue-grey ovoid nests, a small erosion."""
    scope = Scope(seed=seed, monk=monk, width=width, height=height, across_mm=13)
    rng, mm = scope.rng, scope.mm
    cx, cy = scope.centre
    inside = outline(rng, scope.whole(), 3.9 * mm, ratio=1.2, angle=0.3, irregular=0.08, lobes=5, ragged=0.08 * mm)
    cover = smoothstep(-0.3 * mm, 0.6 * mm, inside)
    scope.melanin -= cover * 0.08
    scope.blood += cover * (0.22 + 0.06 * scope.noise(1.0))
    scope.white += cover * np.clip(0.26 + 0.12 * scope.noise(1.3), 0, 0.6)
    shine = np.abs(fractal(rng, scope.shape, 0.5 * mm, octaves=1, stretch=6, angle=0.5))
    scope.white += cover * np.exp(-((shine / 0.05) ** 2)) * 0.22 * smoothstep(0.2, 1.2, scope.noise(1.5))
    nests = smoothstep(0.3 * mm, 1.5 * mm, inside) * smoothstep(3.5 * mm, 2.4 * mm, inside)
    for x, y in scatter(rng, 9, scope.shape, apart=0.8 * mm, weight=nests):
        radius = rng.uniform(0.18, 0.48) * mm
        spot = scope.part((x, y), radius * 2.4)
        nest = outline(rng, spot, radius, ratio=rng.uniform(1.0, 1.7), angle=rng.uniform(0, 3), irregular=0.14, lobes=4)
        scope.dermal[spot.at] += smoothstep(-0.35 * radius, 0.4 * radius, nest) * np.float32(rng.uniform(0.6, 1.1))
    layer = np.zeros(scope.shape, np.uint8)
    for turn in np.linspace(0, 2 * math.pi, 9)[:-1] + rng.normal(0, 0.25, 8):
        away = 3.7 * mm
        start = cx + math.cos(turn) * away * 1.08, cy + math.sin(turn) * away * 0.9
        branch(
            layer,
            rng,
            start,
            turn + math.pi + rng.normal(0, 0.5),
            rng.uniform(1.8, 3.6) * mm,
            rng.uniform(0.06, 0.10) * mm,
            4,
        )
    layer[inside < -0.1 * mm] = 0
    scope.vessels(layer)
    spot = scope.part((cx + 0.8 * mm, cy + 0.9 * mm), 2 * mm)
    bare = outline(rng, spot, 0.62 * mm, irregular=0.2, ragged=0.06 * mm)
    scope.horn[spot.at] = np.maximum(scope.horn[spot.at], smoothstep(-4, 8, bare) * 0.85)
    scope.blood[spot.at] += smoothstep(-0.1 * mm, 0.1 * mm, bare) * 0.5
    return scope.photograph(ruler=True, bubbles=3, hairs=4)


def seborrhoeic_keratosis(*, seed: int, monk: int = 4, width: int = 1600, height: int = 1200) -> Rgb:
    """Sharp border, fissures and ridges, comedo-like openings and milia-like cysts."""
    scope = Scope(seed=seed, monk=monk, width=width, height=height, across_mm=15)
    rng, mm = scope.rng, scope.mm
    inside = outline(rng, scope.whole(), 4.6 * mm, ratio=1.2, angle=-0.5, irregular=0.10, lobes=7, ragged=0.14 * mm)
    cover = smoothstep(-0.06 * mm, 0.14 * mm, inside)
    lobes = cells(rng, scope.shape, 0.66 * mm, jitter=0.6, bent=0.18 * mm)
    ridges = smoothstep(0.0, 0.20 * mm, lobes.edge)
    scope.melanin += cover * (
        0.46 + 0.42 * (1 - ridges) + 0.14 * (lobes.tint - 0.5) + 0.10 * scope.noise(1.3) + 0.06 * scope.noise(0.15)
    )
    scope.horn = np.maximum(scope.horn, cover * smoothstep(0.2, 1.6, scope.noise(1.2)) * 0.42)
    scope.dermal += cover * 0.08 * np.clip(scope.noise(2), 0, 2)
    scope.openings(smoothstep(0.25 * mm, 0.7 * mm, inside), count=62)
    scope.cysts(smoothstep(0.25 * mm, 0.7 * mm, inside), count=34)
    return scope.photograph(round_field=True, bubbles=2, hairs=5)


def acral_melanoma(*, seed: int, monk: int = 7, width: int = 1600, height: int = 1200) -> Rgb:
    """Parallel ridge pattern: pigment on the ridges, eccrine openings as pale dots along them."""
    return _acral(seed, monk, width, height, on_ridges=True)


def acral_naevus(*, seed: int, monk: int = 7, width: int = 1600, height: int = 1200) -> Rgb:
    """Parallel furrow pattern: thin brown lines in the furrows."""
    return _acral(seed, monk, width, height, on_ridges=False)


def _acral(seed: int, monk: int, width: int, height: int, *, on_ridges: bool) -> Rgb:
    # Soles and palms hold far less pigment than the rest of the skin.
    scope = Scope(seed=seed, monk=max(1, min(monk - 3, 5)), width=width, height=height, across_mm=13)
    rng, mm = scope.rng, scope.mm
    part = scope.whole()
    lean = rng.uniform(0.35, 0.8)
    pitch = 0.52 * mm
    phase = (part.y * math.cos(lean) + part.x * math.sin(lean)) / np.float32(pitch)
    phase = phase + scope.noise(7, octaves=2) * 0.75 + scope.noise(1.2, octaves=2) * 0.05
    wave = np.cos(phase * 2 * math.pi)
    radius = 4.4 if on_ridges else 3.1
    inside = outline(
        rng, part, radius * mm, ratio=1.4, angle=-lean, irregular=0.22 if on_ridges else 0.08, lobes=8, ragged=0.35 * mm
    )
    cover = smoothstep(-0.7 * mm, 0.9 * mm, inside)
    uneven = (
        np.clip(0.75 + 0.42 * scope.noise(2.2), 0.1, 2) if on_ridges else np.clip(0.9 + 0.15 * scope.noise(1), 0, 2)
    )
    scope.white += smoothstep(0.2, -0.9, wave) * 0.10
    scope.blood += smoothstep(-0.5, 0.8, wave) * 0.07
    if on_ridges:
        scope.melanin += cover * smoothstep(-0.55, 0.55, wave) * uneven * 1.25 + cover * 0.18
        blotch = smoothstep(0.5, 1.7, scope.noise(2.4, gain=0.65)) * cover
        scope.melanin += blotch * 0.9
        scope.dermal += blotch * 0.5
    else:
        line = np.exp(-(((wave + 1) / 0.13) ** 2))
        scope.melanin += cover * line * uneven * 1.15 + cover * 0.10
    # Eccrine openings sit on the crest, one every ridge width or so.
    step = pitch * 1.35
    along = (part.x * math.cos(lean) - part.y * math.sin(lean)) / np.float32(step) + 0.37 * np.round(phase)
    off = np.hypot((phase - np.round(phase)) * pitch, (along - np.round(along)) * step)
    dots = smoothstep(0.085 * mm, 0.035 * mm, off.astype(np.float32))
    scope.white = np.maximum(scope.white, dots * 0.62)
    scope.melanin *= 1 - 0.65 * dots
    return scope.photograph(ruler=not on_ridges, bubbles=2, hairs=0)


def haemangioma(*, seed: int, monk: int = 4, width: int = 1600, height: int = 1200) -> Rgb:
    """Red, purple and blue-black lacunae parted by pale septa."""
    scope = Scope(seed=seed, monk=monk, width=width, height=height, across_mm=11)
    rng, mm = scope.rng, scope.mm
    inside = outline(rng, scope.whole(), 3.1 * mm, ratio=1.1, irregular=0.08, lobes=6, ragged=0.1 * mm)
    cover = smoothstep(-0.1 * mm, 0.25 * mm, inside)
    lakes = cells(rng, scope.shape, 0.72 * mm, jitter=0.6, bent=0.14 * mm)
    lake = smoothstep(0.040 * mm, 0.125 * mm, blur(lakes.edge, 0.05 * mm) + 0.012 * mm * scope.noise(0.2)) * cover
    depth = lakes.tint**2
    scope.blood += lake * (0.95 + 0.7 * depth + 0.12 * scope.noise(0.25)) + cover * 0.28
    scope.dermal += lake * depth * 0.95
    scope.melanin += lake * depth * 0.6
    scope.white += cover * (1 - lake) * 0.26
    return scope.photograph(ruler=False, bubbles=5, hairs=5)


def blue_naevus(*, seed: int, monk: int = 4, width: int = 1600, height: int = 1200) -> Rgb:
    """Homogeneous steel-blue structureless pattern with a soft border."""
    scope = Scope(seed=seed, monk=monk, width=width, height=height, across_mm=12)
    inside = outline(
        scope.rng, scope.whole(), 3.0 * scope.mm, ratio=1.12, irregular=0.07, lobes=5, ragged=0.06 * scope.mm
    )
    cover = smoothstep(-0.55 * scope.mm, 0.9 * scope.mm, inside)
    scope.dermal += cover * (1.05 + 0.09 * scope.noise(1.3) + 0.04 * scope.noise(0.2))
    scope.melanin += cover * 0.15
    scope.white += cover * np.clip(0.10 + 0.05 * scope.noise(1.0), 0, 0.3)
    return scope.photograph(ruler=True, bubbles=2, hairs=8)


def psoriasis(*, seed: int, monk: int = 4, width: int = 1600, height: int = 1200) -> Rgb:
    """Evenly spread dotted vessels on a red ground with patchy white scale."""
    scope = Scope(seed=seed, monk=monk, width=width, height=height, across_mm=11)
    rng, mm = scope.rng, scope.mm
    scope.blood += np.float32(0.34) + 0.07 * scope.noise(1.5)
    dots = np.zeros(scope.shape, np.uint8)
    for x, y in cells(rng, scope.shape, 0.26 * mm, jitter=0.5).seeds:
        cv2.circle(
            dots,
            (int(x), int(y)),
            max(1, int(rng.uniform(0.025, 0.05) * mm)),
            int(rng.uniform(120, 255)),
            -1,
            cv2.LINE_AA,
        )
    scope.vessels(dots, soft=1.6, amount=1.0)
    plates = cells(rng, scope.shape, 0.8 * mm, jitter=0.6, bent=0.2 * mm, stretch=1.4, angle=0.6)
    held = smoothstep(0.80, 1.15, plates.tint + 0.32 * scope.noise(2.4)) * smoothstep(0.0, 0.05 * mm, plates.edge)
    scope.white = np.maximum(scope.white, held * (0.62 + 0.16 * scope.noise(0.2)))
    return scope.photograph(round_field=False, bubbles=0, hairs=3)
