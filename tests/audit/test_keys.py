"""The key that signs heads can be replaced; what earlier keys signed still verifies, and a forged ring is refused."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit import heads, keys
from audit.models import Event
from audit.verify import verify


@pytest.fixture
def _own_keys(tmp_path: Path, settings: object) -> None:
    """A folder of secrets and a file of heads of this test's own."""
    settings.DATA_DIR = tmp_path
    settings.LOG_HEADS_FILE = tmp_path / "log_heads.jsonl"


pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_own_keys")]


def rotate() -> str:
    """The new key's id, as the command says it."""
    out = StringIO()
    call_command("rotate_log_key", stdout=out)
    return out.getvalue().split()[1]


def test_a_new_key_is_signed_by_the_old_one_and_the_old_public_key_is_kept(tmp_path: Path) -> None:
    before = heads.sign_head()
    seed = (tmp_path / "secrets" / "log_key").read_text()
    first = before["key_id"]
    second, third = rotate(), rotate()
    after = heads.sign_head()
    assert after["key_id"] == third
    assert [(one["key_id"], one["previous"]) for one in keys.statements()] == [
        (first, first),
        (second, first),
        (third, second),
    ]
    assert (heads.head_is_ours(before), heads.head_is_ours(after)) == (True, True)
    assert (tmp_path / "secrets" / "log_key").read_text() != seed
    assert {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "secrets").iterdir()} == {
        "log_key": 0o600,
        "log_keys.json": 0o600,
    }


def test_a_rotation_leaves_a_line_in_the_log_and_heads_on_both_sides() -> None:
    first = heads.sign_head()["key_id"]
    second = rotate()
    event = Event.objects.get(verb="log.key_rotated")
    assert (event.facts["previous"], event.facts["key"]) == (first, second)
    assert [head["key_id"] for head in heads.read_published()] == [first, second]
    assert verify(published=heads.read_published()).ok


def test_no_secret_is_among_what_is_handed_out(tmp_path: Path) -> None:
    rotate()
    seed = (tmp_path / "secrets" / "log_key").read_text().strip()
    out = StringIO()
    call_command("check_log", "--public-keys", stdout=out)
    assert seed not in out.getvalue()
    assert json.loads(out.getvalue()) == keys.statements()


FORGERIES = {
    "another key": lambda ring: ring[1] | {"public_key": ring[0]["public_key"]},
    "another name": lambda ring: ring[1] | {"key_id": "0" * 16},
    "another time": lambda ring: ring[1] | {"since": "2020-01-01T00:00:00.000000+00:00"},
    "an unknown predecessor": lambda ring: ring[1] | {"previous": "0" * 16},
    "a broken signature": lambda ring: ring[1] | {"signature": "AAAA"},
    "no base64": lambda ring: ring[1] | {"signature": "ä"},
    "a part missing": lambda ring: {"key_id": ring[1]["key_id"]},
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_ring_is_refused(tmp_path: Path, forgery: str) -> None:
    rotate()
    ring = keys.statements()
    path = tmp_path / "secrets" / "log_keys.json"
    path.write_text(json.dumps([ring[0], FORGERIES[forgery](ring)]))
    for command in (("check_log", "--against", str(tmp_path / "log_heads.jsonl")), ("rotate_log_key",)):
        with pytest.raises(CommandError, match="keys are broken"):
            call_command(*command)


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_a_ring_without_the_present_key_is_refused(tmp_path: Path, text: str) -> None:
    rotate()
    (tmp_path / "secrets" / "log_keys.json").write_text(text)
    with pytest.raises(keys.BrokenKeyring):
        keys.known()


def test_a_key_slipped_in_by_somebody_else_signs_nothing_of_ours(tmp_path: Path) -> None:
    head = heads.sign_head()
    rotate()
    (tmp_path / "secrets" / "log_key").unlink()
    (tmp_path / "secrets" / "log_keys.json").unlink()
    assert not heads.head_is_ours(head)


def test_dying_between_the_two_files_leaves_heads_that_verify(monkeypatch: pytest.MonkeyPatch) -> None:
    first = heads.sign_head()
    replace = keys.replace

    def die(path: Path, data: bytes) -> None:
        if path.name == "log_key":
            raise OSError(28, "No space left on device", str(path))
        replace(path, data)

    monkeypatch.setattr(keys, "replace", die)
    with pytest.raises(CommandError, match="No space left"):
        rotate()
    assert not Event.objects.filter(verb="log.key_rotated").exists()
    assert heads.head_is_ours(first)
    assert heads.sign_head()["key_id"] == first["key_id"]
    monkeypatch.undo()
