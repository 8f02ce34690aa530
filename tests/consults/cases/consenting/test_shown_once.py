"""What is shown once is never lost: each form leads to an address, and sending it twice does nothing twice."""

import json
import re
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from accounts.security.models import Session
from consent.models import Consent, Status, Use, WithdrawnBy
from consent.records import kept_codes
from consent.records.lookup import find_by_code
from consent.records.recording import renew_code
from consent.withdrawal import withdraw
from consults.cases.consenting.handover import views as handover_views
from consults.models import Case
from core.crypto import vault
from tests.consent import making
from tests.consent.words import EFFECTS, note_of, text_of
from tests.consults.cases.consenting.test_handover import answer, start, take_back
from tests.consults.new_case import CODE
from tests.matrix import journey

pytestmark = pytest.mark.django_db


def _paper(client: Client, draft: Case) -> HttpResponse:
    return client.post(reverse("consults:consent", args=[draft.pk]), journey.consent_fields())


def _handed_over(client: Client, draft: Case) -> HttpResponse:
    start(client, draft)
    answer(client)
    return take_back(client)


def _later(client: Client, draft: Case) -> HttpResponse:
    start(client, draft)
    answer(client)
    client.post(reverse("account_logout"))
    client.force_login(draft.author)
    return client.post(reverse("consults:consent", args=[draft.pk]), {"action": "code"})


def _renewed(client: Client, draft: Case) -> HttpResponse:
    given, _code = making.consent(draft.author)
    return client.post(reverse("consults:consent_record", args=[given.pk]), {"action": "code", "asked": "1"})


