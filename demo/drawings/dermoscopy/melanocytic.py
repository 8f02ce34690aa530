"""Dermoscopy of melanocytic lesions: naevi and melanomas."""

from __future__ import annotations

import math

import numpy as np

from demo.drawings.dermoscopy.scope import Scope
from demo.drawings.palette import (
    Rgb,
)
from demo.drawings.texture import (
    outline,
    smoothstep,
)


def melanoma(*, seed: int, monk: int = 2, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw an atypical network, irregular globules, streaks, blue-white veil and regression."""
    scope = Scope(seed=seed, monk=monk, width=width, height=height)
    rng, mm = scope.rng, scope.mm
    part = scope.whole()
    inside = outline(rng, part, 4.1 * mm, ratio=1.25, angle=0.5, irregular=0.22, lobes=7, ragged=0.20 * mm)
    cover = smoothstep(-0.25 * mm, 0.35 * mm, inside)
    coarse = scope.noise(2.6)
    scope.melanin += cover * np.clip(0.42 + 0.25 * coarse + 0.08 * scope.noise(0.3), 0.1, 1.4)
    scope.add_network(cover * smoothstep(2.6 * mm, 0.9 * mm, inside), pitch=0.25, thick=0.062, amount=0.95, vary=1.0)
    scope.add_streaks(inside, count=64)
    ink = smoothstep(0.5, 1.3, coarse + 0.2 * scope.noise(0.3)) * cover
    scope.melanin += ink * 1.1
    scope.surface += ink * 0.6
    blue = np.exp(-((((part.x - 0.7 * mm) / (1.6 * mm)) ** 2 + ((part.y + 0.3 * mm) / (1.3 * mm)) ** 2) ** 1.5))
    scope.add_veil(cover * blue * np.clip(0.9 + 0.2 * scope.noise(0.7), 0.3, 1.3))
    scar = (
        smoothstep(0.45, 1.3, scope.noise(2.2, octaves=3)) * cover * smoothstep(0.5 * mm, 1.4 * mm, inside) * (1 - blue)
    )
    scope.melanin -= scar * scope.melanin * 0.8
    scope.white += scar * 0.42
    scope.blood += scar * 0.22
    scope.add_globules(scar, count=130, size=0.035, amount=0.8, deep=True)
    scope.add_globules(cover * smoothstep(1.2 * mm, 0.4 * mm, inside), count=46, size=0.11, amount=1.1)
    return scope.photograph(ruler=True, bubbles=2)


def dysplastic_naevus(*, seed: int, monk: int = 3, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw a typical reticular network, thinning towards the border, darker and globular in the middle."""
    scope = Scope(seed=seed, monk=monk, width=width, height=height, across_mm=14)
    rng, mm = scope.rng, scope.mm
    inside = outline(rng, scope.whole(), 3.7 * mm, ratio=1.25, angle=-0.4, irregular=0.10, lobes=5, ragged=0.12 * mm)
    cover = smoothstep(-0.5 * mm, 1.2 * mm, inside)
    scope.melanin += cover * (0.16 + 0.07 * scope.noise(1.4)) + smoothstep(1.2 * mm, 3.0 * mm, inside) * 0.32
    scope.blood += cover * 0.08
    scope.add_network(cover, pitch=0.23, thick=0.05, amount=0.85, vary=0.35)
    scope.add_globules(smoothstep(1.7 * mm, 2.7 * mm, inside) * 0.8, count=70, size=0.075, amount=0.7)
    return scope.photograph(ruler=False, bubbles=4, hairs=9)


def acral_melanoma(*, seed: int, monk: int = 7, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw a parallel ridge pattern: pigment on the ridges, eccrine openings as pale dots along them."""
    return _acral(seed, monk, width, height, on_ridges=True)


def acral_naevus(*, seed: int, monk: int = 7, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw a parallel furrow pattern: thin brown lines in the furrows."""
    return _acral(seed, monk, width, height, on_ridges=False)


def _acral(seed: int, monk: int, width: int, height: int, *, on_ridges: bool) -> Rgb:
    # Soles and palms hold far less pigment than the rest of the skin.
    scope = Scope(seed=seed, monk=max(1, min(monk - 3, 5)), width=width, height=height, across_mm=13)
    rng, mm = scope.rng, scope.mm
    part = scope.whole()
    lean = rng.uniform(0.35, 0.8)
    pitch = 0.52 * mm
    phase = (part.y * math.cos(lean) + part.x * math.sin(lean)) / np.float32(pitch)
    phase = phase + scope.noise(7, octaves=2) * 0.75 + scope.noise(1.2, octaves=2) * 0.05
    wave = np.cos(phase * 2 * math.pi)
    radius = 4.4 if on_ridges else 3.1
    inside = outline(
        rng, part, radius * mm, ratio=1.4, angle=-lean, irregular=0.22 if on_ridges else 0.08, lobes=8, ragged=0.35 * mm
    )
    cover = smoothstep(-0.7 * mm, 0.9 * mm, inside)
    uneven = (
        np.clip(0.75 + 0.42 * scope.noise(2.2), 0.1, 2) if on_ridges else np.clip(0.9 + 0.15 * scope.noise(1), 0, 2)
    )
    scope.white += smoothstep(0.2, -0.9, wave) * 0.10
    scope.blood += smoothstep(-0.5, 0.8, wave) * 0.07
    if on_ridges:
        scope.melanin += cover * smoothstep(-0.55, 0.55, wave) * uneven * 1.25 + cover * 0.18
        blotch = smoothstep(0.5, 1.7, scope.noise(2.4, gain=0.65)) * cover
        scope.melanin += blotch * 0.9
        scope.dermal += blotch * 0.5
    else:
        line = np.exp(-(((wave + 1) / 0.13) ** 2))
        scope.melanin += cover * line * uneven * 1.15 + cover * 0.10
    # Eccrine openings sit on the crest, one every ridge width or so.
    step = pitch * 1.35
    along = (part.x * math.cos(lean) - part.y * math.sin(lean)) / np.float32(step) + 0.37 * np.round(phase)
    off = np.hypot((phase - np.round(phase)) * pitch, (along - np.round(along)) * step)
    dots = smoothstep(0.085 * mm, 0.035 * mm, off.astype(np.float32))
    scope.white = np.maximum(scope.white, dots * 0.62)
    scope.melanin *= 1 - 0.65 * dots
    return scope.photograph(ruler=not on_ridges, bubbles=2, hairs=0)


def blue_naevus(*, seed: int, monk: int = 4, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw a homogeneous steel-blue structureless pattern with a soft border."""
    scope = Scope(seed=seed, monk=monk, width=width, height=height, across_mm=12)
    inside = outline(
        scope.rng, scope.whole(), 3.0 * scope.mm, ratio=1.12, irregular=0.07, lobes=5, ragged=0.06 * scope.mm
    )
    cover = smoothstep(-0.55 * scope.mm, 0.9 * scope.mm, inside)
    scope.dermal += cover * (1.05 + 0.09 * scope.noise(1.3) + 0.04 * scope.noise(0.2))
    scope.melanin += cover * 0.15
    scope.white += cover * np.clip(0.10 + 0.05 * scope.noise(1.0), 0, 0.3)
    return scope.photograph(ruler=True, bubbles=2, hairs=8)
