"""Fit the models that fuse both nets, on the sightings of development pictures; cross-validated over people.

    python -m training.eyes.fit DATA [--write imaging/engine/detect/fusion.json]

Prints recall, false boxes and the reliability of the scores, all of them for pictures of people that the models of
that fold have not seen, beside engine 4's recipe on the same sightings.
"""

from __future__ import annotations

import argparse
import itertools
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from bench.eyes import covered
from imaging.engine.detect.eyenet import EyeNet, Sight
from imaging.engine.detect.faces import Cluster, Guess, cluster, drop_duplicates, drop_echoes, eye_region
from imaging.engine.detect.fusion import (
    Model,
    Numbers,
    arrange,
    describe_group,
    describe_sight,
    scene,
    sight_region,
)
from imaging.engine.output.encode import shrink
from imaging.engine.types import Region
from training.eyes.samples import Sample
from training.eyes.sightings import load

FOLDS = 6
PENALTY = 3.0
WITH_EYES = 0.5
"""Weight of a wrong candidate in a picture with eyes: a box beside an eye costs little."""
CLEAR = 0.05
"""Score from which engine 4 took guesses."""
LIMITS = (0.1, 0.4)
Vector = npt.NDArray[np.float64]


@dataclass
class Row:
    """One candidate: kind ("group", "sight"), numbers, region, whether it covers an eye."""

    kind: str
    numbers: Numbers
    region: Region
    item: Cluster | Sight
    right: bool


@dataclass
class Case:
    """One picture with its candidates."""

    sample: Sample
    fold: int
    rows: list[Row]
    before: list[Region]


def corners(region: Region) -> tuple[float, float, float, float, float]:
    """Return x0 y0 x1 y1 score of the upright hull."""
    return region.x, region.y, region.x + region.width, region.y + region.height, region.score


def engine_4(guesses: Sequence[Guess], width: int, height: int) -> list[Region]:
    """Return what engine 4 reported over eyes."""
    groups = cluster([one for one in guesses if one.score >= CLEAR], max(width, height))
    kept = drop_duplicates(drop_echoes(groups), width, height)
    regions = [eye_region(one, width, height, "retinaface") for one in kept if one.shows_eyes(width, height)]
    return [one for one in regions if one.score >= LIMITS[0] and one.width * one.height]


def case(net: EyeNet, sample: Sample, guesses: Sequence[Guess]) -> Case:
    """Return a picture's candidates."""
    height, width = sample.pixels.shape[:2]
    small = shrink(sample.pixels, 640)
    groups = cluster(guesses, max(width, height))
    scale = width / small.shape[1]
    sights = net.detect(small) if scale == 1 else [scaled(one, scale) for one in net.detect(small)]
    where = scene(small, width, height, groups, sights)
    rows = []
    for group in groups:
        if group.shows_eyes(width, height):
            region = eye_region(group, width, height, "retinaface")
            rows.append(Row("group", describe_group(group, where), region, group, _right(sample, region)))
    for sight in sights:
        region = sight_region(sight, width, height, 0.0)
        rows.append(Row("sight", describe_sight(sight, where), region, sight, _right(sample, region)))
    fold = zlib.crc32(sample.person.encode()) % FOLDS
    return Case(sample, fold, rows, engine_4(guesses, width, height))


def _right(sample: Sample, region: Region) -> bool:
    return any(covered(eye, [corners(region)]) for eye in sample.eyes)


def fit(cases: Sequence[Case], kind: str) -> Model:
    """Return a logistic regression for one kind of candidate: Newton's method, quadratic penalty on weights."""
    rows = [(row, one) for one in cases if one.sample.complete for row in one.rows if row.kind == kind]
    names = tuple(rows[0][0].numbers)
    x = np.array([[row.numbers[name] for name in names] for row, _ in rows])
    y = np.array([row.right for row, _ in rows], float)
    weight = np.array([1.0 if row.right or not one.sample.eyes else WITH_EYES for row, one in rows])
    mean, scale = x.mean(0), x.std(0) + 1e-6
    z = np.hstack([np.clip((x - mean) / scale, -4, 4), np.ones((len(x), 1))])
    penalty = np.diag([PENALTY] * len(names) + [1e-6])
    w = np.zeros(len(names) + 1)
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(z @ w, -30, 30)))
        slope = z.T @ (weight * (p - y)) + penalty @ w
        curve = (z * (weight * p * (1 - p))[:, None]).T @ z + penalty
        step = np.linalg.solve(curve, slope)
        w -= step
        if np.abs(step).max() < 1e-6:
            break
    return Model(names, mean, scale, w[:-1], float(w[-1]))


