"""How like one another two cases are. Pure: what a reader of both may read goes in, a number comes out.

Words count by how rare they are among the cases compared; coded facts are among them in both languages, so that a
Turkish and an English case share those. Meaning counts where both have a vector.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from consults.similar import embedding

WORDS: Final = 0.40
MEANING: Final = 0.35
SITE: Final = 0.15
MORPHOLOGY: Final = 0.10
LEAST: Final = 0.25  # below, two cases are not called similar
_OF_TIME: Final = "+"  # words for the time of the release begin with it


@dataclass(frozen=True)
class Features:
    """A case as it is compared: its words as the search has them, region, morphology, vector and language."""

    words: frozenset[str]
    region: str
    morphology: str
    vector: bytes | None = None
    language: str = ""


def features(
    *, words: str, region: str, morphology: str, vector: bytes | memoryview | None, language: str = ""
) -> Features:
    """Return what a case is compared by."""
    return Features(
        words=frozenset(word for word in words.split() if not word.startswith(_OF_TIME)),
        region=region,
        morphology=morphology,
        vector=None if vector is None else bytes(vector),
        language=language,
    )


def scores(one: Features, others: Sequence[Features]) -> list[float]:
    """Return for each of the others how like `one` it is, 0 to 1."""
    weights = _weights(one, others)
    own = sum(weights.values()) or 1.0
    meanings = _meanings(one, others)
    found = []
    for other, meaning in zip(others, meanings, strict=True):
        words = sum(weight for word, weight in weights.items() if word in other.words) / own
        score = WORDS * words + SITE * _same(one.region, other.region)
        score += MORPHOLOGY * _same(one.morphology, other.morphology)
        # Without a vector the words stand for the meaning too, so that all scores lie on one scale.
        score += MEANING * (words if meaning is None else meaning)
        found.append(score)
    return found


def _same(one: str, other: str) -> bool:
    return bool(one) and one == other


def _weights(one: Features, others: Sequence[Features]) -> dict[str, float]:
    known = Counter(word for other in others for word in one.words & other.words)
    return {word: math.log((len(others) + 2) / (known[word] + 1)) for word in one.words}


def _meanings(one: Features, others: Sequence[Features]) -> list[float | None]:
    places = [place for place, other in enumerate(others) if one.vector and other.vector]
    found: list[float | None] = [None] * len(others)
    if one.vector and places:
        vectors = [vector for place in places if (vector := others[place].vector)]
        languages = [others[place].language for place in places]
        alike = embedding.likeness_of_meaning(one.vector, one.language, vectors, languages)
        for place, meaning in zip(places, alike, strict=True):
            found[place] = float(meaning)
    return found
