"""What the documents name must be there: files, tests, make targets, commands, settings."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from tests.packages import PACKAGES

ROOT = Path(settings.BASE_DIR)
PAGES = [*(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY")), *(ROOT / "docs").rglob("*.md")]
DOCUMENTS = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in PAGES}
# A page about one package names its files from there; what lies in the data folder is no file of ours.
SHORT_FOR = {"docs/imaging.md": "imaging/engine"}
IN_THE_DATA_FOLDER = ("RETE_DATA/", "secrets/")
READ = "".join((ROOT / file).read_text(encoding="utf-8") for file in ("config/settings.py", "core/serving/instance.py"))


def named(pattern: str) -> list[tuple[str, str]]:
    """Each document with each thing of this pattern that it names."""
    return sorted({(page, found) for page, text in DOCUMENTS.items() for found in re.findall(pattern, text)})


def functions(path: Path) -> set[str]:
    """The functions of a module."""
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


PATHS = [(page, path) for page, path in named(r"`((?:\.?[\w-]+/)+[\w.-]*(?:::\w+)?)`")]
PATHS = [(page, path) for page, path in PATHS if not path.startswith(IN_THE_DATA_FOLDER)]


def test_the_privacy_page_names_enough() -> None:
    paths = [path for page, path in PATHS if page == "docs/privacy.md"]
    assert len({path.partition("::")[0] for path in paths}) > 30
    assert len([path for path in paths if "::" in path]) > 30


@pytest.mark.parametrize(("page", "path"), PATHS)
def test_files_and_tests(page: str, path: str) -> None:
    file, _colons, test = path.partition("::")
    found = [place for place in (ROOT / file, ROOT / SHORT_FOR.get(page, "") / file) if place.exists()]
    assert found
    assert {test} - {""} <= (functions(found[0]) if test else set())


@pytest.mark.parametrize(("page", "link"), named(r"\]\(([^)#:]+)(?:#[^)]*)?\)"))
def test_links(page: str, link: str) -> None:
    assert (ROOT / page).parent.joinpath(link).exists()


@pytest.mark.parametrize(("page", "target"), named(r"(?m)(?:`|^ +)make ([a-z-]+)"))
def test_make_targets(page: str, target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize(("page", "command"), named(r"manage\.py ([a-z_]+)"))
def test_commands(page: str, command: str) -> None:
    assert command in get_commands()


@pytest.mark.parametrize(("page", "name"), named(r"`((?:RETE|SMTP|S3|REDIS|DATABASE|KEYS)_[A-Z_]+)"))
def test_settings_named_are_read(page: str, name: str) -> None:
    assert f'"{name}"' in READ


@pytest.mark.parametrize("name", sorted(set(re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', READ))))
def test_settings_read_are_named(name: str) -> None:
    assert name in DOCUMENTS["docs/operations.md"]


# --- The walks name functions by what they are called

DEFINED = {
    node.name
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.FunctionDef | ast.ClassDef)
}


@pytest.mark.parametrize(("page", "name"), [one for one in named(r"\b(\w+)\(\)") if one[0] == "docs/architecture.md"])
def test_functions_of_the_walks(page: str, name: str) -> None:
    assert name in DEFINED
