"""Portraits: made anew in the sandbox by a job, sealed at rest, seen by members, destroyed at once."""

import html
import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.membership import lifecycle
from accounts.models import Member, Portrait, PortraitState
from accounts.profiles import portraits
from accounts.vetting.evidence import SentPicture
from core import storage
from core.crypto import vault
from core.models import Job
from imaging.engine import Refused, verify
from tests import factories
from tests.matrix.test_leaks import EVERY_SPELLING, talkative

SEND, REMOVE, EDIT = "/me/profile/portrait/", "/me/profile/portrait/remove/", "/me/profile/"


def file(data: bytes, name: str = "me.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="image/jpeg")


def send(client: Client, data: bytes) -> Any:
    return client.post(SEND, {"picture": file(data)})


@pytest.fixture
def plain() -> Any:
    """The engine has tests of its own: what is sent is clean as it is."""
    with mock.patch.object(portraits, "squares", lambda data: {size: data + b"%d" % size for size in portraits.SIZES}):
        yield


@pytest.fixture
def mine(client: Client, alice: Member) -> Client:
    client.force_login(alice)
    return client


def objects(data_dir: Path) -> list[Path]:
    return sorted(path for path in (data_dir / "objects" / "portraits").rglob("*") if path.is_file())


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_only_the_pixels_come_through(
    alice: Member, bob: Member, client: Client, data_dir: Path, run_jobs: Callable[[], int]
) -> None:
    """With the real sandbox: no place, no name, no thumbnail; two small squares, and nothing of the file is kept."""
    client.force_login(alice)
    assert send(client, talkative())["Location"] == EDIT
    assert "is being made clean" in client.get(EDIT).content.decode()
    assert len(objects(data_dir)) == 1
    run_jobs()
    portrait = Portrait.objects.get(member=alice)
    assert portrait.state == PortraitState.CLEAN
    kept = objects(data_dir)
    assert len(kept) == 2
    assert not any(path.read_bytes().startswith(b"\xff\xd8\xff") for path in kept)
    client.force_login(bob)
    for size in (64, 256):
        answer = client.get(reverse("accounts:portrait", args=[portrait.pk, size]))
        data = answer.content
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
        assert answer["Cache-Control"] == "private, no-store"
        verify(data)
        assert not EVERY_SPELLING.search(data)
        with Image.open(io.BytesIO(data)) as image:
            assert image.size == (size, size)
    body = client.get(reverse("accounts:profile", args=[alice.pk])).content.decode()
    assert reverse("accounts:portrait", args=[portrait.pk, 256]) in body
    assert reverse("accounts:portrait", args=[portrait.pk, 64]) in client.get("/members/").content.decode()


@pytest.mark.parametrize(("width", "height"), [(400, 300), (300, 400), (300, 300), (20, 2000)])
def test_the_middle_is_kept(width: int, height: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    whole = mock.Mock(name="r", data=b"d", width=width, height=height)
    whole.name = "display"
    monkeypatch.setattr(portraits, "render", lambda data, masks: (whole,))
    monkeypatch.setattr(portraits, "preview", lambda data, **more: asked.append(more) or mock.Mock(data=b"p"))
    assert portraits.squares(b"x") == {64: b"p", 256: b"p"}
    x, y, w, h = asked[0]["crop"]
    assert w == h == min(width, height)
    assert (0 <= x <= width - w, 0 <= y <= (height - h) / 2) == (True, True)
    assert [one["longest"] for one in asked] == [64, 256]


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"%PDF-1.7", "PDF"), (b"<svg xmlns", "SVG"), (b"GIF89a", ""), (b"", ""), (None, "Choose a picture of you.")],
)
def test_what_is_no_picture_is_refused_at_once(mine: Client, data: bytes | None, words: str) -> None:
    answer = mine.post(SEND, {} if data is None else {"picture": file(data)})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Portrait.objects.exists()


def test_what_cannot_be_read_is_told(mine: Client, data_dir: Path, run_jobs: Callable[[], int], db: None) -> None:
    send(mine, b"\xff\xd8\xff broken")
    with mock.patch.object(portraits, "squares", side_effect=Refused("unknown_format")):
        run_jobs()
    portrait = Portrait.objects.get()
    assert (portrait.state, portrait.refusal) == (PortraitState.REFUSED, "unknown_format")
    assert objects(data_dir) == []
    body = mine.get(EDIT).content.decode()
    assert Refused("unknown_format").sentence in html.unescape(body)
    assert "portrait-256" in body


def test_a_fault_of_the_machine_is_tried_again(alice: Member, plain: None) -> None:
    row = portraits.replace(member=alice, picture=SentPicture(b"\xff\xd8\xff"))
    with mock.patch.object(portraits, "squares", side_effect=Refused("detector_failed")), pytest.raises(Refused):
        portraits.prepare(row.pk)
    portraits.prepare(row.pk)
    portraits.prepare(row.pk)  # twice is once
    row.refresh_from_db()
    assert row.state == PortraitState.CLEAN


