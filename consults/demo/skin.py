"""Clinical overviews and close-ups of simulated skin disease.

Every picture function takes `seed`, `monk` (1-10), `width` and `height` (px) and returns H×W×3 uint8
sRGB. Lesions change what is in the skin (melanin, blood, keratin, relief); colour follows from the
tone, so the same erythema reads pink on Monk 2 and violaceous to grey-brown on Monk 9.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from consults.demo.canvas import Site, Skin
from consults.demo.palette import Amount, Field, Rgb
from consults.demo.texture import (
    Window,
    blur,
    cells,
    fractal,
    outline,
    polygon,
    scatter,
    smoothstep,
    stroke,
    wander,
)

# --- building blocks ----------------------------------------------------------------------------


def _swell(inside: Amount, shoulder: float) -> Field:
    """0 outside, rising roundly to 1 over `shoulder` px inside the border."""
    t = np.clip(inside / np.float32(shoulder), 0, 1)
    return np.asarray(np.sqrt(np.maximum(t * (2 - t), 0)), np.float32)


def _dome(inside: Amount, radius: float) -> Field:
    """Height 0-1 of a rounded papule with that radius (px)."""
    t = np.clip(1 - inside / np.float32(radius), 0, 1)
    return np.asarray(np.where(inside > 0, np.maximum(1 - t**2, 0) ** np.float32(0.7), 0), np.float32)


def _inflame(skin: Skin, part: Window, cover: Amount, amount: float, *, halo: Amount | None = None) -> None:
    """Blood with fine unevenness; a share of melanin on dark skin, where inflammation leaves brown."""
    rng = skin.rng
    uneven = (
        1
        + 0.16 * fractal(rng, part.shape, 2.2 * skin.mm, octaves=4)
        + 0.09 * fractal(rng, part.shape, 0.5 * skin.mm, octaves=2)
    )
    layer = cover * amount if halo is None else cover * amount + halo
    skin.blood[part.at] += layer * uneven
    skin.melanin[part.at] += cover * np.float32(0.045 * max(0, skin.monk - 5) * amount)
    skin.dermal[part.at] += cover * np.float32(0.035 * max(0, skin.monk - 5) * amount)


def _flakes(skin: Skin, part: Window, where: Amount, *, size: float, thick: float, cover: float) -> None:
    """Scale as loose overlapping plates: `where` 0-1, `size` mm a flake, `thick` px, `cover` 0-1."""
    rng, pitch = skin.rng, max(size * skin.mm, 3.0)
    total_relief = np.zeros(part.shape, np.float32)
    total_cover = np.zeros(part.shape, np.float32)
    patchy = fractal(rng, part.shape, pitch * 4.5, octaves=3, gain=0.6)
    fray = fractal(rng, part.shape, max(pitch * 0.35, 2.0), octaves=3, gain=0.6)
    layers = ((1.0, 1.0), (0.8, 0.45)) if skin.view == "close_up" else ((1.0, 1.0),)
    for share, scale in layers:
        plates = cells(
            rng,
            part.shape,
            pitch * scale,
            stretch=1.3,
            angle=rng.uniform(0.2, 2.8),
            bent=pitch * scale * 0.30,
            jitter=0.65,
        )
        loose = 0.75 * plates.tint + 0.24 * patchy + 0.10 * fray + 0.12
        held = smoothstep(0.98 - cover, 1.34 - cover, loose) * where
        lip = smoothstep(0.0, pitch * scale * 0.22 + 1.0, plates.edge + fray * np.float32(pitch * scale * 0.05))
        total_relief += held * lip * (0.30 + 0.7 * plates.tint) * np.float32(thick * share)
        total_cover = np.maximum(total_cover, held * (0.50 + 0.50 * lip) * (0.50 + 0.40 * plates.tint))
    dust = smoothstep(-0.3, 1.7, fray + 0.5 * patchy) * where
    total_cover = np.maximum(total_cover, dust * (0.08 + 0.75 * cover))
    skin.relief[part.at] += blur(total_relief, 0.03 * skin.mm + 0.4)
    skin.keratin[part.at] = np.maximum(skin.keratin[part.at], total_cover)


def _plaque(skin: Skin, part: Window, inside: Amount, *, blood: float, height: float, edge: float = 1.0) -> Field:
    """A raised inflamed plaque; returns its cover 0-1. `height` px, `edge` mm over which it fades."""
    soft = edge * skin.mm
    cover = smoothstep(-0.35 * soft, 0.65 * soft, inside)
    flare = np.exp(-np.maximum(-inside, 0) / np.float32(1.6 * skin.mm)) * (1 - cover) * np.float32(0.16 * blood)
    _inflame(skin, part, cover, blood, halo=flare)
    skin.relief[part.at] += _swell(blur(inside, 0.25 * soft), 1.2 * soft) * np.float32(height)
    skin.pelt[part.at] *= 1 - 0.8 * cover
    return cover


def _vesicle(
    skin: Skin,
    centre: tuple[float, float],
    radius: float,
    *,
    cloudy: float = 0.2,
    dent: float = 0.0,
    bloody: float = 0.0,
) -> None:
    """A tense blister, `radius` px: domed, shiny, with serum; `dent` umbilicates it."""
    rng = skin.rng
    part = skin.part(centre, radius * 1.6)
    inside = outline(rng, part, radius, irregular=0.07, lobes=3, ratio=rng.uniform(0.88, 1.15))
    cover = smoothstep(-0.06 * radius, 0.14 * radius, inside)
    height = _dome(inside, radius * 0.9) * radius * 0.33
    if dent:
        height -= np.exp(-(part.x**2 + part.y**2) / (radius * 0.35) ** 2) * radius * 0.32 * dent
    skin.relief[part.at] += height.astype(np.float32)
    skin.lines[part.at] *= 1 - 0.85 * cover
    skin.gloss[part.at] = np.maximum(skin.gloss[part.at], 0.8 * cover)
    skin.fluid[part.at] = np.maximum(skin.fluid[part.at], cover * np.float32(0.35 + 0.55 * cloudy))
    skin.purple[part.at] += cover * np.float32(bloody)
    skin.blood[part.at] += np.exp(-((inside / (0.2 * radius)) ** 2)) * np.float32(0.30)
    # Light entering at the lit side glows out at the far side of a clear blister.
    far = smoothstep(-0.2, 1.0, -(part.x * math.cos(skin.light) + part.y * math.sin(skin.light)) / np.float32(radius))
    skin.glow[part.at] += cover * far * np.float32(0.10)


def _vessel(
    layer: NDArray[np.uint8],
    rng: np.random.Generator,
    start: tuple[float, float],
    angle: float,
    length: float,
    width: float,
    depth: int = 3,
) -> None:
    """An arborising vessel: tapers and branches `depth` times onto a uint8 layer."""
    path = wander(rng, start, angle, length, curl=0.2, step=max(4.0, length / 16))
    stroke(layer, path, np.linspace(width, width * 0.55, len(path)), 255 if width >= 1.5 else 170)
    if depth == 0:
        return
    for _ in range(int(rng.integers(2, 5))):
        at = int(rng.integers(len(path) // 4, len(path)))
        turn = angle + rng.choice((-1, 1)) * rng.uniform(0.4, 1.0)
        begin = float(path[at][0]), float(path[at][1])
        _vessel(layer, rng, begin, turn, length * rng.uniform(0.4, 0.65), width * 0.6, depth - 1)


def _begin(seed: int, monk: int, width: int, height: int, site: Site, hairs: float, zoom: float = 1.0) -> Skin:
    return Skin(seed=seed, monk=monk, width=width, height=height, view="overview", site=site, hairs=hairs, zoom=zoom)


def _near(
    seed: int, monk: int, width: int, height: int, hairs: float = 0.8, site: Site = "flat", zoom: float = 1.0
) -> Skin:
    return Skin(seed=seed, monk=monk, width=width, height=height, view="close_up", site=site, hairs=hairs, zoom=zoom)


def _on_body(skin: Skin) -> Field:
    """Weight 0-1 of places on the body (not on the drape, not at the frame)."""
    height, width = skin.shape
    x, y = np.meshgrid(np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32))
    weight = smoothstep(0.96, 0.80, np.maximum(np.abs(x), np.abs(y)))
    if skin.limb_at is not None:
        weight = weight * smoothstep(0.92, 0.72, np.abs(skin.limb_at))
    return weight


# --- papulosquamous -----------------------------------------------------------------------------


def psoriasis_plaque(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Close-up of a sharply bordered plaque with silvery scale."""
    skin = _near(seed, monk, width, height, hairs=0.5)
    part = skin.whole()
    inside = outline(
        skin.rng, part, 15.5 * skin.mm, ratio=1.4, angle=0.3, irregular=0.16, lobes=7, ragged=0.5 * skin.mm
    )
    cover = _plaque(skin, part, inside, blood=0.95, height=13, edge=0.9)
    scaly = smoothstep(0.2 * skin.mm, 3.2 * skin.mm, inside) * cover
    skin.lines *= 1 - 0.55 * cover
    _flakes(skin, part, scaly, size=1.15, thick=3.0, cover=0.60)
    for _ in range(3):
        place = skin.rng.uniform(0.08, 0.92) * width, skin.rng.uniform(0.08, 0.92) * height
        small = skin.part(place, 4 * skin.mm)
        spot = outline(skin.rng, small, skin.rng.uniform(0.7, 2.0) * skin.mm, irregular=0.18)
        spot = np.where(inside[small.at] > -2 * skin.mm, -9.0, spot).astype(np.float32)
        own = _plaque(skin, small, spot, blood=0.7, height=3, edge=0.7)
        _flakes(skin, small, own * smoothstep(0.0, 1.0 * skin.mm, spot), size=0.8, thick=2, cover=0.5)
    return skin.photograph()