def regions(one: Case, table: dict[str, Model]) -> list[Region]:
    """Return what the fused product would report."""
    parts: dict[str, list[tuple[float, Region, object]]] = {"group": [], "sight": []}
    for row in one.rows:
        score = table[row.kind].probability(row.numbers)
        parts[row.kind].append((score, _scored(row.region, score), row.item))
    found = arrange(parts["group"], parts["sight"])  # type: ignore[arg-type]
    return [region for region in found if region.score >= LIMITS[0] and region.width * region.height]


def _scored(region: Region, score: float) -> Region:
    return Region("eye", region.x, region.y, region.width, region.height, score, "", region.angle, region.turned)


def table(title: str, results: Sequence[tuple[Sample, list[Region]]]) -> None:
    """Print recall and boxes by source and kind."""
    print(f"\n{title}")
    print(f"{'':28}{'pictures':>9}{'eyes':>6}" + "".join(f"{f'covered at {t}':>16}{'boxes':>7}" for t in LIMITS))
    keys = sorted({(sample.source, sample.kind) for sample, _ in results})
    groups = [(" ".join(key), [r for r in results if (r[0].source, r[0].kind) == key]) for key in keys]
    groups += [
        ("ALL with eyes", [r for r in results if r[0].eyes]),
        ("ALL without", [r for r in results if not r[0].eyes]),
    ]
    for name, rows in groups:
        eyes = sum(len(sample.eyes) for sample, _ in rows)
        cells = ""
        for limit in LIMITS:
            boxes = [[corners(r) for r in found if r.score >= limit] for _, found in rows]
            hit = sum(covered(eye, b) for (sample, _), b in zip(rows, boxes, strict=True) for eye in sample.eyes)
            cells += f"{f'{hit / eyes:.1%}' if eyes else '-':>16}{sum(map(len, boxes)) / max(1, len(rows)):7.2f}"
        print(f"{name:28}{len(rows):9}{eyes:6}{cells}")


def reliability(pairs: Sequence[tuple[float, bool]]) -> None:
    """Print how often scores are right."""
    print("\nscore        regions  mean score  right")
    edges = (0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 1.01)
    for low, high in itertools.pairwise(edges):
        some = [pair for pair in pairs if low <= pair[0] < high]
        if some:
            mean, right = (float(np.mean([pair[i] for pair in some])) for i in (0, 1))
            print(f"{low:.1f} to {min(high, 1):.1f}{len(some):10}{mean:12.2f}{right:7.2f}")


def scaled(sight: Sight, scale: float) -> Sight:
    """Return a sight in px of a larger picture."""
    from imaging.engine.detect.fusion import scale_sight

    return scale_sight(sight, scale)


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--weights", type=Path, help="ONNX file instead of the product's")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    if arguments.weights:
        from imaging.engine.detect import weights

        data = arguments.weights.read_bytes()
        weights.load_own = lambda *_: data  # type: ignore[assignment]
    net = EyeNet()
    cases = [case(net, *pair) for pair in load(arguments.data)]
    table("engine 4", [(one.sample, one.before) for one in cases])
    results, pairs = [], []
    for fold in range(FOLDS):
        rest = [one for one in cases if one.fold != fold]
        models = {kind: fit(rest, kind) for kind in ("group", "sight")}
        for one in (one for one in cases if one.fold == fold):
            found = regions(one, models)
            results.append((one.sample, found))
            if one.sample.complete:
                pairs += [(region.score, _right(one.sample, region)) for region in found]
    table("fused, people unseen by the fold", results)
    reliability(pairs)
    models = {kind: fit(cases, kind) for kind in ("group", "sight")}
    for kind, model in models.items():
        order = np.argsort(-np.abs(model.weights))
        print(kind, ", ".join(f"{model.names[i]} {model.weights[i]:+.2f}" for i in order))
    if arguments.write:
        arguments.write.write_text(json.dumps({kind: _plain(model) for kind, model in models.items()}, indent=1) + "\n")


def _plain(model: Model) -> dict[str, object]:
    numbers = {key: [round(float(v), 5) for v in getattr(model, key)] for key in ("mean", "scale", "weights")}
    return {"names": list(model.names), **numbers, "bias": round(model.bias, 5)}


if __name__ == "__main__":
    main()
