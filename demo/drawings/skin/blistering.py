"""Vesicles and bullae."""

from __future__ import annotations

import numpy as np

from demo.drawings.palette import Rgb
from demo.drawings.skin.lesions import close_up, overview, plaque, swell, vesicle
from demo.drawings.texture import fractal, outline, scatter, smoothstep


def zoster_band(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw an overview of a trunk: grouped vesicles on erythema along one dermatome."""
    skin = overview(seed, monk, width, height, "trunk", 0.1, zoom=1.45)
    rng, mm = skin.rng, skin.mm
    for along in np.linspace(0.10, 0.86, 8):
        centre = (width * (along + rng.normal(0, 0.015)), height * (0.34 + 0.30 * along + rng.normal(0, 0.045)))
        radius = rng.uniform(7, 14) * mm
        part = skin.part(centre, radius * 2.2)
        inside = outline(rng, part, radius, ratio=rng.uniform(1.1, 1.8), angle=0.3, irregular=0.25, ragged=1.1 * mm)
        cover = plaque(skin, part, inside, blood=0.58, height=3, edge=3.0)
        ring = np.zeros(skin.shape, np.float32)
        ring[part.at] = smoothstep(0.5 * mm, 3 * mm, inside) * cover
        for x, y in scatter(rng, int(rng.integers(8, 20)), skin.shape, apart=2.3 * mm, weight=ring):
            vesicle(
                skin,
                (float(x), float(y)),
                rng.uniform(1.0, 2.2) * mm,
                cloudy=rng.uniform(0, 0.8),
                bloody=0.25 * rng.random(),
            )
    return skin.photograph()


def herpes_group(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw a close-up of grouped vesicles, some umbilicated or crusted, on an inflamed base."""
    skin = close_up(seed, monk, width, height, hairs=0.4)
    rng, mm = skin.rng, skin.mm
    part = skin.whole()
    inside = outline(rng, part, 11.5 * mm, ratio=1.4, angle=-0.3, irregular=0.2, ragged=0.9 * mm)
    cover = plaque(skin, part, inside, blood=0.66, height=7, edge=3.2)
    weight = smoothstep(0.3 * mm, 3.0 * mm, inside) * cover
    for x, y in scatter(rng, 46, skin.shape, apart=2.25 * mm, weight=weight):
        radius = rng.uniform(0.75, 1.55) * mm
        dry = rng.random() < 0.14
        vesicle(
            skin,
            (float(x), float(y)),
            radius,
            cloudy=rng.uniform(0, 0.9),
            dent=float(rng.random() < 0.4),
            bloody=0.3 * float(rng.random() < 0.25),
        )
        if dry:
            spot = skin.part((float(x), float(y)), radius * 1.4)
            scab = outline(rng, spot, radius * 0.85, irregular=0.25, ragged=0.15 * mm)
            skin.crust[spot.at] = np.maximum(skin.crust[spot.at], smoothstep(-3, 5, scab))
            skin.gloss[spot.at] *= 0.3
    return skin.photograph()


def bullous_pemphigoid(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw a close-up of tense bullae on an urticated base, one ruptured with an erosion."""
    skin = close_up(seed, monk, width, height, hairs=0.4)
    rng, mm = skin.rng, skin.mm
    part = skin.whole()
    inside = outline(rng, part, 17 * mm, ratio=1.35, angle=0.2, irregular=0.2, ragged=0.9 * mm)
    plaque(skin, part, inside, blood=0.46, height=9, edge=3.5)
    height_px, width_px = skin.shape
    cx, cy = width_px / 2, height_px / 2
    for dx, dy, r in (
        (-5.5, -2.5, 5.6),
        (5.8, 1.5, 4.3),
        (0.5, 6.8, 2.9),
        (10.5, -6.0, 2.2),
        (-12.5, 5.5, 1.8),
        (2.4, -6.8, 1.5),
        (-1.0, 11.2, 1.1),
    ):
        vesicle(skin, (cx + dx * mm, cy + dy * mm), r * mm, cloudy=rng.uniform(0, 0.35))
    spot = skin.part((cx + 12.5 * mm, cy + 7 * mm), 6 * mm)
    bare = outline(rng, spot, 3.2 * mm, irregular=0.09, ragged=0.15 * mm)
    cover = smoothstep(-2, 6, bare)
    skin.raw[spot.at] = np.maximum(skin.raw[spot.at], cover)
    skin.relief[spot.at] -= swell(bare, 0.5 * mm) * 7
    skin.gloss[spot.at] = np.maximum(skin.gloss[spot.at], cover * 0.55)
    skin.lines[spot.at] *= 1 - cover
    collar = np.exp(-(((bare + 0.1 * mm) / (0.35 * mm)) ** 2)) * smoothstep(
        -0.5, 0.8, fractal(rng, spot.shape, 1.5 * mm)
    )
    skin.keratin[spot.at] = np.maximum(skin.keratin[spot.at], collar * 0.7)
    skin.relief[spot.at] += collar * 4
    return skin.photograph()
