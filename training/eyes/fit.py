"""Fit the models that fuse both nets, on the sightings of development pictures; cross-validated over people.

    python -m training.eyes.fit DATA [--write imaging/engine/detect/fusion.json]

Prints recall, false boxes and the reliability of the scores, all of them for pictures of people that the models of
that fold have not seen, beside engine 4's recipe on the same sightings.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import itertools
import json
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from bench.eyes import covered
from imaging.engine.detect.eyenet import EyeNet
from imaging.engine.detect.faces import Guess, cluster, eye_region
from imaging.engine.detect.find import faces_of
from imaging.engine.detect.fusion import (
    arrange,
    describe_group,
    describe_sight,
    scale_sight,
    scene,
    sight_region,
)
from imaging.engine.detect.trees import Model, Numbers, Table
from imaging.engine.output.encode import shrink
from imaging.engine.types import Region
from training.eyes.samples import Sample
from training.eyes.sightings import load

FOLDS = 6
LIMITS = (0.1, 0.4)
MOST = (0.27, 0.11)
"""Boxes wanted in a picture without eyes at each limit."""
STEEPEST = 2.0
MORE = {
    "group": "score,agreement,views,all views,turns,plain views,net,net least,net filled,net sides,eyes shown,"
    "skin about,contrast,darker",
    "sight": "score,second,least,filled,sides,room,face score,face agreement,face views,certain face here,partner,"
    "skin about,contrast,darker",
}
LESS = {
    "group": "large,net elsewhere,in a face,face elsewhere,straddles",
    "sight": "large,astray in a face,rival,face elsewhere",
}
"""Numbers that may only raise, and only lower the probability: whatever else the few people here suggest is chance."""


@dataclass
class Row:
    """One candidate: kind ("group", "sight"), numbers, region, whether it covers an eye."""

    kind: str
    numbers: Numbers
    region: Region
    right: bool


@dataclass
class Case:
    """One picture with its candidates."""

    sample: Sample
    fold: int
    rows: list[Row]
    small: list[Region]
    before: list[Region]


def corners(region: Region) -> tuple[float, float, float, float, float]:
    """Return x0 y0 x1 y1 score of the upright hull."""
    return region.x, region.y, region.x + region.width, region.y + region.height, region.score


def case(net: EyeNet, sample: Sample, guesses: Sequence[Guess]) -> Case:
    """Return a picture's candidates."""
    height, width = sample.pixels.shape[:2]
    small = shrink(sample.pixels, 640)
    faces = faces_of(list(guesses), width, height)
    sights = [scale_sight(one, width / small.shape[1]) for one in net.detect(small)]
    where = scene(small, (width, height), cluster(guesses, max(width, height)), faces, sights)
    rows = []
    for group in where.groups:
        if group.shows_eyes(width, height):
            region = eye_region(group, width, height, "retinaface")
            rows.append(Row("group", describe_group(group, where), region, _right(sample, region)))
    for sight in sights:
        region = sight_region(sight, width, height, 0.0)
        rows.append(Row("sight", describe_sight(sight, where), region, _right(sample, region)))
    fold = zlib.crc32(sample.person.encode()) % FOLDS
    before, kept = (
        [eye_region(one, width, height, "retinaface") for one in groups if one.shows_eyes(width, height)]
        for groups in (faces, where.small)
    )
    return Case(sample, fold, rows, kept, [one for one in before if one.width * one.height])


def _right(sample: Sample, region: Region) -> bool:
    return any(covered(eye, [corners(region)]) for eye in sample.eyes)


def fit(cases: Sequence[Case], kind: str) -> Model:
    """Return boosted trees for one kind of candidate."""
    rows = [row for one in cases if one.sample.complete for row in one.rows if row.kind == kind]
    names = tuple(rows[0].numbers)
    x = np.array([[row.numbers[name] for name in names] for row in rows])
    y = np.array([row.right for row in rows])
    signs = [(name in MORE[kind].split(",")) - (name in LESS[kind].split(",")) for name in names]
    trees = HistGradientBoostingClassifier(
        max_depth=3, max_iter=70, learning_rate=0.1, min_samples_leaf=20, l2_regularization=2.0, monotonic_cst=signs
    ).fit(x, y)
    model = Model(names, float(trees._baseline_prediction[0, 0]), tuple(_tree(one[0]) for one in trees._predictors))
    check = [model.odds(row.numbers) for row in rows[:50]]
    assert np.allclose(check, trees.decision_function(x[:50]), atol=1e-3)
    return model


