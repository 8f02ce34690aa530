"""Building blocks of lesions: swelling, redness, scale, blisters, vessels."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from demo.drawings.canvas import Site, Skin
from demo.drawings.palette import Amount, Field
from demo.drawings.texture import Window, blur, cells, fractal, outline, smoothstep, stroke, wander


def swell(inside: Amount, shoulder: float) -> Field:
    """Return 0 outside, rising roundly to 1 over `shoulder` px inside the border."""
    t = np.clip(inside / np.float32(shoulder), 0, 1)
    return np.asarray(np.sqrt(np.maximum(t * (2 - t), 0)), np.float32)


def dome(inside: Amount, radius: float) -> Field:
    """Return the height 0-1 of a rounded papule of `radius` px."""
    t = np.clip(1 - inside / np.float32(radius), 0, 1)
    return np.asarray(np.where(inside > 0, np.maximum(1 - t**2, 0) ** np.float32(0.7), 0), np.float32)


def inflame(skin: Skin, part: Window, cover: Amount, amount: float, *, halo: Amount | None = None) -> None:
    """Add blood with fine unevenness; on dark skin also some melanin, because inflammation leaves brown."""
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


def flakes(skin: Skin, part: Window, where: Amount, *, size: float, thick: float, cover: float) -> None:
    """Add scale as loose overlapping plates: `where` 0-1, `size` mm a flake, `thick` px, `cover` 0-1."""
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


def plaque(skin: Skin, part: Window, inside: Amount, *, blood: float, height: float, edge: float = 1.0) -> Field:
    """Add a raised inflamed plaque; return its cover 0-1. `height` px, `edge` mm over which it fades."""
    soft = edge * skin.mm
    cover = smoothstep(-0.35 * soft, 0.65 * soft, inside)
    flare = np.exp(-np.maximum(-inside, 0) / np.float32(1.6 * skin.mm)) * (1 - cover) * np.float32(0.16 * blood)
    inflame(skin, part, cover, blood, halo=flare)
    skin.relief[part.at] += swell(blur(inside, 0.25 * soft), 1.2 * soft) * np.float32(height)
    skin.pelt[part.at] *= 1 - 0.8 * cover
    return cover


def vesicle(
    skin: Skin,
    centre: tuple[float, float],
    radius: float,
    *,
    cloudy: float = 0.2,
    dent: float = 0.0,
    bloody: float = 0.0,
) -> None:
    """Add a tense blister, `radius` px: domed, shiny, with serum; `dent` umbilicates it."""
    rng = skin.rng
    part = skin.part(centre, radius * 1.6)
    inside = outline(rng, part, radius, irregular=0.07, lobes=3, ratio=rng.uniform(0.88, 1.15))
    cover = smoothstep(-0.06 * radius, 0.14 * radius, inside)
    height = dome(inside, radius * 0.9) * radius * 0.33
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


def vessel(
    layer: NDArray[np.uint8],
    rng: np.random.Generator,
    start: tuple[float, float],
    angle: float,
    length: float,
    width: float,
    depth: int = 3,
) -> None:
    """Draw an arborising vessel that tapers and branches `depth` times onto a uint8 layer."""
    path = wander(rng, start, angle, length, curl=0.2, step=max(4.0, length / 16))
    stroke(layer, path, np.linspace(width, width * 0.55, len(path)), 255 if width >= 1.5 else 170)
    if depth == 0:
        return
    for _ in range(int(rng.integers(2, 5))):
        at = int(rng.integers(len(path) // 4, len(path)))
        turn = angle + rng.choice((-1, 1)) * rng.uniform(0.4, 1.0)
        begin = float(path[at][0]), float(path[at][1])
        vessel(layer, rng, begin, turn, length * rng.uniform(0.4, 0.65), width * 0.6, depth - 1)


def overview(seed: int, monk: int, width: int, height: int, site: Site, hairs: float, zoom: float = 1.0) -> Skin:
    """Return healthy skin at overview distance, the ground for lesions."""
    return Skin(seed=seed, monk=monk, width=width, height=height, view="overview", site=site, hairs=hairs, zoom=zoom)


def close_up(
    seed: int, monk: int, width: int, height: int, hairs: float = 0.8, site: Site = "flat", zoom: float = 1.0
) -> Skin:
    """Return healthy skin at close-up distance, the ground for lesions."""
    return Skin(seed=seed, monk=monk, width=width, height=height, view="close_up", site=site, hairs=hairs, zoom=zoom)


def on_body(skin: Skin) -> Field:
    """Return the weight 0-1 of places on the body (0 on the drape and at the frame)."""
    height, width = skin.shape
    x, y = np.meshgrid(np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32))
    weight = smoothstep(0.96, 0.80, np.maximum(np.abs(x), np.abs(y)))
    if skin.limb_at is not None:
        weight = weight * smoothstep(0.92, 0.72, np.abs(skin.limb_at))
    return weight
