"""CPU seconds and memory by size, 1 to 80 megapixels: the cost should grow no faster than the picture.

python bench/scaling.py
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
SIZES = ((1155, 866), (4000, 3000), (6928, 5196), (10320, 7740))


def main() -> None:
    from bench.picture import picture
    from imaging.engine import Options, deidentify

    print(f"{'megapixels':>10}{'CPU s':>8}{'s a MP':>8}{'MB':>7}")
    for width, height in SIZES:
        cost = deidentify(picture(width, height), Options()).inspection.cost
        megapixels = width * height / 1e6
        print(
            f"{megapixels:10.1f}{cost.cpu_seconds:8.2f}{cost.cpu_seconds / megapixels:8.3f}{cost.peak_bytes / 1e6:7.0f}"
        )


if __name__ == "__main__":
    main()
