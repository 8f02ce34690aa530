"""Which picture is which: the same number on receipt and page, and a masked thumbnail for whoever has the code."""

import re
import time
from datetime import timedelta
from unittest import mock

import pytest
from django.core import signing
from django.db import IntegrityError, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from reportlab import rl_config

from accounts.models import Member
from audit.access_log import record_served
from audit.models import Event
from consent.models import Consent, PictureNumber, Shown, ShownPicture, Status, Use, WithdrawnBy
from consent.pdf.receipt import receipt_pdf
from consent.records.picture_numbers import numbered_pictures
from consent.withdrawal import views, withdraw_picture
from consults.models import Case, CaseState
from core.crypto import vault
from imaging.models import Photo, Rendition, State
from tests import factories
from tests.consent import making
from tests.consent.words import EFFECTS, note_of, sent, text_of, words_of

pytestmark = pytest.mark.django_db
PART = "/withdraw/part/"


def numbers_in(words: str) -> list[int]:
    """The numbers of the pictures in a text, in their order."""
    return [int(number) for number in re.findall(r"Picture (\d+): [^,]+, added on", words)]


def part_page(client: Client, code: str) -> object:
    """The page on which a part is chosen, after the code."""
    client.post(PART, {"note": note_of(sent(client, code))})
    return client.get(PART)


def thumbnail(client: Client, photo: Photo) -> object:
    """The answer to the address of a thumbnail."""
    return client.get(reverse("consent:part_picture", args=[photo.pk]))


def bytes_of(photo: Photo) -> bytes:
    """What the store holds as the thumbnail of a picture made by tests."""
    return b"thumb" + photo.pk.bytes


# --- Numbers


def test_receipt_and_page_have_the_same_numbers_for_good(
    client: Client, run_jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rl_config, "pageCompression", 0)
    published = making.published(pictures=3)
    receipt = words_of(receipt_pdf(consent=published.consent, code=published.code))
    assert numbers_in(receipt.partition("What was recorded")[0]) == [1, 2, 3]
    assert numbers_in(text_of(part_page(client, published.code))) == [1, 2, 3]
    second = published.case.pictures.all()[1].photo
    withdraw_picture(consent_id=published.consent.pk, picture=second.pk, by=WithdrawnBy.PATIENT)
    run_jobs()
    assert numbers_in(text_of(part_page(client, published.code))) == [1, 3]
    other = making.published(under=(published.consent, published.code))
    assert numbers_in(text_of(part_page(client, published.code))) == [1, 3, 4]
    withdraw_picture(
        consent_id=published.consent.pk, picture=other.case.pictures.get().photo_id, by=WithdrawnBy.PATIENT
    )
    run_jobs()
    making.published(under=(published.consent, published.code))
    assert numbers_in(text_of(part_page(client, published.code))) == [1, 3, 5]
    receipt = words_of(receipt_pdf(consent=published.consent, code=published.code))
    assert numbers_in(receipt.partition("What was recorded")[0]) == [1, 3, 5]


def test_the_order_of_a_case_does_not_change_a_number() -> None:
    published = making.published(pictures=2)
    before = {each.picture.id: each.number for each in numbered_pictures(published.consent)}
    for place in published.case.pictures.all():
        place.position = 9 - place.position
        place.save()
    assert {each.picture.id: each.number for each in numbered_pictures(published.consent)} == before


def test_fingerprints_on_the_receipt_have_the_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rl_config, "pageCompression", 0)
    published = making.published(pictures=2)
    Consent.objects.filter(pk=published.consent.pk).update(shown=Shown.SHOWN)
    ShownPicture.objects.create(consent=published.consent, sha256="f" * 64)  # taken back since
    shown = Rendition.objects.get(photo=published.case.pictures.all()[1].photo, name="display").sha256
    ShownPicture.objects.create(consent=published.consent, sha256=shown)
    words = words_of(receipt_pdf(consent=published.again().consent, code=published.code))
    assert f"2: {shown}" in words
    assert re.search(rf"(?<!: ){'f' * 64}", words)


@pytest.mark.parametrize(("twice", "accepted"), [("picture", False), ("number", False), ("", True)])
def test_a_number_the_database_refuses(twice: str, accepted: bool) -> None:
    given, _code = making.consent(factories.person("alice"))
    first = PictureNumber.objects.create(consent=given, picture=making.nobody(), number=1)
    picture = first.picture if twice == "picture" else making.nobody()
    saved = True
    try:
        with transaction.atomic():
            made = PictureNumber.objects.create(consent=given, picture=picture, number=1 if twice == "number" else 2)
            assert str(made) == f"picture 2 of consent {given.pk}"
    except IntegrityError:
        saved = False
    assert saved is accepted


# --- Thumbnails


def test_with_the_code_each_picture_is_seen_small_and_masked(client: Client) -> None:
    published = making.published(pictures=2)
    page = part_page(client, published.code)
    html = page.content.decode()
    for place in published.case.pictures.all():
        address = reverse("consent:part_picture", args=[place.photo_id])
        assert f'src="{address}"' in html
        answer = client.get(address)
        assert (answer.status_code, answer.content) == (200, bytes_of(place.photo))
        assert "no-store" in answer["Cache-Control"]
    assert "fingerprint" not in text_of(page)
    shown = Event.objects.filter(verb="consent.picture_shown", subject_id=published.consent.pk)
    assert [(event.actor_id, event.facts["picture"]) for event in shown.order_by("seq")] == [
        (None, str(place.photo_id)) for place in published.case.pictures.all()
    ]


