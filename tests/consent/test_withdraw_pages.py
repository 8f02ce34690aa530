"""Withdrawal by code: what is shown to whom, and what a wrong code learns (nothing)."""

import re
import time
from datetime import timedelta
from unittest import mock

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consent.models import Consent, Status, Use, Withdrawal, WithdrawnBy
from consent.withdrawal import views, withdraw
from consults.cases import gate
from core import jobs
from tests import factories
from tests.consent import making
from tests.consent.words import EFFECTS, WITHDRAW, note_of, sent, text_of

pytestmark = pytest.mark.django_db

CONFIRM = "/withdraw/confirm/"
WRONG = "This code is not right."


@pytest.mark.parametrize(
    ("write", "right"),
    [
        (lambda code: code, True),
        (lambda code: code.lower(), True),
        (lambda code: code.replace("-", ""), True),
        (lambda code: f"  {code.replace('-', ' ')} ", True),
        (lambda code: code.replace("-", "–").replace("0", "o").replace("1", "l"), True),
        (lambda code: ".".join(code), True),
        (lambda code: code[:-1], False),
        (lambda code: code + "7", False),
        (lambda code: ("7" if code[0] != "7" else "8") + code[1:], False),
        (lambda code: "", False),
        (lambda code: "7" * 500, False),
        (lambda code: "\x00" * 16, False),
        (lambda code: "ÄÖÜ-ßß%&-İıŞş-…", False),
        (lambda code: "' OR 1=1 --", False),
        (lambda code: "٠١٢٣٤٥٦٧٨٩٠١٢٣٤٥", False),
    ],
)
def test_a_code_is_read_forgivingly_and_a_wrong_one_learns_nothing(client, write, right):
    published = making.published()
    response = sent(client, write(published.code))
    assert (response.status_code, "What will happen" in text_of(response)) == ((200, True) if right else (422, False))
    assert (WRONG in text_of(response)) is not right
    assert Consent.objects.get(pk=published.consent.pk).status == Status.ACTIVE


def test_every_wrong_code_gets_the_very_same_answer(client):
    making.published()
    answers = {
        re.sub(r"(?s)csrf[^>]+>|X-CSRFToken[^}]+", "", sent(client, code).content.decode())
        for code in ("7K3M-9TQA-02XC-VB5N-4HJW-Z8PD-6RYE", "", "no code", "0" * 28, "0" * 16, "U" * 28)
    }
    assert len({re.sub(r'nonce="[^"]*"|content="[^"]{64}"|value="[^"]{64}"', "", answer) for answer in answers}) == 1


def test_the_page_says_what_will_happen_before_anything_does(client):
    first = making.published(
        pictures=2, comments=("one", "two"), consent_fields={"uses": (Use.ALL_MEMBERS, Use.LECTURES)}
    )
    making.published(under=(first.consent, first.code), comments=("three",))
    response = sent(client, first.code)
    words = text_of(response)
    assert "This consent covers 2 cases" in words
    assert "2 cases 3 pictures 3 comments" in words
    assert "cannot be recalled" in words
    assert "Lectures outside this platform" in words
    assert "Your receipt stays valid" in words
    assert gate.visible_cases(factories.person("bob")).count() == 2
    assert first.code not in response.content.decode()
    assert first.case.title not in response.content.decode()


def test_the_code_stands_in_no_address(client):
    published = making.published()
    response = client.post(WITHDRAW, {"code": published.code}, follow=True)
    assert [address for address, _status in response.redirect_chain] == [EFFECTS]
    confirmed = client.post(CONFIRM, {"note": note_of(response)}, follow=True)
    addresses = [address for address, _status in confirmed.redirect_chain]
    assert addresses == [reverse("consent:withdrawn", args=[Withdrawal.objects.get().pk])]
    assert not client.session.keys()
    # A code sent in the address is not even looked at.
    other = making.published()
    assert client.get(WITHDRAW, {"code": other.code}).context["form"].data == {}


def test_confirming_hides_at_once_and_ends_in_a_certificate(client, run_jobs):
    published = making.published(pictures=2, comments=("seen this before",))
    reader = factories.person("bob")
    assert gate.visible_cases(reader).filter(pk=published.case.pk).exists()
    response = client.post(CONFIRM, {"note": note_of(sent(client, published.code))}, follow=True)
    assert not gate.visible_cases(reader).exists()
    assert "It is still being destroyed." in text_of(response)
    assert 'hx-trigger="every 2s"' in response.content.decode()
    run_jobs()
    page = client.get(response.request["PATH_INFO"])
    assert "has been hidden and destroyed" in text_of(page)
    assert "1 case 2 pictures with their copies 1 comment" in text_of(page)
    assert "hx-trigger" not in page.content.decode().partition("<main")[2]
    assert text_of(page).count(" UTC") == 5


