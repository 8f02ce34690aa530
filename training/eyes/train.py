"""Train the net until a time of day, on crops of the pool.

    OMP_NUM_THREADS=1 nice -n 5 python -m training.eyes.train DATA --minutes 90

The schedule goes by the clock, so the learning rate reaches its end whatever the speed. DATA/ckpt gets a checkpoint
every five minutes; started again, training goes on from there with what is left of the time (--minutes counts from
the first start, unless --restart gives a new round). A pool must be fed by `training.eyes.pool` meanwhile.
"""

from __future__ import annotations

import argparse
import copy
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from training.eyes.crops import SIZE, Maker
from training.eyes.loss import loss
from training.eyes.measure import measure
from training.eyes.net import EyeNet
from training.eyes.pool import Batch, Pool, pictures
from training.eyes.portraits import Portraits

BATCH = 32
RATE = 3e-3
WARM = 0.04
"""Share of the time in which the rate rises."""
DECAY = 0.02
EMA = 0.998
SAVE_EVERY = 300.0
LEAST_CROPS = 2000
VALIDATION_SEED = 5
VALIDATION_CROPS = 1024


def to_net(images: npt.NDArray[np.uint8]) -> Tensor:
    """Return N×H×W×3 uint8 as the net's input."""
    x = torch.from_numpy(images).permute(0, 3, 1, 2).to(torch.float32)
    return x.mul_(1 / 127.5).sub_(1).contiguous(memory_format=torch.channels_last)


def turned(batch: Batch, rng: np.random.Generator) -> Batch:
    """Return a batch mirrored and turned by quarters, at random."""
    images, masks, regions = batch.images, batch.masks, batch.regions.copy()
    seen = regions[..., 2:3] > 0
    if rng.random() < 0.5:
        images, masks = images[:, :, ::-1], masks[:, :, ::-1]
        regions[..., 0], regions[..., 5] = SIZE - regions[..., 0], -regions[..., 5]
    if rng.random() < 0.5:
        images, masks = images[:, ::-1], masks[:, ::-1]
        regions[..., 1], regions[..., 5] = SIZE - regions[..., 1], -regions[..., 5]
    if rng.random() < 0.5:
        images, masks = images.transpose(0, 2, 1, 3), masks.transpose(0, 2, 1)
        regions = regions[..., [1, 0, 2, 3, 4, 5]] * np.array([1, 1, 1, 1, -1, 1], np.float32)
    return Batch(np.ascontiguousarray(images), np.ascontiguousarray(masks), regions * seen, batch.slots)


def rate(share: float) -> float:
    """Return the learning rate after a share (0 to 1) of the time."""
    if share < WARM:
        return RATE * max(share / WARM, 0.02)
    return RATE * (0.5 + 0.5 * math.cos(math.pi * min(1.0, (share - WARM) / (1 - WARM)))) + 2e-6


class Training:
    """Net, average of its weights, optimiser and counters; saved and loaded together."""

    def __init__(self, seed: int) -> None:
        torch.manual_seed(seed)
        self.net = EyeNet().to(memory_format=torch.channels_last)
        self.ema = copy.deepcopy(self.net).eval()
        decayed = [p for p in self.net.parameters() if p.ndim > 1]
        others = [p for p in self.net.parameters() if p.ndim <= 1]
        groups = [{"params": decayed, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}]
        self.optimiser = torch.optim.AdamW(groups, lr=RATE)
        self.step = 0
        self.elapsed = 0.0

    def learn(self, batch: Batch, share: float) -> tuple[float, Tensor]:
        """Take one step; return the loss and how wrong the net was about each crop."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate(share)
        self.net.train()
        mask, region = self.net(to_net(batch.images))
        wanted = torch.from_numpy(batch.masks).float() / 255
        value, wrong = loss(mask, region, wanted, torch.from_numpy(batch.regions))
        self.optimiser.zero_grad(set_to_none=True)
        value.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 4.0)
        self.optimiser.step()
        self.step += 1
        keep = min(EMA, (1 + self.step) / (20 + self.step))
        with torch.no_grad():
            for mean, now in zip(self.ema.state_dict().values(), self.net.state_dict().values(), strict=True):
                if mean.dtype.is_floating_point:
                    mean.lerp_(now, 1 - keep)
                else:
                    mean.copy_(now)
        return float(value.detach()), wrong

    def save(self, path: Path) -> None:
        """Write a checkpoint, whole or not at all."""
        state: dict[str, Any] = {name: getattr(self, name).state_dict() for name in ("net", "ema", "optimiser")}
        torch.save({**state, "step": self.step, "elapsed": self.elapsed}, path.with_suffix(".new"))
        path.with_suffix(".new").replace(path)

    def start(self, path: Path) -> None:
        """Start from the averaged weights of an earlier training."""
        weights = torch.load(path, weights_only=True)
        for net in (self.net, self.ema):
            net.load_state_dict({name: v.float() if v.is_floating_point() else v for name, v in weights.items()})

    def load(self, path: Path) -> None:
        """Go on from a checkpoint."""
        state = torch.load(path, weights_only=True)
        for name in ("net", "ema", "optimiser"):
            getattr(self, name).load_state_dict(state[name])
        self.step, self.elapsed = state["step"], state["elapsed"]


def main() -> None:
    """Train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--restart", action="store_true", help="a new round of --minutes from the last weights")
    parser.add_argument("--start", type=Path, help="weights to start from, such as training/eyes/state/start.pt")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    training, pool = Training(arguments.seed), Pool(arguments.data / "pool.bin")
    (arguments.data / "ckpt").mkdir(exist_ok=True)
    path = arguments.data / "ckpt" / "last.pt"
    if arguments.start:
        training.start(arguments.start)
    if path.exists():
        training.load(path)
        training.elapsed = 0.0 if arguments.restart else training.elapsed
    while len(pool) < LEAST_CROPS:
        time.sleep(2)
    maker = Maker(Portraits(arguments.data / "prepared", "validation"), pictures(arguments.data / "negatives" / "held"))
    rng = np.random.default_rng(VALIDATION_SEED)
    validation = [maker.make(rng) for _ in range(VALIDATION_CROPS)]
    rng = np.random.default_rng([arguments.seed, training.step])
    begin = time.time() - training.elapsed
    saved, mean = time.time(), 0.0
    parameters = sum(p.numel() for p in training.net.parameters())
    print(f"{parameters} parameters, step {training.step}, {len(pool)} crops in the pool", flush=True)
    while training.elapsed < 60 * arguments.minutes:
        batch = turned(pool.draw(BATCH, rng), rng)
        value, wrong = training.learn(batch, training.elapsed / (60 * arguments.minutes))
        pool.report(batch.slots, wrong.numpy())
        training.elapsed = time.time() - begin
        mean = value if not mean else 0.99 * mean + 0.01 * value
        if training.step in (20, 100) or training.step % 250 == 0:
            print(f"step {training.step} {training.elapsed:.0f} s loss {mean:.4f} pool {len(pool)}", flush=True)
        if time.time() - saved > SAVE_EVERY:
            training.save(path)
            print("  ", measure(training.ema, validation), flush=True)
            saved = time.time()
    training.save(path)
    training.save(path.with_name(f"step-{training.step}.pt"))
    print(f"steps {training.step}, crops {training.step * BATCH}:", measure(training.ema, validation), flush=True)


if __name__ == "__main__":
    main()
