"""Taking back a part with the code: shown first, done once, and nothing without a fresh note."""

import time
from datetime import timedelta
from unittest import mock

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consent import lifecycle
from consent.models import Cause, Consent, Removal, Status, Use, WithdrawnBy
from consent.withdrawal import partial_withdrawal, views, withdraw
from consults.cases import gate
from tests import factories
from tests.consent import making
from tests.consent.words import note_of, sent, text_of

pytestmark = pytest.mark.django_db
PART = "/withdraw/part/"
CONFIRM = "/withdraw/part/confirm/"


def part(client: Client, published: making.Published, **fields: object) -> object:
    """The answer to a choice made after the code."""
    note = note_of(sent(client, published.code))
    return client.post(PART, {"note": note, "choose": "1", **fields}, follow=True)


def test_a_use_is_taken_back_after_it_was_shown_what_happens(client: Client) -> None:
    published = making.published(consent_fields={"uses": (Use.ALL_MEMBERS, Use.RESEARCH)})
    shown = part(client, published, uses=["research:"])
    assert "Research" in text_of(shown)
    assert "nothing is destroyed" in text_of(shown)
    assert Removal.objects.count() == 0
    note = note_of(shown)
    done = client.post(CONFIRM, {"note": note})
    made = Removal.objects.get()
    assert done["Location"] == reverse("consent:removed", args=[made.pk])
    assert (made.by, made.uses, made.cases) == (WithdrawnBy.PATIENT, [["research", ""]], 0)
    assert "Nothing would change" in text_of(client.post(CONFIRM, {"note": note}))
    assert Removal.objects.count() == 1


def test_one_picture_with_progress_and_certificate(client: Client, run_jobs) -> None:
    published = making.published(pictures=2)
    photo = published.case.pictures.last().photo
    shown = part(client, published, picture=str(photo.pk))
    assert "0 cases 1 picture 0 comments" in text_of(shown)
    note = note_of(shown)
    first, second = (client.post(CONFIRM, {"note": note}) for _time in range(2))
    assert first["Location"] == second["Location"]
    page = client.get(first["Location"])
    assert 'hx-trigger="every 2s"' in page.content.decode()
    run_jobs()
    made = Removal.objects.get()
    more = client.get(reverse("consent:part_progress", args=[made.pk]))
    assert "has been hidden and destroyed" in text_of(more)
    pdf = client.get(reverse("consent:part_certificate", args=[made.pk]))
    assert pdf.content.startswith(b"%PDF")
    assert gate.visible_cases(factories.person("bob")).exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Choose what to take back."),
        ({"uses": ["all_members:"]}, "Withdraw the whole consent instead."),
        ({"uses": ["lectures:"]}, "Select a valid choice."),
        ({"uses": ["research:"], "picture": "own"}, "not both at once"),
        ({"picture": "other"}, "Select a valid choice."),
        ({"ends_on": "2001-01-01"}, "This date is over."),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(client: Client, fields: dict, sentence: str) -> None:
    published, other = making.published(consent_fields={"uses": (Use.ALL_MEMBERS, Use.RESEARCH)}), making.published()
    pictures = {"own": published, "other": other}
    if "picture" in fields:
        fields = fields | {"picture": str(pictures[fields["picture"]].case.pictures.get().photo_id)}
    response = part(client, published, **fields)
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert Removal.objects.count() == 0


def _old(body: object, salt: str) -> str:
    with mock.patch("django.core.signing.time.time", return_value=time.time() - 605):
        return signing.dumps(body, salt=salt)


def test_without_a_fresh_note_nothing_happens(client: Client) -> None:
    published = making.published(pictures=2)
    photo = published.case.pictures.first().photo
    body = {"consent": str(published.consent.pk), "picture": str(photo.pk)}
    whole = signing.dumps(str(published.consent.pk), salt=views.NOTE_SALT)
    for note in ("", "forged", whole, _old(body, partial_withdrawal.PART_SALT), signing.dumps(body, salt="another")):
        assert client.post(CONFIRM, {"note": note}).status_code == 422
    for note in ("", "forged", _old(str(published.consent.pk), views.NOTE_SALT)):
        assert client.post(PART, {"note": note, "choose": "1", "picture": str(photo.pk)}).status_code == 422
    assert Removal.objects.count() == 0


@pytest.mark.parametrize("status", [Status.EXPIRED, Status.ENTERED_IN_ERROR])
def test_only_an_active_consent_offers_a_part(client: Client, status: Status) -> None:
    published = making.published()
    assert "Take back only a part" in text_of(sent(client, published.code))
    Consent.objects.update(status=status)
    assert "Take back only a part" not in text_of(sent(client, published.code))


def test_withdrawn_meanwhile(client: Client) -> None:
    published = making.published(consent_fields={"uses": (Use.ALL_MEMBERS, Use.RESEARCH)})
    note = note_of(part(client, published, uses=["research:"]))
    withdraw(consent_id=published.consent.pk, by=WithdrawnBy.CLINICIAN)
    assert "not active any more" in text_of(client.post(CONFIRM, {"note": note}))


def test_an_expired_consents_certificate_names_nobody(client: Client, run_jobs) -> None:
    published = making.published()
    Consent.objects.update(expires_on=timezone.now().date() - timedelta(days=31))
    lifecycle.expire_due()
    lifecycle.destroy_expired()
    run_jobs()
    made = Removal.objects.get(cause=Cause.EXPIRED)
    words = text_of(client.get(reverse("consent:removed", args=[made.pk])))
    assert "Your consent has ended" in words
    assert "Withdrawn by" not in words
    assert published.case.title not in words
