"""Boosted trees that make probabilities of the numbers by which both nets' findings are described."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from typing import Any

from imaging.engine.detect import weights

Numbers = dict[str, float]


@dataclass(frozen=True)
class Model:
    """Boosted trees: names of the numbers asked for; start; trees as rows of feature, threshold, left, right, value.

    A row with feature -1 is a leaf. Where a number is at most the threshold, the left row comes next.
    """

    names: tuple[str, ...]
    start: float
    trees: tuple[tuple[tuple[float, ...], ...], ...]

    def odds(self, numbers: Numbers) -> float:
        """Return the logarithm of the odds that an eye is there."""
        values = [numbers[name] for name in self.names]
        total = self.start
        for tree in self.trees:
            feature, threshold, left, right, value = tree[0]
            while feature >= 0:
                feature, threshold, left, right, value = tree[int(left if values[int(feature)] <= threshold else right)]
            total += value
        return total


@dataclass(frozen=True)
class Table:
    """What was fitted: models of groups and of sights, and slope and bias that make scores of what is drawn right."""

    group: Model
    sight: Model
    slope: float = 1.0
    bias: float = 0.0

    def calibrated(self, odds: float) -> float:
        """Return the probability for the logarithm of odds that a model gives."""
        return probability(self.slope * odds + self.bias)


def probability(odds: float) -> float:
    """Return the probability for the logarithm of odds."""
    return 1 / (1 + math.exp(-min(max(odds, -30.0), 30.0)))


@cache
def load_table() -> Table:
    """Return the table that comes with the product. Raises DetectorMissing."""
    data = json.loads(weights.load_own(weights.FUSION))
    return Table(_model(data["group"]), _model(data["sight"]), data["slope"], data["bias"])


def _model(row: dict[str, Any]) -> Model:
    trees = tuple(tuple(tuple(node) for node in tree) for tree in row["trees"])
    return Model(tuple(row["names"]), float(row["start"]), trees)
