"""A dermatoscope's view of simulated skin: pigment, vessels and structures, and rendering to a picture."""

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
    """A dermoscopic field: chromophore amounts H×W float32, and covers 0-1.

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
        self._add_skin_lines()

    def noise(self, millimetres: float, *, octaves: int = 4, gain: float = 0.5) -> Field:
        """Return noise of unit deviation over the frame with features of that size."""
        return fractal(self.rng, self.shape, max(1.5, millimetres * self.mm), octaves=octaves, gain=gain)

    def whole(self) -> Window:
        """Return the whole frame as a window centred on the lesion."""
        return window(self.shape, self.centre, 2.0 * max(self.shape))

    def part(self, centre: tuple[float, float], reach: float) -> Window:
        """Return the window within `reach` px of `centre` (x, y px)."""
        return window(self.shape, centre, reach)

    def _add_skin_lines(self) -> None:
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
        # Light scatters under the skin: everything but the horny layer is slightly soft, red most.
        light = np.dstack([blur(np.ascontiguousarray(light[..., c]), s) for c, s in enumerate((1.5, 0.9, 0.7))])
        relief = self.noise(0.05, octaves=2) + 0.6 * self.noise(0.4, octaves=2)
        shade(light, 1 + 0.022 * relief)
        self._draw_hairs(light, hairs)
        for _ in range(bubbles):
            self._draw_bubble(light)
        x, y = np.meshgrid(
            (np.arange(width, dtype=np.float32) - width / 2) / (height / 2),
            (np.arange(height, dtype=np.float32) - height / 2) / (height / 2),
        )
        radius = np.sqrt(x**2 + y**2)
        shade(light, 1.12 - 0.20 * radius**2 + 0.03 * x)
        soft = np.asarray(cv2.GaussianBlur(light, (9, 9), 2.2), np.float32)
        light = over(light, soft, smoothstep(0.7, 1.15, radius))
        if ruler:
            self._draw_ruler(light, inside=0.86 if round_field else 0.0)
        if round_field:
            rim = smoothstep(0.985, 0.965, radius) * (1 - 0.42 * smoothstep(0.72, 0.985, radius))
            light = light * rim[..., None] + (0.004 + 0.004 * np.exp(-(((radius - 1.0) / 0.02) ** 2)))[..., None]
        grain = cv2.resize(
            rng.standard_normal((height // 2, width // 2), np.float32), (width, height), interpolation=cv2.INTER_CUBIC
        )
        shade(light, 1 + 0.010 * grain)
        return to_srgb(np.asarray(light, np.float32))

    def _draw_hairs(self, light: Field, count: int) -> None:
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

    def _draw_bubble(self, light: Field) -> None:
        height, width = self.shape
        centre = self.rng.uniform(0.1, 0.9) * width, self.rng.uniform(0.1, 0.9) * height
        radius = self.rng.uniform(0.10, 0.42) * self.mm
        spot = self.part(centre, radius * 1.6)
        gone = np.sqrt(spot.x**2 + spot.y**2) / np.float32(radius)
        ring = np.exp(-(((gone - 0.97) / 0.06) ** 2))
        glint = np.exp(-((spot.x + 0.45 * radius) ** 2 + (spot.y + 0.45 * radius) ** 2) / (0.16 * radius) ** 2)
        light[spot.at] *= (1 - 0.40 * ring)[..., None]
        light[spot.at] += (0.10 * smoothstep(1.0, 0.7, gone) * gone**2 + 0.55 * glint)[..., None]

    def _draw_ruler(self, light: Field, inside: float) -> None:
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

    def add_network(
        self, where: Amount, *, pitch: float = 0.22, thick: float = 0.05, amount: float = 0.75, vary: float = 0.5
    ) -> None:
        """Add brown honeycomb lines, `pitch` and `thick` in mm; `vary` makes an atypical network."""
        net = cells(self.rng, self.shape, pitch * self.mm, jitter=0.30 + 0.25 * vary, bent=pitch * self.mm * 0.16)
        breadth = thick * self.mm * np.exp(0.45 * vary * self.noise(1.2, octaves=2))
        lines = np.exp(-((net.edge / breadth) ** 2))
        strength = np.clip(1 + 0.45 * vary * self.noise(1.6, octaves=3), 0.15, 2)
        self.melanin += where * lines * strength * np.float32(amount)
        self.melanin += where * np.float32(0.22 * amount)

    def add_globules(
        self, where: Amount, *, count: int, size: float = 0.10, amount: float = 1.0, deep: bool = False
    ) -> None:
        """Add round clumps, `size` mm; brown, or blue-grey when `deep`."""
        target = self.dermal if deep else self.melanin
        for x, y in scatter(self.rng, count, self.shape, apart=size * self.mm * 1.5, weight=where):
            radius = size * self.mm * self.rng.uniform(0.5, 1.25)
            spot = self.part((x, y), radius * 1.8)
            inside = outline(self.rng, spot, radius, irregular=0.12, lobes=3, ratio=self.rng.uniform(0.8, 1.25))
            target[spot.at] += smoothstep(-0.3 * radius, 0.35 * radius, inside) * np.float32(
                amount * self.rng.uniform(0.5, 1.1)
            )

    def add_streaks(self, inside: Amount, *, count: int, length: float = 0.9) -> None:
        """Add radial lines at the border with bulbous ends (pseudopods), `length` mm."""
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

    def add_veil(self, where: Amount) -> None:
        """Add structureless blue pigment under a whitish ground-glass haze."""
        self.dermal += where * np.float32(1.15)
        self.melanin += where * np.float32(0.25)
        self.white += where * (0.17 + 0.05 * self.noise(0.8))

    def add_vessels(self, layer: NDArray[np.uint8], *, soft: float = 0.8, amount: float = 1.7) -> None:
        """Add a drawn layer of vessels, in focus as on a basal cell carcinoma."""
        cover = blur(layer.astype(np.float32) / 255, soft)
        self.blood += cover * np.float32(amount)
        self.white *= 1 - 0.75 * cover

    def add_openings(self, where: Amount, *, count: int) -> None:
        """Add comedo-like openings: brown-black plugs with a sharp edge."""
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

    def add_cysts(self, where: Amount, *, count: int) -> None:
        """Add milia-like cysts: whitish-yellow round structures that seem to glow."""
        for x, y in scatter(self.rng, count, self.shape, apart=0.4 * self.mm, weight=where):
            radius = self.rng.uniform(0.05, 0.15) * self.mm
            spot = self.part((x, y), radius * 3)
            glow = np.exp(-(spot.x**2 + spot.y**2) / (radius * 1.15) ** 2)
            self.white[spot.at] = np.maximum(self.white[spot.at], glow * 0.8)
            self.melanin[spot.at] *= 1 - 0.6 * glow
            self.horn[spot.at] = np.maximum(self.horn[spot.at], glow * 0.22)
