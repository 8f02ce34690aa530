"""What the net is asked for, and how wrong it is about each crop."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from training.eyes.crops import SIZE, STRIDE

CELL = 2 * STRIDE
"""Stride of the regions."""
UNIT = 64.0
"""Half sizes are learnt as logarithms of their share of this (px)."""
SPREAD = 0.22
"""Width of the bump about a centre, in half lengths: any cell near the middle may report the eye."""
WORST = 8


def centres(regions: Tensor, size: int = SIZE) -> Tensor:
    """Return the bumps N×H/8×W/8 that the centre output should show; exactly 1 in the cell of each centre.

    regions: N×2×6 of `crops.Crop`.
    """
    cells = size // CELL
    at = (torch.arange(cells) + 0.5) * CELL
    x, y, length, height, cos, sin = (v[..., None, None] for v in regions.unbind(-1))
    turn = torch.atan2(sin, cos) / 2
    dx, dy = at[None, None, None, :] - x, at[None, None, :, None] - y
    p, q = dx * torch.cos(turn) + dy * torch.sin(turn), dy * torch.cos(turn) - dx * torch.sin(turn)
    sigma_p, sigma_q = (SPREAD * length).clamp(min=4.0), (SPREAD * height).clamp(min=4.0)
    bumps = torch.exp(-((p / sigma_p) ** 2 + (q / sigma_q) ** 2) / 2) * (length > 0)
    exact = (dx.abs() <= CELL / 2) & (dy.abs() <= CELL / 2) & (length > 0)
    return torch.where(exact, 1.0, bumps).amax(1)


def targets(regions: Tensor, size: int = SIZE) -> tuple[Tensor, Tensor]:
    """Return shapes N×4×H/8×W/8 (log half length, log half height, cos, sin) and the weight of each cell N×H/8×W/8."""
    cells = size // CELL
    at = (torch.arange(cells) + 0.5) * CELL
    x, y, length, height, cos, sin = (v[..., None, None] for v in regions.unbind(-1))
    reach = torch.hypot(at[None, None, None, :] - x, at[None, None, :, None] - y) / height.clamp(min=4.0)
    reach = torch.where(length > 0, reach, torch.full_like(reach, math.inf))
    near, which = reach.min(1)
    rows = torch.stack([torch.log(length.clamp(min=1) / UNIT), torch.log(height.clamp(min=1) / UNIT), cos, sin], 2)
    rows = rows.expand(-1, -1, -1, cells, cells)
    index = which[:, None, None].expand(-1, 1, 4, -1, -1)
    return rows.gather(1, index)[:, 0], (near < 0.7).float()


def loss(mask: Tensor, region: Tensor, wanted: Tensor, regions: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean loss, and for each crop how wrong the net was (0 to 1).

    mask: logits N×1×h×w; region: N×5×h/2×w/2; wanted: 0 to 1, N×h×w; regions: N×2×6.
    """
    logits = mask[:, 0]
    bce = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none").mean((1, 2))
    p, area = torch.sigmoid(logits), wanted.sum((1, 2))
    dice = 1 - (2 * (p * wanted).sum((1, 2)) + 2) / ((p * p).sum((1, 2)) + (wanted * wanted).sum((1, 2)) + 2)
    none = area == 0
    worst = functional.softplus(logits.masked_fill(wanted > 0, -9).flatten(1)).topk(WORST, 1).values.mean(1)
    bump = centres(regions)
    point = region[:, 0]
    sure = torch.sigmoid(point.float()).clamp(1e-4, 1 - 1e-4)
    hidden = functional.max_pool2d(wanted[:, None], 2)[:, 0] * (
        bump < 0.05
    )  # eyes of which too little shows: not asked
    hit = -torch.log(sure) * (1 - sure) ** 2 * (bump == 1)
    miss = -torch.log(1 - sure) * sure**2 * (1 - bump) ** 4 * (bump < 1) * (1 - hidden)
    focal = (hit + miss).sum((1, 2)) / (bump == 1).sum((1, 2)).clamp(min=1)
    shapes, weight = targets(regions)
    shape = (functional.smooth_l1_loss(region[:, 1:], shapes, reduction="none", beta=0.2).sum(1) * weight).sum((1, 2))
    shape = shape / weight.sum((1, 2)).clamp(min=1)
    each = 2 * bce + 0.5 * dice * (area > 2) + 0.1 * worst + 0.3 * focal + 0.3 * shape
    with torch.no_grad():
        peak = (p * (wanted == 0)).flatten(1).topk(WORST, 1).values.mean(1)
        wrong = torch.where(none, torch.maximum(peak, sure.flatten(1).amax(1)), torch.maximum(dice, peak) * 0.8)
    return each.mean(), wrong
