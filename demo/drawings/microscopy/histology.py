"""Histology of simulated skin: H&E, PAS, DAB immunohistochemistry and direct immunofluorescence.

Every picture function takes `seed`, `width` and `height` (px) and returns H×W×3 uint8 sRGB. Low power
is 1 px a µm, high power 4 px a µm (0.25 µm/px). Stains absorb (Beer-Lambert), so overlaps darken as
they do on glass.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from demo.drawings.microscopy.section import HIGH, LOW, Section, add_normal_skin
from demo.drawings.palette import Rgb, to_srgb
from demo.drawings.texture import bend, blur, cells, outline, scatter, smoothstep, stroke, wander, window


def psoriasiform(*, seed: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw low power: long even rete ridges, parakeratosis with neutrophils, dilated papillary vessels."""
    section = Section(seed=seed, width=width, height=height, top=0.17, thick=34, rete=270, pitch=112, rete_width=0.66)
    rng, um = section.rng, section.um
    add_normal_skin(section, corneum="para", horny=62, granular=0.0, cuffs=6, cuff=60)
    papilla = section.dermis * (section.under < 300 * um) * (section.under > 40 * um)
    for x, y in scatter(
        rng, 26, section.shape, apart=42 * um, weight=papilla * smoothstep(-9 * um, -16 * um, section.into)
    ):
        section.add_vessel((float(x), float(y)), rng.uniform(5, 9), cuff=5)
    horn = smoothstep(-4 * um, -8 * um, section.under) * smoothstep(-50 * um, -40 * um, section.under)
    for x, _ in rng.random((5, 2)) * (width, 1):
        column = np.exp(-(((np.arange(width, dtype=np.float32) - np.float32(x)) / (26 * um)) ** 2))[None, :]
        section.add_lymphocytes(horn * column, 34, size=4.8)
    return section.photograph()


