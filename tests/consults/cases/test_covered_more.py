"""Covering more of a picture that the patient saw keeps the consent; anything else asks the patient again."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from reportlab import rl_config

from accounts.models import Member
from audit.models import Event
from compliance.audit import query, rows
from consent import hooks
from consent.models import Consent, Shown, ShownPicture
from consent.pdf import receipt
from consults.cases import gate
from consults.cases.review import second_read
from consults.models import Case, CasePhoto, CaseState
from core import storage
from imaging import engine
from imaging.models import CoveredMore, Photo, Rendition, State
from imaging.renditions import pipeline
from tests.consent import words
from tests.consults import reading
from tests.imaging import making
from tests.imaging.engine import pictures
from tests.matrix import journey

SIZE = (640, 480)
CODE = "AAAA-AAAA-AAAA-AAAA"


def sealed(case: Case, **bar: float) -> Photo:
    """A picture of this case, sealed by the engine, with one bar."""
    photo = making.photo(pictures.encoded(pictures.chart(*SIZE), "JPEG"), state=State.CONFIRMED, size=SIZE)
    CasePhoto.objects.filter(photo=photo).update(case=case)
    making.region(photo, choice="drawn", **bar)
    pipeline.seal(photo_id=photo.pk)
    Photo.objects.filter(pk=photo.pk).update(no_eyes_stated=True)
    return Photo.objects.get(pk=photo.pk)


def display(photo: Photo) -> str:
    return Rendition.objects.get(photo=photo, name=Rendition.Name.DISPLAY).sha256


@pytest.fixture
def case(db: None) -> Case:
    """A draft whose patient was shown its picture."""
    made = reading.case(state=CaseState.DRAFT, kinds=())
    assert made.consent is not None
    ShownPicture.objects.create(consent=made.consent, sha256=display(sealed(made)))
    type(made.consent).objects.filter(pk=made.consent.pk).update(shown=Shown.SHOWN)
    assert codes(made) == []
    return made


def codes(case: Case) -> list[str]:
    return [blocker.code for blocker in gate.blockers(Case.objects.get(pk=case.pk))]


def again(photo: Photo, *, meanwhile: Callable[[Photo], object] = lambda photo: None, **review: Any) -> None:
    """Open the picture, do something, and seal it again."""
    pipeline.reopen(photo=photo, by=photo.owner)
    full = Photo.objects.get(pk=photo.pk)
    now = {"confirmed_at": timezone.now(), "confirmed_by": full.owner, "state": State.CONFIRMED}
    Photo.objects.filter(pk=photo.pk).update(**(now | review))
    meanwhile(full)
    pipeline.seal(photo_id=photo.pk)
    photo.refresh_from_db()
    assert photo.state == State.SEALED


def bar(**place: float) -> Callable[[Photo], object]:
    return lambda photo: making.region(photo, choice="drawn", **place)


def test_more_masks_and_a_tighter_crop_keep_it(case: Case, mod1: Member) -> None:
    photo = case.pictures.get().photo
    first = display(photo)
    again(photo, meanwhile=bar(x=300.0, y=200.0))
    second = display(photo)
    assert codes(case) == []
    again(photo, crop=[0, 0, 500, 400])
    third = display(photo)
    assert codes(case) == []
    again(photo)  # the same once more: only encoded again
    assert len({first, second, third}) == 3
    assert codes(case) == []
    assert case.consent is not None
    (told,) = hooks.covered_more(case.consent)
    assert (told.before, told.after) == (first, display(photo))
    said = Event.objects.filter(verb="photo.sealed", subject_id=photo.pk).order_by("at")
    assert [event.facts["covers_more_of"] for event in said][:3] == [None, first, second]


def test_it_is_said_in_record_receipt_second_read_and_audit(
    case: Case, mod1: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rl_config, "pageCompression", 0)
    photo = case.pictures.get().photo
    first = display(photo)
    again(photo, meanwhile=bar(x=300.0, y=200.0))
    consent = Consent.objects.get(pk=case.consent_id)
    alice = journey.client_of(case.author)
    record = alice.get(reverse("consults:consent_record", args=[consent.pk])).content.decode()
    assert "Covered more since the patient saw it" in record
    assert f"{first[:8]}…" in record
    paper = words.words_of(receipt.receipt_pdf(consent=consent, code=CODE))
    assert "more is covered now" in paper
    Case.objects.filter(pk=case.pk).update(state=CaseState.SUBMITTED)
    assert (
        "covers more since"
        in dict(second_read.consent_facts(Case.objects.get(pk=case.pk)))["Pictures shown to the patient"]
    )
    gate.release(case=Case.objects.get(pk=case.pk), by=mod1)
    (row,) = rows.rows_of(list(query.find_cases(query.Filter())))
    assert (row.shown, row.exceptions, row.visible) == ("covered_more", [], True)


def other_source(photo: Photo) -> None:
    """Somebody has put another file in the place of what was sealed."""
    data = pictures.encoded(pictures.chart(*SIZE)[::-1].copy(), "JPEG")
    context = f"original|{photo.id}|{photo.original_key}"
    storage.delete(storage.originals(), name=photo.original_name)
    storage.put_sealed(
        storage.originals(), name=photo.original_name, key_id=photo.original_key, context=context, data=data
    )


def test_only_what_its_own_patient_saw_of_this_picture_counts(case: Case) -> None:
    """What another patient was shown, what another picture became and what this one was before stand for nothing."""
    assert case.consent is not None
    photo = case.pictures.get().photo
    seen = ShownPicture.objects.get(consent=case.consent)
    stranger = reading.case(state=CaseState.DRAFT, kinds=())
    other, twin = sealed(stranger, x=100.0), sealed(case, x=200.0)
    assert codes(stranger) == []
    ShownPicture.objects.create(consent=case.consent, sha256=display(twin))
    ShownPicture.objects.create(consent=stranger.consent, sha256=seen.sha256)
    ShownPicture.objects.filter(pk=seen.pk).update(sha256="1" * 64)
    assert codes(case) == ["consent_pictures"]  # shown, but to somebody else
    row = {"before": "1" * 64, "after": display(photo), "proved_at": timezone.now()}
    elsewhere = CoveredMore.objects.create(photo=other, **row)
    assert codes(case) == ["consent_pictures"]
    for its, after in ((other, display(photo)), (other, display(other)), (twin, display(photo))):
        CoveredMore.objects.filter(pk=elsewhere.pk).update(photo=its, after=after)
        assert hooks.covered_more(case.consent) == []
    CoveredMore.objects.filter(pk=elsewhere.pk).update(photo=photo, after="2" * 64)
    assert codes(case) == ["consent_pictures"]
    assert hooks.covered_more(case.consent) == []
    CoveredMore.objects.filter(pk=elsewhere.pk).update(after=display(photo), before=display(other))
    ShownPicture.objects.create(consent=stranger.consent, sha256=display(other))
    assert codes(case) == ["consent_pictures"]
    CoveredMore.objects.filter(pk=elsewhere.pk).update(before="1" * 64)
    assert codes(case) == []
    assert [(told.before, told.after) for told in hooks.covered_more(case.consent)] == [("1" * 64, display(photo))]


def test_another_source_voids_it(case: Case) -> None:
    photo = case.pictures.get().photo
    again(photo, meanwhile=other_source)
    assert codes(case) == ["consent_pictures"]
    assert case.consent is not None
    assert (hooks.covered_more(case.consent), CoveredMore.objects.count()) == ([], 0)


def test_what_the_engine_does_not_prove_voids_it(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    proved = engine.cover_more
    monkeypatch.setattr(engine, "cover_more", lambda data, **review: (proved(data, **review)[0], False))
    again(case.pictures.get().photo, meanwhile=bar(x=300.0, y=200.0))
    assert codes(case) == ["consent_pictures"]


@pytest.mark.parametrize("how", ["added", "replaced by the same file, covered less", "of another case"])
def test_other_pictures_void_it(case: Case, how: str) -> None:
    if how == "of another case":  # covered more there, and then laid into this case
        photo = sealed(reading.case(state=CaseState.DRAFT, kinds=()), width=20.0)
        again(photo, meanwhile=bar(x=300.0, y=200.0))
        CasePhoto.objects.filter(photo=photo).update(case=case)
    elif how == "added":
        again(sealed(case, width=20.0), crop=[0, 0, 600, 400])
    else:
        Photo.objects.filter(placement__case=case).delete()
        sealed(case, width=20.0)
    assert codes(case) == ["consent_pictures"]


def test_a_picture_opened_again_is_not_yet_proved(case: Case) -> None:
    photo = case.pictures.get().photo
    for _time in range(2):
        pipeline.reopen(photo=photo, by=photo.owner)
        assert codes(case) == ["picture_received"]
        assert [row.after for row in photo.covered_more.all()] == [""]
        Photo.objects.filter(pk=photo.pk).update(
            state=State.CONFIRMED, confirmed_at=timezone.now(), confirmed_by=photo.owner
        )
        pipeline.seal(photo_id=photo.pk)
        photo.refresh_from_db()
        photo.covered_more.all().delete()
    assert str(CoveredMore(photo=photo)).endswith(str(photo.pk))


@pytest.mark.parametrize(
    ("fields", "accepted"),
    [
        ({"after": ""}, True),
        ({"after": "b" * 64, "proved_at": timezone.now()}, True),
        ({"after": "b" * 64}, False),
        ({"after": "", "proved_at": timezone.now()}, False),
    ],
)
def test_the_database_wants_a_proof(case: Case, fields: dict[str, Any], accepted: bool) -> None:
    saved = True
    try:
        with transaction.atomic():
            CoveredMore.objects.create(
                photo=case.pictures.get().photo, source_sha256="a" * 64, before="a" * 64, **fields
            )
    except IntegrityError:
        saved = False
    assert saved is accepted


def test_nothing_is_claimed_of_pictures_that_were_not_shown(case: Case) -> None:
    again(case.pictures.get().photo, meanwhile=bar(x=300.0, y=200.0))
    ShownPicture.objects.update(sha256="0" * 64)
    assert codes(case) == ["consent_pictures"]
    assert case.consent is not None
    assert hooks.covered_more(case.consent) == []
