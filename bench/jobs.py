"""Pictures a second with one job and with two, and what each child of the sandbox has of the models for itself.

    python bench/jobs.py [COUNT]

COUNT pictures of 12 megapixels (default: 24), then twice as many small ones, go through the engine as
`python -m imaging --jobs N` sends them. Memory is read from the kernel while the children work, the largest seen:
what is resident in a child, its share (proportional set size: of a page that N processes share, an N-th), what it has
made or changed itself (small for a small picture, because the models are shared), and the shares of all together.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 24
FIELDS = "Rss", "Pss", "Private_Dirty"
EVERY_SECONDS = 0.02


def smaps(pid: str) -> dict[str, int]:
    """Return the megabytes of one process by field of the kernel's summary; empty when it has ended."""
    try:
        lines = Path("/proc", pid, "smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return {}
    sizes = {name: int(size.split()[0]) // 1024 for name, _, size in (line.partition(":") for line in lines)}
    return {name: sizes.get(name, 0) for name in FIELDS}


def children_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


class Watch(threading.Thread):
    """Keeps the largest figures seen of any child, and the largest sum of shares over server and children."""

    def __init__(self, server: int) -> None:
        super().__init__(daemon=True)
        self.server, self.stopped = server, threading.Event()
        self.child, self.sum = dict.fromkeys(FIELDS, 0), 0

    def run(self) -> None:
        while not self.stopped.wait(EVERY_SECONDS):
            seen = [found for pid in children_of(self.server) if (found := smaps(pid))]
            for name in FIELDS:
                self.child[name] = max([self.child[name], *(one[name] for one in seen)])
            self.sum = max(self.sum, smaps(str(self.server)).get("Pss", 0) + sum(one["Pss"] for one in seen))


def run(data: bytes, jobs: int, count: int) -> tuple[float, Watch]:
    """Send so many copies of a picture by so many threads. Returns pictures a second and what was watched."""
    from imaging.engine import deidentify
    from imaging.engine.sandbox.client import sandbox

    deidentify(data)  # starts the server
    server = sandbox.server_pid
    assert server is not None
    watch = Watch(server)
    watch.start()
    began = time.monotonic()
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(lambda _: deidentify(data), range(count)))
    seconds = time.monotonic() - began
    watch.stopped.set()
    watch.join()
    return count / seconds, watch


def main() -> None:
    from bench.picture import picture

    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")
    print(f"{'picture':12}{'jobs':6}{'a second':>10}{'x one':>8}{'MB: child':>11}{'share':>7}{'own':>6}{'all':>6}")
    for width, height, count in ((4000, 3000, COUNT), (640, 480, 2 * COUNT)):
        data, first = picture(width, height), 0.0
        for jobs in (1, 2):
            rate, watch = run(data, jobs, count)
            first = first or rate
            child = watch.child
            print(
                f"{f'{width} x {height}':12}{jobs:<6}{rate:>10.2f}{rate / first:>8.2f}"
                f"{child['Rss']:>11}{child['Pss']:>7}{child['Private_Dirty']:>6}{watch.sum:>6}"
            )


if __name__ == "__main__":
    main()
