"""Eczema, purpura and vitiligo."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from demo.drawings.canvas import Skin
from demo.drawings.palette import Amount, Rgb
from demo.drawings.skin.lesions import close_up, dome, flakes, inflame, on_body, overview
from demo.drawings.texture import blur, fractal, outline, scatter, smoothstep, stroke, wander


def atopic_eczema(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw an overview of a flexure: ill-defined patches, excoriation and thickened skin lines."""
    skin = overview(seed, monk, width, height, "limb", 0.3, zoom=1.2)
    rng, mm = skin.rng, skin.mm
    part = skin.whole((width * 0.52, height * 0.5))
    inside = outline(rng, part, 40 * mm, ratio=1.35, irregular=0.2, ragged=5.5 * mm)
    cover = smoothstep(-10 * mm, 15 * mm, inside) * smoothstep(
        -2.2, 0.7, fractal(rng, skin.shape, 9 * mm, octaves=5, gain=0.65)
    )
    inflame(skin, part, cover, 0.66)
    skin.melanin += cover * np.float32(0.07 * max(0, monk - 4))
    folds = np.abs(fractal(rng, skin.shape, 3.4 * mm, octaves=3, stretch=5, angle=1.45))
    thick = np.exp(-((folds / 0.16) ** 2)) * cover
    skin.relief += cover * 2.5 - thick * 2.6 + cover * fractal(rng, skin.shape, 1.4 * mm, octaves=3) * 0.7
    flakes(skin, part, cover * 0.7, size=1.0, thick=0.7, cover=0.10)
    _scratches(skin, cover, 26, 8.0)
    return skin.photograph()


