"""Dermoscopy of non-melanocytic lesions: basal cell carcinoma, seborrhoeic keratosis, haemangioma, psoriasis."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.drawings.dermoscopy.scope import Scope
from demo.drawings.palette import (
    Rgb,
)
from demo.drawings.texture import (
    blur,
    cells,
    fractal,
    outline,
    scatter,
    smoothstep,
    stroke,
    wander,
)


def basal_cell_carcinoma(*, seed: int, monk: int = 2, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw arborising vessels over a milky pink ground, blue-grey ovoid nests, a small erosion."""
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
        _draw_branching_vessel(
            layer,
            rng,
            start,
            turn + math.pi + rng.normal(0, 0.5),
            rng.uniform(1.8, 3.6) * mm,
            rng.uniform(0.06, 0.10) * mm,
            4,
        )
    layer[inside < -0.1 * mm] = 0
    scope.add_vessels(layer)
    spot = scope.part((cx + 0.8 * mm, cy + 0.9 * mm), 2 * mm)
    bare = outline(rng, spot, 0.62 * mm, irregular=0.2, ragged=0.06 * mm)
    scope.horn[spot.at] = np.maximum(scope.horn[spot.at], smoothstep(-4, 8, bare) * 0.85)
    scope.blood[spot.at] += smoothstep(-0.1 * mm, 0.1 * mm, bare) * 0.5
    return scope.photograph(ruler=True, bubbles=3, hairs=4)


def _draw_branching_vessel(
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
        _draw_branching_vessel(
            layer,
            rng,
            (float(path[at][0]), float(path[at][1])),
            turn,
            length * rng.uniform(0.35, 0.65),
            width * 0.58,
            depth - 1,
        )


def seborrhoeic_keratosis(*, seed: int, monk: int = 4, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw a sharp border, fissures and ridges, comedo-like openings and milia-like cysts."""
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
    scope.add_openings(smoothstep(0.25 * mm, 0.7 * mm, inside), count=62)
    scope.add_cysts(smoothstep(0.25 * mm, 0.7 * mm, inside), count=34)
    return scope.photograph(round_field=True, bubbles=2, hairs=5)


def haemangioma(*, seed: int, monk: int = 4, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw red, purple and blue-black lacunae separated by pale septa."""
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


def psoriasis(*, seed: int, monk: int = 4, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw evenly spread dotted vessels on a red ground with patchy white scale."""
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
    scope.add_vessels(dots, soft=1.6, amount=1.0)
    plates = cells(rng, scope.shape, 0.8 * mm, jitter=0.6, bent=0.2 * mm, stretch=1.4, angle=0.6)
    held = smoothstep(0.80, 1.15, plates.tint + 0.32 * scope.noise(2.4)) * smoothstep(0.0, 0.05 * mm, plates.edge)
    scope.white = np.maximum(scope.white, held * (0.62 + 0.16 * scope.noise(0.2)))
    return scope.photograph(round_field=False, bubbles=0, hairs=3)