def test_sending_the_confirmation_twice_is_one_withdrawal(client, run_jobs):
    published = making.published()
    note = note_of(sent(client, published.code))
    first, second = (client.post(CONFIRM, {"note": note}) for _time in range(2))
    run_jobs()
    third = client.post(CONFIRM, {"note": note})
    assert first["Location"] == second["Location"] == third["Location"]
    assert Withdrawal.objects.count() == 1
    assert Withdrawal.objects.get().cases == 1


def test_the_code_of_a_withdrawn_consent_leads_to_its_certificate(client):
    published = making.published()
    made = withdraw(consent_id=published.consent.pk, by=WithdrawnBy.CLINICIAN)
    assert sent(client, published.code)["Location"] == reverse("consent:withdrawn", args=[made.pk])


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.EXPIRED, Status.SUPERSEDED, Status.ENTERED_IN_ERROR])
def test_whatever_became_of_the_consent_it_can_be_withdrawn(client, status):
    published = making.published()
    Consent.objects.filter(pk=published.consent.pk).update(status=status)
    client.post(CONFIRM, {"note": note_of(sent(client, published.code))})
    assert Consent.objects.get(pk=published.consent.pk).status == Status.WITHDRAWN


def _old(pk: object) -> str:
    with mock.patch("django.core.signing.time.time", return_value=time.time() - 605):
        return signing.dumps(str(pk), salt=views.NOTE_SALT)


@pytest.mark.parametrize(
    "note",
    [
        lambda pk: "",
        lambda pk: "forged",
        lambda pk: str(pk),
        lambda pk: signing.dumps(str(pk), salt="something.else"),
        lambda pk: signing.dumps(str(pk), key="another key", salt=views.NOTE_SALT),
        _old,
    ],
)
def test_without_a_fresh_note_nothing_is_withdrawn(client, note):
    published = making.published()
    response = client.post(CONFIRM, {"note": note(published.consent.pk)})
    assert response.status_code == 422
    assert "nothing was changed" in text_of(response)
    assert Consent.objects.get(pk=published.consent.pk).status == Status.ACTIVE


def test_looking_at_the_confirmation_address_changes_nothing(client):
    assert client.get(CONFIRM)["Location"] == WITHDRAW


def test_confirming_needs_the_csrf_token():
    published = making.published()
    client = Client(enforce_csrf_checks=True)
    note = signing.dumps(str(published.consent.pk), salt=views.NOTE_SALT)
    assert client.post(CONFIRM, {"note": note}).status_code == 403
    assert Consent.objects.get(pk=published.consent.pk).status == Status.ACTIVE


@pytest.mark.parametrize("name", ["withdrawn", "withdrawal_progress", "certificate"])
@pytest.mark.parametrize("person", ["outsider", "applicant", "lapsed", "alice"])
def test_a_certificate_opens_to_whoever_has_its_address_and_to_nobody_else(request, sign_in, name, person):
    published = making.published()
    made = withdraw(consent_id=published.consent.pk, by=WithdrawnBy.PATIENT)
    client = sign_in(request.getfixturevalue(person))
    assert client.get(reverse(f"consent:{name}", args=[made.pk])).status_code == 200
    for other in (published.consent.pk, published.case.pk, making.nobody()):
        assert client.get(reverse(f"consent:{name}", args=[other])).status_code == 404


def test_a_parked_purge_says_so(client):
    published = making.published()
    made = withdraw(consent_id=published.consent.pk, by=WithdrawnBy.PATIENT)
    with mock.patch("imaging.renditions.pipeline.vault.destroy", side_effect=OSError):
        for _attempt in range(jobs.MAX_ATTEMPTS):
            jobs.run_waiting()
    words = text_of(client.get(reverse("consent:withdrawn", args=[made.pk])))
    assert "takes longer than planned" in words
    assert "hidden from everybody" in words


def test_a_lapsed_date_does_not_stop_a_withdrawal(client):
    published = making.published()
    Consent.objects.filter(pk=published.consent.pk).update(expires_on=timezone.now().date() - timedelta(days=2))
    assert "1 case" in text_of(sent(client, published.code))