def test_without_the_code_or_under_another_consent_there_is_no_thumbnail(client: Client) -> None:
    published, stranger = making.published(pictures=2), making.published()
    theirs = stranger.case.pictures.get().photo
    mine = published.case.pictures.first().photo
    assert thumbnail(client, mine).status_code == 404
    part_page(client, published.code)
    assert (thumbnail(client, mine).status_code, thumbnail(client, theirs).status_code) == (200, 404)
    Consent.objects.filter(pk=published.consent.pk).update(status=Status.WITHDRAWN)
    assert thumbnail(client, mine).status_code == 404


def test_staff_see_the_numbers_and_no_picture(sign_in, officer: Member) -> None:
    published = making.published(pictures=2)
    record = reverse("consults:consent_record", args=[published.consent.pk])
    for person in (officer, published.case.author):
        page = sign_in(person).get(record)
        assert numbers_in(text_of(page)) == [1, 2]
        assert "part-picture" not in page.content.decode()


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda photo: None, 200),
        (lambda photo: Consent.objects.update(status=Status.EXPIRED), 404),
        (lambda photo: Consent.objects.update(status=Status.ENTERED_IN_ERROR), 404),
        (lambda photo: Consent.objects.update(expires_on=timezone.now().date() - timedelta(days=1)), 404),
        (lambda photo: Photo.objects.update(state=State.REVIEW), 404),
        (lambda photo: Case.objects.update(state=CaseState.SUBMITTED), 404),
        (lambda photo: Case.objects.update(state=CaseState.CLOSED), 200),
        (lambda photo: Case.objects.update(state=CaseState.WITHDRAWN), 404),
        (lambda photo: Case.objects.update(consent=making.consent(photo.owner)[0]), 404),
        (lambda photo: Rendition.objects.filter(name="thumbnail").delete(), 404),
        (lambda photo: Rendition.objects.filter(name="display").delete(), 404),
        (lambda photo: Rendition.objects.update(sha256="0" * 64), 404),
        (lambda photo: vault.destroy(photo.key_id), 404),
    ],
    ids=[
        "as it is",
        "consent expired",
        "recorded by mistake",
        "past its last day",
        "in review again",
        "not released yet",
        "closed",
        "case withdrawn",
        "under another consent",
        "no thumbnail",
        "no display size",
        "other bytes",
        "key destroyed",
    ],
)
def test_a_thumbnail_is_shown_only_while_all_of_it_holds(client: Client, change, status: int) -> None:
    published = making.published()
    photo = published.case.pictures.get().photo
    part_page(client, published.code)
    change(photo)
    answer = thumbnail(client, photo)
    assert answer.status_code == status
    assert Event.objects.filter(verb="consent.picture_shown").exists() is (status == 200)


@pytest.mark.parametrize(("shown", "status"), [(True, 200), (False, 404)])
def test_a_draft_shows_only_what_the_patient_saw(client: Client, shown: bool, status: int) -> None:
    """Threat: a case that stands under another patient's consent by mistake, before a second reader sees it."""
    given, code = making.consent(factories.person("alice"))
    case = making.submitted(consent=given)
    photo = case.pictures.get().photo
    if shown:
        sha256 = Rendition.objects.get(photo=photo, name="display").sha256
        ShownPicture.objects.create(consent=given, sha256=sha256)
    page = part_page(client, code).content.decode()
    assert ("part-picture" in page) is shown
    assert "Picture 1: " in page
    assert thumbnail(client, photo).status_code == status


def test_without_a_fresh_code_of_this_consent_there_is_no_thumbnail(client: Client) -> None:
    published, other = making.published(), making.published()
    photo = published.case.pictures.get().photo
    assert thumbnail(client, photo).status_code == 404
    part_page(client, other.code)
    assert thumbnail(client, photo).status_code == 404
    with mock.patch("django.core.signing.time.time", return_value=time.time() - 605):
        old = signing.dumps(str(published.consent.pk), salt=views.NOTE_SALT)
    session = client.session
    session[views.NOTE] = old
    session.save()
    assert thumbnail(client, photo).status_code == 404
    part_page(client, published.code)
    assert thumbnail(client, photo).status_code == 200
    client.post("/withdraw/confirm/", {"note": note_of(client.get(EFFECTS))})
    assert thumbnail(client, photo).status_code == 404


def test_more_pictures_are_no_more_queries(client: Client) -> None:
    counts = []
    for pictures in (1, 6):
        published = making.published(pictures=pictures, consent_fields={"uses": (Use.ALL_MEMBERS, Use.RESEARCH)})
        part_page(client, published.code)
        with CaptureQueriesContext(connections["default"]) as queries:
            client.get(PART)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_patient_reads_how_many_looked_and_not_who(client: Client) -> None:
    published = making.published()
    reader = factories.member()
    for _time in range(2):
        rendition = Rendition.objects.filter(photo__placement__case=published.case).first()
        record_served(member_id=reader.pk, rendition_id=rendition.pk, name="display")
    page = text_of(sent(client, published.code))
    assert f"Colleagues who looked at the pictures until now: 1 {reader.get_profession_display()}" in page
    assert reader.name not in page
