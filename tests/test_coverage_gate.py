"""bin/coverage: the gate is shut when a package is too low, and when its pattern stands for nothing."""

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from typing import Any

import pytest

from tests.scratch import ROOT

loader = SourceFileLoader("bin_coverage", str(ROOT / "bin" / "coverage"))
gate = module_from_spec(spec_from_loader(loader.name, loader))  # type: ignore[arg-type]
loader.exec_module(gate)

FILES = ("consent/service.py", "consent/forms/draw.py", "consents.py", "consults/policy.py", "policy.py", "core/a.py")


def file(statements: int, lines: int, branches: int = 0, taken: int = 0) -> dict[str, Any]:
    return {
        "summary": {
            "covered_lines": lines,
            "missing_lines": statements - lines,
            "covered_branches": taken,
            "missing_branches": branches - taken,
        },
        "missing_lines": list(range(lines + 1, statements + 1)),
        "missing_branches": [[1, 0]] * (branches - taken),
    }


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("**", sorted(FILES)),
        ("consent/**", ["consent/forms/draw.py", "consent/service.py"]),
        ("**/policy.py", ["consults/policy.py", "policy.py"]),
        ("core/*.py", ["core/a.py"]),
        ("consent/*.py", ["consent/service.py"]),
        ("moved/**", []),
    ],
)
def test_a_pattern_stands_for(pattern: str, names: list[str]) -> None:
    assert gate.matching(dict.fromkeys(FILES), pattern) == names


@pytest.mark.parametrize(
    ("files", "table", "good", "said"),
    [
        ({"a/b.py": file(9, 9, 4, 4)}, {"a/**": 100}, True, "100.00 % of 100 %  a/** (1 files)"),
        ({"a/b.py": file(9, 8, 4, 4)}, {"a/**": 100}, False, "a/b.py: 9"),
        ({"a/b.py": file(9, 9, 4, 3)}, {"a/**": 100}, False, "a/b.py: 1->0"),
        ({"a/b.py": file(8, 7), "a/c.py": file(2, 2)}, {"a/**": 90}, True, "90.00 % of 90 %"),
        ({"a/b.py": file(9, 9)}, {"moved/**": 90}, False, "matches no file"),
    ],
)
def test_the_gate(files: dict[str, Any], table: dict[str, float], good: bool, said: str) -> None:
    lines, found = gate.check({"files": files}, table)
    assert found is good
    assert said in "\n".join(lines)