def psoriasis_limb(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Overview of a limb with several scaly plaques over the extensor side."""
    skin = _begin(seed, monk, width, height, "limb", 0.5)
    weight = _on_body(skin)
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
        cover = _plaque(skin, part, inside, blood=0.85, height=5, edge=1.3)
        _flakes(skin, part, cover * smoothstep(0.3 * skin.mm, 4 * skin.mm, inside), size=2.0, thick=1.7, cover=0.58)
        skin.lines[part.at] *= 1 - 0.4 * cover
    return skin.photograph()


def pityriasis_rosea(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Overview of a trunk: oval patches along the lines of cleavage, herald patch, collarette scale."""
    skin = _begin(seed, monk, width, height, "trunk", 0.1, zoom=1.3)
    places = scatter(skin.rng, 46, skin.shape, apart=13 * skin.mm, weight=_on_body(skin))
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
        _inflame(skin, part, cover, 0.38, halo=rim * np.float32(0.22))
        skin.relief[part.at] += rim * 1.5
        collar = np.exp(-(((inside - 2.3 * skin.mm) / (0.6 * skin.mm)) ** 2))
        _flakes(skin, part, collar, size=1.1, thick=0.9, cover=0.6)
    return skin.photograph()


def lichen_planus(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Close-up of violaceous, flat-topped, polygonal shiny papules with Wickham striae."""
    skin = _near(seed, monk, width, height, hairs=0.7, zoom=1.25)
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
    skin.relief += _swell(inside, 0.55 * mm) * np.float32(0.19 * mm)
    skin.lines *= 1 - 0.62 * cover
    skin.gloss = np.maximum(skin.gloss, 0.42 * cover)
    lace = np.abs(fractal(rng, skin.shape, 0.8 * mm, octaves=2))
    striae = np.exp(-((lace / 0.09) ** 2)) * cover * smoothstep(-0.4, 1.2, fractal(rng, skin.shape, 3 * mm, octaves=2))
    skin.keratin = np.maximum(skin.keratin, blur(striae, 1.4) * 0.26)
    skin.pelt *= 1 - cover
    return skin.photograph()


def discoid_lupus(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Close-up of a scarring plaque: pale atrophic centre, pigmented rim, follicular plugs, scale."""
    skin = _near(seed, monk, width, height, hairs=0.3, zoom=1.2)
    rng, mm = skin.rng, skin.mm
    part = skin.whole()
    inside = outline(rng, part, 11 * mm, ratio=1.3, angle=-0.2, irregular=0.15, ragged=0.5 * mm)
    cover = smoothstep(-0.6 * mm, 1.2 * mm, inside)
    core = smoothstep(2.5 * mm, 7.5 * mm, inside + 1.2 * mm * fractal(rng, skin.shape, 4 * mm, octaves=3))
    rim = cover * (1 - core)
    _inflame(skin, part, rim, 0.62)
    skin.melanin += rim * np.float32(0.42 if monk > 4 else 0.2) + np.exp(-((inside / (1.6 * mm)) ** 2)) * 0.30
    skin.melanin -= core * np.float32(0.10 + 0.07 * monk)
    skin.blood += core * 0.16
    skin.relief += _swell(inside, 1.5 * mm) * 6 - blur(core, 0.7 * mm) * 8
    skin.lines *= 1 - 0.75 * core
    skin.gloss = np.maximum(skin.gloss, core * 0.22)
    skin.pelt *= 1 - cover
    _flakes(skin, part, rim * smoothstep(0.5 * mm, 2 * mm, inside), size=1.0, thick=2.4, cover=0.42)
    for x, y in scatter(rng, 85, skin.shape, apart=0.9 * mm, weight=rim):
        plug = skin.part((x, y), 0.6 * mm)
        pit = np.exp(-(plug.x**2 + plug.y**2) / (rng.uniform(0.14, 0.24) * mm) ** 2)
        skin.relief[plug.at] -= pit * 2
        skin.eschar[plug.at] = np.maximum(skin.eschar[plug.at], pit * 0.55)
    return skin.photograph()


# --- annular ------------------------------------------------------------------------------------


def tinea_corporis(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Close-up of an annular plaque with an advancing scaly border and central clearing."""
    skin = _near(seed, monk, width, height, hairs=0.8)
    rng, mm = skin.rng, skin.mm
    part = skin.whole()
    inside = outline(rng, part, 13.5 * mm, ratio=1.2, angle=0.5, irregular=0.13, lobes=8, ragged=0.55 * mm)
    reach = 1 + 0.3 * fractal(rng, skin.shape, 6 * mm, octaves=2)
    rim = smoothstep(-0.4 * mm, 0.6 * mm, inside) * smoothstep(4.6 * mm, 1.4 * mm, inside / reach)
    inner = smoothstep(1.0 * mm, 4 * mm, inside)
    _inflame(skin, part, rim, 0.72, halo=inner * 0.17)
    skin.melanin += inner * 0.10
    beads = smoothstep(-0.2, 1.3, fractal(rng, skin.shape, 1.3 * mm, octaves=2))
    skin.relief += rim * (5 + 6 * beads)
    scaly = np.exp(-(((inside - 2.0 * mm) / (1.3 * mm)) ** 2))
    _flakes(skin, part, scaly * reach.clip(0.4, 1.2), size=0.9, thick=2.4, cover=0.50)
    _flakes(skin, part, inner * 0.6, size=0.7, thick=1.0, cover=0.22)
    return skin.photograph()


def granuloma_annulare(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Close-up of a smooth ring of firm papules without scale."""
    skin = _near(seed, monk, width, height, hairs=0.6)
    rng, mm = skin.rng, skin.mm
    cx, cy = skin.centre
    part = skin.whole((cx, cy))
    ring = 9.5 * mm
    wobble = outline(rng, part, ring, ratio=1.15, angle=0.4, irregular=0.10, lobes=5)
    band = np.exp(-((wobble / (1.7 * mm)) ** 2))
    _inflame(skin, part, band, 0.34, halo=smoothstep(0, 3 * mm, wobble) * 0.10)
    skin.relief += band * 4
    for x, y in scatter(rng, 58, skin.shape, apart=1.55 * mm, weight=np.asarray(band**4, np.float32)):
        radius = rng.uniform(0.85, 1.6) * mm
        small = skin.part((x, y), radius * 2)
        inside = outline(
            rng, small, radius, irregular=0.12, lobes=4, ratio=rng.uniform(0.8, 1.3), angle=rng.uniform(0, 3)
        )
        cover = smoothstep(-0.35 * mm, 0.45 * mm, inside)
        _inflame(skin, small, cover, 0.24)
        skin.dermal[small.at] += cover * np.float32(0.04)
        skin.relief[small.at] = np.maximum(skin.relief[small.at], cover * 3 + _dome(inside, radius) * radius * 0.25)
        skin.lines[small.at] *= 1 - 0.5 * cover
        skin.gloss[small.at] = np.maximum(skin.gloss[small.at], 0.14 * cover)
    skin.relief = blur(skin.relief, 0.10 * mm)
    return skin.photograph()


def erythema_multiforme(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Overview of target lesions with three zones, scattered over a limb."""
    skin = _begin(seed, monk, width, height, "limb", 0.25)
    places = scatter(skin.rng, 24, skin.shape, apart=22 * skin.mm, weight=_on_body(skin))
    for x, y in places:
        _target(skin, (float(x), float(y)), skin.rng.uniform(4.5, 10.5) * skin.mm)
    return skin.photograph()


def erythema_multiforme_target(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Close-up of a few target lesions, the largest with a dusky, blistering centre."""
    skin = _near(seed, monk, width, height, hairs=0.4)
    mm = skin.mm
    cx, cy = skin.centre
    _target(skin, (cx - 2 * mm, cy), 9.5 * mm)
    _target(skin, (cx + 14 * mm, cy - 8.5 * mm), 5.0 * mm)
    _target(skin, (cx - 15 * mm, cy + 11 * mm), 4.2 * mm)
    _target(skin, (cx + 12.5 * mm, cy + 10.5 * mm), 3.4 * mm)
    _vesicle(skin, (cx - 2.2 * mm, cy + 0.2 * mm), 2.1 * mm, cloudy=0.15, bloody=0.22)
    return skin.photograph()


def _target(skin: Skin, centre: tuple[float, float], radius: float) -> None:
    """Dusky disc, pale oedematous ring, red border."""
    rng = skin.rng
    part = skin.part(centre, radius * 1.8)
    inside = outline(rng, part, radius, irregular=0.08, lobes=5, ragged=radius * 0.03)
    soft = radius * 0.12
    cover = smoothstep(-soft, soft, inside)
    pale = smoothstep(radius * 0.22, radius * 0.34, inside) * smoothstep(radius * 0.66, radius * 0.52, inside)
    dusk = smoothstep(radius * 0.52, radius * 0.68, inside)
    _inflame(skin, part, cover * (1 - 0.62 * pale), 0.62)
    skin.purple[part.at] += dusk * np.float32(0.50) * (1 + 0.2 * fractal(rng, part.shape, radius * 0.2, octaves=3))
    skin.melanin[part.at] += dusk * np.float32(0.05 + 0.02 * skin.monk) - pale * np.float32(0.02 * skin.monk)
    bump = _swell(inside, radius * 0.45) - 0.35 * blur(dusk, radius * 0.06)
    skin.relief[part.at] += bump * np.float32(radius * (0.045 if skin.view == "close_up" else 0.06))


def urticaria(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Overview of a trunk with confluent oedematous wheals, paler in the middle."""
    skin = _begin(seed, monk, width, height, "trunk", 0.15)
    rng, mm = skin.rng, skin.mm
    whole = skin.whole((width / 2, height / 2))
    inside = np.full(skin.shape, -40.0, np.float32)
    for x, y in scatter(rng, 34, skin.shape, apart=17 * mm, weight=_on_body(skin) * np.float32(0.9)):
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
    _inflame(skin, whole, cover * (1 - 0.55 * pale), 0.42, halo=flare)
    skin.melanin -= pale * np.float32(0.015 * monk)
    skin.relief += _swell(inside, 3.2 * mm) * np.float32(1.05 * mm)
    skin.gloss = np.maximum(skin.gloss, cover * 0.05)
    return skin.photograph()


# --- blistering ---------------------------------------------------------------------------------


def zoster_band(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Overview of a trunk: grouped vesicles on erythema along one dermatome."""
    skin = _begin(seed, monk, width, height, "trunk", 0.1, zoom=1.45)
    rng, mm = skin.rng, skin.mm
    for along in np.linspace(0.10, 0.86, 8):
        centre = (width * (along + rng.normal(0, 0.015)), height * (0.34 + 0.30 * along + rng.normal(0, 0.045)))
        radius = rng.uniform(7, 14) * mm
        part = skin.part(centre, radius * 2.2)
        inside = outline(rng, part, radius, ratio=rng.uniform(1.1, 1.8), angle=0.3, irregular=0.25, ragged=1.1 * mm)
        cover = _plaque(skin, part, inside, blood=0.58, height=3, edge=3.0)
        ring = np.zeros(skin.shape, np.float32)
        ring[part.at] = smoothstep(0.5 * mm, 3 * mm, inside) * cover
        for x, y in scatter(rng, int(rng.integers(8, 20)), skin.shape, apart=2.3 * mm, weight=ring):
            _vesicle(
                skin,
                (float(x), float(y)),
                rng.uniform(1.0, 2.2) * mm,
                cloudy=rng.uniform(0, 0.8),
                bloody=0.25 * rng.random(),
            )
    return skin.photograph()


def herpes_group(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Close-up of grouped vesicles, some umbilicated or crusted, on an inflamed base."""
    skin = _near(seed, monk, width, height, hairs=0.4)
    rng, mm = skin.rng, skin.mm
    part = skin.whole()
    inside = outline(rng, part, 11.5 * mm, ratio=1.4, angle=-0.3, irregular=0.2, ragged=0.9 * mm)
    cover = _plaque(skin, part, inside, blood=0.66, height=7, edge=3.2)
    weight = smoothstep(0.3 * mm, 3.0 * mm, inside) * cover
    for x, y in scatter(rng, 46, skin.shape, apart=2.25 * mm, weight=weight):
        radius = rng.uniform(0.75, 1.55) * mm
        dry = rng.random() < 0.14
        _vesicle(
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
    """Close-up of tense bullae on an urticated base, one ruptured with an erosion."""
    skin = _near(seed, monk, width, height, hairs=0.4)
    rng, mm = skin.rng, skin.mm
    part = skin.whole()
    inside = outline(rng, part, 17 * mm, ratio=1.35, angle=0.2, irregular=0.2, ragged=0.9 * mm)
    _plaque(skin, part, inside, blood=0.46, height=9, edge=3.5)
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
        _vesicle(skin, (cx + dx * mm, cy + dy * mm), r * mm, cloudy=rng.uniform(0, 0.35))
    spot = skin.part((cx + 12.5 * mm, cy + 7 * mm), 6 * mm)
    bare = outline(rng, spot, 3.2 * mm, irregular=0.09, ragged=0.15 * mm)
    cover = smoothstep(-2, 6, bare)
    skin.raw[spot.at] = np.maximum(skin.raw[spot.at], cover)
    skin.relief[spot.at] -= _swell(bare, 0.5 * mm) * 7
    skin.gloss[spot.at] = np.maximum(skin.gloss[spot.at], cover * 0.55)
    skin.lines[spot.at] *= 1 - cover
    collar = np.exp(-(((bare + 0.1 * mm) / (0.35 * mm)) ** 2)) * smoothstep(
        -0.5, 0.8, fractal(rng, spot.shape, 1.5 * mm)
    )
    skin.keratin[spot.at] = np.maximum(skin.keratin[spot.at], collar * 0.7)
    skin.relief[spot.at] += collar * 4
    return skin.photograph()


# --- eczema, purpura, pigment -------------------------------------------------------------------


def atopic_eczema(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Overview of a flexure: ill-defined patches, excoriation and thickened skin lines."""
    skin = _begin(seed, monk, width, height, "limb", 0.3, zoom=1.2)
    rng, mm = skin.rng, skin.mm
    part = skin.whole((width * 0.52, height * 0.5))
    inside = outline(rng, part, 40 * mm, ratio=1.35, irregular=0.2, ragged=5.5 * mm)
    cover = smoothstep(-10 * mm, 15 * mm, inside) * smoothstep(
        -2.2, 0.7, fractal(rng, skin.shape, 9 * mm, octaves=5, gain=0.65)
    )
    _inflame(skin, part, cover, 0.66)
    skin.melanin += cover * np.float32(0.07 * max(0, monk - 4))
    folds = np.abs(fractal(rng, skin.shape, 3.4 * mm, octaves=3, stretch=5, angle=1.45))
    thick = np.exp(-((folds / 0.16) ** 2)) * cover
    skin.relief += cover * 2.5 - thick * 2.6 + cover * fractal(rng, skin.shape, 1.4 * mm, octaves=3) * 0.7
    _flakes(skin, part, cover * 0.7, size=1.0, thick=0.7, cover=0.10)
    _scratches(skin, cover, 26, 8.0)
    return skin.photograph()


def nummular_eczema(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Close-up of a coin-shaped weeping plaque with papulovesicles, crust and scratches."""
    skin = _near(seed, monk, width, height, hairs=0.7)
    rng, mm = skin.rng, skin.mm
    part = skin.whole()
    inside = outline(rng, part, 12 * mm, ratio=1.15, irregular=0.12, ragged=1.3 * mm)
    cover = smoothstep(-2.4 * mm, 2.8 * mm, inside)
    _inflame(skin, part, cover, 0.74)
    skin.relief += cover * 6 + cover * fractal(rng, skin.shape, 0.8 * mm, octaves=3) * 1.3
    for x, y in scatter(rng, 120, skin.shape, apart=1.1 * mm, weight=cover * np.float32(0.8)):
        bump = skin.part((x, y), mm)
        dot = np.exp(-(bump.x**2 + bump.y**2) / (rng.uniform(0.28, 0.5) * mm) ** 2)
        skin.relief[bump.at] += dot * np.float32(rng.uniform(1.5, 4))
        skin.blood[bump.at] += dot * 0.12
    ooze = cover * smoothstep(0.9, 1.9, fractal(rng, skin.shape, 2.4 * mm, octaves=4, gain=0.6))
    skin.crust = np.maximum(skin.crust, ooze * 0.75)
    skin.relief += ooze * 3
    _flakes(skin, part, cover, size=0.9, thick=1.9, cover=0.30)
    _scratches(skin, cover, 7, 5.0)
    return skin.photograph()


def _scratches(skin: Skin, where: Amount, count: int, millimetres: float) -> None:
    """Linear excoriations, `count` of about that length, where the itch is."""
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
    """Overview of a lower leg with scattered and confluent palpable purpura."""
    skin = _begin(seed, monk, width, height, "limb", 0.6)
    rng, mm = skin.rng, skin.mm
    down = np.linspace(0.25, 1.0, width, dtype=np.float32)[None, :]
    _purpura(skin, scatter(rng, 330, skin.shape, apart=1.7 * mm, weight=_on_body(skin) * down), 0.5, 2.4)
    return skin.photograph()


def palpable_purpura_close(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Close-up of palpable purpura, some with a necrotic centre."""
    skin = _near(seed, monk, width, height, hairs=0.9)
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
        skin.relief[part.at] += _dome(inside, radius) * np.float32(radius * 0.11)


def vitiligo(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Overview of depigmented patches with crisp scalloped borders and follicular repigmentation."""
    skin = _begin(seed, monk, width, height, "limb", 0.25)
    rng, mm = skin.rng, skin.mm
    inside = np.full(skin.shape, -60.0, np.float32)
    for i, (x, y) in enumerate(scatter(rng, 13, skin.shape, apart=20 * mm, weight=_on_body(skin))):
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


# --- tumours ------------------------------------------------------------------------------------


def basal_cell_carcinoma(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Close-up of a pearly nodule with rolled border, telangiectasia and a crusted centre."""
    skin = _near(seed, monk, width, height, hairs=0.5, zoom=1.7)
    rng, mm = skin.rng, skin.mm
    cx, cy = skin.centre
    part = skin.whole((cx, cy))
    radius = 7.6 * mm
    inside = outline(rng, part, radius, ratio=1.15, angle=0.5, irregular=0.08, lobes=4, ragged=0.03 * mm)
    cover = smoothstep(-0.5 * mm, 0.8 * mm, inside)
    pit = smoothstep(3.4 * mm, 5.4 * mm, inside + 0.5 * mm * fractal(rng, skin.shape, 2 * mm, octaves=3))
    lumps = fractal(rng, skin.shape, 2.6 * mm, octaves=2)
    skin.relief += _dome(inside, radius * 0.75) * np.float32(1.15 * mm) * (1 + 0.14 * lumps) - blur(
        pit, 0.45 * mm
    ) * np.float32(0.75 * mm)
    skin.lines *= 1 - 0.93 * cover
    skin.gloss = np.maximum(skin.gloss, 0.38 * cover * (1 - pit))
    # Pearly: less melanin and a milky veil over the blood.
    skin.melanin -= cover * np.float32(0.05 + 0.035 * monk)
    _inflame(skin, part, cover, 0.24, halo=np.exp(-np.maximum(-inside, 0) / np.float32(1.5 * mm)) * (1 - cover) * 0.16)
    skin.keratin = np.maximum(skin.keratin, cover * (1 - pit) * (0.10 + 0.05 * lumps))
    layer = np.zeros(skin.shape, np.uint8)
    for turn in rng.uniform(0, 2 * math.pi, 11):
        start = cx + math.cos(turn) * radius * 0.98, cy + math.sin(turn) * radius * 0.88
        _vessel(
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
    """Close-up of an asymmetrical plaque in several browns, black, blue-grey and pink, with a nodule."""
    skin = _near(seed, monk, width, height, hairs=0.6, zoom=1.45)
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
    skin.relief += _swell(inside, 0.7 * mm) * 4 + _dome(nodule, 2.6 * mm) * np.float32(0.75 * mm)
    skin.relief += cover * fine * 0.8
    skin.lines *= 1 - 0.35 * cover - 0.5 * lump
    skin.gloss = np.maximum(skin.gloss, 0.10 * cover + 0.35 * lump)
    skin.pelt *= 1 - 0.7 * cover
    return skin.photograph()


def dysplastic_naevus(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Close-up of a two-toned naevus with a fuzzy macular shoulder and a few small common naevi."""
    skin = _near(seed, monk, width, height, hairs=0.8, zoom=1.7)
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
    """Close-up of a stuck-on, verrucous, greasy plaque with keratin plugs."""
    skin = _near(seed, monk, width, height, hairs=0.6, zoom=1.5)
    rng, mm = skin.rng, skin.mm
    cx, cy = skin.centre
    part = skin.whole((cx, cy))
    inside = outline(rng, part, 8.2 * mm, ratio=1.3, angle=-0.4, irregular=0.12, lobes=7, ragged=0.28 * mm)
    cover = smoothstep(-0.16 * mm, 0.22 * mm, inside)
    lobes = cells(rng, skin.shape, 0.95 * mm, jitter=0.6, bent=0.30 * mm)
    cerebriform = np.sqrt(np.clip(blur(lobes.edge, 0.07 * mm) / (0.40 * mm), 0, 1))
    skin.relief += (
        _swell(inside, 0.8 * mm) * np.float32(0.62 * mm)
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
    """Close-up of an indurated nodule with a keratin-filled crater on sun-damaged skin."""
    skin = _near(seed, monk, width, height, hairs=0.4, zoom=1.6)
    rng, mm = skin.rng, skin.mm
    skin.blood += 0.10 + 0.05 * skin.noise(3)
    cx, cy = skin.centre
    part = skin.whole((cx, cy))
    inside = outline(rng, part, 7.2 * mm, ratio=1.1, irregular=0.09, lobes=5, ragged=0.06 * mm)
    cover = smoothstep(-0.6 * mm, 0.9 * mm, inside)
    crater = smoothstep(2.6 * mm, 3.6 * mm, inside + 0.4 * mm * fractal(rng, skin.shape, 2 * mm, octaves=3))
    _inflame(skin, part, cover, 0.50, halo=np.exp(-np.maximum(-inside, 0) / np.float32(2 * mm)) * (1 - cover) * 0.2)
    skin.relief += _dome(inside, 5 * mm) * np.float32(1.5 * mm)
    skin.lines *= 1 - 0.85 * cover
    skin.gloss = np.maximum(skin.gloss, cover * (1 - crater) * 0.16)
    horn = fractal(rng, skin.shape, 1.1 * mm, octaves=4, gain=0.62)
    skin.crust = np.maximum(skin.crust, crater * (0.66 + 0.12 * horn))
    skin.keratin = np.maximum(skin.keratin, crater * smoothstep(-0.2, 1.6, horn) * 0.75)
    skin.relief += crater * (np.float32(0.15 * mm) + horn * 5) - np.exp(-(((inside - 3.0 * mm) / (0.35 * mm)) ** 2)) * 6
    _flakes(skin, part, np.exp(-((inside / (2.4 * mm)) ** 2)), size=0.9, thick=2.2, cover=0.42)
    skin.pelt *= 1 - cover
    return skin.photograph()


def keloid(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Close-up of a shiny, firm, lobed scar growing beyond the wound."""
    skin = _near(seed, monk, width, height, hairs=0.4)
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
    _inflame(skin, part, cover, 0.34, halo=np.exp(-np.maximum(-inside, 0) / np.float32(1.5 * mm)) * (1 - cover) * 0.12)
    skin.melanin += np.exp(-(((inside + 0.5 * mm) / (1.4 * mm)) ** 2)) * 0.22 + cover * 0.05 * fractal(
        rng, skin.shape, 2 * mm, octaves=3
    )
    skin.melanin -= smoothstep(1 * mm, 4 * mm, inside) * np.float32(0.022 * monk)
    skin.relief += (
        _dome(inside, 3.9 * mm) * np.float32(1.75 * mm) * (1 + 0.06 * fractal(rng, skin.shape, 3.5 * mm, octaves=2))
    )
    skin.relief += cover * np.abs(fractal(rng, skin.shape, 1.6 * mm, octaves=2, stretch=4, angle=0.3)) * 1.4
    skin.lines *= 1 - 0.9 * cover
    skin.gloss = np.maximum(skin.gloss, 0.26 * cover)
    layer = np.zeros(skin.shape, np.uint8)
    for x, y in scatter(rng, 9, skin.shape, apart=2 * mm, weight=cover):
        _vessel(layer, rng, (float(x), float(y)), rng.uniform(0, 6), 2.6 * mm, 2.4, depth=1)
    skin.blood += blur(layer.astype(np.float32) / 255, 1.8) * cover * 0.35
    skin.pelt *= 1 - cover
    return skin.photograph()


def sarcoid_papules(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Close-up of firm brown-violaceous papules and small plaques, smooth and grouped."""
    skin = _near(seed, monk, width, height, hairs=0.4)
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
        bulge[small.at] = np.maximum(bulge[small.at], _dome(one, radius * 0.9) * radius * 0.27)
    cover = smoothstep(-0.4 * mm, 0.6 * mm, inside)
    _inflame(skin, part, cover, 0.46, halo=blur(cover, mm) * 0.08)
    skin.dermal += cover * 0.10
    skin.melanin += cover * 0.10
    skin.relief += blur(bulge, 0.12 * mm)
    skin.lines *= 1 - 0.5 * cover
    skin.gloss = np.maximum(skin.gloss, cover * 0.14)
    skin.pelt *= 1 - 0.8 * cover
    return skin.photograph()


def blue_naevus(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Close-up of a small, smooth, dome-shaped blue-grey papule."""
    skin = _near(seed, monk, width, height, hairs=1.0, zoom=2.0)
    rng, mm = skin.rng, skin.mm
    part = skin.whole()
    inside = outline(rng, part, 3.9 * mm, irregular=0.06, lobes=4, ratio=1.1)
    cover = smoothstep(-0.9 * mm, 1.0 * mm, inside)
    skin.dermal += cover * (1.15 + 0.08 * fractal(rng, skin.shape, 1.2 * mm, octaves=3))
    skin.melanin += cover * 0.22
    skin.relief += _dome(inside, 3.7 * mm) * np.float32(0.85 * mm)
    skin.lines *= 1 - 0.35 * cover
    skin.gloss = np.maximum(skin.gloss, cover * 0.12)
    return skin.photograph()


def ulcer(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Close-up of an ulcer with violaceous undermined border, slough, granulation and crust."""
    skin = _near(seed, monk, width, height, hairs=0.4)
    rng, mm = skin.rng, skin.mm
    part = skin.whole()
    inside = outline(rng, part, 11 * mm, ratio=1.35, angle=0.25, irregular=0.18, lobes=7, ragged=0.5 * mm)
    bed = smoothstep(0.0, 0.5 * mm, inside)
    border = np.exp(-(((inside + 1.4 * mm) / (2.0 * mm)) ** 2))
    skin.purple += border * (0.75 + 0.12 * fractal(rng, skin.shape, 2 * mm, octaves=3)) * (1 - bed)
    _inflame(skin, part, np.exp(-np.maximum(-inside, 0) / np.float32(4.0 * mm)) * (1 - bed), 0.52)
    skin.relief += border * np.float32(0.45 * mm) - _swell(inside, 1.1 * mm) * np.float32(0.85 * mm)
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
    """Close-up of a sole with an irregular brown-black macule across the ridges."""
    skin = _near(seed, max(1, monk - 2), width, height, site="acral", hairs=0.0, zoom=1.25)
    rng, mm = skin.rng, skin.mm
    part = skin.whole()
    inside = outline(rng, part, 9 * mm, ratio=1.5, angle=0.5, irregular=0.28, lobes=8, ragged=0.7 * mm)
    cover = smoothstep(-0.6 * mm, 0.8 * mm, inside)
    coarse = fractal(rng, skin.shape, 5 * mm, octaves=4, gain=0.55)
    skin.melanin += cover * np.clip(1.15 + 0.55 * coarse + 0.12 * skin.noise(0.5), 0.40, 2.6)
    skin.dermal += cover * smoothstep(0.3, 1.5, coarse) * 0.55
    return skin.photograph()


def molluscum(*, seed: int, monk: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Close-up of pearly dome-shaped papules with a central dell."""
    skin = _near(seed, monk, width, height, hairs=0.3)
    rng, mm = skin.rng, skin.mm
    for x, y in scatter(rng, 15, skin.shape, apart=5.2 * mm, weight=_on_body(skin)):
        radius = rng.uniform(0.9, 2.3) * mm
        part = skin.part((x, y), radius * 2.2)
        inside = outline(rng, part, radius, irregular=0.06, lobes=4)
        cover = smoothstep(-0.25 * mm, 0.35 * mm, inside)
        dell = np.exp(-(part.x**2 + part.y**2) / (0.26 * radius) ** 2)
        _inflame(
            skin, part, cover, 0.12, halo=np.exp(-np.maximum(-inside, 0) / np.float32(0.8 * mm)) * (1 - cover) * 0.2
        )
        skin.melanin[part.at] -= cover * np.float32(0.04 + 0.022 * monk)
        skin.keratin[part.at] = np.maximum(skin.keratin[part.at], np.maximum(cover * 0.16, dell * 0.7))
        skin.relief[part.at] += _dome(inside, radius) * radius * 0.55 - dell * radius * 0.16
        skin.lines[part.at] *= 1 - 0.85 * cover
        skin.gloss[part.at] = np.maximum(skin.gloss[part.at], cover * 0.32)
    return skin.photograph()
