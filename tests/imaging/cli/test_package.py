"""The package that `pip install .` makes: the de-identifier alone, without Django."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from imaging import cli
from imaging.cli import models
from imaging.engine.sandbox.client import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SHIPPED = ("imaging/__init__.py", "imaging/__main__.py", "imaging/cli", "imaging/engine")
NOT_OURS = ("django", "celery", "accounts", "audit", "compliance", "config", "consent", "consults", "core", "demo")
WITHOUT = f"""
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {NOT_OURS}:
            raise ImportError(name + " is asked for")
sys.meta_path.insert(0, Blocker())
import imaging.cli, imaging.engine, imaging.engine.operations
assert not set({NOT_OURS}) & set(sys.modules)
assert imaging.cli.__file__.startswith(sys.argv[1])
sys.argv = ["rete-deidentify", "--version"]
imaging.cli.main()
"""


def shipped_files() -> set[str]:
    """What lies in the checkout under the names that are shipped, but for what Python makes."""
    paths = [ROOT / name for name in SHIPPED]
    files = [file for path in paths for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file()]
    return {str(file.relative_to(ROOT)) for file in files if "__pycache__" not in file.parts}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.Path:
    """The package, built without a network, from what Dockerfile copies for it."""
    source = tmp_path_factory.mktemp("source")
    for name in copied_into_the_image():
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, target)
    out = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "-q", "--no-deps"]
    command = [*pip, "--no-build-isolation", "--no-index", "-w", str(out), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=out)
    assert done.returncode == 0, done.stderr
    (path,) = out.iterdir()
    return zipfile.Path(path)


def dockerfile_stages() -> dict[str, str]:
    """The stages of Dockerfile by name, in order."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    parts = re.split(r"^FROM \S+ AS (\S+)\n", text, flags=re.MULTILINE)[1:]
    assert text.count("\nFROM ") == len(parts) // 2
    return dict(zip(parts[::2], parts[1::2], strict=True))


def copied_into_the_image() -> list[str]:
    stage = dockerfile_stages()["deidentify-packages"].partition("WORKDIR /source")[2]
    return [name for line in re.findall(r"^COPY (.+) \S+$", stage, re.MULTILINE) for name in line.split()]


def test_the_package_has_command_line_and_engine_alone(wheel: zipfile.Path) -> None:
    names = {name for name in wheel.root.namelist() if not name.endswith("/") and ".dist-info/" not in name}
    assert names == shipped_files()
    assert {"imaging/cli/command.py", "imaging/engine/sandbox/server.py"} <= names


def test_the_package_has_an_entry_point(wheel: zipfile.Path) -> None:
    (info,) = [path for path in wheel.iterdir() if path.name.endswith(".dist-info")]
    assert (info / "entry_points.txt").read_text().split() == [
        "[console_scripts]",
        "rete-deidentify",
        "=",
        "imaging.cli:main",
    ]
    needed = re.findall(r"^Requires-Dist: ([\w-]+)", (info / "METADATA").read_text(), re.MULTILINE)
    assert {"numpy", "onnxruntime"} <= set(needed)
    assert not {"django", "celery", "rapidocr", "opencv-python"} & {name.lower() for name in needed}
    assert callable(cli.main)


def test_it_runs_without_the_site(wheel: zipfile.Path, tmp_path: Path) -> None:
    wheel.root.extractall(tmp_path)
    command = [sys.executable, "-c", WITHOUT, tmp_path]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("engine ")


def test_the_lock_has_what_is_needed() -> None:
    lock = (ROOT / "requirements-deidentify.lock").read_text().lower()
    locked = set(re.findall(r"^([\w.-]+)==", lock, re.MULTILINE))
    needed = {re.split(r"[^\w-]", name)[0].lower() for name in PROJECT["project"]["dependencies"]}
    assert needed | set(models.VERSIONS) | {"setuptools"} <= locked
    assert not {"django", "opencv-python", "tensorflow"} & locked
    assert all(f"\n{name}=={version} " in lock for name, version in models.VERSIONS.items())


def test_the_document_says_how_models_are_installed() -> None:
    text = (ROOT / "docs" / "imaging.md").read_text(encoding="utf-8")
    assert f"install --no-deps {' '.join(f'{name}=={version}' for name, version in models.VERSIONS.items())}" in text


def test_lines_that_both_locks_have_agree() -> None:
    """The engine is tried with the site's packages."""
    site = (ROOT / "requirements.lock").read_text()
    own = re.findall(r"^(\S+==\S+.*?) \\$", (ROOT / "requirements-deidentify.lock").read_text(), re.MULTILINE)
    apart = [line for line in own if f"{line} \\\n" not in site and not line.startswith(("opencv-", "setuptools"))]
    assert apart == []
    version = re.findall(r"^opencv-python(?:-headless)?==(\S+)", site + "\n" + "\n".join(own), re.MULTILINE)
    assert len(version) == 2
    assert len(set(version)) == 1


def test_the_image_of_the_site_is_the_last() -> None:
    """Compose builds without a target, which is the last stage."""
    stages = dockerfile_stages()
    assert list(stages)[-1] == "site"
    assert 'ENTRYPOINT ["rete-deidentify"]' in stages["deidentify"]
    assert "rete-deidentify" not in stages["site"]
    assert "gunicorn" in stages["site"]
