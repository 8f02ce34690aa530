"""Blind re-checks: drawn by chance each quarter, decided by others, reviewed by two more where they disagree."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.exceptions import BadReason, NotYet, NotYours, TooLate
from accounts.models import Application, Draw, Member, Recheck, RecheckState, RecheckVote
from accounts.policy import rechecks_to_act_on, rechecks_to_decide
from accounts.vetting.rechecks import drawing, service
from accounts.vetting.rechecks.states import RECHECK
from audit.models import Event
from core.states import Moved
from tests import factories

pytestmark = pytest.mark.django_db

Applied = Callable[..., Application]
SignIn = Callable[[object], Client]


def last_quarter() -> datetime:
    """A moment of the quarter before this one."""
    first = drawing.quarter_of(timezone.localdate())
    return timezone.make_aware(datetime.combine(first, time())) - timedelta(days=10)


@pytest.fixture
def accepted(applied: Applied, mods: list[Member], vote: Callable[..., object]) -> Application:
    """An application that mods[0] and mods[1] accepted last quarter."""
    application = applied()
    for moderator in mods[:2]:
        vote(application, moderator, True)
    Application.objects.update(decided_at=last_quarter())
    return Application.objects.get(pk=application.pk)


@pytest.fixture
def recheck(accepted: Application) -> Recheck:
    assert drawing.draw_due() == 1
    return Recheck.objects.get()


def decide(recheck: Recheck, by: Member, accept: bool, **changes: Any) -> RecheckVote:
    said = {"reason": "matches" if accept else "not_found", "looked_up_on": timezone.localdate()} | changes
    return service.decide(recheck=recheck, by=by, accept=accept, **said)


# --- The draw


@pytest.mark.parametrize(
    ("accepted", "drawn"), [(0, 0), (1, 1), (19, 1), (20, 1), (21, 2), (40, 2), (41, 3), (100, 5), (101, 6)]
)
def test_one_in_twenty_and_one_at_least(accepted: int, drawn: int) -> None:
    assert drawing.how_many(accepted) == drawn


@pytest.mark.parametrize(
    ("day", "first"),
    [
        ("2026-01-01", "2026-01-01"),
        ("2026-03-31", "2026-01-01"),
        ("2026-08-15", "2026-07-01"),
        ("2026-12-31", "2026-10-01"),
    ],
)
def test_quarters(day: str, first: str) -> None:
    assert drawing.quarter_of(date.fromisoformat(day)) == date.fromisoformat(first)


def made(number: int = 1, **fields: Any) -> list[Application]:
    values: dict[str, Any] = {"state": "accepted", "reason": "matches", "decided_at": last_quarter()} | fields
    standing = values.pop("standing", "verified")
    return [
        Application.objects.create(
            member=factories.member(standing=standing),
            profession="dermatologist",
            guidelines_accepted_at=timezone.now(),
            target_on=timezone.localdate(),
            **values,
        )
        for _ in range(number)
    ]


@pytest.mark.parametrize(
    ("fields", "drawn"),
    [
        ({}, 1),
        ({"decided_at": last_quarter() - timedelta(days=120)}, 0),
        ({"decided_at": timezone.now()}, 0),
        ({"state": "declined", "reason": "not_found"}, 0),
        ({"standing": "suspended"}, 0),
        ({"standing": "erased"}, 0),
        ({"standing": "lapsed"}, 0),
    ],
)
def test_what_is_drawn_from(fields: dict[str, Any], drawn: int) -> None:
    made(**fields)
    assert drawing.draw_due() == drawn
    assert Draw.objects.get().drawn == drawn
    assert Event.objects.filter(verb="recheck.drawn").count() == drawn


def test_a_quarter_is_drawn_from_once() -> None:
    made(30)
    assert [drawing.draw_due(), drawing.draw_due()] == [2, 0]
    assert (Draw.objects.get().accepted, Recheck.objects.count()) == (30, 2)


def test_of_two_workers_one_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    made(1)
    assert drawing.draw_due() == 1
    monkeypatch.setattr(Draw.objects, "filter", lambda **_asked: Draw.objects.none())
    assert drawing.draw_due() == 0
    assert Recheck.objects.count() == 1


def test_chance_is_not_repeatable(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the operating system, and whoever seeds Python's own generator changes nothing."""
    import random

    made(60)
    found = set()
    for _ in range(6):
        random.seed(1)
        drawing.draw_due()
        found.add(frozenset(Recheck.objects.values_list("application", flat=True)))
        Recheck.objects.all().delete()
        Draw.objects.all().delete()
    assert len(found) > 1