def nummular_eczema(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw a close-up of a coin-shaped weeping plaque with papulovesicles, crust and scratches."""
    skin = close_up(seed, monk, width, height, hairs=0.7)
    rng, mm = skin.rng, skin.mm
    part = skin.whole()
    inside = outline(rng, part, 12 * mm, ratio=1.15, irregular=0.12, ragged=1.3 * mm)
    cover = smoothstep(-2.4 * mm, 2.8 * mm, inside)
    inflame(skin, part, cover, 0.74)
    skin.relief += cover * 6 + cover * fractal(rng, skin.shape, 0.8 * mm, octaves=3) * 1.3
    for x, y in scatter(rng, 120, skin.shape, apart=1.1 * mm, weight=cover * np.float32(0.8)):
        bump = skin.part((x, y), mm)
        dot = np.exp(-(bump.x**2 + bump.y**2) / (rng.uniform(0.28, 0.5) * mm) ** 2)
        skin.relief[bump.at] += dot * np.float32(rng.uniform(1.5, 4))
        skin.blood[bump.at] += dot * 0.12
    ooze = cover * smoothstep(0.9, 1.9, fractal(rng, skin.shape, 2.4 * mm, octaves=4, gain=0.6))
    skin.crust = np.maximum(skin.crust, ooze * 0.75)
    skin.relief += ooze * 3
    flakes(skin, part, cover, size=0.9, thick=1.9, cover=0.30)
    _scratches(skin, cover, 7, 5.0)
    return skin.photograph()


def _scratches(skin: Skin, where: Amount, count: int, millimetres: float) -> None:
    """Add `count` linear excoriations of about `millimetres` length where `where` is high."""
    layer = np.zeros(skin.shape, np.uint8)
    for x, y in scatter(skin.rng, count, skin.shape, apart=2 * skin.mm, weight=where):
        path = wander(
            skin.rng, (x, y), skin.rng.normal(0.7, 0.35), skin.rng.uniform(0.4, 1.0) * millimetres * skin.mm, curl=0.06
        )
        stroke(layer, path, np.full(len(path), 0.32 * skin.mm + 0.6), int(skin.rng.uniform(120, 255)))
    line = blur(layer.astype(np.float32) / 255, 0.05 * skin.mm + 0.5)
    line *= smoothstep(-0.7, 0.6, skin.noise(1.2, octaves=3))
    skin.purple += line * 0.55
    skin.blood += blur(line, 0.4 * skin.mm) * 0.5
    skin.crust = np.maximum(skin.crust, line * 0.4)


def palpable_purpura(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw an overview of a lower leg with scattered and confluent palpable purpura."""
    skin = overview(seed, monk, width, height, "limb", 0.6)
    rng, mm = skin.rng, skin.mm
    down = np.linspace(0.25, 1.0, width, dtype=np.float32)[None, :]
    _purpura(skin, scatter(rng, 330, skin.shape, apart=1.7 * mm, weight=on_body(skin) * down), 0.5, 2.4)
    return skin.photograph()


def palpable_purpura_close(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw a close-up of palpable purpura, some with a necrotic centre."""
    skin = close_up(seed, monk, width, height, hairs=0.9)
    rng, mm = skin.rng, skin.mm
    places = scatter(rng, 68, skin.shape, apart=2.1 * mm)
    _purpura(skin, places, 0.4, 2.7)
    for x, y in places[:4]:
        part = skin.part((x, y), 3 * mm)
        dead = outline(rng, part, rng.uniform(0.6, 1.2) * mm, irregular=0.25, ragged=0.2 * mm)
        skin.eschar[part.at] = np.maximum(skin.eschar[part.at], smoothstep(-4, 6, dead) * 0.85)
    return skin.photograph()


def _purpura(skin: Skin, places: NDArray[np.float32], least: float, most: float) -> None:
    rng, mm = skin.rng, skin.mm
    for x, y in places:
        radius = (least + (most - least) * rng.random() ** 2.4) * mm
        part = skin.part((x, y), radius * 2.6 + 2)
        inside = outline(rng, part, radius, irregular=0.16, lobes=4, ragged=radius * 0.24)
        cover = smoothstep(-0.40 * radius - 0.5, 0.7 * radius, inside)
        uneven = 1 + 0.22 * fractal(rng, part.shape, max(0.45 * mm, 2.0), octaves=3, gain=0.6)
        fresh = rng.uniform(0.6, 1.1)
        skin.purple[part.at] += cover * np.float32(0.72 * fresh) * uneven
        skin.blood[part.at] += (
            cover * np.float32(0.62 * fresh) * uneven
            + np.exp(-np.maximum(-inside, 0) / np.float32(0.5 * radius)) * 0.10
        )
        skin.relief[part.at] += dome(inside, radius) * np.float32(radius * 0.11)


def vitiligo(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw an overview of depigmented patches with crisp scalloped borders and follicular repigmentation."""
    skin = overview(seed, monk, width, height, "limb", 0.25)
    rng, mm = skin.rng, skin.mm
    inside = np.full(skin.shape, -60.0, np.float32)
    for i, (x, y) in enumerate(scatter(rng, 13, skin.shape, apart=20 * mm, weight=on_body(skin))):
        radius = (rng.uniform(16, 24) if i < 3 else rng.uniform(2, 9)) * mm
        part = skin.part((x, y), radius * 2.2)
        one = outline(
            rng,
            part,
            radius,
            ratio=rng.uniform(0.8, 1.5),
            angle=rng.uniform(0, 3),
            irregular=0.30,
            lobes=9,
            ragged=1.0 * mm,
        )
        inside[part.at] = np.maximum(inside[part.at], one)
    cover = smoothstep(-0.4 * mm, 0.7 * mm, inside)
    islands = np.zeros(skin.shape, np.float32)
    for x, y in scatter(rng, 60, skin.shape, apart=3 * mm, weight=cover * smoothstep(15 * mm, 4 * mm, inside)):
        part = skin.part((x, y), 2.5 * mm)
        islands[part.at] = np.maximum(
            islands[part.at], np.exp(-(part.x**2 + part.y**2) / (rng.uniform(0.5, 1.1) * mm) ** 2)
        )
    cover = cover * (1 - 0.85 * islands)
    skin.melanin *= 1 - cover
    skin.bare = cover * np.float32(0.97)
    skin.melanin += np.exp(-((inside / (1.4 * mm)) ** 2)) * (1 - cover) * 0.12
    skin.blood += cover * (0.20 + 0.05 * skin.noise(7))
    return skin.photograph()
