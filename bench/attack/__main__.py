"""Run the attacks, each on a fresh site; print a line for each figure, and end with 1 when a limit did not hold.

python -m bench.attack              all of them, inside ten minutes
python -m bench.attack NAME …       some
"""

import argparse
import importlib
import pkgutil
import shutil
import sys
import tempfile
import time
from pathlib import Path

import bench.attack
from bench.attack import Finding
from bench.attack.site import MAKE_PEOPLE, Site
from tests.core.instance import Instance

LONGEST_SECONDS = 600
PARTS = ("__main__", "plant", "site")  # modules that are no attack


def names() -> list[str]:
    """Return the names of all attacks, in order."""
    return sorted(module.name for module in pkgutil.iter_modules(bench.attack.__path__) if module.name not in PARTS)


def run(name: str, *, prepared: Path) -> list[Finding]:
    """Run one attack on a site of its own; an attack that fails itself counts as broken."""
    folder = Path(tempfile.mkdtemp(prefix=f"rete-attack-{name}-", dir="/tmp"))
    site = Site(folder, prepared=prepared)
    try:
        site.start()
        return list(importlib.import_module(f"bench.attack.{name}").attack(site))
    except Exception as error:  # noqa: BLE001 - whatever an attack raises must not stop the others
        print(f"{name}: {error!r}\n{site.log()[-3000:]}", file=sys.stderr)
        return [Finding(name=name, seen=type(error).__name__, limit="the attack itself runs", held=False)]
    finally:
        site.stop()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Run the attacks that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names()))
    wanted = parser.parse_args().names or names()
    if unknown := set(wanted) - set(names()):
        parser.error(f"no such attack: {', '.join(sorted(unknown))}. There are {', '.join(names())}.")
    began = time.monotonic()
    broken = 0
    folder = Path(tempfile.mkdtemp(prefix="rete-attack-prepared-", dir="/tmp"))
    try:
        instance = Instance(folder)
        instance.manage("prepare")
        instance.manage("shell", "-v0", "-c", MAKE_PEOPLE)
        for name in wanted:
            for finding in run(name, prepared=instance.folder / "var"):
                print(finding, flush=True)
                broken += not finding.held
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    took = time.monotonic() - began
    print(Finding("all attacks", f"{took:.0f} s", f"< {LONGEST_SECONDS} s", took < LONGEST_SECONDS))
    return 1 if broken or took >= LONGEST_SECONDS else 0


if __name__ == "__main__":
    sys.exit(main())
