"""Lines for investigations: who, from where, which route and status, and nothing that was typed."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from core import access_lines, refusals
from core.models import Refusal
from tests.matrix import journey

pytestmark = pytest.mark.django_db
SECRET_WORD = "Zebrafish"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings) -> Path:
    settings.ACCESS_LINES_DIR = tmp_path / "access"
    return tmp_path / "access"


def lines(folder: Path) -> list[dict[str, object]]:
    (file,) = folder.iterdir()
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_a_page_of_a_member(folder: Path, alice: Member) -> None:
    journey.client_of(alice).get(reverse("consults:cases"), {"q": SECRET_WORD}, REMOTE_ADDR="192.0.2.7")
    line = lines(folder)[-1]
    assert (line["from"], line["method"], line["route"], line["status"]) == ("192.0.2.7", "GET", "consults:cases", 200)
    assert line["member"] == str(alice.pk)
    assert datetime.fromisoformat(str(line["at"])).tzinfo is not None


@pytest.mark.parametrize(
    ("path", "route"),
    [(f"/{SECRET_WORD}/", "no route"), (f"/withdraw/?code={SECRET_WORD}", "consent:withdraw")],
)
def test_nothing_that_was_typed(path: str, route: str, folder: Path) -> None:
    Client().get(path, HTTP_USER_AGENT=SECRET_WORD, HTTP_REFERER=f"https://x.example/{SECRET_WORD}")
    assert lines(folder)[-1]["route"] == route
    assert SECRET_WORD not in json.dumps(lines(folder))


def test_the_file_is_for_the_site_alone(folder: Path) -> None:
    Client().get("/")
    (file,) = folder.iterdir()
    assert (file.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_full_disk_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(access_lines._file, "append", full)
    assert Client().get("/").status_code == 200
    assert "could not be written" in caplog.text


def test_thirty_days_are_kept(folder: Path) -> None:
    folder.mkdir()
    today = datetime.now(UTC).date()
    for age in (0, 30, 31, 400):
        (folder / f"{today - timedelta(days=age)}.jsonl").write_text("{}\n")
    (folder / "notes.jsonl").write_text("an operator's own\n")
    assert access_lines.delete_old() == 2
    left = {f"{today}.jsonl", f"{today - timedelta(days=30)}.jsonl", "notes.jsonl"}
    assert {path.name for path in folder.iterdir()} == left


def test_the_next_day_has_its_own_file(folder: Path, tmp_path: Path) -> None:
    file = access_lines._File()
    for day in ("2026-01-01", "2026-01-02"):
        file.append(tmp_path / f"{day}.jsonl", b"x\n")
    file.close()
    assert [path.read_bytes() for path in sorted(tmp_path.glob("2026*"))] == [b"x\n", b"x\n"]


# --- Who was refused


@pytest.mark.parametrize(
    ("name", "counted"),
    [("consults:cases", 0), ("consults:second_reads", 1), ("compliance:consent_audit", 1)],
)
def test_refusals_of_a_member_are_counted(name: str, counted: int, alice: Member) -> None:
    client = journey.client_of(alice)
    for _time in range(2):
        client.get(reverse(name))
    rows = Refusal.objects.filter(member_id=alice.pk).values_list("number", flat=True)
    assert list(rows) == ([2] if counted else [])


def test_a_stranger_is_nobody() -> None:
    Client().get("/no/such/page/")
    assert not Refusal.objects.exists()


def test_probing_is_told_from_a_dead_link(alice: Member, bob: Member) -> None:
    for _time in range(refusals.MANY):
        refusals.note(member_id=alice.pk)
    refusals.note(member_id=bob.pk)
    assert refusals.many() == [refusals.Refused(alice.pk, refusals.MANY, refusals.MANY)]


def test_counts_of_refusals_go(alice: Member) -> None:
    refusals.note(member_id=alice.pk)
    Refusal.objects.create(member_id=alice.pk, day=datetime.now(UTC).date() - timedelta(days=40))
    assert refusals.delete_old() == 1
    assert Refusal.objects.count() == 1
