"""docs/logging.md names every place to which this site writes a log."""

import ast
import logging
import re
import time
from pathlib import Path

from django.conf import settings

from tests.packages import PACKAGES

ROOT = Path(settings.BASE_DIR)
INVENTORY = (ROOT / "docs" / "logging.md").read_text(encoding="utf-8")
MODULES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
# Files that are written line by line, and where the page says so.
APPENDED = {"core/access_lines.py": "RETE_ACCESS_LINES", "audit/heads.py": "RETE_LOG_HEADS"}


def test_handlers_write_to_standard_error_alone_and_redact() -> None:
    assert {name: handler["class"] for name, handler in settings.LOGGING["handlers"].items()} == {
        "stderr": "logging.StreamHandler"
    }
    assert all("no_content" in handler["filters"] for handler in settings.LOGGING["handlers"].values())
    assert settings.LOGGING["root"]["handlers"] == ["stderr"]
    assert "standard error" in INVENTORY


def test_no_module_makes_a_handler_of_its_own() -> None:
    made = [
        (path.name, ast.unparse(node.func))
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and re.search(r"\w+Handler$|addHandler$|syslog", ast.unparse(node.func))
        if "UploadHandler" not in ast.unparse(node.func)
    ]
    assert made == []


def test_files_that_grow_by_lines_are_named() -> None:
    growing = {
        path.relative_to(ROOT).as_posix()
        for path in MODULES
        if re.search(r"O_APPEND|open\([^)]*[\"']a[bt]?[\"']", path.read_text(encoding="utf-8"))
    }
    assert set(APPENDED) <= growing
    for path in growing - set(APPENDED):
        assert f"`{path}`" in INVENTORY, path
    assert all(f"`{name}`" in INVENTORY for name in APPENDED.values())


def test_settings_of_logs_are_named() -> None:
    read = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
    names = set(re.findall(r'"(RETE_(?:LOG_HEADS|ACCESS_\w+))"', read))
    assert len(names) == 2
    assert all(f"`{name}`" in INVENTORY for name in names)


def test_times_are_utc() -> None:
    assert (settings.TIME_ZONE, settings.USE_TZ) == ("UTC", True)
    record = logging.LogRecord("x", logging.INFO, "", 0, "m", (), None)
    record.created = 0.0
    plain = logging.Formatter(settings.LOGGING["formatters"]["plain"]["format"], style="{")
    assert plain.format(record).startswith("1970-01-01 00:00:00")
    assert time.tzname[0] == "UTC"