WAYS: dict[str, Callable[[Client, Case], HttpResponse]] = {
    "recorded on paper": _paper,
    "after a hand-over": _handed_over,
    "issued later": _later,
    "made anew": _renewed,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_code_has_an_address_and_stays_until_it_is_given(client: Client, draft: Case, way: str) -> None:
    led = WAYS[way](client, draft)
    assert led.status_code == 302
    assert not CODE.search(led.content.decode() + led["Location"])
    shown = client.get(led["Location"])
    assert shown.headers["Cache-Control"].count("no-store") == 1
    (code,) = set(CODE.findall(shown.content.decode()))
    given = find_by_code(code)
    assert given is not None
    assert 'class="qr"' in shown.content.decode()
    client.post(reverse("language"), {"language": "tr", "next": led["Location"]})
    turkish = client.get(led["Location"]).content.decode()
    assert '<html lang="tr"' in turkish
    assert code in turkish
    record = client.get(reverse("consults:consent_record", args=[given.pk])).content.decode()
    assert led["Location"] in record
    assert client.post(reverse("consults:receipt", args=[given.pk]), follow=True).content.startswith(b"%PDF")
    on = client.post(reverse("consults:code_given", args=[given.pk]))["Location"]
    case = Case.objects.filter(consent=given).first()
    assert on == (
        reverse("consults:check", args=[case.pk]) if case else reverse("consults:consent_record", args=[given.pk])
    )
    assert client.get(led["Location"])["Location"] == reverse("consults:consent_record", args=[given.pk])
    assert client.post(reverse("consults:code_given", args=[given.pk])).status_code == 302
    assert find_by_code(code) == given


def test_the_session_holds_the_code_sealed_and_only_this_session(client: Client, draft: Case, alice: Member) -> None:
    page = _paper(client, draft)["Location"]
    (code,) = set(CODE.findall(client.get(page).content.decode()))
    stored = Session.objects.get(session_key=client.session.session_key)
    assert code not in json.dumps(dict(stored.get_decoded()))
    assert not CODE.search(journey.client_of(alice).get(page, follow=True).content.decode())
    client.post(reverse("account_logout"))
    client.force_login(alice)
    assert not CODE.search(client.get(page, follow=True).content.decode())


@pytest.mark.parametrize("end", ["made anew elsewhere", "withdrawn and destroyed", "tampered with"])
def test_a_code_that_opens_nothing_is_not_shown(client: Client, draft: Case, alice: Member, end: str) -> None:
    page = _paper(client, draft)["Location"]
    draft.refresh_from_db()
    assert draft.consent is not None
    if end == "made anew elsewhere":
        renew_code(consent=draft.consent, by=alice)
    elif end == "withdrawn and destroyed":
        withdraw(consent_id=draft.consent.pk, by=WithdrawnBy.PATIENT)
        vault.destroy(draft.consent.pk)
    else:
        session = client.session
        session[kept_codes.SESSION_KEY][str(draft.consent.pk)]["sealed"] = "AAAA"
        session.save()
    assert not CODE.search(client.get(page, follow=True).content.decode())


def test_another_code_stays_when_one_is_given(client: Client, draft: Case) -> None:
    first, second = (_renewed(client, draft)["Location"] for _time in range(2))
    client.post(f"{first}given/")
    assert not CODE.search(client.get(first, follow=True).content.decode())
    assert CODE.search(client.get(second).content.decode())


# --- Sent twice


def test_a_page_that_is_sent_twice_records_one_consent(client: Client, draft: Case) -> None:
    draft_consent = draft.consent
    fields = journey.consent_fields(submission=str(uuid.uuid4()))
    address = reverse("consults:consent", args=[draft.pk])
    first, second = (client.post(address, fields) for _time in range(2))
    assert first["Location"] == second["Location"]
    assert CODE.search(client.get(first["Location"]).content.decode())
    assert Consent.objects.filter(signature="drawn").exclude(pk=draft_consent and draft_consent.pk).count() == 1
    client.post(f"{first['Location']}given/")
    assert client.post(address, fields)["Location"] == address
    assert "recorded already" in text_of(client.get(address))
    other = client.post(address, fields | {"submission": str(uuid.uuid4())})
    assert other["Location"] != first["Location"]


def test_each_page_has_its_own_number_and_keeps_it_after_an_error(client: Client, draft: Case) -> None:
    address = reverse("consults:consent", args=[draft.pk])
    numbers = [
        re.findall(r'name="submission" value="([0-9a-f-]+)"', client.get(address).content.decode()) for _ in "12"
    ]
    assert len({number for (number,) in numbers}) == 2
    mine = str(uuid.uuid4())
    refused = client.post(address, journey.consent_fields(submission=mine, copy_given=""))
    assert refused.status_code == 422
    assert mine in refused.content.decode()


@pytest.mark.parametrize("recorded", [True, False])
def test_two_sendings_at_once_are_one_and_other_faults_stay_faults(
    client: Client, draft: Case, alice: Member, monkeypatch: pytest.MonkeyPatch, recorded: bool
) -> None:
    """The second one looked before the first had committed."""
    submission = uuid.uuid4()
    earlier, _code = making.consent(alice, submission=submission if recorded else None)
    seen: list[Consent | None] = [None]
    found = earlier if recorded else None

    def looked(**_options: object) -> Consent | None:
        return seen.pop() if seen else found

    def recording(**_options: object) -> None:
        raise IntegrityError

    monkeypatch.setattr("consults.cases.consenting.views.find_recorded", looked)
    monkeypatch.setattr("consults.cases.consenting.views.record_consent", recording)
    sent = journey.consent(client, draft, submission=str(submission))
    assert sent.status_code == (302 if recorded else 500)


@pytest.mark.parametrize("recorded", [True, False])
def test_two_answers_of_a_hand_over_at_once_are_one(
    client: Client, draft: Case, monkeypatch: pytest.MonkeyPatch, recorded: bool
) -> None:
    start(client, draft)

    def agreeing(**_options: object) -> None:
        raise IntegrityError

    monkeypatch.setattr("consults.cases.consenting.handover.service.agree", agreeing)
    monkeypatch.setattr(handover_views, "find_recorded", lambda **_options: object() if recorded else None)
    assert answer(client).status_code == (302 if recorded else 500)


@pytest.mark.parametrize(("first", "second"), [("agree", "refuse"), ("refuse", "agree"), ("refuse", "child_refuses")])
def test_a_hand_over_has_one_answer(client: Client, draft: Case, first: str, second: str) -> None:
    """Even when the second request read the session before the first had written it."""
    start(client, draft)
    before = client.session["handover"]
    answer(client, first)
    session = client.session
    session["handover"] = before
    session.save()
    answer(client, second)
    made = Consent.objects.exclude(submission=None).get()
    assert made.status == (Status.ACTIVE if first == "agree" else Status.REFUSED)
    assert client.session["handover"]["outcome"] == ("given" if first == "agree" else "refused")


@pytest.mark.parametrize(("same_member", "accepted"), [(True, False), (False, True)])
def test_a_submission_is_recorded_once_by_a_member(
    alice: Member, bob: Member, same_member: bool, accepted: bool
) -> None:
    submission, saved = uuid.uuid4(), True
    making.consent(alice, submission=submission)
    try:
        with transaction.atomic():
            making.consent(alice if same_member else bob, submission=submission)
    except IntegrityError:
        saved = False
    assert saved is accepted


# --- The pages after the code


def test_after_the_code_each_page_can_be_loaded_again_in_another_language() -> None:
    client = Client()
    published = making.published(pictures=2, consent_fields={"uses": (Use.ALL_MEMBERS, Use.RESEARCH)})
    led = client.post(reverse("consent:withdraw"), {"code": published.code})
    assert (led.status_code, led["Location"]) == (302, EFFECTS)
    note = note_of(client.get(EFFECTS))
    part = client.post(reverse("consent:part"), {"note": note})
    assert part["Location"] == reverse("consent:part")
    chosen = client.post(part["Location"], {"note": note, "choose": "1", "uses": ["research:"]})
    for page in (EFFECTS, part["Location"], chosen["Location"]):
        client.post(reverse("language"), {"language": "tr", "next": page})
        assert '<html lang="tr"' in client.get(page).content.decode()
        assert note_of(client.get(page))
        client.post(reverse("language"), {"language": "en", "next": page})
    done = client.post(reverse("consent:part_confirm"), {"note": note_of(client.get(chosen["Location"]))})
    assert done.status_code == 302
    for page in (EFFECTS, part["Location"], chosen["Location"], reverse("consent:part_confirm")):
        assert client.get(page, follow=True).request["PATH_INFO"] == reverse("consent:withdraw")


def test_an_old_choice_says_so() -> None:
    client = Client()
    published = making.published(pictures=2, consent_fields={"uses": (Use.ALL_MEMBERS, Use.RESEARCH)})
    client.post(reverse("consent:withdraw"), {"code": published.code})
    note = note_of(client.get(EFFECTS))
    client.post(reverse("consent:part"), {"note": note, "choose": "1", "uses": ["research:"]})
    later = reverse("consent:part_effects")
    published.consent.uses.filter(use=Use.RESEARCH).delete()
    assert "Nothing would change" in text_of(client.get(later))
    withdraw(consent_id=published.consent.pk, by=WithdrawnBy.CLINICIAN)
    assert client.get(EFFECTS)["Location"] == reverse(
        "consent:withdrawn", args=[published.again().consent.withdrawal.pk]
    )
    session = client.session
    session["withdrawal_note"] = session["withdrawal_part_note"] = "forged"
    session.save()
    for page in (EFFECTS, reverse("consent:part"), later):
        assert "nothing was changed" in text_of(client.get(page))


def test_a_clinicians_choice_has_an_address(client: Client, alice: Member) -> None:
    published = making.published(alice, pictures=2, consent_fields={"uses": (Use.ALL_MEMBERS, Use.RESEARCH)})
    record = reverse("consults:consent_record", args=[published.consent.pk])
    led = client.post(record, {"action": "choose", "uses": ["research:"]})
    assert led["Location"] == f"{record}?part"
    assert "nothing is destroyed" in text_of(client.get(led["Location"]))
    other = making.published(alice, consent_fields={"uses": (Use.ALL_MEMBERS, Use.RESEARCH)})
    there = reverse("consults:consent_record", args=[other.consent.pk])
    assert 'name="note"' not in client.get(f"{there}?part").content.decode()
    published.consent.uses.filter(use=Use.RESEARCH).delete()
    assert 'name="note"' not in client.get(led["Location"]).content.decode()


def test_a_kept_code_ends_with_the_session_after_twelve_hours(
    client: Client, draft: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = _paper(client, draft)["Location"]
    later = (timezone.now() + timedelta(hours=12, minutes=1)).timestamp()
    monkeypatch.setattr("accounts.middleware.time.time", lambda: later)
    assert "sign-in" in client.get(page)["Location"]
