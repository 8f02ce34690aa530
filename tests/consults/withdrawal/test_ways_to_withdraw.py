"""Each way to take something back: who × what, from a page that they find by themselves to the certificate."""

import re
from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from reportlab import rl_config

from consent import lifecycle
from consent.models import Removal, Use, Withdrawal, WithdrawnBy
from consent.withdrawal import certificate_text, withdraw
from consults.cases import gate
from consults.cases.authoring import drafts
from consults.cases.consenting import case_consent
from consults.models import CaseState
from tests import factories
from tests.consent import making
from tests.consent.words import note_of, text_of, words_of

pytestmark = pytest.mark.django_db
SignIn = Callable[[object], Client]
PEOPLE = {"patient": "patient", "alice": "clinician", "officer": "officer", "admin": "officer"}
PARTS = {"use": {"uses": ["lectures:"]}, "picture": {"picture": ""}}


@pytest.fixture
def published() -> making.Published:
    """Two pictures, lectures allowed too."""
    return making.published(
        pictures=2, comments=("one",), consent_fields={"uses": (Use.ALL_MEMBERS, Use.LECTURES)}, title="Zebra plaque"
    )


def follow(client: Client, address: str, pattern: str) -> str:
    """The address of the one link on a page that looks like this."""
    found = set(re.findall(rf'href="({pattern})"', client.get(address).content.decode()))
    assert len(found) == 1, (address, pattern, found)
    return found.pop()


def record_of(client: Client, who: str, published: making.Published) -> str:
    """The consent's page, by the links that lead there from where this person starts."""
    if who == "alice":
        case = follow(client, reverse("consults:cases"), rf"/cases/{published.case.pk}/")
        return follow(client, case, r"/consents/[^/]+/")
    start = client.get("/")["Location"]
    if who == "admin":  # whose work begins with the people
        start = follow(client, start, "/consent-audit/")
    return follow(client, start, rf"/consents/{published.consent.pk}/")


def shown_and_done(
    client: Client, who: str, what: str, published: making.Published
) -> tuple[HttpResponse, Callable[[], HttpResponse]]:
    """The page that says what will happen, and how to go on from there."""
    picture = str(published.case.pictures.first().photo_id)
    part = {**PARTS.get(what, {}), **({"picture": picture} if what == "picture" else {})}
    if who == "patient":
        client.get(reverse("consent:withdraw"))
        whole = client.post(reverse("consent:withdraw"), {"code": published.code}, follow=True)
        if what == "whole":
            note = note_of(whole)
            return whole, lambda: client.post(reverse("consent:withdraw_confirm"), {"note": note})
        chosen = client.post(reverse("consent:part"), {"note": note_of(whole), "choose": "1", **part}, follow=True)
        note = note_of(chosen)
        return chosen, lambda: client.post(reverse("consent:part_confirm"), {"note": note})
    if who == "alice" and what == "whole":
        case = reverse("consults:case", args=[published.case.pk])
        address = follow(client, case, rf"{case}withdraw/")
        return client.get(address), lambda: client.post(address, {"asked": "1"})
    address = record_of(client, who, published)
    if what == "whole":
        return client.get(address), lambda: client.post(address, {"action": "withdraw", "asked": "1"})
    chosen = client.post(address, {"action": "choose", **part}, follow=True)
    note = note_of(chosen)
    return chosen, lambda: client.post(address, {"action": "part", "note": note, "asked": "1"})


@pytest.mark.parametrize("what", ["whole", "use", "picture"])
@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_takes_back_everything(
    who: str,
    what: str,
    published: making.Published,
    sign_in: SignIn,
    client: Client,
    run_jobs: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rl_config, "pageCompression", 0)
    bob = factories.person("bob")
    client = client if who == "patient" else sign_in(factories.person(who))
    shown, go_on = shown_and_done(client, who, what, published)
    words = text_of(shown)
    counts = {"whole": ("1", "2", "1"), "use": ("",), "picture": ("0 cases", "1 picture")}[what]
    assert all(count in words for count in counts)
    assert ("nothing is destroyed" in words) is (what == "use")
    assert gate.visible_renditions(bob).count() == 6
    assert (Withdrawal.objects.count(), Removal.objects.count()) == (0, 0)

    done = go_on()

    left = {"whole": 0, "use": 6, "picture": 3}[what]
    assert gate.visible_renditions(bob).count() == left
    made = Withdrawal.objects.get() if what == "whole" else Removal.objects.get()
    assert made.by == PEOPLE[who]
    assert published.again().consent.uses.filter(use=Use.LECTURES).exists() is (what != "use")
    run_jobs()
    page = client.get(done["Location"])
    outcome = "nothing was hidden or destroyed" if what == "use" else "has been hidden and destroyed"
    assert outcome in text_of(page)
    found = re.search(r'href="([^"]+certificate[^"]*)"', page.content.decode())
    assert found
    pdf = words_of(client.get(found[1]).content)
    for told in (text_of(page), pdf):
        assert "What cannot be recalled" in told
        assert "copied or photographed" in told
        assert "Lectures outside this platform" in told
        assert ("Backup copies" in told) is (what != "use")
        assert "Zebra" not in told
    assert ("before you took this back" in pdf) is (what == "use")


