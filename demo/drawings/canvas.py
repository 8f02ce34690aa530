"""Simulated skin: its contents per pixel, and rendering to a photograph."""

from __future__ import annotations

import math
from typing import Literal

import cv2
import numpy as np

from demo.drawings.palette import (
    DERMAL_PIGMENT,
    MELANIN,
    PURPLE_BLOOD,
    Amount,
    Field,
    Rgb,
    absorb,
    erythema,
    over,
    shade,
    skin_tone,
    to_linear,
    to_srgb,
)
from demo.drawings.texture import Shape, Window, blur, cells, fractal, smoothstep, stroke, wander, window

View = Literal["close_up", "overview"]
Site = Literal["flat", "limb", "trunk", "acral"]

# Pixels per millimetre on a 1600 px wide picture: a close-up spans about 45 mm, an overview 230 mm.
_SCALE = {"close_up": 36.0, "overview": 7.0}


class Skin:
    """Amounts per pixel (H×W float32, 0 = normal skin) that lesions add to and `photograph` renders.

    melanin, dermal, blood, purple: chromophore densities; relief: height in px; keratin, crust, eschar,
    fluid, raw: 0-1 cover; bare: 0-1 loss of all melanin; gloss: extra shine;
    glow: light added from within; lines: how much of the natural furrows is left (1 = all).
    """

    def __init__(
        self,
        *,
        seed: int,
        monk: int,
        width: int = 1600,
        height: int = 1200,
        view: View = "close_up",
        site: Site = "flat",
        hairs: float = 1.0,
        zoom: float = 1.0,
    ) -> None:
        self.rng = np.random.default_rng(seed)
        self.monk, self.view, self.site = monk, view, site
        self.shape: Shape = (height, width)
        self.mm = _SCALE[view] * zoom * width / 1600
        self.hairs = hairs
        self.hue = erythema(monk)
        self.light = self.rng.uniform(-2.5, -1.9)
        self.melanin, self.dermal, self.blood, self.purple = (self._zeros() for _ in range(4))
        self.relief, self.keratin, self.crust, self.eschar = (self._zeros() for _ in range(4))
        self.gloss, self.fluid, self.raw, self.bare, self.glow = (self._zeros() for _ in range(5))
        self.lines = np.ones(self.shape, np.float32)
        self.pelt = np.ones(self.shape, np.float32)
        self.limb_at: Field | None = None
        self._add_uneven_tone()
        if site == "limb":
            self._lay_limb()

    def _zeros(self) -> Field:
        return np.zeros(self.shape, np.float32)

    @property
    def centre(self) -> tuple[float, float]:
        """Return a point a little off the middle, as in hand-held pictures; random at every call."""
        height, width = self.shape
        return width * self.rng.uniform(0.46, 0.54), height * self.rng.uniform(0.46, 0.54)

    def whole(self, centre: tuple[float, float] | None = None) -> Window:
        """Return the whole frame as a window centred on `centre` (px)."""
        height, width = self.shape
        return window(self.shape, centre or self.centre, 2.0 * max(height, width))

    def part(self, centre: tuple[float, float], reach: float) -> Window:
        """Return the window within `reach` px of `centre`."""
        return window(self.shape, centre, reach)

    def noise(
        self, millimetres: float, *, octaves: int = 4, stretch: float = 1.0, angle: float = 0.0, gain: float = 0.5
    ) -> Field:
        """Return noise of unit deviation over the frame with features of that size."""
        return fractal(
            self.rng,
            self.shape,
            max(1.5, millimetres * self.mm),
            octaves=octaves,
            stretch=stretch,
            angle=angle,
            gain=gain,
        )

    def _add_uneven_tone(self) -> None:
        """Add uneven melanin and blood, and freckles: no skin has one colour."""
        rng = self.rng
        fair = float(np.clip((5 - self.monk) / 4, 0, 1))
        broad = 22.0 if self.view == "close_up" else 90.0
        self.melanin += 0.035 * self.noise(broad) + 0.022 * self.noise(broad / 9)
        self.blood += 0.030 * self.noise(broad * 0.8) + (0.026 + 0.016 * fair) * self.noise(broad / 7)
        fine = self.noise(0.5 if self.view == "close_up" else 2.0, octaves=2)
        self.melanin += 0.018 * fine
        if self.view == "overview":
            self.blood += 0.018 * self.noise(5.0, octaves=3)
        freckles = int(rng.poisson(5 if self.view == "close_up" else 26) * (0.4 + fair))
        height, width = self.shape
        for _ in range(freckles):
            spot = self.part((rng.uniform(0, width), rng.uniform(0, height)), 3.0 * self.mm + 4)
            size = rng.uniform(0.35, 1.0) * self.mm + 1
            falloff = np.exp(-(spot.x**2 * rng.uniform(0.7, 1.4) + spot.y**2) / size**2)
            self.melanin[spot.at] += np.float32(rng.uniform(0.05, 0.22)) * falloff

    def _lay_limb(self) -> None:
        """Set where the limb lies: `limb_at` is -1 to 1 across it, drape beyond."""
        height, width = self.shape
        tilt = self.rng.uniform(-0.12, 0.12)
        x, y = np.meshgrid(np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32))
        along, taper = x, np.float32(self.rng.uniform(0.06, 0.14))
        bulge = np.float32(0.05) * np.sin(2.1 * along + np.float32(self.rng.uniform(0, 6)))
        half = np.float32(0.70) + bulge - taper * along
        self.limb_at = (y - np.float32(tilt) * along - 0.05 * np.sin(1.3 * along)) / half

    # --- natural relief -------------------------------------------------------------------------

    def _furrow_relief(self) -> Field:
        """Return the height in px of the rhomboid net of furrows, its plateaus and pores."""
        rng, shape, mm = self.rng, self.shape, self.mm
        if self.site == "acral":
            return self._ridges_relief()
        close = self.view == "close_up"
        lean = rng.uniform(0.3, 0.9)
        pitch = (0.95 if close else 1.5) * mm
        net = cells(rng, shape, pitch, stretch=1.5, angle=lean, bent=pitch * 0.10)
        depth = smoothstep(-1.6, 1.4, fractal(rng, shape, 5 * mm, octaves=2))
        wide = pitch * 0.085 + 0.6
        plateau = np.sqrt(np.minimum(net.edge / (pitch * 0.42), 1)) * pitch * 0.045
        relief = plateau - np.exp(-((net.edge / wide) ** 2)) * (pitch * 0.045)
        if close:
            fine = cells(rng, shape, pitch * 0.46, stretch=1.25, angle=lean - 1.1, bent=pitch * 0.05)
            relief -= np.exp(-((fine.edge / (wide * 0.7)) ** 2)) * (pitch * 0.017)
        relief += (net.tint - 0.5) * pitch * 0.018
        # Two families of longer lines cross the net, as tension lines do.
        for turn in (lean + 0.2, lean - 0.9):
            line = np.abs(fractal(rng, shape, pitch * 1.3, octaves=2, stretch=7.0, angle=turn))
            relief -= np.exp(-((line / 0.10) ** 2)) * np.float32(pitch * 0.035)
        relief *= 0.45 + 0.75 * depth
        relief += fractal(rng, shape, 2.2, octaves=1) * np.float32(0.07 if close else 0.05)
        if close:
            self._add_pores(relief)
            return np.asarray(blur(relief, 0.9), np.float32)
        return np.asarray(relief * np.float32(0.75), np.float32)

    def _ridges_relief(self) -> Field:
        """Return the height in px of the parallel ridges and furrows of palm or sole."""
        pitch = 0.75 * self.mm
        height, width = self.shape
        x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        lean = self.rng.uniform(0.2, 0.5)
        phase = (y * math.cos(lean) + x * math.sin(lean)) / np.float32(pitch)
        phase += self.noise(16, octaves=2) * np.float32(1.7) + self.noise(4, octaves=2) * np.float32(0.12)
        return np.asarray(np.cos(phase * 2 * math.pi) * pitch * 0.055 + self.noise(0.25, octaves=2) * 0.15, np.float32)

    def _add_pores(self, relief: Field) -> None:
        rng, (height, width) = self.rng, self.shape
        for _ in range(int(130 * min(1.0, self.hairs + 0.2))):
            pore = self.part((rng.uniform(0, width), rng.uniform(0, height)), 0.35 * self.mm)
            size = rng.uniform(0.06, 0.12) * self.mm
            pit = np.exp(-(pore.x**2 + pore.y**2) / size**2)
            relief[pore.at] -= np.float32(rng.uniform(0.5, 1.4)) * pit
            self.melanin[pore.at] += np.float32(rng.uniform(0.05, 0.2)) * pit

    def _draw_hairs(self, light: Field) -> Field:
        """Draw hairs over linear light H×W×3, each with its soft shadow on the skin."""
        rng, (height, width) = self.rng, self.shape
        close = self.view == "close_up"
        count = int(self.hairs * (46 if close else 420)) if self.site != "acral" else 0
        if count <= 0:
            return light
        layer = np.zeros(self.shape, np.uint8)
        lean = rng.uniform(0.2, 0.9)
        for _ in range(count):
            start = rng.uniform(0, width), rng.uniform(0, height)
            if rng.random() > self.pelt[int(start[1]), int(start[0])]:
                continue
            length = rng.uniform(2.5, 8.0) * self.mm if close else rng.uniform(3, 9) * self.mm
            path = wander(rng, start, lean + rng.normal(0, 0.28), length, curl=0.035, step=length / 14)
            bold = rng.uniform(1.4, 2.8) if close else 1.0
            darkness = int(rng.uniform(60, 190) if close else rng.uniform(30, 120))
            fade = np.linspace(1.0, 0.25, len(path))
            stroke(layer, path[: len(path) // 2 + 1], bold * fade, darkness)
            stroke(layer, path[len(path) // 2 :], np.ones(len(path)), int(darkness * 0.7))
        cover = np.asarray(layer / 255, np.float32)
        cast: Amount = np.roll(blur(cover, 1.6 if close else 1.0), (3, 2) if close else (1, 1), (0, 1))
        shade(light, 1 - 0.28 * cast)
        hair = to_linear((58, 40, 30)) * np.float32(0.9 if self.monk > 3 else 1.6)
        cover = np.asarray(blur(cover, 0.6) * 0.85, np.float32)
        return over(light, hair, cover)

    # --- light ----------------------------------------------------------------------------------

    def _albedo(self) -> Field:
        base: Field = skin_tone(self.monk)
        if self.bare.any():
            base = base * (1 - self.bare[..., None]) + to_linear((224, 188, 168)) * self.bare[..., None]
        light = absorb(
            base,
            (self.melanin, MELANIN),
            (self.dermal, DERMAL_PIGMENT),
            (self.blood, self.hue),
            (self.purple, PURPLE_BLOOD),
        )
        if self.dermal.any():
            # Tyndall effect: deep pigment also scatters some blue back.
            haze = (1 - np.exp(-0.9 * np.maximum(self.dermal, 0))) * np.exp(-1.3 * np.maximum(self.melanin, 0))
            back = skin_tone(self.monk) * np.array((0.02, 0.055, 0.15), np.float32)
            for channel in range(3):
                light[..., channel] += haze * back[channel]
        rng, shape = self.rng, self.shape
        if self.raw.any():
            wet = absorb(
                to_linear((184, 96, 82)),
                (0.5 + 0.28 * fractal(rng, shape, 0.7 * self.mm, octaves=3), np.array((0.16, 0.9, 0.85), np.float32)),
            )
            light = over(light, wet, self.raw)
        if self.fluid.any():
            # Serum over skin: lighter, yellower, the redness below still shining through.
            serum = light * 0.80 + to_linear((236, 206, 158)) * np.float32(0.24 - 0.012 * self.monk)
            light = over(light, serum, self.fluid)
        if self.keratin.any():
            tint = 0.86 + 0.14 * np.clip(fractal(rng, shape, 0.5 * self.mm, octaves=3), -1.5, 1.5) / 1.5
            # Scale scatters white, but the skin beneath shows through, more so on dark skin.
            silver = to_linear((236, 231, 224)) * np.float32(1.0 - 0.045 * max(0, self.monk - 3))
            light = over(light, silver * tint[..., None] * 0.85 + light * 0.15, self.keratin)
        if self.crust.any():
            amber = absorb(
                to_linear((202, 158, 100)),
                (0.55 + 0.4 * fractal(rng, shape, 0.8 * self.mm, octaves=4), np.array((0.5, 0.95, 1.3), np.float32)),
            )
            light = over(light, amber, self.crust)
        if self.eschar.any():
            black = to_linear((52, 36, 30)) * np.exp(0.35 * fractal(rng, shape, 0.6 * self.mm, octaves=4))[..., None]
            light = over(light, black, self.eschar)
        return light

    def photograph(self) -> Rgb:
        """Render to H×W×3 uint8 sRGB."""
        close = self.view == "close_up"
        relief = blur(self.relief, 0.028 * self.mm + 0.3) + self._furrow_relief() * self.lines
        light = self._albedo()
        # Furrows hold less light and a little more pigment than plateaus.
        hollow = np.clip(blur(relief, 0.16 * self.mm + 1.5) - relief, -2, 3)
        shade(light, np.exp(-np.float32(0.075 if close else 0.06) * hollow))

        slope_x = cv2.Sobel(relief, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
        slope_y = cv2.Sobel(relief, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
        body = None
        if self.limb_at is not None:
            across = np.clip(self.limb_at, -0.985, 0.985)
            body = across / np.sqrt(1 - across**2) * np.float32(0.85)
            slope_y = slope_y + body
        elif self.site == "trunk":
            # The slopes of a soft body are drawn directly; a height map this broad would show its grid.
            slope_x = slope_x + self.noise(170, octaves=1) * np.float32(0.20)
            slope_y = slope_y + self.noise(170, octaves=1) * np.float32(0.16)

        lift = 0.88 if close else 1.15
        lamp = np.array((math.cos(self.light), math.sin(self.light), lift), np.float32)
        lamp /= np.linalg.norm(lamp)
        length = np.sqrt(slope_x**2 + slope_y**2 + 1)
        facing = (lamp[2] - slope_x * lamp[0] - slope_y * lamp[1]) / length
        diffuse = np.maximum(facing / lamp[2] * 0.62 + 0.38, 0.05)
        # Red light travels furthest inside skin, so its shading is the softest.
        bleed = (0.05 * self.mm + 0.5, 0.022 * self.mm + 0.2, 0.0)
        for channel, sigma in enumerate(bleed):
            light[..., channel] *= blur(diffuse, sigma)

        halfway = lamp + np.array((0, 0, 1), np.float32)
        halfway /= np.linalg.norm(halfway)
        glance = np.maximum((halfway[2] - slope_x * halfway[0] - slope_y * halfway[1]) / length, 0)
        shine = 0.030 * glance**14 + (0.05 + 0.35 * self.gloss) * glance**48 + 0.75 * self.gloss * glance**220
        shine *= 0.75 + 0.25 * np.clip(self.noise(0.4, octaves=2), -1.5, 1.5)
        flat_level = 0.030 * halfway[2] ** 14 + 0.05 * halfway[2] ** 48
        light += ((shine - flat_level) * np.float32(1.0 - 0.035 * self.monk))[..., None]
        if self.glow.any():
            light += self.glow[..., None] * light * 2.2
        light = np.maximum(light, 0.002)

        light = self._draw_hairs(light)
        if self.limb_at is not None:
            light = self._on_drape(light, self.limb_at)
        return self._through_lens(light)

    def _on_drape(self, light: Field, limb_at: Field) -> Field:
        """Lay the limb on a surgical drape, with its shadow."""
        rng, shape = self.rng, self.shape
        folds = fractal(rng, shape, 190, octaves=2, stretch=2.6, angle=rng.uniform(0.2, 1.2), gain=0.35)
        weave = fractal(rng, shape, 2.0, octaves=1) * np.float32(0.22)
        cloth = blur(np.abs(folds), 7) * np.float32(26) + weave
        creases = (
            1
            - 0.9 * cv2.Sobel(cloth, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
            - 0.7 * cv2.Sobel(cloth, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
        )
        colour = to_linear(((98, 138, 150), (104, 126, 152), (120, 140, 132))[int(rng.integers(3))])
        drape = colour * np.clip(creases, 0.35, 1.6)[..., None]
        gap = np.abs(limb_at) - 1
        below = limb_at > 0
        reach = np.where(below, np.float32(0.30), np.float32(0.10))
        shadow = 1 - 0.72 * np.exp(-np.maximum(gap, 0) / reach)
        drape = drape * shadow[..., None]
        cover = smoothstep(0.004, -0.004, gap)
        return over(drape, light, cover)

    def _through_lens(self, light: Field) -> Rgb:
        """Apply falloff, a soft rim of focus and sensor noise, then convert to sRGB."""
        rng, (height, width) = self.rng, self.shape
        x, y = np.meshgrid(np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32))
        toward = x * np.float32(math.cos(self.light)) + y * np.float32(math.sin(self.light))
        fall = 1.0 + np.float32(0.11) * toward - np.float32(0.10) * (x**2 + y**2)
        shade(light, fall)
        far = smoothstep(0.75, 1.7, x**2 + y**2 + 0.25 * rng.normal() * x)
        soft = np.asarray(cv2.GaussianBlur(light, (9, 9), 2.4), np.float32)
        light = over(light, soft, far)
        grain = rng.standard_normal((height // 2, width // 2), np.float32)
        grain = np.asarray(cv2.resize(grain, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
        shade(light, 1.04 + 0.011 * grain)
        return to_srgb(light)
