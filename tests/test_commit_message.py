"""Which commit messages the hook lets through."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
HOOK = ROOT / "bin" / "check_commit_message"
BODY = "\n\nBecause nothing said so before.\n"


def check(message: str, folder: Path) -> subprocess.CompletedProcess[str]:
    file = folder / "COMMIT_EDITMSG"
    file.write_text(message, encoding="utf-8")
    return subprocess.run([sys.executable, str(HOOK), str(file)], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "message",
    [
        "Mask the eyes first" + BODY,
        "Say so in " + "x" * 62 + BODY,  # 72 characters
        "Embed the fonts" + BODY,
        "Seed the demo" + BODY,
        "Mask the eyes first" + BODY + "\n# On branch main\n# Changes to be committed:\n",
        "Mask the eyes first\n\n- a list\n- of reasons\n",
        "Mask the eyes first\n\n" + "why " * 60,
        "Mask the eyes first" + BODY + "# ------------------------ >8 ------------------------\n" + "y " * 200,
        "Merge main",
        'Revert "Mask the eyes first"\n\nThis reverts commit 0.\n',
        "fixup! Mask the eyes first",
    ],
)
def test_what_is_let_through(message: str, tmp_path: Path) -> None:
    done = check(message, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("", "empty"),
        ("# only a comment\n", "empty"),
        ("Say so in " + "x" * 63 + BODY, "73 characters"),
        ("Mask the eyes." + BODY, "full stop"),
        ("mask the eyes" + BODY, "capital"),
        ("Masked the eyes" + BODY, "“Masked” is no imperative"),
        ("Masking: the eyes" + BODY, "“Masking” is no imperative"),
        ("The eyes are masked" + BODY, "“The” is no imperative"),
        ("A mask for the eyes" + BODY, "“A” is no imperative"),
        ("Mask the eyes\nat once\n\nWhy.\n", "second line"),
        ("Mask the eyes", "no body"),
        ("Mask the eyes\n\n# a comment is no body\n", "no body"),
        ("Mask the eyes\n\nReviewed-by: somebody\n", "no body"),
    ],
)
def test_what_is_refused(message: str, said: str, tmp_path: Path) -> None:
    done = check(message, tmp_path)
    assert done.returncode == 1
    assert said in done.stderr


def test_git_asks_the_hook() -> None:
    config = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    hook = config.partition("- id: commit-message\n")[2].partition("- id:")[0]
    assert "entry: bin/check_commit_message\n" in hook
    assert "stages: [commit-msg]\n" in hook
    assert "default_install_hook_types: [pre-commit, commit-msg]\n" in config
    assert HOOK.stat().st_mode & 0o111
