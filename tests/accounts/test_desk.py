"""The page on which a moderator decides: evidence beside the form, and nothing of a half-filled one is lost."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Application, HalfDecision, Member, Sight, Vote
from accounts.vetting import decisions
from audit.models import Event
from core.merging import version

pytestmark = pytest.mark.django_db

Applied = Callable[..., Application]
SignIn = Callable[[object], Client]


def today() -> dict[str, str]:
    """The field that says when the register was looked up: a run may last past midnight."""
    return {"looked_up_on": timezone.localdate().isoformat()}


WORDS = "The first name differs."


def address_of(application: Application) -> str:
    return reverse("accounts:decide", args=[application.pk])


def page_of(client: Client, application: Application, **asked: str) -> str:
    return " ".join(client.get(address_of(application), asked).content.decode().split())


def autosave(client: Client, application: Application, **typed: Any) -> Any:
    return client.post(address_of(application), today() | typed, headers={"X-Autosave": "1"})


def test_what_was_filled_in_is_there_after_a_reload_and_in_a_second_window(
    applied: Applied, sign_in: SignIn, mod1: Member, mod2: Member
) -> None:
    application = applied()
    client = sign_in(mod1)
    saved = autosave(client, application, reason="different", words=WORDS, looked_up="on")
    assert saved.json()["errors"] == {}
    again = page_of(sign_in(mod1), application)  # a session of its own
    assert WORDS in again
    assert '<option value="different" selected>' in again
    assert "checked" in again
    assert WORDS not in page_of(sign_in(mod2), application)
    assert not Vote.objects.exists()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({}, {"reason": "", "words": ""}),
        ({"words": WORDS}, {"reason": "", "words": WORDS}),
        ({"reason": "matches"}, {"reason": "matches", "words": ""}),
        ({"reason": "no such", "words": WORDS}, {"reason": "", "words": WORDS}),
        ({"looked_up_on": "yesterday", "words": WORDS}, {"looked_up_on": None, "words": WORDS}),
    ],
)
def test_a_half_filled_form_is_kept_without_complaint_but_for_what_is_no_value(
    applied: Applied, sign_in: SignIn, mod1: Member, typed: dict[str, str], kept: dict[str, Any]
) -> None:
    answer = autosave(sign_in(mod1), applied(), **typed).json()
    wrong = {name for name, value in typed.items() if value in ("no such", "yesterday")}
    assert set(answer["errors"]) == wrong
    half = HalfDecision.objects.get()
    assert {name: getattr(half, name) for name in kept} == kept


def test_two_windows_neither_erase_nor_hide_each_other_s_words(applied: Applied, sign_in: SignIn, mod1: Member) -> None:
    application, client = applied(), sign_in(mod1)
    began = json.dumps({"words": "", "reason": "", "looked_up": "", "looked_up_on": ""})
    autosave(client, application, words=WORDS, versions=began)
    other = autosave(client, application, reason="different", versions=began).json()
    half = HalfDecision.objects.get()
    assert (half.words, half.reason) == (WORDS, "different")
    assert other["elsewhere"]["words"]["text"] == WORDS
    clash = autosave(client, application, words="Something else.", versions=began).json()
    assert clash["conflicts"]["words"]["text"] == WORDS
    assert HalfDecision.objects.get().words == WORDS
    known = json.dumps({"words": version(WORDS)})
    autosave(client, application, words="Something else.", versions=known)
    assert HalfDecision.objects.get().words == "Something else."


@pytest.mark.parametrize(("keep", "leads_to"), [("later", ""), ("picture", "?show=picture#evidence")])
def test_buttons_that_only_keep(applied: Applied, sign_in: SignIn, mod1: Member, keep: str, leads_to: str) -> None:
    application, client = applied(evidence_kind="picture"), sign_in(mod1)
    answer = client.post(address_of(application), today() | {"words": WORDS, "keep": keep})
    assert answer["Location"] == address_of(application) + leads_to
    assert HalfDecision.objects.get().words == WORDS
    assert not Vote.objects.exists()
    assert WORDS in page_of(client, application)


def test_what_is_refused_is_kept_too(applied: Applied, sign_in_again: SignIn, mod1: Member) -> None:
    application, client = applied(), sign_in_again(mod1)
    refused = client.post(address_of(application), today() | {"reason": "different", "words": WORDS})
    assert refused.status_code == 422
    assert WORDS in page_of(client, application)


def test_a_picture_once_opened_stays_open_and_opens_large_beside_the_form(
    applied: Applied, sign_in: SignIn, mod1: Member, mod2: Member
) -> None:
    application, client = applied(evidence_kind="picture"), sign_in(mod1)
    large = reverse("accounts:evidence", args=[application.pictures.get().pk])
    assert large not in page_of(client, application)
    assert page_of(client, application, show="picture").count(large) == 2
    client.get(large)
    assert Sight.objects.get().moderator == mod1
    page = page_of(client, application)
    assert f'href="{large}" target="_blank"' in page
    assert "Open the picture of the licence before you accept" not in page
    assert large not in page_of(sign_in(mod2), application)


@pytest.mark.parametrize("how", ["vote", "step aside", "decided by others"])
def test_it_is_gone_with_the_decision(
    applied: Applied, sign_in: SignIn, mods: list[Member], vote: Callable[..., object], how: str
) -> None:
    application = applied()
    autosave(sign_in(mods[0]), application, words=WORDS)
    if how == "vote":
        vote(application, mods[0], False)
    elif how == "step aside":
        decisions.recuse(application=application, by=mods[0])
    else:
        for moderator in mods[1:3]:
            vote(application, moderator, True)
    assert not HalfDecision.objects.exists()


def test_who_may_not_vote_keeps_nothing(
    applied: Applied, sign_in_again: SignIn, mods: list[Member], vote: Callable[..., object]
) -> None:
    application = applied()
    vote(application, mods[0], True)
    client = sign_in_again(mods[0])
    assert autosave(client, application, words=WORDS).status_code == 409
    late = client.post(address_of(application), today() | {"reason": "matches", "looked_up": "on"})
    assert late.status_code == 422
    assert "You have voted on this application already" in late.content.decode()
    assert not HalfDecision.objects.exists()
    assert "You have decided" in page_of(client, application)


@pytest.mark.parametrize(
    ("reason", "words", "refused"),
    [("matches", "", False), ("different", WORDS, False), ("different", "", True), ("different", "   ", True)],
)
def test_who_declines_says_why_in_words(
    applied: Applied, sign_in_again: SignIn, mod1: Member, reason: str, words: str, refused: bool
) -> None:
    application = applied()
    sent = today() | {"reason": reason, "words": words, "looked_up": "on"}
    assert (sign_in_again(mod1).post(address_of(application), sent).status_code == 422) is refused
    assert Vote.objects.exists() is not refused


def test_one_person_decides_so_many_in_a_day_on_the_page(
    applied: Applied, sign_in_again: SignIn, mod1: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "VOTES_A_DAY", 1)
    client, sent = sign_in_again(mod1), today() | {"reason": "matches", "looked_up": "on"}
    first, second = applied(), applied(email="second@lake.example")
    assert client.post(address_of(first), sent).status_code == 302
    late = client.post(address_of(second), sent)
    assert "as many applications as one person may in a day" in late.content.decode()
    assert Event.objects.filter(verb="application.voted").count() == 1


@pytest.mark.parametrize("evidence_kind", ["picture", "vouchers", "email", "video"])
def test_the_page_costs_few_queries(
    applied: Applied,
    sign_in: SignIn,
    mod1: Member,
    alice: Member,
    django_assert_max_num_queries: Any,
    evidence_kind: str,
) -> None:
    said = {"voucher_emails": (alice.email, "x@y.example")} if evidence_kind == "vouchers" else {}
    application, client = applied(evidence_kind=evidence_kind, **said), sign_in(mod1)
    with django_assert_max_num_queries(12):
        page_of(client, application, show="picture")


def test_the_queue_costs_as_much_for_many_as_for_few(
    applied: Applied, sign_in: SignIn, mods: list[Member], alice: Member, vote: Callable[..., object]
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, counts = sign_in(mods[0]), []
    for number in range(6):
        made = applied(
            email=f"n{number}@lake.example",
            evidence_kind="vouchers",
            voucher_emails=(alice.email, f"v{number}@x.example"),
        )
        if number % 2:
            vote(made, mods[0], False)
        if number in (1, 5):
            with CaptureQueriesContext(connection) as captured:
                client.get(reverse("accounts:queue"))
            counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] <= 12
