"""The table of ASVS 5.0 in docs/security.md: whole, with sums that agree, and naming what is there."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

from tests.pages.test_docs import functions

ROOT = Path(settings.BASE_DIR)
LIST = Path(__file__).with_name("asvs_ids.tsv")
LEVELS = dict(
    line.split("\t") for line in LIST.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
)
HEADING = "## ASVS 5.0, level 2 (and level 3 of V5, V8, V14)\n"
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8").partition(HEADING)[2].partition("\n## ")[0]
STATUSES = ("met", "not met", "n.a.")
DEEPER = ("V5", "V8", "V14")
NO_TEST = "no test"


@dataclass(frozen=True)
class Row:
    """A requirement."""

    id: str
    about: str
    status: str
    where: str
    test: str

    @property
    def chapter(self) -> str:
        return self.id.partition(".")[0]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


ROWS = [Row(*cells(line)) for line in PAGE.splitlines() if re.match(r"\| V\d+\.\d+\.\d+ \|", line)]
SUMS = {
    cells(line)[0]: [int(cell) for cell in cells(line)[1:]]
    for line in PAGE.splitlines()
    if re.search(r"\| \d+ \|$", line)
}


def test_every_requirement_has_one_row() -> None:
    assert [row.id for row in ROWS] == list(LEVELS)
    assert Counter(LEVELS.values()) == {"1": 70, "2": 183, "3": 14}
    assert {name.partition(".")[0] for name, level in LEVELS.items() if level == "3"} == set(DEEPER)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_row(row: Row) -> None:
    assert row.status in STATUSES
    assert 1 <= len(row.about.split()) <= 10
    assert row.where
    if row.status == "not met":
        assert row.where.endswith((".", ")."))  # why, in a sentence
    for path in re.findall(r"`((?:\.?[\w-]+/)+[\w.-]*|[\w.-]+\.(?:md|yml|json|lock|toml)|\.dockerignore)`", row.where):
        assert (ROOT / path).exists(), path
    if row.test == NO_TEST:
        return
    for named in row.test.split(", "):
        found = re.fullmatch(r"`(tests/[\w/]+\.py)::(test_\w+)`", named)
        assert found, named
        assert found.group(2) in functions(ROOT / found.group(1)), named


def counted(rows: list[Row]) -> list[int]:
    return [len(rows), *(sum(row.status == status for row in rows) for status in STATUSES)]


def test_the_sums_agree_with_the_rows() -> None:
    second = [row for row in ROWS if LEVELS[row.id] != "3"]
    chapters = {row.chapter for row in second}
    assert len(chapters) == 17
    for chapter in chapters:
        (named,) = [name for name in SUMS if name.startswith(f"{chapter} ")]
        assert SUMS[named] == counted([row for row in second if row.chapter == chapter]), chapter
    assert SUMS["all, level 2"] == counted(second)
    for chapter in DEEPER:
        third = [row for row in ROWS if LEVELS[row.id] == "3" and row.chapter == chapter]
        assert SUMS[f"{chapter}, level 3 alone"] == counted(third), chapter
    assert len(SUMS) == 17 + 1 + len(DEEPER)


def test_what_is_not_here_is_not_tested_for_nothing() -> None:
    """“No test” is for what is plain, or not here; what is met mostly has one."""
    without = [row.id for row in ROWS if row.status == "met" and row.test == NO_TEST]
    assert len(without) <= 11, without
