"""Licence pictures: cleaned, sealed, seen by the deciding moderators only, destroyed after the decision."""

import io
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.mail import EmailMessage
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.exceptions import NotYet
from accounts.models import Application, Draft, EvidencePicture, Member, Sight
from accounts.vetting import decisions, evidence
from audit.models import Event
from core import storage
from core.crypto import vault
from imaging.engine import Refused
from tests import factories
from tests.accounts.makers import CLEAN, PASSWORD, claim, prepare_evidence

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


# --- From sent to clean


@pytest.fixture
def sent(db: None) -> Application:
    """An application whose picture has been sent and read by nobody yet."""
    return apply_with(jpeg_with_canary())


def apply_with(data: bytes) -> Application:
    decisions.apply(email="nova@lake.example", claim=claim(evidence_kind="picture"), picture=evidence.SentPicture(data))
    return decisions.finish(draft=Draft.objects.get(), password=PASSWORD)


def test_a_stranger_costs_no_work_before_the_link_is_opened(run_jobs: Callable[[], int]) -> None:
    decisions.apply(
        email="nova@lake.example",
        claim=claim(evidence_kind="picture"),
        picture=evidence.SentPicture(jpeg_with_canary()),
    )
    run_jobs()
    assert not EvidencePicture.objects.exists()
    application = decisions.finish(draft=Draft.objects.get(), password=PASSWORD)
    assert picture_of(application).state == "received"
    run_jobs()
    assert picture_of(application).state == "clean"


def test_one_who_applies_again_confirms_first(applied: Callable[..., Application], run_jobs: Callable[[], int]) -> None:
    application = applied(evidence_kind="email", confirmed=False)
    EvidencePicture.objects.all().delete()
    evidence.store(application=application, picture=evidence.SentPicture(jpeg_with_canary()))
    run_jobs()
    assert picture_of(application).state == "received"
    decisions.confirm_address(application=application)
    run_jobs()
    assert picture_of(application).state == "clean"


def objects_of(picture: EvidencePicture) -> list[str]:
    return [name for name in storage.evidence().listdir("")[1] if name.startswith(str(picture.pk))]


def test_nobody_sees_a_picture_before_it_is_clean(
    sent: Application, sign_in: Callable[[object], Client], mod1: Member, run_jobs: Callable[[], int]
) -> None:
    picture = picture_of(sent)
    moderator = sign_in(mod1)
    address = reverse("accounts:evidence", args=[picture.pk])
    page = reverse("accounts:decide", args=[sent.pk])
    assert moderator.get(address).status_code == 404
    assert "is being prepared" in moderator.get(f"{page}?show=picture").content.decode()
    run_jobs()
    shown = moderator.get(address)
    assert shown.status_code == 200
    assert CANARY not in shown.content
    assert shown["Content-Type"] == "image/jpeg"
    assert objects_of(picture) == [str(picture.pk)], "what was sent is gone"


@pytest.mark.parametrize("after", ["put_sealed", "delete"])
def test_preparing_may_die_anywhere(sent: Application, monkeypatch: pytest.MonkeyPatch, after: str) -> None:
    picture = picture_of(sent)
    whole = getattr(storage, after)

    def dies(*arguments: object, **more: object) -> None:
        whole(*arguments, **more)
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(storage, after, dies)
        with pytest.raises(SystemExit):
            evidence.prepare(picture.pk)
    for _time in range(2):
        evidence.prepare(picture.pk)
    picture.refresh_from_db()
    assert picture.state == "clean"
    assert str(picture.pk) in objects_of(picture)


@pytest.mark.parametrize("code", ["too_complex", "decoder_died"])
def test_an_unreadable_picture_is_asked_for_again(
    sent: Application,
    sign_in: Callable[[object], Client],
    mod1: Member,
    run_jobs: Callable[[], int],
    mailoutbox: list[EmailMessage],
    monkeypatch: pytest.MonkeyPatch,
    code: str,
) -> None:
    picture = picture_of(sent)
    with monkeypatch.context() as patch:
        patch.setattr(evidence, "clean", _refuses(code))
        run_jobs()
    assert not vault.has_key(picture.pk)
    assert objects_of(picture) == []
    assert "send your picture again" in mailoutbox[-1].subject
    page = reverse("accounts:decide", args=[sent.pk])
    assert "is asked for another one" in sign_in(mod1).get(page).content.decode()
    applicant = sign_in(sent.member)
    assert str(Refused(code).sentence)[:20] in applicant.get(reverse("accounts:application")).content.decode()
    address = reverse("accounts:send_picture")
    assert applicant.post(address).status_code == 422
    assert applicant.post(address, {"picture": SimpleUploadedFile("x", b"%PDF-1.7")}).status_code == 422
    better = SimpleUploadedFile("x.jpg", jpeg_with_canary())
    assert applicant.post(address, {"picture": better}).status_code == 302
    run_jobs()
    assert picture_of(sent).state == "clean"
    assert picture_of(sent).pk != picture.pk
    assert not evidence.replace_refused(application=sent, picture=CLEAN), "there is nothing to replace any more"


def _refuses(code: str) -> Callable[[bytes], evidence.CleanPicture]:
    def refuse(_data: bytes) -> evidence.CleanPicture:
        raise Refused(code)

    return refuse


def test_a_machine_without_detectors_tries_again(sent: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "clean", _refuses("detector_failed"))
    with pytest.raises(Refused):
        evidence.prepare(picture_of(sent).pk)
    assert picture_of(sent).state == "received"


def test_a_refusal_that_died_is_finished(sent: Application) -> None:
    picture = picture_of(sent)
    EvidencePicture.objects.filter(pk=picture.pk).update(state="refused", refusal="broken")
    evidence.prepare(picture.pk)
    assert not vault.has_key(picture.pk)
    evidence.prepare(uuid.uuid4())  # of no application any more


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "empty"), (b"%PDF-1.7", "pdf"), (b"GIF89a", "unknown_format"), (b"<svg>", "svg")],
)
def test_files_that_do_not_begin_like_a_picture(data: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        evidence.accept(data)
    assert refused.value.code == code


@pytest.mark.parametrize("begin", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF", b"\0\0\0\x18ftypheic"])
def test_files_that_do(begin: bytes) -> None:
    assert evidence.accept(begin + b"anything").data == begin + b"anything"


def test_appeal_needs_the_picture_again(
    licence: Application, mods: list[Member], vote: Callable[..., object], run_jobs: Callable[[], int]
) -> None:
    first = picture_of(licence)
    for moderator in mods[:2]:
        vote(licence, moderator, False)
    with pytest.raises(NotYet):
        decisions.appeal(application=licence, by=licence.member, statement="Look again.")
    again = decisions.appeal(application=licence, by=licence.member, statement="Look again.", picture=CLEAN)
    prepare_evidence(again)
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
    assert storage.evidence().exists(f"{stray}.sent") is (strays == 0)
    assert storage.evidence().exists(str(picture_of(licence).pk))


def _stray(application: Application) -> uuid.UUID:
    application.pictures.update(round=2)
    return evidence.store(application=application, picture=CLEAN).pk
