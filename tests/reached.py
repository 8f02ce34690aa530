"""What the tests reach: lines and branches of the product, counted by probes that take themselves away.

`pytest -p tests.reached --reached=report.json` writes what `bin/coverage` reads. SlipCover puts the probes into each
module as it is imported and removes those that have fired; a tracer would make every line of Django twice as slow. Of
pytest-xdist each worker counts for itself, and the first process adds up.
"""

import json
import os
import shutil
import tempfile
import tomllib
from pathlib import Path

import pytest
import slipcover

from tests.scratch import ROOT

FOLDER = "RETE_TEST_REACHED"  # names the folder in which the workers of a run leave their counts


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run say where its report goes."""
    parser.addoption("--reached", metavar="FILE", help="write which lines and branches were reached to this file")


class Reached:
    """The probes of one process, from before the first import of the product to the end of its run."""

    def __init__(self) -> None:
        settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["rete"]["reached"]
        packages = [str(ROOT / name) for name in settings["source"]]
        self.worker = os.environ.get("PYTEST_XDIST_WORKER", "")
        # Files that nobody imported are added where all is added up.
        self.probes = slipcover.Slipcover(
            branch=True,
            source=None if self.worker else packages,
            omit=settings["omit"],
            exclude_also=settings["exclude"],
        )
        matcher = slipcover.FileMatcher(sources=packages, omit=settings["omit"])
        slipcover.ImportManager(self.probes, matcher).__enter__()
        if self.worker:
            self.folder = Path(os.environ[FOLDER])
        else:
            self.folder = Path(tempfile.mkdtemp(prefix="rete-reached-"))
            os.environ[FOLDER] = str(self.folder)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Leave the counts of a worker, or write the report of them all."""
        counted = self.probes.get_coverage()
        if self.worker:
            (self.folder / f"{self.worker}.json").write_text(json.dumps(counted))
            return
        for file in sorted(self.folder.glob("*.json")):
            slipcover.merge_coverage(counted, json.loads(file.read_text()))
        shutil.rmtree(self.folder)
        Path(session.config.getoption("reached")).write_text(json.dumps(counted))


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Begin before tests/conftest.py imports anything."""
    if early_config.known_args_namespace.reached:
        early_config.pluginmanager.register(Reached(), "reached")
