"""Licence pictures: cleaned, sealed, seen by the deciding moderators only, destroyed after the decision."""

import io
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.exceptions import NotYet
from accounts.models import Application, EvidencePicture, Member, Sight
from accounts.vetting import decisions, evidence
from audit.models import Event
from core import storage
from core.crypto import vault
from imaging.engine import Refused
from tests import factories
from tests.accounts.makers import CLEAN

pytestmark = pytest.mark.django_db

CANARY = b"CANARY-OF-THE-CAMERA"


@pytest.fixture
def licence(applied: Callable[..., Application]) -> Application:
    return applied(evidence_kind="picture")


def picture_of(application: Application) -> EvidencePicture:
    return application.pictures.get(round=application.round)


def jpeg_with_canary() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = CANARY.decode()
    data = io.BytesIO()
    Image.new("RGB", (320, 240), (200, 190, 180)).save(data, "JPEG", exif=exif, comment=CANARY)
    return data.getvalue()


def test_picture_is_rebuilt_from_pixels() -> None:
    dirty = jpeg_with_canary()
    assert CANARY in dirty
    clean = evidence.clean(dirty)
    assert CANARY not in clean.data
    assert Image.open(io.BytesIO(clean.data)).size == (320, 240)


def test_what_is_no_picture_is_refused_with_a_sentence() -> None:
    with pytest.raises(Refused) as refused:
        evidence.clean(b"%PDF-1.7 not a picture")
    assert refused.value.sentence.endswith(".")


def test_picture_lies_sealed(licence: Application) -> None:
    picture = picture_of(licence)
    with storage.evidence().open(str(picture.pk)) as file:
        sealed = file.read()
    assert CLEAN.data not in sealed
    with pytest.raises(vault.Tampered):
        vault.unseal(key_id=picture.pk, context="evidence|somebody-else", sealed=sealed)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("mod1", 200),
        ("alice", 403),
        ("officer", 403),
        ("admin", 403),
        ("applicant", 403),
        ("suspended", 403),
        ("lapsed", 403),
        ("outsider", 302),
    ],
)
def test_who_sees_the_picture(
    licence: Application, sign_in: Callable[[object], Client], outsider: object, name: str, status: int
) -> None:
    person = outsider if name == "outsider" else factories.person(name)
    response = sign_in(person).get(reverse("accounts:evidence", args=[picture_of(licence).pk]))
    assert response.status_code == status
    assert "no-store" in response["Cache-Control"]
    assert (CLEAN.data in response.content) is (status == 200)
    assert Sight.objects.exists() is (status == 200)
    assert Event.objects.filter(verb="evidence.seen").exists() is (status == 200)


def test_who_has_voted_sees_the_picture_no_more(
    licence: Application, sign_in: Callable[[object], Client], mod1: Member, vote: Callable[..., object]
) -> None:
    vote(licence, mod1, False)
    response = sign_in(mod1).get(reverse("accounts:evidence", args=[picture_of(licence).pk]))
    assert response.status_code == 404


def test_nobody_accepts_unseen(licence: Application, mod1: Member, vote: Callable[..., object]) -> None:
    with pytest.raises(NotYet):
        vote(licence, mod1, True)
    assert evidence.read(picture=picture_of(licence), by=mod1) == CLEAN.data
    assert vote(licence, mod1, True)


def test_destroyed_after_the_decision(
    licence: Application,
    sign_in: Callable[[object], Client],
    mods: list[Member],
    vote: Callable[..., object],
    run_jobs: Callable[[], int],
) -> None:
    picture = picture_of(licence)
    evidence.read(picture=picture, by=mods[0])
    for moderator in mods[:2]:
        vote(licence, moderator, False)
    # Out of sight at once, before any worker ran.
    assert sign_in(mods[2]).get(reverse("accounts:evidence", args=[picture.pk])).status_code == 404
    run_jobs()
    picture.refresh_from_db()
    assert picture.destroyed_at is not None
    assert not vault.has_key(picture.pk)
    assert not storage.evidence().exists(str(picture.pk))
    assert list(Sight.objects.values_list("moderator", flat=True)) == [mods[0].pk]
    assert Event.objects.get(verb="evidence.destroyed").facts["sights"] == 1
    evidence.destroy(picture.pk)  # twice does no harm
    assert Event.objects.filter(verb="evidence.destroyed").count() == 1


def test_kept_while_the_application_is_open(licence: Application) -> None:
    picture = picture_of(licence)
    evidence.destroy(picture.pk)
    assert vault.has_key(picture.pk)


def test_appeal_needs_the_picture_again(
    licence: Application, mods: list[Member], vote: Callable[..., object], run_jobs: Callable[[], int]
) -> None:
    first = picture_of(licence)
    for moderator in mods[:2]:
        vote(licence, moderator, False)
    with pytest.raises(NotYet):
        decisions.appeal(application=licence, by=licence.member, statement="Look again.")
    again = decisions.appeal(application=licence, by=licence.member, statement="Look again.", picture=CLEAN)
    run_jobs()
    assert not vault.has_key(first.pk)
    assert vault.has_key(picture_of(again).pk)
    evidence.read(picture=picture_of(again), by=mods[2])
    vote(again, mods[2], True)


@pytest.mark.parametrize(("hours", "strays"), [(0, 0), (2, 1)])
def test_picture_without_a_row_is_swept(
    licence: Application, monkeypatch: pytest.MonkeyPatch, hours: int, strays: int
) -> None:
    with transaction.atomic():
        stray = _stray(licence)
        transaction.set_rollback(True)  # what happens when something fails after the bytes were written
    later = timezone.now() + timedelta(hours=hours)
    monkeypatch.setattr(evidence.timezone, "now", lambda: later)
    assert evidence.destroy_orphans() == strays
    assert vault.has_key(stray) is (strays == 0)
    assert storage.evidence().exists(str(stray)) is (strays == 0)
    assert storage.evidence().exists(str(picture_of(licence).pk))


def _stray(application: Application) -> uuid.UUID:
    application.pictures.update(round=2)
    return evidence.store(application=application, picture=CLEAN).pk
