"""A section of skin under the microscope: its tissue, and rendering in a stain."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.drawings.palette import (
    DAB,
    EOSIN,
    HAEMATOXYLIN,
    MELANIN_GRAIN,
    PAS_MAGENTA,
    Amount,
    Field,
    Rgb,
    absorb,
    shade,
    to_srgb,
)
from demo.drawings.texture import bend, blur, cells, fractal, outline, ovals, scatter, smoothstep, window

Points = NDArray[np.float32]

LOW, HIGH = 1.0, 4.0


class Section:
    """A section under the microscope, `um` px a micrometre.

    blue, pink, brown, grain, magenta: stain amounts H×W float32. `into` is the depth into the epidermis
    from the junction (px, negative in the dermis), `under` the depth below the horny layer's base.
    """

    def __init__(
        self,
        *,
        seed: int,
        width: int = 1600,
        height: int = 1200,
        um: float = LOW,
        top: float = 0.16,
        thick: float = 55,
        rete: float = 60,
        pitch: float = 130,
        rete_width: float = 0.45,
        lift: float = 0.0,
    ) -> None:
        """Lay out the tissue: `top` share of the height above the epidermis; `thick`, `rete`, `pitch`, `lift` in µm."""
        self.rng = np.random.default_rng(seed)
        self.um, self.shape = um, (height, width)
        self.blue, self.pink, self.brown, self.grain, self.magenta = (
            np.zeros(self.shape, np.float32) for _ in range(5)
        )
        self.nuclei = np.zeros(self.shape, np.uint8)
        self._lay_out(top, thick, rete, pitch, rete_width, lift)

    def noise(
        self, micrometres: float, *, octaves: int = 4, gain: float = 0.5, stretch: float = 1.0, angle: float = 0.0
    ) -> Field:
        """Return noise of unit deviation over the frame with features of that size."""
        return fractal(
            self.rng,
            self.shape,
            max(1.2, micrometres * self.um),
            octaves=octaves,
            gain=gain,
            stretch=stretch,
            angle=angle,
        )

    def _lay_out(self, top: float, thick: float, rete: float, pitch: float, rete_width: float, lift: float) -> None:
        rng, um, (height, width) = self.rng, self.um, self.shape
        x = np.arange(width, dtype=np.float32)
        line = fractal(rng, (4, width), 220 * um, octaves=3)[0]
        surface = height * top + line * 14 * um
        ridges = np.zeros(width, np.float32)
        at = -pitch * um * rng.random()
        while at < width + pitch * um:
            broad = pitch * um * rete_width * rng.uniform(0.38, 0.62)
            long = rete * um * rng.uniform(0.55, 1.25)
            ridges = np.maximum(ridges, long * np.exp(-(np.abs((x - at) / broad) ** 3.0)))
            at += pitch * um * rng.uniform(0.75, 1.3)
        floor = surface + thick * um + ridges + fractal(rng, (4, width), 40 * um, octaves=2)[0] * 3 * um
        y = np.arange(height, dtype=np.float32)[:, None]
        # Warping the whole layout makes ridges lean and bulge, which a height line cannot.
        above, below = y - surface, floor - y
        both = bend(np.dstack([above, below]).astype(np.float32), rng, 70 * um, min(9.0, 0.12 * pitch) * um)
        self.under = np.ascontiguousarray(both[..., 0])
        inside = (both[..., 1] > 0).astype(np.uint8)
        self.into = cv2.distanceTransform(inside, cv2.DIST_L2, 5) - cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5)
        # The distances are whole steps; at high power they would show as stairs.
        self.into = blur(self.into, 0.45 * um + 0.2)
        self.epidermis = smoothstep(-0.6, 0.9, np.minimum(self.into, self.under))
        self.cleft = np.zeros(self.shape, np.float32)
        if lift:
            span = np.exp(-(((x - width * 0.52) / (width * 0.36)) ** 4)) * lift * um
            roof = floor + span * (1 + 0.05 * line)
            self.cleft = smoothstep(-1, 1, both[..., 1] * -1) * smoothstep(
                2, -2, np.asarray(y - roof, np.float32) + 6 * um * self.noise(60, octaves=3)
            )
        self.dermis = smoothstep(0.6, -0.9, self.into) * (1 - self.cleft) * (self.under > 0)

    # --- tissue ---------------------------------------------------------------------------------

    def draw_nuclei(
        self,
        places: Points,
        size: float,
        *,
        flat: float = 1.25,
        turns: Amount | None = None,
        dark: float = 0.8,
        vary: float = 0.18,
        open_chromatin: float = 0.0,
    ) -> None:
        """Draw nuclei at `places` (N×2 px), `size` µm long, `flat` times longer than wide; `dark` 0-1."""
        count = len(places)
        if not count:
            return
        rng = self.rng
        long = size * self.um / 2 * np.exp(rng.normal(0, vary, count))
        wide = long / (flat * np.exp(rng.normal(0, 0.12, count)))
        lean = rng.uniform(0, math.pi, count) if turns is None else turns
        value = np.clip(255 * dark * (1 + rng.normal(0, 0.13, count)), 60, 255).astype(int)
        ovals(self.nuclei, places, np.stack([long, wide], 1), lean, value)
        if open_chromatin and self.um > 2:
            inner = np.stack([long, wide], 1) * 0.80
            ovals(self.nuclei, places, inner, lean, (value * (1 - open_chromatin)).astype(int))
            spot = places + rng.normal(0, 0.16, (count, 2)) * wide[:, None]
            ovals(
                self.nuclei, spot, np.full((count, 2), 0.85 * self.um), lean, np.minimum(value * 1.1, 255).astype(int)
            )

    def sample(self, field: Amount, places: Points) -> NDArray[np.float32]:
        """Return the values of a field at `places` (N×2 px)."""
        height, width = self.shape
        rows = np.clip(places[:, 1].astype(int), 0, height - 1)
        columns = np.clip(places[:, 0].astype(int), 0, width - 1)
        return np.asarray(field[rows, columns], np.float32)

    def add_keratinocytes(
        self, *, size: float = 10.5, granular: float = 10.0, pale: float = 0.0, disorder: float = 0.0
    ) -> None:
        """Add epidermis: dark small basal cells on the junction, spinous cells, flattened granular cells."""
        rng, um = self.rng, self.um
        mosaic = cells(rng, self.shape, size * um, jitter=0.38 + disorder, stretch=1.1)
        depth = self.into / um
        over = self.under / um
        gaps = np.exp(-((mosaic.edge / (0.55 * um + 0.3)) ** 2)) if um > 2 else 0 * mosaic.edge
        basal = np.exp(-np.maximum(depth, 0) / 9)
        body = 0.62 + 0.10 * self.noise(30) + 0.14 * (mosaic.tint - 0.5) + 0.10 * smoothstep(25, 3, over)
        self.pink += self.epidermis * (body * (1 - pale) - 0.30 * gaps)
        self.blue += self.epidermis * (0.13 + 0.17 * basal - 0.06 * gaps)
        seeds = mosaic.seeds
        into, below = self.sample(depth, seeds), self.sample(over, seeds)
        fit = (into > 1.5) & (below > granular * 0.8)
        seeds, into, below = seeds[fit], into[fit], below[fit]
        lean = blur(self.into, 5 * um)
        slope_x = self.sample(np.asarray(cv2.Sobel(lean, cv2.CV_32F, 1, 0), np.float32), seeds)
        slope_y = self.sample(np.asarray(cv2.Sobel(lean, cv2.CV_32F, 0, 1), np.float32), seeds)
        upright = np.arctan2(slope_y, slope_x)
        low = into < 9
        high = (below < granular + 10) & ~low
        middle = ~low & ~high
        self.draw_nuclei(
            seeds[low],
            7.6,
            flat=1.5,
            turns=upright[low] + rng.normal(0, 0.35 + disorder, int(low.sum())),
            dark=0.86,
            open_chromatin=0.12,
        )
        self.draw_nuclei(seeds[middle], 7.6, flat=1.25, dark=0.66, open_chromatin=0.42)
        self.draw_nuclei(
            seeds[high], 8.0, flat=2.2, turns=rng.normal(0, 0.2, int(high.sum())), dark=0.62, open_chromatin=0.2
        )
        if granular:
            zone = self.epidermis * smoothstep(granular * 1.25, granular * 0.5, over)
            grit = smoothstep(0.1, 1.2, self.noise(1.3, octaves=2))
            self.blue += zone * (0.16 + 0.75 * grit)

    def add_horny_layer(self, *, kind: str = "basket", thick: float = 40) -> None:
        """Add stratum corneum, `thick` µm: basket weave, compact, or para (retained nuclei)."""
        rng, um = self.rng, self.um
        up = -self.under / um
        edge = thick * (1 + 0.22 * self.noise(70, octaves=3))
        zone = smoothstep(-1.0, 0.8, up) * smoothstep(2.0, -1.0, up - edge)
        if kind == "basket":
            weave = cells(
                rng, self.shape, 7.5 * um, stretch=4.2, jitter=0.6, bent=2.6 * um, angle=float(rng.normal(0, 0.02))
            )
            strand = np.exp(-((weave.edge / (0.75 * um + 0.35)) ** 2))
            lower = smoothstep(9, 1, up)
            self.pink += zone * np.maximum(strand * (0.85 + 0.15 * self.noise(8)), lower * 0.8)
            self.blue += zone * strand * 0.10
            return
        layers = self.noise(2.2, octaves=2, stretch=14, angle=0.01)
        crack = np.exp(-((self.noise(5, octaves=2, stretch=12, angle=0.01) / 0.12) ** 2))
        self.pink += zone * np.clip(0.92 + 0.13 * layers - 0.75 * crack, 0.05, 1.5)
        if kind == "para":
            self.blue += zone * 0.10
            place = scatter(rng, 900 if um < 2 else 190, self.shape, apart=5 * um, weight=zone * 0.9)
            self.draw_nuclei(place, 8.5, flat=4.2, turns=rng.normal(0, 0.12, len(place)), dark=0.72)

    def add_collagen(self, *, density: float = 1.0, mucin: float = 0.0) -> None:
        """Add fine pale papillary collagen, coarse reticular bundles with clefts, and fibroblasts."""
        rng, um = self.rng, self.um
        deep = smoothstep(20 * um, 170 * um, -self.into)
        bundles = np.zeros(self.shape, np.float32)
        clefts = np.zeros(self.shape, np.float32)
        for turn in (rng.uniform(-0.35, 0.1), rng.uniform(0.2, 0.6)):
            stripe = bend(self.noise(13, octaves=3, stretch=6.5, angle=turn, gain=0.55), rng, 85 * um, 14 * um)
            bundles = np.maximum(bundles, stripe)
            gap = bend(np.abs(self.noise(20, octaves=2, stretch=6, angle=turn + 0.05)), rng, 85 * um, 14 * um)
            clefts = np.maximum(clefts, np.exp(-((gap / 0.10) ** 2)))
        fibre = self.noise(2.0, octaves=2, stretch=9, angle=0.15)
        fine = self.noise(4.0, octaves=3, stretch=3, angle=1.2)
        coarse = 0.58 + 0.17 * bundles + 0.055 * fibre
        loose = 0.36 + 0.09 * fine + 0.05 * fibre
        body = (coarse * deep + loose * (1 - deep)) * density
        open_ = clefts * (0.35 + 0.65 * deep) * smoothstep(-0.9, 0.5, self.noise(45, octaves=2))
        self.pink += self.dermis * np.clip(body * (1 - 0.92 * open_), 0.015, 2)
        self.blue += self.dermis * np.float32(0.03 + 0.10 * mucin)
        height, width = self.shape
        count = int(width * height / (um**2) / 2600)
        place = scatter(rng, min(count, 1100), self.shape, apart=9 * um, weight=self.dermis)
        self.draw_nuclei(place, 11, flat=4.0, turns=rng.normal(0.15, 0.45, len(place)), dark=0.72)

    def add_lymphocytes(self, weight: Amount, count: int, *, size: float = 6.6, dark: float = 0.94) -> None:
        """Add small round dark cells where `weight` (0-1) is high."""
        place = scatter(self.rng, count, self.shape, apart=5.0 * self.um, weight=weight)
        self.draw_nuclei(place, size, flat=1.1, dark=dark, vary=0.10, open_chromatin=0.16)

    def add_vessel(self, centre: tuple[float, float], radius: float, *, cuff: int = 0, red_cells: bool = True) -> None:
        """Add a small vessel, `radius` µm, with a cuff of `cuff` lymphocytes."""
        rng, um = self.rng, self.um
        reach = radius * um
        part = window(self.shape, centre, reach * 5)
        lean = rng.uniform(0, 3)
        inside = outline(rng, part, reach, ratio=rng.uniform(1.1, 1.9), angle=lean, irregular=0.12, lobes=4)
        lumen = smoothstep(-0.5, 1.5, inside)
        wall = np.exp(-(((inside + 1.6 * um) / (1.9 * um)) ** 2))
        self.pink[part.at] = self.pink[part.at] * (1 - lumen) + wall * 0.22
        self.blue[part.at] *= 1 - lumen
        if red_cells:
            weight = np.zeros(self.shape, np.float32)
            weight[part.at] = smoothstep(0, 2 * um, inside)
            for x, y in scatter(rng, int(reach**2 / (um**2) / 14), self.shape, apart=4.5 * um, weight=weight):
                spot = window(self.shape, (x, y), 4.5 * um)
                self.pink[spot.at] += smoothstep(3.3 * um, 2.5 * um, np.hypot(spot.x, spot.y)) * np.float32(1.25)
        turn = np.linspace(0, 2 * math.pi, max(6, int(radius * 0.9)), endpoint=False) + rng.normal(
            0, 0.12, max(6, int(radius * 0.9))
        )
        edge = np.stack([centre[0] + np.cos(turn) * reach * 1.12, centre[1] + np.sin(turn) * reach * 1.0], 1).astype(
            np.float32
        )
        self.draw_nuclei(edge, 8.5, flat=2.6, turns=turn + math.pi / 2, dark=0.8)
        if cuff:
            near = np.zeros(self.shape, np.float32)
            near[part.at] = (
                np.exp(-np.maximum(-inside - 3 * um, 0) / np.float32(15 * um)) * (1 - lumen) * self.dermis[part.at]
            )
            self.add_lymphocytes(near, cuff)

    def add_eccrine_gland(self, centre: tuple[float, float], coils: int = 7) -> None:
        """Add a coil of sweat gland: rings of cuboidal cells around small lumina."""
        rng, um = self.rng, self.um
        for dx, dy in rng.normal(0, 26 * um, (coils, 2)):
            place = centre[0] + dx, centre[1] + dy
            radius = rng.uniform(13, 18) * um
            part = window(self.shape, place, radius * 1.5)
            inside = outline(
                rng, part, radius, irregular=0.06, lobes=3, ratio=rng.uniform(0.85, 1.35), angle=rng.uniform(0, 3)
            )
            body = smoothstep(-1, 1, inside)
            hole = smoothstep(-1, 1, inside - radius * 0.72)
            self.pink[part.at] = (
                self.pink[part.at] * (1 - body)
                + body * (0.50 + 0.2 * np.exp(-(((inside - radius * 0.68) / (1.5 * um)) ** 2))) * (1 - hole)
                + 0.1 * hole
            )
            self.blue[part.at] = self.blue[part.at] * (1 - body) + body * 0.14 * (1 - hole)
            for share, size in ((0.80, 6.6), (0.48, 6.2)):
                count = int(2 * math.pi * radius * share / (7.6 * um))
                turn = np.linspace(0, 2 * math.pi, count, endpoint=False) + rng.normal(0, 0.1, count)
                ring = np.stack([place[0] + np.cos(turn) * radius * share, place[1] + np.sin(turn) * radius * share], 1)
                self.draw_nuclei(ring.astype(np.float32), size, flat=1.2, dark=0.78, open_chromatin=0.2)

    def clear(self, cover: Amount) -> None:
        """Remove all tissue under `cover` (0-1), including nuclei."""
        keep = 1 - cover
        self.pink *= keep
        self.blue *= keep
        self.nuclei = (self.nuclei * keep).astype(np.uint8)

    def photograph(self, *, stain: str = "he") -> Rgb:
        """Render to H×W×3 uint8 sRGB with the given stain: he, pas, dab or dif."""
        rng, (height, width) = self.rng, self.shape
        seen = blur(self.nuclei.astype(np.float32) / 255, 0.30 * self.um + 0.3)
        grit = 1 + (0.20 if self.um > 2 else 0.10) * np.clip(self.noise(0.9 if self.um > 2 else 1.6, octaves=2), -2, 2)
        nuclear = seen * grit
        # A nucleus replaces the cytoplasm it lies in.
        pink = np.maximum(self.pink, 0) * (1 - 0.55 * seen)
        blue = np.maximum(self.blue, 0) * (1 - 0.3 * seen)
        uneven = 1 + 0.035 * self.noise(420, octaves=2)
        layers = {
            "he": ((blue + 1.28 * nuclear, HAEMATOXYLIN), (pink, EOSIN), (self.grain, MELANIN_GRAIN)),
            "pas": (
                (0.5 * blue + 0.85 * nuclear, HAEMATOXYLIN),
                (0.34 * pink, PAS_MAGENTA),
                (self.magenta, PAS_MAGENTA),
            ),
            "dab": (
                (0.35 * blue + 0.13 * pink + 0.85 * nuclear, np.array((0.86, 0.62, 0.30), np.float32)),
                (self.brown, DAB),
                (self.grain, MELANIN_GRAIN),
            ),
        }[stain]
        glass = np.array((0.905, 0.895, 0.905), np.float32)
        depth = np.float32(1.38) * uneven
        light = absorb(glass, *((amount * depth, vector) for amount, vector in layers))
        x, y = np.meshgrid(np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32))
        shade(light, 1 - 0.05 * (x**2 + y**2))
        grain = cv2.resize(
            rng.standard_normal((height // 2, width // 2), np.float32), (width, height), interpolation=cv2.INTER_CUBIC
        )
        shade(light, 1 + 0.008 * grain)
        return to_srgb(light)


def add_normal_skin(
    section: Section,
    *,
    corneum: str = "basket",
    horny: float = 40,
    cuffs: int = 4,
    cuff: int = 45,
    eccrine: bool = True,
    granular: float = 10.0,
    density: float = 1.0,
) -> None:
    """Add the normal skin in which every reaction lies: epidermis, collagen, vessels, a sweat gland."""
    rng, (height, width) = section.rng, section.shape
    section.add_collagen(density=density)
    section.add_keratinocytes(granular=granular)
    section.add_horny_layer(kind=corneum, thick=horny)
    weight = (
        section.dermis
        * smoothstep(-45 * section.um, -75 * section.um, section.into)
        * smoothstep(
            height, height * 0.8, np.arange(height, dtype=np.float32)[:, None] * np.ones((1, width), np.float32)
        )
    )
    for x, y in scatter(rng, cuffs, section.shape, apart=170 * section.um, weight=weight):
        section.add_vessel((float(x), float(y)), rng.uniform(6, 12), cuff=int(cuff * rng.uniform(0.5, 1.4)))
    if eccrine and section.um < 2:
        section.add_eccrine_gland((width * rng.uniform(0.2, 0.8), height * 0.86))
