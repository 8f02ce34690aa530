"""Scaly papules and plaques."""

from __future__ import annotations

import math

import numpy as np

from demo.drawings.palette import Rgb
from demo.drawings.skin.lesions import close_up, flakes, inflame, on_body, overview, plaque, swell
from demo.drawings.texture import blur, fractal, outline, polygon, scatter, smoothstep


def psoriasis_plaque(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw a close-up of a sharply bordered plaque with silvery scale."""
    skin = close_up(seed, monk, width, height, hairs=0.5)
    part = skin.whole()
    inside = outline(
        skin.rng, part, 15.5 * skin.mm, ratio=1.4, angle=0.3, irregular=0.16, lobes=7, ragged=0.5 * skin.mm
    )
    cover = plaque(skin, part, inside, blood=0.95, height=13, edge=0.9)
    scaly = smoothstep(0.2 * skin.mm, 3.2 * skin.mm, inside) * cover
    skin.lines *= 1 - 0.55 * cover
    flakes(skin, part, scaly, size=1.15, thick=3.0, cover=0.60)
    for _ in range(3):
        place = skin.rng.uniform(0.08, 0.92) * width, skin.rng.uniform(0.08, 0.92) * height
        small = skin.part(place, 4 * skin.mm)
        spot = outline(skin.rng, small, skin.rng.uniform(0.7, 2.0) * skin.mm, irregular=0.18)
        spot = np.where(inside[small.at] > -2 * skin.mm, -9.0, spot).astype(np.float32)
        own = plaque(skin, small, spot, blood=0.7, height=3, edge=0.7)
        flakes(skin, small, own * smoothstep(0.0, 1.0 * skin.mm, spot), size=0.8, thick=2, cover=0.5)
    return skin.photograph()


def psoriasis_limb(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw an overview of a limb with several scaly plaques over the extensor side."""
    skin = overview(seed, monk, width, height, "limb", 0.5)
    weight = on_body(skin)
    places = scatter(skin.rng, 14, skin.shape, apart=24 * skin.mm, weight=weight)
    for i, (x, y) in enumerate(places):
        radius = (skin.rng.uniform(15, 21) if i < 2 else skin.rng.uniform(2.2, 9.0)) * skin.mm
        part = skin.part((x, y), radius * 2)
        inside = outline(
            skin.rng,
            part,
            radius,
            ratio=skin.rng.uniform(1.0, 1.6),
            angle=skin.rng.normal(0, 0.3),
            irregular=0.2,
            ragged=0.5 * skin.mm,
        )
        cover = plaque(skin, part, inside, blood=0.85, height=5, edge=1.3)
        flakes(skin, part, cover * smoothstep(0.3 * skin.mm, 4 * skin.mm, inside), size=2.0, thick=1.7, cover=0.58)
        skin.lines[part.at] *= 1 - 0.4 * cover
    return skin.photograph()


def pityriasis_rosea(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw an overview of a trunk: oval patches along the lines of cleavage, herald patch, collarette scale."""
    skin = overview(seed, monk, width, height, "trunk", 0.1, zoom=1.3)
    places = scatter(skin.rng, 46, skin.shape, apart=13 * skin.mm, weight=on_body(skin))
    for i, (x, y) in enumerate(places):
        radius = (15.0 if i == 0 else skin.rng.uniform(2.5, 5.5)) * skin.mm
        lean = 0.6 if x > width / 2 else math.pi - 0.6
        part = skin.part((x, y), radius * 2.2)
        inside = outline(
            skin.rng,
            part,
            radius,
            ratio=1.9,
            angle=lean + skin.rng.normal(0, 0.12),
            irregular=0.1,
            ragged=0.3 * skin.mm,
        )
        cover = smoothstep(-0.5 * skin.mm, 1.6 * skin.mm, inside)
        rim = np.exp(-(((inside - 1.1 * skin.mm) / (0.9 * skin.mm)) ** 2))
        inflame(skin, part, cover, 0.38, halo=rim * np.float32(0.22))
        skin.relief[part.at] += rim * 1.5
        collar = np.exp(-(((inside - 2.3 * skin.mm) / (0.6 * skin.mm)) ** 2))
        flakes(skin, part, collar, size=1.1, thick=0.9, cover=0.6)
    return skin.photograph()


def lichen_planus(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw a close-up of violaceous, flat-topped, polygonal shiny papules with Wickham striae."""
    skin = close_up(seed, monk, width, height, hairs=0.7, zoom=1.25)
    rng, mm = skin.rng, skin.mm
    cx, cy = skin.centre
    part = skin.whole((cx, cy))
    density = np.exp(-((part.x / (11 * mm)) ** 2 + (part.y / (7.5 * mm)) ** 2)) + 0.012
    inside = np.full(skin.shape, -np.float32(2 * mm), np.float32)
    for x, y in scatter(rng, 95, skin.shape, apart=1.25 * mm, weight=density):
        radius = (0.45 + 0.95 * rng.random() ** 1.6) * mm
        small = skin.part((float(x), float(y)), radius * 2.2)
        one = polygon(rng, small, radius, corners=int(rng.integers(4, 7)))
        inside[small.at] = np.maximum(inside[small.at], one)
    inside = blur(inside, 0.07 * mm) + np.float32(0.05 * mm) * fractal(rng, skin.shape, 0.7 * mm, octaves=3)
    cover = smoothstep(-0.14 * mm, 0.22 * mm, inside)
    skin.purple += cover * (0.50 + 0.08 * fractal(rng, skin.shape, mm, octaves=3))
    skin.blood += cover * 0.22 + blur(cover, 1.0 * mm) * 0.10
    skin.dermal += cover * np.float32(0.02 * skin.monk)
    skin.relief += swell(inside, 0.55 * mm) * np.float32(0.19 * mm)
    skin.lines *= 1 - 0.62 * cover
    skin.gloss = np.maximum(skin.gloss, 0.42 * cover)
    lace = np.abs(fractal(rng, skin.shape, 0.8 * mm, octaves=2))
    striae = np.exp(-((lace / 0.09) ** 2)) * cover * smoothstep(-0.4, 1.2, fractal(rng, skin.shape, 3 * mm, octaves=2))
    skin.keratin = np.maximum(skin.keratin, blur(striae, 1.4) * 0.26)
    skin.pelt *= 1 - cover
    return skin.photograph()


def discoid_lupus(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw a close-up of a scarring plaque: pale atrophic centre, pigmented rim, follicular plugs, scale."""
    skin = close_up(seed, monk, width, height, hairs=0.3, zoom=1.2)
    rng, mm = skin.rng, skin.mm
    part = skin.whole()
    inside = outline(rng, part, 11 * mm, ratio=1.3, angle=-0.2, irregular=0.15, ragged=0.5 * mm)
    cover = smoothstep(-0.6 * mm, 1.2 * mm, inside)
    core = smoothstep(2.5 * mm, 7.5 * mm, inside + 1.2 * mm * fractal(rng, skin.shape, 4 * mm, octaves=3))
    rim = cover * (1 - core)
    inflame(skin, part, rim, 0.62)
    skin.melanin += rim * np.float32(0.42 if monk > 4 else 0.2) + np.exp(-((inside / (1.6 * mm)) ** 2)) * 0.30
    skin.melanin -= core * np.float32(0.10 + 0.07 * monk)
    skin.blood += core * 0.16
    skin.relief += swell(inside, 1.5 * mm) * 6 - blur(core, 0.7 * mm) * 8
    skin.lines *= 1 - 0.75 * core
    skin.gloss = np.maximum(skin.gloss, core * 0.22)
    skin.pelt *= 1 - cover
    flakes(skin, part, rim * smoothstep(0.5 * mm, 2 * mm, inside), size=1.0, thick=2.4, cover=0.42)
    for x, y in scatter(rng, 85, skin.shape, apart=0.9 * mm, weight=rim):
        plug = skin.part((x, y), 0.6 * mm)
        pit = np.exp(-(plug.x**2 + plug.y**2) / (rng.uniform(0.14, 0.24) * mm) ** 2)
        skin.relief[plug.at] -= pit * 2
        skin.eschar[plug.at] = np.maximum(skin.eschar[plug.at], pit * 0.55)
    return skin.photograph()
