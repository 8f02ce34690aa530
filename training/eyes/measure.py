"""How well a net does on crops: eyes that peak, and crops without eyes that peak too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from training.eyes.crops import SIZE, STRIDE, Crop
from training.eyes.net import EyeNet

LIMITS = (0.1, 0.3, 0.5)
SPARE = 0.02
"""Share of crops without eyes that may peak, for which recall is told."""


@torch.no_grad()
def peaks(net: EyeNet, crops: Sequence[Crop], batch: int = 64) -> tuple[list[float], list[float]]:
    """Return the centre output's peak in each eye, and in each crop without an eye."""
    from training.eyes.train import to_net

    net.eval()
    eyes, none = [], []
    for start in range(0, len(crops), batch):
        part = crops[start : start + batch]
        _, region = net(to_net(np.stack([crop.image for crop in part])))
        sure = torch.sigmoid(region[:, 0]).numpy()
        for crop, p in zip(part, sure, strict=True):
            cells = (np.arange(SIZE // (2 * STRIDE)) + 0.5) * 2 * STRIDE
            for x, y, length, height, _, _ in crop.regions:
                if length > 0:
                    near = np.hypot(cells[None, :] - x, cells[:, None] - y) <= max(height, 6.0)
                    eyes.append(float(p[near].max()))
            if not crop.mask.any():
                none.append(float(p.max()))
    return eyes, none


def measure(net: EyeNet, crops: Sequence[Crop]) -> str:
    """Return one line of figures."""
    eyes, none = (np.array(values) for values in peaks(net, crops))
    parts = [f"at {t}: {np.mean(eyes > t):.1%} of eyes, {np.mean(none > t):.1%} of none" for t in LIMITS]
    limit = float(np.quantile(none, 1 - SPARE))
    return "; ".join([*parts, f"{np.mean(eyes > limit):.1%} of eyes at {SPARE:.0%} of none ({limit:.2f})"])
