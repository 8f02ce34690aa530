"""docs/privacy.md points at code and at tests; what it names must be there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)(?:::(\w+))?`", PAGE)))


def functions(path: Path) -> set[str]:
    """The functions of a module."""
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


def test_the_page_names_enough() -> None:
    assert len({path for path, _test in NAMED}) > 30
    assert len([test for _path, test in NAMED if test]) > 30


@pytest.mark.parametrize(("path", "test"), NAMED)
def test_what_the_page_names_exists(path: str, test: str) -> None:
    assert (ROOT / path).is_file()
    assert {test} - {""} <= functions(ROOT / path)