def test_the_whole_names_what_was_allowed_until_a_part_was_taken_back(published: making.Published) -> None:
    part = lifecycle.Part(frozenset({(Use.LECTURES, None)}))
    lifecycle.narrow(consent_id=published.consent.pk, part=part, by=WithdrawnBy.PATIENT)
    withdraw(consent_id=published.consent.pk, by=WithdrawnBy.PATIENT)
    assert "Lectures" in " ".join(certificate_text.list_not_recalled(published.consent))


@pytest.mark.parametrize("who", ["patient", "alice", "officer"])
def test_what_took_its_place_is_counted_before_it_goes_too(who: str, sign_in: SignIn, client: Client) -> None:
    """One of two cases stands under a newer consent: the older one's withdrawal takes both, and says so before."""
    alice, mod1 = factories.person("alice"), factories.person("mod1")
    first = making.published()
    moved = making.published(under=(first.consent, first.code)).case
    drafts.retract(case=moved, by=alice)
    newer, _code = making.consent(alice, patient=first.consent.patient)
    moved.refresh_from_db()
    case_consent.attach_consent(case=moved, consent=newer, by=alice)
    moved.refresh_from_db()
    drafts.submit(case=moved, by=alice)
    moved.refresh_from_db()
    gate.release(case=moved, by=mod1)
    client = client if who == "patient" else sign_in(factories.person(who))
    if who == "patient":
        page = client.post(reverse("consent:withdraw"), {"code": first.code}, follow=True)
        assert "2 cases 2 pictures" in text_of(page)
    elif who == "alice":
        page = client.get(reverse("consults:withdraw_case", args=[first.case.pk]))
        assert "Cases 2 Pictures 2" in text_of(page)
    else:
        page = client.get(reverse("consults:consent_record", args=[first.consent.pk]))
        assert "cases: 2, pictures: 2" in text_of(page)
    withdraw(consent_id=first.consent.pk, by=WithdrawnBy.PATIENT)
    moved.refresh_from_db()
    assert moved.state == CaseState.WITHDRAWN


def test_an_officer_withdraws_a_consent_that_was_superseded(sign_in: SignIn) -> None:
    """The number on the older receipt is all that the patient has."""
    first = making.published()
    second = making.published(consent_fields={"patient": first.consent.patient})
    lifecycle.supersede(old=first.consent, new=second.consent, by=first.case.author)
    type(first.consent).objects.filter(pk=first.consent.pk).update(status="superseded")
    client = sign_in(factories.person("officer"))
    address = reverse("consults:consent_record", args=[first.consent.pk])
    assert "Withdraw and destroy" in text_of(client.get(address))
    client.post(address, {"action": "withdraw", "asked": "1"})
    assert Withdrawal.objects.count() == 2


@pytest.mark.parametrize(
    ("status", "digits", "found"),
    [("active", 8, True), ("active", 36, True), ("superseded", 8, True), ("refused", 36, False), ("draft", 36, False)],
)
def test_an_officer_finds_a_consent_by_the_number_on_the_receipt(
    sign_in: SignIn, status: str, digits: int, found: bool
) -> None:
    """Nothing under it was ever published, so that no row of the audit leads to it."""
    given, _code = making.consent(factories.person("alice"))
    type(given).objects.filter(pk=given.pk).update(status=status)
    page = sign_in(factories.person("officer")).get(
        reverse("compliance:consent_audit"), {"text": str(given.pk)[:digits]}
    )
    assert (reverse("consults:consent_record", args=[given.pk]) in page.content.decode()) is found