# --- Who decides


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("uninvolved", True),
        ("voted then", False),
        ("works there", False),
        ("stepped aside", False),
        ("named as a colleague", False),
        ("no moderator", False),
        ("officer", False),
        ("applicant", False),
        ("lapsed moderator", False),
    ],
)
def test_who_decides_a_recheck(
    recheck: Recheck, mods: list[Member], sign_in: SignIn, bob: Member, officer: Member, who: str, may: bool
) -> None:
    application = recheck.application
    person = {
        "voted then": mods[0],
        "no moderator": bob,
        "officer": officer,
        "applicant": application.member,
    }.get(who, mods[3])
    if who == "works there":
        Member.objects.filter(pk=person.pk).update(institution="Lake hospital")
    if who == "stepped aside":
        application.recusals.create(moderator=person)
    if who == "named as a colleague":
        application.references.create(kind="colleague", member=person)
    if who == "lapsed moderator":
        Member.objects.filter(pk=person.pk).update(verified_until=date(2020, 1, 1))
    person = Member.objects.get(pk=person.pk)
    assert rechecks_to_decide(person).exists() is may
    page = sign_in(person).get(reverse("accounts:recheck", args=[recheck.pk]))
    assert (page.status_code == 200) is may
    if may:
        decide(recheck, person, True)
        return
    with pytest.raises(NotYours):
        decide(recheck, person, True)


@pytest.mark.parametrize(
    ("votes", "state"),
    [
        ([], "waiting"),
        ([True], "confirmed"),
        ([False], "review"),
        ([False, True], "review"),
        ([False, False], "review"),
        ([False, True, True], "confirmed"),
        ([False, True, False], "overturned"),
        ([False, False, True], "overturned"),
        ([False, False, False], "overturned"),
    ],
)
def test_votes_decide(recheck: Recheck, mods: list[Member], votes: list[bool], state: str) -> None:
    for moderator, accept in zip(mods[2:], votes, strict=False):
        decide(recheck, moderator, accept)
    recheck.refresh_from_db()
    assert recheck.state == state
    closed = state in ("confirmed", "overturned")
    assert (recheck.closed_at is not None) is closed
    assert Event.objects.filter(verb="recheck.voted").count() == len(votes)
    assert Event.objects.filter(verb="recheck.decided").count() == int(closed)
    assert Member.objects.get(pk=recheck.application.member_id).is_verified


def test_nobody_decides_twice_or_after_the_end(recheck: Recheck, mods: list[Member]) -> None:
    decide(recheck, mods[2], False)
    with pytest.raises(NotYours):
        decide(recheck, mods[2], True)
    decide(recheck, mods[3], True)
    decide(recheck, mods[4], True)
    with pytest.raises(NotYours):
        decide(recheck, mods[5], False)
    assert RecheckVote.objects.count() == 3


@pytest.mark.parametrize(
    ("accept", "changes", "error"),
    [
        (True, {"reason": "not_found"}, BadReason),
        (False, {"reason": "matches"}, BadReason),
        (True, {"looked_up_on": timedelta(days=1)}, NotYet),
        (True, {"looked_up_on": -timedelta(days=1)}, NotYet),
    ],
)
def test_what_is_no_decision(
    recheck: Recheck, mods: list[Member], accept: bool, changes: dict[str, Any], error: type[Exception]
) -> None:
    from_today = {name: timezone.localdate() + value for name, value in changes.items() if name == "looked_up_on"}
    with pytest.raises(error):
        decide(recheck, mods[2], accept, **changes | from_today)
    assert not RecheckVote.objects.exists()


def test_rechecks_in_a_day_are_capped(recheck: Recheck, mods: list[Member], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "VOTES_A_DAY", 0)
    with pytest.raises(TooLate):
        decide(recheck, mods[2], True)


def test_a_lost_race_is_said(recheck: Recheck) -> None:
    other = Recheck.objects.get(pk=recheck.pk)
    RECHECK.move(other, to=RecheckState.CONFIRMED, closed_at=timezone.now())
    with pytest.raises(Moved):
        RECHECK.move(recheck, to=RecheckState.REVIEW)


@pytest.mark.parametrize(
    "fields",
    [
        {"seat": 4},
        {"seat": 1, "accept": True, "reason": "not_found"},
        {"seat": 1, "accept": False, "reason": "matches"},
    ],
)
def test_the_database_refuses_votes_that_are_none(recheck: Recheck, mods: list[Member], fields: dict[str, Any]) -> None:
    said = {"accept": True, "reason": "matches", "looked_up_on": timezone.localdate()} | fields
    with pytest.raises(IntegrityError), transaction.atomic():
        RecheckVote.objects.create(recheck=recheck, moderator=mods[2], **said)