def _tree(predictor: Any) -> tuple[tuple[float, ...], ...]:
    rows = []
    for node in predictor.nodes:
        feature = -1 if node["is_leaf"] else int(node["feature_idx"])
        threshold = 0.0 if feature < 0 else float(node["num_threshold"])
        rows.append((feature, threshold, int(node["left"]), int(node["right"]), round(float(node["value"]), 5)))
    return tuple(rows)


def fused(one: Case, table: Table) -> list[Region]:
    """Return what the product would report, whatever the score."""
    parts: dict[str, list[tuple[float, Region]]] = {"group": [], "sight": []}
    for row in one.rows:
        score = table.calibrated(getattr(table, row.kind).odds(row.numbers))
        parts[row.kind].append((score, _scored(row.region, score)))
    height, width = one.sample.pixels.shape[:2]
    bands = [*parts["group"], *((region.score, region) for region in one.small)]
    return [region for region in arrange(bands, parts["sight"], width, height) if region.width * region.height]


def calibrate(cases: Sequence[Case], tables: Sequence[Table]) -> tuple[float, float]:
    """Return slope and bias that put the limits where a picture without eyes has MOST boxes; tables: one a fold.

    An eye left open costs more than a bar taken away, and patients' eyes are harder than these: the limits are set by
    what boxes cost, not where half of the regions are right. The slope is kept near that of plain probabilities.
    """
    none = [one for one in cases if one.sample.complete and not one.sample.eyes]
    scores = sorted((r.score for one in none for r in fused(one, tables[one.fold])), reverse=True)
    low, high = (math.log(s / (1 - s)) for s in (scores[round(share * len(none))] for share in MOST))
    wanted = [math.log(limit / (1 - limit)) for limit in LIMITS]
    slope = min(max((wanted[1] - wanted[0]) / max(high - low, 1e-3), 1.0), STEEPEST)
    return slope, wanted[0] - slope * low


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


def trade(results: Sequence[tuple[Sample, list[Region]]]) -> None:
    """Print recall and boxes a picture without eyes for many limits."""
    print("\nlimit   covered  boxes")
    seen, none = [r for r in results if r[0].eyes], [r for r in results if not r[0].eyes and r[0].complete]
    eyes = sum(len(sample.eyes) for sample, _ in seen)
    for limit in (0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6):
        boxes = [[corners(r) for r in found if r.score >= limit] for _, found in seen]
        hit = sum(covered(eye, b) for (sample, _), b in zip(seen, boxes, strict=True) for eye in sample.eyes)
        wrong = sum(r.score >= limit for _, found in none for r in found)
        print(f"{limit:5.2f}{hit / eyes:10.1%}{wrong / len(none):7.2f}")


def reliability(pairs: Sequence[tuple[float, bool]]) -> None:
    """Print how often scores are right."""
    print("\nscore        regions  mean score  right")
    edges = (0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 1.01)
    for low, high in itertools.pairwise(edges):
        some = [pair for pair in pairs if low <= pair[0] < high]
        if some:
            mean, right = (float(np.mean([pair[i] for pair in some])) for i in (0, 1))
            print(f"{low:.1f} to {min(high, 1):.1f}{len(some):10}{mean:12.2f}{right:7.2f}")


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
    folds = []
    for fold in range(FOLDS):
        rest = [one for one in cases if one.fold != fold]
        folds.append(Table(fit(rest, "group"), fit(rest, "sight")))
    slope, bias = calibrate(cases, folds)
    folds = [dataclasses.replace(one, slope=slope, bias=bias) for one in folds]
    results = [(one.sample, fused(one, folds[one.fold])) for one in cases]
    table(f"fused, people unseen by the fold (slope {slope:.2f}, bias {bias:.2f})", results)
    trade(results)
    reliability([(r.score, _right(sample, r)) for sample, found in results if sample.complete for r in found])
    models = Table(fit(cases, "group"), fit(cases, "sight"), slope, bias)
    if arguments.write:
        plain = {
            kind: {"names": model.names, "start": round(model.start, 5), "trees": model.trees}
            for kind, model in (("group", models.group), ("sight", models.sight))
        }
        text = json.dumps({**plain, "slope": round(slope, 4), "bias": round(bias, 4)}, separators=(",", ":")) + "\n"
        arguments.write.write_text(text)
        print(hashlib.sha256(text.encode()).hexdigest())


if __name__ == "__main__":
    main()
