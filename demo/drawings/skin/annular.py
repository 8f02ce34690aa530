"""Annular lesions, target lesions and wheals."""

from __future__ import annotations

import numpy as np

from demo.drawings.canvas import Skin
from demo.drawings.palette import Rgb
from demo.drawings.skin.lesions import close_up, dome, flakes, inflame, on_body, overview, swell, vesicle
from demo.drawings.texture import blur, fractal, outline, scatter, smoothstep


def tinea_corporis(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw a close-up of an annular plaque with an advancing scaly border and central clearing."""
    skin = close_up(seed, monk, width, height, hairs=0.8)
    rng, mm = skin.rng, skin.mm
    part = skin.whole()
    inside = outline(rng, part, 13.5 * mm, ratio=1.2, angle=0.5, irregular=0.13, lobes=8, ragged=0.55 * mm)
    reach = 1 + 0.3 * fractal(rng, skin.shape, 6 * mm, octaves=2)
    rim = smoothstep(-0.4 * mm, 0.6 * mm, inside) * smoothstep(4.6 * mm, 1.4 * mm, inside / reach)
    inner = smoothstep(1.0 * mm, 4 * mm, inside)
    inflame(skin, part, rim, 0.72, halo=inner * 0.17)
    skin.melanin += inner * 0.10
    beads = smoothstep(-0.2, 1.3, fractal(rng, skin.shape, 1.3 * mm, octaves=2))
    skin.relief += rim * (5 + 6 * beads)
    scaly = np.exp(-(((inside - 2.0 * mm) / (1.3 * mm)) ** 2))
    flakes(skin, part, scaly * reach.clip(0.4, 1.2), size=0.9, thick=2.4, cover=0.50)
    flakes(skin, part, inner * 0.6, size=0.7, thick=1.0, cover=0.22)
    return skin.photograph()


def granuloma_annulare(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw a close-up of a smooth ring of firm papules without scale."""
    skin = close_up(seed, monk, width, height, hairs=0.6)
    rng, mm = skin.rng, skin.mm
    cx, cy = skin.centre
    part = skin.whole((cx, cy))
    ring = 9.5 * mm
    wobble = outline(rng, part, ring, ratio=1.15, angle=0.4, irregular=0.10, lobes=5)
    band = np.exp(-((wobble / (1.7 * mm)) ** 2))
    inflame(skin, part, band, 0.34, halo=smoothstep(0, 3 * mm, wobble) * 0.10)
    skin.relief += band * 4
    for x, y in scatter(rng, 58, skin.shape, apart=1.55 * mm, weight=np.asarray(band**4, np.float32)):
        radius = rng.uniform(0.85, 1.6) * mm
        small = skin.part((x, y), radius * 2)
        inside = outline(
            rng, small, radius, irregular=0.12, lobes=4, ratio=rng.uniform(0.8, 1.3), angle=rng.uniform(0, 3)
        )
        cover = smoothstep(-0.35 * mm, 0.45 * mm, inside)
        inflame(skin, small, cover, 0.24)
        skin.dermal[small.at] += cover * np.float32(0.04)
        skin.relief[small.at] = np.maximum(skin.relief[small.at], cover * 3 + dome(inside, radius) * radius * 0.25)
        skin.lines[small.at] *= 1 - 0.5 * cover
        skin.gloss[small.at] = np.maximum(skin.gloss[small.at], 0.14 * cover)
    skin.relief = blur(skin.relief, 0.10 * mm)
    return skin.photograph()


def erythema_multiforme(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw an overview of target lesions with three zones, scattered over a limb."""
    skin = overview(seed, monk, width, height, "limb", 0.25)
    places = scatter(skin.rng, 24, skin.shape, apart=22 * skin.mm, weight=on_body(skin))
    for x, y in places:
        _target(skin, (float(x), float(y)), skin.rng.uniform(4.5, 10.5) * skin.mm)
    return skin.photograph()


def erythema_multiforme_target(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw a close-up of a few target lesions, the largest with a dusky, blistering centre."""
    skin = close_up(seed, monk, width, height, hairs=0.4)
    mm = skin.mm
    cx, cy = skin.centre
    _target(skin, (cx - 2 * mm, cy), 9.5 * mm)
    _target(skin, (cx + 14 * mm, cy - 8.5 * mm), 5.0 * mm)
    _target(skin, (cx - 15 * mm, cy + 11 * mm), 4.2 * mm)
    _target(skin, (cx + 12.5 * mm, cy + 10.5 * mm), 3.4 * mm)
    vesicle(skin, (cx - 2.2 * mm, cy + 0.2 * mm), 2.1 * mm, cloudy=0.15, bloody=0.22)
    return skin.photograph()


def _target(skin: Skin, centre: tuple[float, float], radius: float) -> None:
    """Add a dusky disc, a pale oedematous ring and a red border."""
    rng = skin.rng
    part = skin.part(centre, radius * 1.8)
    inside = outline(rng, part, radius, irregular=0.08, lobes=5, ragged=radius * 0.03)
    soft = radius * 0.12
    cover = smoothstep(-soft, soft, inside)
    pale = smoothstep(radius * 0.22, radius * 0.34, inside) * smoothstep(radius * 0.66, radius * 0.52, inside)
    dusk = smoothstep(radius * 0.52, radius * 0.68, inside)
    inflame(skin, part, cover * (1 - 0.62 * pale), 0.62)
    skin.purple[part.at] += dusk * np.float32(0.50) * (1 + 0.2 * fractal(rng, part.shape, radius * 0.2, octaves=3))
    skin.melanin[part.at] += dusk * np.float32(0.05 + 0.02 * skin.monk) - pale * np.float32(0.02 * skin.monk)
    bump = swell(inside, radius * 0.45) - 0.35 * blur(dusk, radius * 0.06)
    skin.relief[part.at] += bump * np.float32(radius * (0.045 if skin.view == "close_up" else 0.06))


def urticaria(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw an overview of a trunk with confluent oedematous wheals, paler in the middle."""
    skin = overview(seed, monk, width, height, "trunk", 0.15)
    rng, mm = skin.rng, skin.mm
    whole = skin.whole((width / 2, height / 2))
    inside = np.full(skin.shape, -40.0, np.float32)
    for x, y in scatter(rng, 34, skin.shape, apart=17 * mm, weight=on_body(skin) * np.float32(0.9)):
        radius = rng.uniform(4, 13) * mm
        part = skin.part((x, y), radius * 2.2)
        one = outline(
            rng,
            part,
            radius,
            ratio=rng.uniform(0.7, 1.5),
            angle=rng.uniform(0, 3),
            irregular=0.17,
            lobes=7,
            ragged=0.8 * mm,
        )
        inside[part.at] = np.maximum(inside[part.at], one)
    inside = blur(inside, 0.9 * mm)
    cover = smoothstep(-0.8 * mm, 1.5 * mm, inside)
    pale = smoothstep(1.5 * mm, 5.5 * mm, inside)
    flare = np.exp(-np.maximum(-inside, 0) / np.float32(4 * mm)) * (1 - cover) * 0.20
    inflame(skin, whole, cover * (1 - 0.55 * pale), 0.42, halo=flare)
    skin.melanin -= pale * np.float32(0.015 * monk)
    skin.relief += swell(inside, 3.2 * mm) * np.float32(1.05 * mm)
    skin.gloss = np.maximum(skin.gloss, cover * 0.05)
    return skin.photograph()