def lichenoid(*, seed: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw low power: saw-toothed rete, wedge of granular layer, band of lymphocytes along the junction."""
    section = Section(seed=seed, width=width, height=height, top=0.18, thick=62, rete=70, pitch=120, rete_width=0.40)
    um = section.um
    add_normal_skin(section, corneum="compact", horny=46, granular=17.0, cuffs=4, cuff=50)
    band = smoothstep(3 * um, -2 * um, section.into) * smoothstep(
        -150 * um, -95 * um, section.into + 14 * um * section.noise(90)
    )
    section.add_lymphocytes(band * (section.under > 0) * np.float32(0.95), 5200)
    _add_necrotic_cells(section, 34)
    return section.photograph()


def _add_necrotic_cells(section: Section, count: int) -> None:
    """Add Civatte bodies: round, glassy pink, mostly just above the junction."""
    um = section.um
    near = np.exp(-(((section.into - 5 * um) / (9 * um)) ** 2)) * (section.under > 20 * um)
    for x, y in scatter(section.rng, count, section.shape, apart=14 * um, weight=np.asarray(near, np.float32)):
        radius = section.rng.uniform(4.2, 6.0) * um
        spot = window(section.shape, (float(x), float(y)), radius * 2)
        gone = np.hypot(spot.x, spot.y)
        body = smoothstep(radius, radius * 0.8, gone)
        halo = smoothstep(radius * 1.35, radius * 1.15, gone) * (1 - body)
        section.pink[spot.at] = section.pink[spot.at] * (1 - body) * (1 - 0.8 * halo) + body * 1.35
        section.blue[spot.at] *= (1 - body) * (1 - halo)
        section.nuclei[spot.at] = (section.nuclei[spot.at] * (1 - np.maximum(body, halo))).astype(np.uint8)


def interface_high_power(*, seed: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw high power: vacuoles along the junction, necrotic keratinocytes, lymphocytes in the epidermis."""
    section = Section(
        seed=seed, width=width, height=height, um=HIGH, top=0.10, thick=95, rete=55, pitch=150, rete_width=0.5
    )
    rng, um = section.rng, section.um
    add_normal_skin(section, corneum="basket", horny=26, cuffs=1, cuff=22)
    line = np.exp(-((section.into / (5 * um)) ** 2)).astype(np.float32)
    for x, y in scatter(rng, 70, section.shape, apart=8 * um, weight=line):
        radius = rng.uniform(2.2, 4.6) * um
        spot = window(section.shape, (float(x), float(y)), radius * 1.6)
        hole = smoothstep(0, 1.5, outline(rng, spot, radius, irregular=0.12, lobes=3))
        section.pink[spot.at] *= 1 - 0.93 * hole
        section.blue[spot.at] *= 1 - hole
        section.nuclei[spot.at] = (section.nuclei[spot.at] * (1 - hole)).astype(np.uint8)
    section.add_lymphocytes(
        np.maximum(line, smoothstep(0, -30 * um, section.into) * 0.35 * smoothstep(-120 * um, -40 * um, section.into)),
        150,
    )
    section.add_lymphocytes(section.epidermis * smoothstep(60 * um, 10 * um, section.into) * 0.5, 26)
    _add_necrotic_cells(section, 11)
    return section.photograph()


def subepidermal_blister(*, seed: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw low power: epidermis lifted off the dermis, fibrin and eosinophils in the cleft."""
    section = Section(seed=seed, width=width, height=height, top=0.15, thick=58, rete=34, pitch=140, lift=330)
    rng, um = section.rng, section.um
    add_normal_skin(section, corneum="basket", horny=36, cuffs=5, cuff=42)
    section.clear(section.cleft)
    net = np.abs(section.noise(24, octaves=3, gain=0.6))
    section.pink += section.cleft * (0.07 + 0.34 * np.exp(-((net / 0.10) ** 2)) + 0.05 * section.noise(60))
    inside = blur(section.cleft, 4 * um) ** 3
    section.add_lymphocytes(inside * 0.6, 150, size=5.2)
    floor = np.exp(-(((section.dermis - 0.5) / 0.4) ** 2))
    close = section.dermis * smoothstep(-420 * um, -20 * um, section.into) * 0.5
    for x, y in scatter(
        rng,
        230,
        section.shape,
        apart=7 * um,
        weight=np.asarray(np.maximum(inside * 0.35, close * 0.6) * (0.3 + 0.7 * floor.max()), np.float32),
    ):
        # Eosinophils: bright granules beside a two-lobed nucleus.
        spot = window(section.shape, (float(x), float(y)), 8 * um)
        section.pink[spot.at] += smoothstep(5.2 * um, 3.6 * um, np.hypot(spot.x, spot.y)) * np.float32(1.25)
        lobes = np.array(((x - 1.9 * um, y), (x + 1.9 * um, y + 0.6 * um)), np.float32)
        section.draw_nuclei(lobes, 3.8, flat=1.1, dark=0.9)
    return section.photograph()


def basal_cell_carcinoma(*, seed: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw low power: basaloid islands with peripheral palisading and retraction clefts in loose stroma."""
    section = Section(seed=seed, width=width, height=height, top=0.10, thick=48, rete=30, pitch=150)
    add_normal_skin(section, cuffs=2, cuff=30, eccrine=False, density=0.92)
    um = section.um
    place = section.dermis * smoothstep(-90 * um, -150 * um, section.into)
    islands = [
        (float(x), float(y), section.rng.uniform(42, 125))
        for x, y in scatter(section.rng, 13, section.shape, apart=205 * um, weight=place)
    ]
    islands.append((width * 0.47, float(height * 0.27), 78.0))
    _add_basaloid_islands(section, islands)
    loose = smoothstep(0, -100 * um, section.into) * 0.07
    section.add_lymphocytes(np.asarray(loose * section.dermis, np.float32), 330)
    return section.photograph()


def basal_cell_carcinoma_high_power(*, seed: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw high power: the palisade of one island, mitoses and apoptotic cells, cleft and mucin."""
    section = Section(seed=seed, width=width, height=height, um=HIGH, top=-0.7, thick=20, rete=10)
    section.add_collagen(density=0.8, mucin=1.0)
    _add_basaloid_islands(
        section,
        [
            (width * 0.30, height * 0.55, 105.0),
            (width * 0.86, height * 0.22, 52.0),
            (width * 0.84, height * 0.86, 44.0),
        ],
    )
    section.add_lymphocytes(section.dermis * np.float32(0.25), 40)
    return section.photograph()


def _add_basaloid_islands(section: Section, islands: list[tuple[float, float, float]]) -> None:
    """Add basaloid islands at (x px, y px, radius µm)."""
    rng, um = section.rng, section.um
    inside = np.full(section.shape, -1e3, np.float32)
    for x, y, radius in islands:
        part = window(section.shape, (x, y), radius * um * 2.2)
        one = outline(
            rng, part, radius * um, ratio=rng.uniform(0.7, 1.6), angle=rng.uniform(0, 3), irregular=0.24, lobes=6
        )
        inside[part.at] = np.maximum(inside[part.at], one)
    inside = bend(inside, rng, 60 * um, 5 * um)
    body = smoothstep(-0.5, 1.0, inside)
    cleft = smoothstep(-9 * um, -5 * um, inside + 4.5 * um * section.noise(40, octaves=2)) * (1 - body)
    stroma = np.exp(-np.maximum(-inside, 0) / np.float32(45 * um)) * (1 - body)
    section.pink *= 1 - 0.42 * stroma
    section.blue += stroma * 0.09
    section.clear(np.maximum(body, cleft))
    section.blue += body * (0.40 + 0.06 * section.noise(12))
    section.pink += body * 0.28
    mosaic = cells(rng, section.shape, 7.4 * um, jitter=0.5)
    depth = section.sample(inside, mosaic.seeds)
    core = mosaic.seeds[depth > 11 * um]
    section.draw_nuclei(core, 7.4, flat=1.35, dark=0.80, open_chromatin=0.22)
    # The palisade: one row of upright nuclei along every border.
    solid = (inside > 5.5 * um).astype(np.uint8)
    contours, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for contour in contours:
        line = contour[:, 0, :].astype(np.float32)
        if len(line) < 30:
            continue
        step = max(2, int(4.9 * um))
        picks = line[::step]
        ahead = np.roll(line, -3, 0)[::step] - np.roll(line, 3, 0)[::step]
        turns = np.arctan2(ahead[:, 1], ahead[:, 0]) + math.pi / 2
        section.draw_nuclei(
            picks, 9.4, flat=2.0, turns=turns + rng.normal(0, 0.14, len(picks)), dark=0.88, open_chromatin=0.12
        )


def melanoma(*, seed: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw low power: confluent irregular nests, upward spread, sheets in the dermis, pigment."""
    return _melanoma_section(seed, width, height).photograph()


def melanoma_melan_a(*, seed: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw low power, Melan-A (DAB): nests and single cells brown on a blue counterstain."""
    return _melanoma_section(seed, width, height, marked=True).photograph(stain="dab")


def melanoma_high_power(*, seed: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw high power: pleomorphic epithelioid melanocytes with large nucleoli, pigment and mitoses."""
    return _melanoma_section(seed, width, height, um=HIGH).photograph()


def _melanoma_section(seed: int, width: int, height: int, *, um: float = LOW, marked: bool = False) -> Section:
    high = um > 2
    section = Section(
        seed=seed, width=width, height=height, um=um, top=0.07 if high else 0.15, thick=60, rete=70, pitch=150
    )
    rng = section.rng
    add_normal_skin(section, cuffs=0 if high else 3, cuff=40, eccrine=False, horny=24 if high else 40)
    inside = np.full(section.shape, -1e3, np.float32)
    junction = np.exp(-((section.into / (16 * um)) ** 2)).astype(np.float32)
    rows = np.arange(height, dtype=np.float32)[:, None] * np.ones((1, width), np.float32)
    upper = section.dermis * smoothstep(-430 * um, -60 * um, section.into) * (rows < height * 0.95)
    for weight, count, least, most, apart in (
        (junction, 34 if not high else 7, 13, 34, 34),
        (np.asarray(upper, np.float32), 46 if not high else 9, 20, 52, 58),
    ):
        for x, y in scatter(rng, count, section.shape, apart=apart * um, weight=weight):
            radius = rng.uniform(least, most) * um
            part = window(section.shape, (float(x), float(y)), radius * 2)
            one = outline(
                rng, part, radius, ratio=rng.uniform(0.7, 1.5), angle=rng.uniform(0, 3), irregular=0.16, lobes=5
            )
            inside[part.at] = np.maximum(inside[part.at], one)
    inside[section.under < 14 * um] = -1e3
    nest = smoothstep(-0.5, 1.5, inside)
    gap = smoothstep(-3.2 * um, -1.2 * um, inside) * (1 - nest)
    section.clear(np.maximum(nest, gap * 0.75))
    mosaic = cells(rng, section.shape, 12.5 * um, jitter=0.55)
    membrane = np.exp(-((mosaic.edge / (0.6 * um + 0.3)) ** 2))
    section.pink += nest * (0.40 + 0.16 * (mosaic.tint - 0.5) - 0.20 * membrane)
    section.blue += nest * (0.20 + 0.05 * section.noise(6))
    fit = section.sample(inside, mosaic.seeds) > 2 * um
    section.draw_nuclei(mosaic.seeds[fit], 9.6, flat=1.25, dark=0.76, vary=0.30, open_chromatin=0.45)
    rising = section.epidermis * smoothstep(12 * um, 20 * um, section.into) * (section.under > 12 * um)
    single = scatter(rng, 80 if not high else 16, section.shape, apart=22 * um, weight=np.asarray(rising, np.float32))
    marks = nest.copy()
    for x, y in single:
        spot = window(section.shape, (float(x), float(y)), 12 * um)
        body = smoothstep(8.2 * um, 6.8 * um, np.hypot(spot.x, spot.y))
        section.pink[spot.at] = section.pink[spot.at] * (1 - body) + body * 0.16
        section.blue[spot.at] *= 1 - body
        section.nuclei[spot.at] = (section.nuclei[spot.at] * (1 - body)).astype(np.uint8)
        marks[spot.at] = np.maximum(marks[spot.at], body)
    section.draw_nuclei(single, 8.6, flat=1.15, dark=0.86, open_chromatin=0.2)
    dust = smoothstep(0.5, 1.5, section.noise(1.6, octaves=2)) * smoothstep(0.0, 1.3, section.noise(26, octaves=3))
    section.grain += (
        dust
        * (nest * 0.75 + np.exp(-np.maximum(section.into, 0) / (9 * um)) * section.epidermis * 0.35)
        * (0.25 if marked else 1.0)
    )
    if marked:
        section.brown = marks * (0.85 + 0.16 * section.noise(7) + 0.2 * (mosaic.tint - 0.5)) * (1 - 0.35 * membrane)
        section.brown += section.epidermis * 0.03
    else:
        section.add_lymphocytes(
            np.asarray(smoothstep(-30 * um, -3 * um, inside) * section.dermis * (1 - nest) * 0.4, np.float32),
            60 if high else 420,
        )
    return section


def sarcoid_granulomas(*, seed: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw low power: naked epithelioid granulomas with giant cells and few lymphocytes."""
    section = Section(seed=seed, width=width, height=height, top=0.11, thick=50, rete=38, pitch=150)
    rng, um = section.rng, section.um
    add_normal_skin(section, cuffs=2, cuff=20, eccrine=False)
    place = section.dermis * smoothstep(-70 * um, -120 * um, section.into)
    inside = np.full(section.shape, -1e3, np.float32)
    centres = scatter(rng, 17, section.shape, apart=190 * um, weight=np.asarray(place, np.float32))
    for x, y in centres:
        radius = rng.uniform(62, 100) * um
        part = window(section.shape, (float(x), float(y)), radius * 2)
        one = outline(rng, part, radius, ratio=rng.uniform(0.8, 1.4), angle=rng.uniform(0, 3), irregular=0.14, lobes=5)
        inside[part.at] = np.maximum(inside[part.at], one)
    inside = bend(inside, rng, 50 * um, 6 * um)
    body = smoothstep(-3 * um, 4 * um, inside) * section.dermis
    section.clear(np.asarray(body, np.float32))
    whirl = section.noise(9, octaves=3, stretch=2.2, angle=0.7)
    section.pink += body * (0.47 + 0.10 * whirl)
    section.blue += body * 0.09
    mosaic = cells(rng, section.shape, 12.5 * um, jitter=0.65)
    fit = (section.sample(inside, mosaic.seeds) > 0) & (rng.random(len(mosaic.seeds)) < 0.86)
    section.draw_nuclei(mosaic.seeds[fit], 10.5, flat=2.1, dark=0.60, open_chromatin=0.3)
    for x, y in centres:
        if rng.random() < 0.65:
            _add_giant_cell(section, (float(x) + rng.normal(0, 25) * um, float(y) + rng.normal(0, 25) * um))
    rim = np.exp(-(((inside + 8 * um) / (12 * um)) ** 2)) * section.dermis
    section.add_lymphocytes(np.asarray(rim * 0.42, np.float32), 900)
    return section.photograph()


def _add_giant_cell(section: Section, centre: tuple[float, float]) -> None:
    """Add a Langhans giant cell: pink body, horseshoe of nuclei."""
    rng, um = section.rng, section.um
    radius = rng.uniform(17, 25) * um
    part = window(section.shape, centre, radius * 1.6)
    body = smoothstep(-1, 2, outline(rng, part, radius, irregular=0.1, lobes=4))
    section.nuclei[part.at] = (section.nuclei[part.at] * (1 - body)).astype(np.uint8)
    section.pink[part.at] = section.pink[part.at] * (1 - body) + body * 0.72
    turn = rng.uniform(0, 6) + np.linspace(0, 4.6, 12)
    ring = np.stack([centre[0] + np.cos(turn) * radius * 0.72, centre[1] + np.sin(turn) * radius * 0.72], 1)
    section.draw_nuclei(ring.astype(np.float32), 7.2, flat=1.4, turns=turn, dark=0.68, open_chromatin=0.2)


def palisading_granuloma(*, seed: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw low power: degenerate collagen and mucin ringed by histiocytes, as in granuloma annulare."""
    section = Section(seed=seed, width=width, height=height, top=0.10, thick=48, rete=42, pitch=140)
    rng, um = section.rng, section.um
    add_normal_skin(section, cuffs=6, cuff=55, eccrine=True)
    inside = np.full(section.shape, -1e3, np.float32)
    for x, y, radius, ratio in ((0.44, 0.50, 185, 2.1), (0.80, 0.74, 105, 1.7), (0.14, 0.79, 90, 1.5)):
        part = window(section.shape, (x * width, y * height), radius * 2.4 * um)
        inside[part.at] = np.maximum(
            inside[part.at],
            outline(rng, part, radius * um, ratio=ratio, angle=rng.normal(0, 0.15), irregular=0.15, lobes=6),
        )
    inside = bend(inside, rng, 80 * um, 12 * um)
    core = smoothstep(0, 12 * um, inside)
    fade = np.asarray(core * (section.nuclei > 0), np.float32)
    section.nuclei = (section.nuclei * (1 - 0.85 * core)).astype(np.uint8)
    thread = np.abs(section.noise(9, octaves=3, stretch=3, angle=0.3))
    section.pink = section.pink * (1 - 0.45 * core) + core * 0.12 * (1 - fade)
    section.blue += core * (0.13 + 0.22 * np.exp(-((thread / 0.12) ** 2)))
    band = np.exp(-(((inside + 10 * um) / (24 * um)) ** 2)) * section.dermis
    slope_x, slope_y = (
        np.asarray(cv2.Sobel(blur(inside, 6 * um), cv2.CV_32F, *d), np.float32) for d in ((1, 0), (0, 1))
    )
    place = scatter(rng, 1500, section.shape, apart=7 * um, weight=np.asarray(band, np.float32))
    turns = np.arctan2(section.sample(slope_y, place), section.sample(slope_x, place)) + rng.normal(0, 0.3, len(place))
    section.draw_nuclei(place, 11, flat=2.4, turns=turns, dark=0.66, open_chromatin=0.2)
    section.add_lymphocytes(
        np.asarray(np.exp(-(((inside + 60 * um) / (30 * um)) ** 2)) * section.dermis * 0.35, np.float32), 380
    )
    return section.photograph()


def dermatophyte_pas(*, seed: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw high power, PAS: magenta hyphae in the horny layer, basement membrane picked out."""
    section = Section(seed=seed, width=width, height=height, um=HIGH, top=0.34, thick=75, rete=50, pitch=150)
    rng, um = section.rng, section.um
    add_normal_skin(section, corneum="basket", horny=85, cuffs=1, cuff=20)
    layer = np.zeros(section.shape, np.uint8)
    horn = smoothstep(-3 * um, -8 * um, section.under) * smoothstep(-80 * um, -70 * um, section.under)
    for x, y in scatter(rng, 46, section.shape, apart=7 * um, weight=horn):
        path = wander(
            rng,
            (float(x), float(y)),
            rng.choice((0.0, math.pi)) + rng.normal(0, 0.3),
            rng.uniform(18, 62) * um,
            curl=0.13,
            step=3 * um,
        )
        stroke(layer, path, np.full(len(path), rng.uniform(2.0, 3.0) * um), int(rng.uniform(150, 255)))
        for knot in path[:: rng.integers(3, 5)]:
            cv2.circle(layer, (int(knot[0]), int(knot[1])), int(0.75 * um), 40, -1, cv2.LINE_AA)
    tube = blur(layer.astype(np.float32) / 255, 1.5)
    tube = tube * (0.62 + 0.38 * np.exp(-(((tube - 0.5) / 0.22) ** 2)))
    section.magenta = tube * smoothstep(2 * um, -2 * um, section.under) * 1.25
    line = np.exp(-(((section.into + 0.4 * um) / (0.9 * um)) ** 2)) * (section.under > 20 * um)
    section.magenta += line * 0.42
    return section.photograph(stain="pas")


def pemphigoid_dif(*, seed: int, width: int = 1600, height: int = 1200) -> Rgb:
    """Draw direct immunofluorescence, IgG: a thin linear green band along the junction on black."""
    section = Section(seed=seed, width=width, height=height, um=2.0, top=0.2, thick=70, rete=75, pitch=150)
    rng, um = section.rng, section.um
    section.add_collagen()
    section.add_keratinocytes()
    section.add_horny_layer(thick=40)
    sharp = np.exp(-(((section.into + 0.5 * um) / (1.5 * um)) ** 2)) * (section.under > 25 * um)
    band = sharp * np.clip(0.95 + 0.22 * section.noise(14, octaves=3), 0.3, 1.5)
    glow = blur(np.asarray(band, np.float32), 6 * um)
    own = (
        0.05 * section.pink * section.dermis
        + 0.028 * section.pink * section.epidermis
        + 0.10 * section.pink * (section.under < 0)
    )
    dark = blur(section.nuclei.astype(np.float32) / 255, 1.2) * section.epidermis * 0.02
    green = np.maximum(0.80 * band + 0.55 * glow + own - dark + 0.010, 0.004)
    grain = cv2.resize(
        rng.standard_normal((height // 2, width // 2), np.float32), (width, height), interpolation=cv2.INTER_CUBIC
    )
    green = np.maximum(green + 0.007 * grain * np.sqrt(green + 0.02) * 4, 0.002)
    light = np.dstack([green * 0.22 + band * 0.06, green, green * 0.30]).astype(np.float32)
    return to_srgb(light)