@pytest.mark.parametrize(("accepted", "drawn", "fits"), [(0, 0, True), (20, 1, True), (1, 2, False), (20, 0, False)])
def test_the_database_refuses_draws_that_are_none(accepted: int, drawn: int, fits: bool) -> None:
    if fits:
        Draw.objects.create(quarter="2026-01-01", accepted=accepted, drawn=drawn)
        return
    with pytest.raises(IntegrityError), transaction.atomic():
        Draw.objects.create(quarter="2026-01-01", accepted=accepted, drawn=drawn)


def test_an_open_recheck_has_no_end(recheck: Recheck) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Recheck.objects.update(closed_at=timezone.now())


# --- Pages


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_the_page_shows_the_register_and_no_earlier_decision(
    recheck: Recheck, mods: list[Member], sign_in: SignIn
) -> None:
    decide(recheck, mods[2], False, words="I found nobody.")
    page = text_of(sign_in(mods[3]).get(reverse("accounts:recheck", args=[recheck.pk])))
    assert "TR-4711" in page
    assert "I found nobody" not in page
    assert not [person.name for person in mods[:3] if person.name in page]


def test_a_moderator_decides_on_the_page(recheck: Recheck, mods: list[Member], sign_in_again: SignIn) -> None:
    client, address = sign_in_again(mods[2]), reverse("accounts:recheck", args=[recheck.pk])
    assert "1 re-check waits for you" in text_of(client.get(reverse("accounts:queue")))
    assert client.post(address, {"reason": "matches"}).status_code == 422
    early = {"reason": "matches", "looked_up": "on", "looked_up_on": "2020-01-01"}
    assert "Look the register up now" in text_of(client.post(address, early))
    sent = early | {"looked_up_on": timezone.localdate().isoformat()}
    assert client.post(address, sent)["Location"] == reverse("accounts:rechecks")
    recheck.refresh_from_db()
    assert recheck.state == "confirmed"
    assert client.get(address).status_code == 404
    assert "re-check waits" not in text_of(client.get(reverse("accounts:queue")))


def test_the_page_shows_figures_and_what_was_not_confirmed(
    recheck: Recheck, mods: list[Member], sign_in: SignIn
) -> None:
    application = recheck.application
    standing = reverse("accounts:standing", args=[application.member_id])
    assert standing not in text_of(sign_in(mods[5]).get(reverse("accounts:rechecks")))
    for moderator in mods[2:5]:
        decide(recheck, moderator, False)
    [row] = service.figures()
    assert (row.accepted, row.drawn, row.open, row.disagreed, row.confirmed, row.overturned) == (1, 1, 0, 1, 0, 1)
    page = text_of(sign_in(mods[5]).get(reverse("accounts:rechecks")))
    assert standing in page
    assert "Nothing to re-check" in page
    Member.objects.filter(pk=application.member_id).update(standing="suspended")
    assert standing not in text_of(sign_in(mods[5]).get(reverse("accounts:rechecks")))


@pytest.mark.parametrize(("who", "may"), [("uninvolved", True), ("works there", False), ("bob", False)])
def test_who_reads_what_was_not_confirmed(
    recheck: Recheck, mods: list[Member], bob: Member, who: str, may: bool
) -> None:
    for moderator in mods[2:5]:
        decide(recheck, moderator, False)
    person = {"bob": bob}.get(who, mods[5])
    if who == "works there":
        Member.objects.filter(pk=person.pk).update(institution="Lake Hospital")
    assert rechecks_to_act_on(Member.objects.get(pk=person.pk)).exists() is may


def test_the_member_learns_nothing_of_it(recheck: Recheck, sign_in: SignIn, mods: list[Member]) -> None:
    member = Member.objects.get(pk=recheck.application.member_id)
    before = text_of(sign_in(member).get(reverse("accounts:application")))
    for moderator in mods[2:5]:
        decide(recheck, moderator, False)
    after = text_of(sign_in(member).get(reverse("accounts:application")))
    assert "re-check" not in after.lower()
    assert len(before) == len(after)


@pytest.mark.parametrize(("days", "told"), [(29, False), (31, True)])
def test_administrators_read_of_rechecks_that_nobody_takes(
    recheck: Recheck, admin: Member, sign_in: SignIn, days: int, told: bool
) -> None:
    Recheck.objects.update(drawn_at=timezone.now() - timedelta(days=days))
    page = text_of(sign_in(admin).get(reverse("accounts:people")))
    assert ("1 re-check has waited for more than a month" in page) is told


def test_the_list_costs_as_much_for_many_as_for_few(
    mods: list[Member], sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    made(41)
    drawing.draw_due()
    Member.objects.exclude(is_moderator=True).update(institution="Elsewhere")
    client = sign_in(mods[2])
    with django_assert_max_num_queries(5):
        client.get(reverse("accounts:rechecks"))