@pytest.fixture
def shown(alice: Member, plain: None) -> Portrait:
    row = portraits.replace(member=alice, picture=SentPicture(b"\xff\xd8\xff"))
    portraits.prepare(row.pk)
    row.refresh_from_db()
    return row


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("alice", 200), ("bob", 200), ("student", 200), ("mod1", 200), ("officer", 403), ("admin", 403),
        ("applicant", 403), ("lapsed", 403), ("suspended", 403), ("anonymous", 302),
    ],
)  # fmt: skip
def test_who_is_sent_it(client: Client, shown: Portrait, who: str, status: int) -> None:
    if who != "anonymous":
        client.force_login(factories.person(who))
    assert client.get(reverse("accounts:portrait", args=[shown.pk, 64])).status_code == status


@pytest.mark.parametrize("size", [0, 63, 65, 480, 2048, 99999])
def test_two_sizes_and_no_others(mine: Client, shown: Portrait, size: int) -> None:
    assert mine.get(f"/members/portraits/{shown.pk}/{size}/").status_code == 404


def test_a_suspended_members_is_gone_until_they_are_back(
    client: Client, bob: Member, alice: Member, admin: Member, shown: Portrait
) -> None:
    client.force_login(bob)
    at = reverse("accounts:portrait", args=[shown.pk, 64])
    lifecycle.suspend(member=alice, by=admin, reason="conduct")
    assert client.get(at).status_code == 404
    lifecycle.reinstate(member=alice, by=admin, reason="resolved")
    assert client.get(at).status_code == 200


def test_destroyed_at_once(mine: Client, shown: Portrait, data_dir: Path) -> None:
    assert len(objects(data_dir)) == 2
    assert mine.post(REMOVE)["Location"] == EDIT
    assert objects(data_dir) == []
    assert not vault.has_key(shown.pk)
    assert not Portrait.objects.exists()
    assert mine.get(reverse("accounts:portrait", args=[shown.pk, 64])).status_code == 404
    assert mine.post(REMOVE).status_code == 302  # twice is once


def test_another_takes_its_place(mine: Client, alice: Member, shown: Portrait, data_dir: Path) -> None:
    send(mine, b"\xff\xd8\xff another")
    assert Portrait.objects.get(member=alice).pk != shown.pk
    assert not vault.has_key(shown.pk)
    assert len(objects(data_dir)) == 1


def test_erased_with_the_member(alice: Member, shown: Portrait, data_dir: Path, run_jobs: Callable[[], int]) -> None:
    with transaction.atomic():
        Member.objects.filter(pk=alice.pk).update(standing="erased")
        lifecycle.standing_changed.send(sender=Member, member_id=alice.pk)
    assert not Portrait.objects.exists()
    run_jobs()
    assert objects(data_dir) == []
    assert not vault.has_key(shown.pk)


def test_one_taken_back_while_it_is_prepared_leaves_nothing(alice: Member, data_dir: Path) -> None:
    row = portraits.replace(member=alice, picture=SentPicture(b"\xff\xd8\xff"))

    def taken_back(data: bytes) -> dict[int, bytes]:
        portraits.remove(member_id=alice.pk)
        return dict.fromkeys(portraits.SIZES, data)

    with mock.patch.object(portraits, "squares", taken_back):
        portraits.prepare(row.pk)
    portraits.prepare(row.pk)
    assert objects(data_dir) == []


def test_a_job_for_what_is_there_destroys_nothing(shown: Portrait, data_dir: Path) -> None:
    portraits.destroy(shown.pk)
    assert len(objects(data_dir)) == 2
    assert Job.objects.filter(kind=portraits.DESTROY).count() == 0


def test_a_destroyed_key_is_not_found(mine: Client, shown: Portrait) -> None:
    vault.destroy(shown.pk)
    assert mine.get(reverse("accounts:portrait", args=[shown.pk, 64])).status_code == 404


def test_orphans_are_destroyed_after_an_hour(alice: Member, shown: Portrait, monkeypatch: pytest.MonkeyPatch) -> None:
    other = factories.member()
    lost = portraits.replace(member=other, picture=SentPicture(b"\xff\xd8\xff"))
    Portrait.objects.filter(pk=lost.pk).delete()
    assert portraits.destroy_orphans() == 0  # too young: its transaction may not be over
    monkeypatch.setattr(portraits, "timedelta", lambda hours: timedelta(hours=-hours))
    assert portraits.destroy_orphans() == 1
    assert not vault.has_key(lost.pk)
    assert vault.has_key(shown.pk)


def test_not_too_many_in_an_hour(mine: Client, settings: Any, plain: None) -> None:
    settings.RULES = settings.RULES | {"portraits_an_hour": 2}
    assert [send(mine, b"\xff\xd8\xff").status_code for _one in range(3)] == [302, 302, 422]


def test_bytes_of_one_do_not_pass_for_anothers(alice: Member, bob: Member, shown: Portrait) -> None:
    with pytest.raises(vault.Tampered):
        storage.get_sealed(storage.portraits(), name=f"{shown.pk}.64", key_id=shown.pk, context=shown.context("256"))
