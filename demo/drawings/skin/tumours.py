"""Tumours and other single lesions, including an ulcer."""

from __future__ import annotations

import math

import numpy as np

from demo.drawings.palette import Rgb
from demo.drawings.skin.lesions import close_up, dome, flakes, inflame, on_body, swell, vessel
from demo.drawings.texture import blur, cells, fractal, outline, scatter, smoothstep


def basal_cell_carcinoma(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw a close-up of a pearly nodule with rolled border, telangiectasia and a crusted centre."""
    skin = close_up(seed, monk, width, height, hairs=0.5, zoom=1.7)
    rng, mm = skin.rng, skin.mm
    cx, cy = skin.centre
    part = skin.whole((cx, cy))
    radius = 7.6 * mm
    inside = outline(rng, part, radius, ratio=1.15, angle=0.5, irregular=0.08, lobes=4, ragged=0.03 * mm)
    cover = smoothstep(-0.5 * mm, 0.8 * mm, inside)
    pit = smoothstep(3.4 * mm, 5.4 * mm, inside + 0.5 * mm * fractal(rng, skin.shape, 2 * mm, octaves=3))
    lumps = fractal(rng, skin.shape, 2.6 * mm, octaves=2)
    skin.relief += dome(inside, radius * 0.75) * np.float32(1.15 * mm) * (1 + 0.14 * lumps) - blur(
        pit, 0.45 * mm
    ) * np.float32(0.75 * mm)
    skin.lines *= 1 - 0.93 * cover
    skin.gloss = np.maximum(skin.gloss, 0.38 * cover * (1 - pit))
    # Pearly: less melanin and a milky veil over the blood.
    skin.melanin -= cover * np.float32(0.05 + 0.035 * monk)
    inflame(skin, part, cover, 0.24, halo=np.exp(-np.maximum(-inside, 0) / np.float32(1.5 * mm)) * (1 - cover) * 0.16)
    skin.keratin = np.maximum(skin.keratin, cover * (1 - pit) * (0.10 + 0.05 * lumps))
    layer = np.zeros(skin.shape, np.uint8)
    for turn in rng.uniform(0, 2 * math.pi, 11):
        start = cx + math.cos(turn) * radius * 0.98, cy + math.sin(turn) * radius * 0.88
        vessel(
            layer, rng, start, turn + math.pi + rng.normal(0, 0.7), rng.uniform(2.0, 4.5) * mm, rng.uniform(3.0, 5.5)
        )
    vessels = blur(layer.astype(np.float32) / 255, 1.1) * cover * (1 - pit)
    skin.blood += vessels * 1.15
    skin.purple += vessels * 0.18
    skin.raw = np.maximum(skin.raw, pit * 0.75)
    scab = pit * smoothstep(-0.5, 0.7, fractal(rng, skin.shape, 1.6 * mm, octaves=4, gain=0.6))
    skin.crust = np.maximum(skin.crust, scab)
    skin.eschar = np.maximum(
        skin.eschar, scab * smoothstep(0.1, 1.4, fractal(rng, skin.shape, 0.9 * mm, octaves=3)) * 0.7
    )
    skin.relief += scab * (4 + 3 * fractal(rng, skin.shape, 0.7 * mm, octaves=3))
    for dx, dy in ((-4.8, 1.5), (3.6, -4.2), (4.9, 2.2)):
        spot = skin.part((cx + dx * mm, cy + dy * mm), 2 * mm)
        skin.dermal[spot.at] += np.exp(-(spot.x**2 + spot.y**2 * 1.6) / (0.5 * mm) ** 2) * np.float32(0.45)
    skin.pelt *= 1 - cover
    return skin.photograph()


def melanoma(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw a close-up of an asymmetrical plaque in browns, black, blue-grey and pink, with a nodule."""
    skin = close_up(seed, monk, width, height, hairs=0.6, zoom=1.45)
    rng, mm = skin.rng, skin.mm
    cx, cy = skin.centre
    part = skin.whole((cx, cy))
    inside = outline(rng, part, 8.0 * mm, ratio=1.35, angle=0.5, irregular=0.30, lobes=8, ragged=0.42 * mm)
    cover = smoothstep(-0.35 * mm, 0.55 * mm, inside)
    coarse = fractal(rng, skin.shape, 5.5 * mm, octaves=4, gain=0.55)
    fine = fractal(rng, skin.shape, 0.9 * mm, octaves=4, gain=0.6)
    brown = np.clip(1.05 + 0.50 * coarse + 0.22 * fine, 0.35, 2.4)
    skin.melanin += cover * brown
    ink = smoothstep(
        0.2,
        1.7,
        coarse
        + 0.25 * fine
        + 0.5 * np.exp(-(((part.x - 3 * mm) / (4 * mm)) ** 2 + ((part.y - 1 * mm) / (3 * mm)) ** 2)),
    )
    skin.melanin += cover * ink * 1.0
    skin.dermal += cover * ink * 0.75
    regress = cover * smoothstep(0.75, 1.8, fractal(rng, skin.shape, 4.5 * mm, octaves=3))
    skin.melanin -= regress * np.float32(0.55)
    skin.blood += regress * 0.40 + np.exp(-np.maximum(-inside, 0) / np.float32(1.2 * mm)) * 0.12
    skin.dermal += regress * 0.25
    nodule = outline(rng, skin.whole((cx + 3.0 * mm, cy + 0.6 * mm)), 2.8 * mm, irregular=0.12)
    lump = smoothstep(-0.3 * mm, 0.5 * mm, nodule)
    skin.dermal += lump * 0.65
    skin.melanin += lump * 0.5
    skin.relief += swell(inside, 0.7 * mm) * 4 + dome(nodule, 2.6 * mm) * np.float32(0.75 * mm)
    skin.relief += cover * fine * 0.8
    skin.lines *= 1 - 0.35 * cover - 0.5 * lump
    skin.gloss = np.maximum(skin.gloss, 0.10 * cover + 0.35 * lump)
    skin.pelt *= 1 - 0.7 * cover
    return skin.photograph()


def dysplastic_naevus(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw a close-up of a two-toned naevus with a fuzzy macular shoulder and a few small common naevi."""
    skin = close_up(seed, monk, width, height, hairs=0.8, zoom=1.7)
    rng, mm = skin.rng, skin.mm
    cx, cy = skin.centre
    for i, (dx, dy, radius) in enumerate(((0.0, 0.0, 4.6), (12.0, -8.0, 1.3), (-15.0, 9.0, 0.9), (-11.0, -10.0, 0.6))):
        part = skin.part((cx + dx * mm, cy + dy * mm), radius * 2.4 * mm)
        inside = outline(rng, part, radius * mm, ratio=1.25, angle=0.4, irregular=0.13, lobes=6, ragged=0.3 * mm)
        cover = smoothstep(-0.7 * mm, 0.9 * mm, inside)
        core = smoothstep(
            0.20 * radius * mm, 0.62 * radius * mm, inside + 0.35 * mm * fractal(rng, part.shape, 1.5 * mm)
        )
        fine = fractal(rng, part.shape, 0.5 * mm, octaves=4, gain=0.6)
        skin.melanin[part.at] += cover * (0.55 + 0.13 * fine + 0.10 * fractal(rng, part.shape, 2 * mm)) + core * 0.55
        skin.blood[part.at] += cover * 0.16
        skin.relief[part.at] += (
            blur(core, 0.4 * mm) * np.float32(0.32 * mm if i == 0 else 0.15 * mm) + core * fine * 0.9
        )
    return skin.photograph()


def seborrhoeic_keratosis(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw a close-up of a stuck-on, verrucous, greasy plaque with keratin plugs."""
    skin = close_up(seed, monk, width, height, hairs=0.6, zoom=1.5)
    rng, mm = skin.rng, skin.mm
    cx, cy = skin.centre
    part = skin.whole((cx, cy))
    inside = outline(rng, part, 8.2 * mm, ratio=1.3, angle=-0.4, irregular=0.12, lobes=7, ragged=0.28 * mm)
    cover = smoothstep(-0.16 * mm, 0.22 * mm, inside)
    lobes = cells(rng, skin.shape, 0.95 * mm, jitter=0.6, bent=0.30 * mm)
    cerebriform = np.sqrt(np.clip(blur(lobes.edge, 0.07 * mm) / (0.40 * mm), 0, 1))
    skin.relief += (
        swell(inside, 0.8 * mm) * np.float32(0.62 * mm)
        + cover * cerebriform * np.float32(0.17 * mm)
        + cover * blur(lobes.tint, 0.1 * mm) * 4
        + cover * fractal(rng, skin.shape, 0.25 * mm, octaves=3) * 1.2
    )
    uneven = 0.10 * fractal(rng, skin.shape, 2.4 * mm, octaves=3) + 0.10 * fractal(rng, skin.shape, 0.4 * mm, octaves=3)
    skin.melanin += cover * (0.85 + uneven + 0.42 * (1 - cerebriform) + 0.40 * (blur(lobes.tint, 0.12 * mm) - 0.5))
    skin.lines *= 1 - 0.9 * cover
    skin.gloss = np.maximum(skin.gloss, cover * 0.06)
    skin.keratin = np.maximum(
        skin.keratin, cover * smoothstep(0.9, 2.2, fractal(rng, skin.shape, 0.8 * mm, octaves=4, gain=0.6)) * 0.4
    )
    for x, y in scatter(rng, 30, skin.shape, apart=1.2 * mm, weight=smoothstep(0.5 * mm, 1.5 * mm, inside)):
        plug = skin.part((x, y), 0.9 * mm)
        hole = outline(rng, plug, rng.uniform(0.18, 0.42) * mm, irregular=0.2, lobes=4)
        dark = smoothstep(-3, 5, hole)
        skin.relief[plug.at] -= dark * 4
        skin.eschar[plug.at] = np.maximum(skin.eschar[plug.at], dark * 0.8)
    skin.pelt *= 1 - cover
    return skin.photograph()


def squamous_cell_carcinoma(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw a close-up of an indurated nodule with a keratin-filled crater on sun-damaged skin."""
    skin = close_up(seed, monk, width, height, hairs=0.4, zoom=1.6)
    rng, mm = skin.rng, skin.mm
    skin.blood += 0.10 + 0.05 * skin.noise(3)
    cx, cy = skin.centre
    part = skin.whole((cx, cy))
    inside = outline(rng, part, 7.2 * mm, ratio=1.1, irregular=0.09, lobes=5, ragged=0.06 * mm)
    cover = smoothstep(-0.6 * mm, 0.9 * mm, inside)
    crater = smoothstep(2.6 * mm, 3.6 * mm, inside + 0.4 * mm * fractal(rng, skin.shape, 2 * mm, octaves=3))
    inflame(skin, part, cover, 0.50, halo=np.exp(-np.maximum(-inside, 0) / np.float32(2 * mm)) * (1 - cover) * 0.2)
    skin.relief += dome(inside, 5 * mm) * np.float32(1.5 * mm)
    skin.lines *= 1 - 0.85 * cover
    skin.gloss = np.maximum(skin.gloss, cover * (1 - crater) * 0.16)
    horn = fractal(rng, skin.shape, 1.1 * mm, octaves=4, gain=0.62)
    skin.crust = np.maximum(skin.crust, crater * (0.66 + 0.12 * horn))
    skin.keratin = np.maximum(skin.keratin, crater * smoothstep(-0.2, 1.6, horn) * 0.75)
    skin.relief += crater * (np.float32(0.15 * mm) + horn * 5) - np.exp(-(((inside - 3.0 * mm) / (0.35 * mm)) ** 2)) * 6
    flakes(skin, part, np.exp(-((inside / (2.4 * mm)) ** 2)), size=0.9, thick=2.2, cover=0.42)
    skin.pelt *= 1 - cover
    return skin.photograph()


def keloid(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw a close-up of a shiny, firm, lobed scar growing beyond the wound."""
    skin = close_up(seed, monk, width, height, hairs=0.4)
    rng, mm = skin.rng, skin.mm
    cx, cy = skin.centre
    inside = np.full(skin.shape, -80.0, np.float32)
    for t in np.linspace(-1, 1, 7):
        centre = cx + t * 12 * mm, cy + (3.2 * math.sin(t * 2.3) - 1.5 * t) * mm
        radius = (5.2 - 1.9 * abs(t) + rng.normal(0, 0.35)) * mm
        part = skin.part(centre, radius * 1.9)
        one = outline(rng, part, radius, irregular=0.10, lobes=4)
        # A smooth union, or the lobes would look like beads.
        near = inside[part.at]
        h = np.clip(0.5 + 0.5 * (one - near) / np.float32(2.2 * mm), 0, 1)
        inside[part.at] = near * (1 - h) + one * h + np.float32(2.2 * mm) * h * (1 - h) * 0.5
    inside = blur(inside, 0.35 * mm)
    cover = smoothstep(-0.6 * mm, 0.9 * mm, inside)
    part = skin.whole((cx, cy))
    inflame(skin, part, cover, 0.34, halo=np.exp(-np.maximum(-inside, 0) / np.float32(1.5 * mm)) * (1 - cover) * 0.12)
    skin.melanin += np.exp(-(((inside + 0.5 * mm) / (1.4 * mm)) ** 2)) * 0.22 + cover * 0.05 * fractal(
        rng, skin.shape, 2 * mm, octaves=3
    )
    skin.melanin -= smoothstep(1 * mm, 4 * mm, inside) * np.float32(0.022 * monk)
    skin.relief += (
        dome(inside, 3.9 * mm) * np.float32(1.75 * mm) * (1 + 0.06 * fractal(rng, skin.shape, 3.5 * mm, octaves=2))
    )
    skin.relief += cover * np.abs(fractal(rng, skin.shape, 1.6 * mm, octaves=2, stretch=4, angle=0.3)) * 1.4
    skin.lines *= 1 - 0.9 * cover
    skin.gloss = np.maximum(skin.gloss, 0.26 * cover)
    layer = np.zeros(skin.shape, np.uint8)
    for x, y in scatter(rng, 9, skin.shape, apart=2 * mm, weight=cover):
        vessel(layer, rng, (float(x), float(y)), rng.uniform(0, 6), 2.6 * mm, 2.4, depth=1)
    skin.blood += blur(layer.astype(np.float32) / 255, 1.8) * cover * 0.35
    skin.pelt *= 1 - cover
    return skin.photograph()


def sarcoid_papules(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw a close-up of firm brown-violaceous papules and small plaques, smooth and grouped."""
    skin = close_up(seed, monk, width, height, hairs=0.4)
    rng, mm = skin.rng, skin.mm
    cx, cy = skin.centre
    part = skin.whole((cx, cy))
    density = np.exp(-((part.x / (13 * mm)) ** 2 + (part.y / (9 * mm)) ** 2))
    inside = np.full(skin.shape, -60.0, np.float32)
    bulge = np.zeros(skin.shape, np.float32)
    for i, (x, y) in enumerate(scatter(rng, 42, skin.shape, apart=2.7 * mm, weight=density)):
        radius = (rng.uniform(2.4, 3.4) if i < 5 else rng.uniform(0.9, 2.1)) * mm
        small = skin.part((x, y), radius * 1.8)
        one = outline(
            rng, small, radius, irregular=0.10, lobes=5, ratio=rng.uniform(0.85, 1.2), angle=rng.uniform(0, 3)
        )
        inside[small.at] = np.maximum(inside[small.at], one)
        bulge[small.at] = np.maximum(bulge[small.at], dome(one, radius * 0.9) * radius * 0.27)
    cover = smoothstep(-0.4 * mm, 0.6 * mm, inside)
    inflame(skin, part, cover, 0.46, halo=blur(cover, mm) * 0.08)
    skin.dermal += cover * 0.10
    skin.melanin += cover * 0.10
    skin.relief += blur(bulge, 0.12 * mm)
    skin.lines *= 1 - 0.5 * cover
    skin.gloss = np.maximum(skin.gloss, cover * 0.14)
    skin.pelt *= 1 - 0.8 * cover
    return skin.photograph()


def blue_naevus(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw a close-up of a small, smooth, dome-shaped blue-grey papule."""
    skin = close_up(seed, monk, width, height, hairs=1.0, zoom=2.0)
    rng, mm = skin.rng, skin.mm
    part = skin.whole()
    inside = outline(rng, part, 3.9 * mm, irregular=0.06, lobes=4, ratio=1.1)
    cover = smoothstep(-0.9 * mm, 1.0 * mm, inside)
    skin.dermal += cover * (1.15 + 0.08 * fractal(rng, skin.shape, 1.2 * mm, octaves=3))
    skin.melanin += cover * 0.22
    skin.relief += dome(inside, 3.7 * mm) * np.float32(0.85 * mm)
    skin.lines *= 1 - 0.35 * cover
    skin.gloss = np.maximum(skin.gloss, cover * 0.12)
    return skin.photograph()


def ulcer(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw a close-up of an ulcer with violaceous undermined border, slough, granulation and crust."""
    skin = close_up(seed, monk, width, height, hairs=0.4)
    rng, mm = skin.rng, skin.mm
    part = skin.whole()
    inside = outline(rng, part, 11 * mm, ratio=1.35, angle=0.25, irregular=0.18, lobes=7, ragged=0.5 * mm)
    bed = smoothstep(0.0, 0.5 * mm, inside)
    border = np.exp(-(((inside + 1.4 * mm) / (2.0 * mm)) ** 2))
    skin.purple += border * (0.75 + 0.12 * fractal(rng, skin.shape, 2 * mm, octaves=3)) * (1 - bed)
    inflame(skin, part, np.exp(-np.maximum(-inside, 0) / np.float32(4.0 * mm)) * (1 - bed), 0.52)
    skin.relief += border * np.float32(0.45 * mm) - swell(inside, 1.1 * mm) * np.float32(0.85 * mm)
    buds = fractal(rng, skin.shape, 1.0 * mm, octaves=4, gain=0.62)
    skin.raw = np.maximum(skin.raw, bed)
    skin.purple += bed * (0.16 + 0.10 * buds)
    skin.relief += bed * (buds * 1.7 + 5 * fractal(rng, skin.shape, 3 * mm, octaves=2))
    slough = bed * smoothstep(-0.1, 1.7, fractal(rng, skin.shape, 4 * mm, octaves=4, gain=0.6))
    skin.raw *= 1 - 0.85 * slough
    skin.fluid = np.maximum(skin.fluid, slough)
    skin.crust = np.maximum(skin.crust, slough * 0.42)
    dead = (
        bed * smoothstep(1.15, 1.9, fractal(rng, skin.shape, 3.5 * mm, octaves=4, gain=0.6))
        + np.exp(-(((inside - 0.1 * mm) / (0.4 * mm)) ** 2))
        * smoothstep(0.3, 1.3, fractal(rng, skin.shape, 3 * mm))
        * 0.8
    )
    skin.eschar = np.maximum(skin.eschar, np.clip(dead, 0, 0.9))
    skin.gloss = np.maximum(skin.gloss, bed * 0.42 * (1 - skin.eschar))
    skin.lines *= 1 - bed
    skin.lines *= 1 - 0.5 * border
    skin.pelt *= 1 - np.maximum(bed, border)
    return skin.photograph()


def acral_melanoma(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw a close-up of a sole with an irregular brown-black macule across the ridges."""
    skin = close_up(seed, max(1, monk - 2), width, height, site="acral", hairs=0.0, zoom=1.25)
    rng, mm = skin.rng, skin.mm
    part = skin.whole()
    inside = outline(rng, part, 9 * mm, ratio=1.5, angle=0.5, irregular=0.28, lobes=8, ragged=0.7 * mm)
    cover = smoothstep(-0.6 * mm, 0.8 * mm, inside)
    coarse = fractal(rng, skin.shape, 5 * mm, octaves=4, gain=0.55)
    skin.melanin += cover * np.clip(1.15 + 0.55 * coarse + 0.12 * skin.noise(0.5), 0.40, 2.6)
    skin.dermal += cover * smoothstep(0.3, 1.5, coarse) * 0.55
    return skin.photograph()


def molluscum(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw a close-up of pearly dome-shaped papules with a central dell."""
    skin = close_up(seed, monk, width, height, hairs=0.3)
    rng, mm = skin.rng, skin.mm
    for x, y in scatter(rng, 15, skin.shape, apart=5.2 * mm, weight=on_body(skin)):
        radius = rng.uniform(0.9, 2.3) * mm
        part = skin.part((x, y), radius * 2.2)
        inside = outline(rng, part, radius, irregular=0.06, lobes=4)
        cover = smoothstep(-0.25 * mm, 0.35 * mm, inside)
        dell = np.exp(-(part.x**2 + part.y**2) / (0.26 * radius) ** 2)
        inflame(
            skin, part, cover, 0.12, halo=np.exp(-np.maximum(-inside, 0) / np.float32(0.8 * mm)) * (1 - cover) * 0.2
        )
        skin.melanin[part.at] -= cover * np.float32(0.04 + 0.022 * monk)
        skin.keratin[part.at] = np.maximum(skin.keratin[part.at], np.maximum(cover * 0.16, dell * 0.7))
        skin.relief[part.at] += dome(inside, radius) * radius * 0.55 - dell * radius * 0.16
        skin.lines[part.at] *= 1 - 0.85 * cover
        skin.gloss[part.at] = np.maximum(skin.gloss[part.at], cover * 0.32)
    return skin.photograph()
