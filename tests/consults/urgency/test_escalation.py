"""Escalation: when a case goes to whom, once each, only through the gate; and the turns of the rota."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from accounts.profiles import service as profiles
from audit.models import Event
from consent.models import WithdrawnBy
from consent.withdrawal import withdraw
from consults.cases.gate import listing
from consults.exceptions import ChangeRefused
from consults.models import Case, Escalation, Following, Group, Membership, RotaCall, UrgencyMark, Volunteer
from consults.urgency import escalation, marking, policy, rota
from consults.urgency.topics import topics
from notifications.notices.models import Notice
from tests import factories
from tests.consults import reading
from vocabulary import terms

SignIn = Callable[[object], Client]


def specialist(*, interests: tuple[str, ...] = (), languages: tuple[str, ...] = (), **fields: Any) -> Member:
    made = factories.member(**fields)
    profiles.save(member=made, interests=list(interests), languages=list(languages))
    return made


def told() -> set[str]:
    """The ids of those who were told that a case waits."""
    return {str(pk) for pk in Notice.objects.filter(kind="waiting").values_list("member", flat=True)}


def steps() -> list[str]:
    return sorted(Escalation.objects.values_list("step", flat=True))


def volunteer(**fields: Any) -> Member:
    made = factories.member(**fields)
    rota.join(member=made)
    return made


# --- When

DUE: list[tuple[float, str, float, list[str]]] = [
    # hours since the release, level, hours since the mark -> steps
    (1, "", 0, []),
    (23.9, "", 0, []),
    (24.1, "", 0, ["followers"]),
    (47.9, "", 0, ["followers"]),
    (48.1, "", 0, ["followers", "rota"]),
    (24 * 15, "", 0, []),  # waited long before anybody looked: nobody is rung for it now
    (1.9, "today", 1.9, []),
    (2.1, "today", 2.1, ["followers"]),
    (6.1, "today", 6.1, ["followers", "rota"]),
    (20, "today", 1, []),
    (20, "today", 3, ["followers"]),
    (30, "today", 1, ["followers"]),  # a mark makes nothing later
    (11.9, "week", 11.9, []),
    (12.1, "week", 12.1, ["followers"]),
    (24.1, "week", 24.1, ["followers", "rota"]),
]


@pytest.mark.parametrize(("hours", "level", "marked", "expected"), DUE)
@pytest.mark.django_db
def test_when_each_step_is_due(hours: float, level: str, marked: float, expected: list[str]) -> None:
    case = reading.case(hours_ago=hours)
    if level:
        marking.mark(case=case, by=case.author, level=terms.Urgency(level), reason=terms.UrgencyReason.PROCEDURE)
        UrgencyMark.objects.update(made_at=timezone.now() - timedelta(hours=marked))
    assert escalation.escalate_waiting() == len(expected)
    assert steps() == expected
    assert escalation.escalate_waiting() == 0  # each once
    assert steps() == expected


def _answered(case: Case) -> None:
    reading.answer(case, factories.person("bob"), "bcc")


def _answered_by_resident(case: Case) -> None:
    reading.answer(case, factories.person("resident"), "bcc")


def _only_read(case: Case) -> None:
    reading.answer(case, factories.person("bob"))


def _closed(case: Case) -> None:
    reading.closed(case, "bcc")


def _withdrawn(case: Case) -> None:
    assert case.consent is not None
    withdraw(consent_id=case.consent.pk, by=WithdrawnBy.PATIENT)


def _author_gone(case: Case) -> None:
    Member.objects.filter(pk=case.author_id).update(standing="suspended")


WAITS: list[tuple[Callable[[Case], None], bool]] = [
    (lambda case: None, True),
    (_answered, False),
    (_answered_by_resident, True),
    (_only_read, True),
    (_closed, False),
    (_withdrawn, False),
    (_author_gone, False),  # the listing still says so; the gate is asked
]


@pytest.mark.parametrize(("happened", "waits"), WAITS)
@pytest.mark.django_db
def test_what_waits(happened: Callable[[Case], None], waits: bool) -> None:
    case = reading.case(hours_ago=25)
    happened(case)
    assert bool(escalation.escalate_waiting()) is waits
    assert steps() == (["followers"] if waits else [])


def test_nobody_is_told_of_a_case_that_the_gate_shows_nobody(db: None) -> None:
    volunteer()
    case = reading.case(hours_ago=49)
    assert case.consent is not None
    type(case.consent).objects.filter(pk=case.consent.pk).update(status="expired")  # and the listing is stale
    assert escalation.escalate_waiting() == 0
    assert (steps(), told()) == ([], set())


# --- Whom


@pytest.mark.django_db
def test_followers_of_topic_and_language_are_told_and_nobody_else() -> None:
    case = reading.case(hours_ago=25, site="scalp")
    language = case.author.language
    both = [specialist(interests=("hair",), languages=(language,)) for _number in range(3)]
    for fields in (
        {"interests": ("hair",)},
        {"languages": (language,)},
        {"interests": ("hair",), "languages": (language,), "profession": "resident"},
        {"interests": ("hair",), "languages": (language,), "standing": "suspended"},
        {"interests": ("nails",), "languages": ("de",)},
    ):
        specialist(**fields)  # type: ignore[arg-type]
    escalation.escalate_waiting()
    assert told() == {str(member.pk) for member in both}
    assert Escalation.objects.get().told == 3
    assert not Event.objects.filter(verb="case.escalated").exclude(actor_id=None).exists()


@pytest.mark.parametrize("topic", ["hair", "growths", "nails"])
@pytest.mark.django_db
def test_who_follows_a_topic_or_tag_of_it_is_told_too(topic: str) -> None:
    reading.case(hours_ago=25, site="scalp", tags=["growths"], title="Sakalda plak", note="Bir hastada, ağrısız.")
    follower = specialist(languages=("tr",))
    Following.objects.create(member=follower, topic=topic)
    for _number in range(3):
        specialist(interests=("hair",), languages=("tr",))
    specialist(languages=("en",))
    escalation.escalate_waiting()
    assert (str(follower.pk) in told()) is (topic != "nails")
    assert len(told()) == 3 + (topic != "nails")


@pytest.mark.django_db
def test_where_few_are_both_either_is_enough() -> None:
    case = reading.case(hours_ago=25, site="scalp")
    hair = specialist(interests=("hair",))
    speaks = specialist(languages=(case.author.language,))
    specialist(interests=("nails",), languages=("de",))
    escalation.escalate_waiting()
    assert told() == {str(hair.pk), str(speaks.pk)}


@pytest.mark.django_db
def test_who_has_answered_or_read_or_wrote_it_is_not_told() -> None:
    author = specialist(interests=("hair",), languages=("en",))
    case = reading.case(author, hours_ago=25, site="scalp")
    reader = specialist(interests=("hair",), languages=("en",))
    reading.answer(case, reader)
    other = specialist(interests=("hair",), languages=("en",))
    escalation.escalate_waiting()
    assert told() == {str(other.pk)}


@pytest.mark.django_db
def test_a_groups_case_stays_in_the_group() -> None:
    group = Group.objects.create(name="Hair")
    inside, outside = (specialist(interests=("hair",), languages=("en",)) for _number in range(2))
    alice = factories.person("alice")
    for member in (inside, alice):
        Membership.objects.create(group=group, member=member)
    rota.join(member=outside)
    rota.join(member=inside)
    reading.case(alice, hours_ago=49, site="scalp", group=group)
    escalation.escalate_waiting()
    assert told() == {str(inside.pk)}
    assert steps() == ["followers", "rota"]


@pytest.mark.parametrize(("level", "kind"), [("", "waiting"), ("week", "urgent"), ("today", "urgent")])
@pytest.mark.django_db
def test_a_case_that_is_urgent_is_told_as_one(level: str, kind: str) -> None:
    specialist(interests=("hair",))
    case = reading.case(hours_ago=25, site="scalp")
    if level:
        reason = terms.UrgencyReason.PROCEDURE
        marking.mark(case=case, by=case.author, level=terms.Urgency(level), reason=reason)
    escalation.escalate_waiting()
    assert Notice.objects.get().kind == kind


def test_a_notice_says_nothing_of_the_case(db: None) -> None:
    case = reading.case(hours_ago=25, site="scalp", title="A canary's title")
    specialist(interests=("hair",), languages=("en",))
    escalation.escalate_waiting()
    row = Notice.objects.get()
    assert "canary" not in " ".join(str(value) for value in vars(row).values())
    assert row.case_id == case.pk


# --- Topics

BARE: dict[str, Any] = {
    "site": "", "age_band": "", "monk": None, "morphology": "", "distribution": "", "secondary": [], "history": [],
    "kinds": [],
}  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, set()),
        ({"site": "scalp"}, {"hair"}),
        ({"site": "toenail"}, {"nails"}),
        ({"site": "vulva"}, {"genital"}),
        ({"site": "tongue"}, {"oral"}),
        ({"site": "cheek"}, set()),
        ({"age_band": "1-5"}, {"paediatric"}),
        ({"age_band": "18-29"}, set()),
        ({"monk": 5}, set()),
        ({"monk": 6}, {"skin-of-colour"}),
        ({"kinds": ["dermoscopy", "histology", "overview"]}, {"dermoscopy", "dermatopathology"}),
        ({"history": ["travel", "melanoma", "atopy"]}, {"tropical", "oncology"}),
        ({"history": ["occupational", "new-drug"]}, {"occupational", "hospital"}),
        ({"morphology": "bulla"}, {"immunodermatology"}),
        ({"distribution": "photo-exposed", "secondary": ["ulcer"]}, {"photodermatology", "wounds"}),
    ],
)
def test_topics_of_facts(facts: dict[str, Any], expected: set[str]) -> None:
    assert topics(**(BARE | facts)) == expected


@pytest.mark.django_db
def test_topics_say_nothing_that_is_answered_blind() -> None:
    plain, told_more = reading.case(), reading.case(differential=["melanoma", "alopecia-areata"])
    assert escalation.topics_of(plain) == escalation.topics_of(told_more)


# --- The rota

JOINS: list[tuple[str, bool]] = [
    ("alice", True),
    ("mod2", True),
    ("resident", False),
    ("physician", False),
    ("nurse", False),
    ("student", False),
    ("officer", False),
    ("admin", False),
    ("suspended", False),
    ("lapsed", False),
]


@pytest.mark.parametrize(("who", "may"), JOINS)
@pytest.mark.django_db
def test_who_joins(who: str, may: bool) -> None:
    member = factories.person(who)
    assert policy.may_volunteer(member) is may
    if may:
        rota.join(member=member)
        rota.join(member=member)
    else:
        with pytest.raises(ChangeRefused):
            rota.join(member=member)
    assert Volunteer.objects.count() == int(may)


def test_nobody_in_particular_joins_nothing() -> None:
    assert not policy.may_volunteer(object())


@pytest.mark.django_db
def test_turns_go_round() -> None:
    people = [volunteer() for _number in range(7)]
    for _case in range(7):
        reading.case(hours_ago=49)
        escalation.escalate_waiting()
    assert sorted(Volunteer.objects.values_list("told", flat=True)) == [3] * 7
    reading.case(hours_ago=49)  # everybody has had three this week
    escalation.escalate_waiting()
    assert RotaCall.objects.count() == 21
    assert len(told()) == len(people)


@pytest.mark.django_db
def test_after_a_week_it_is_their_turn_again() -> None:
    one = volunteer()
    for _case in range(4):
        reading.case(hours_ago=49)
    escalation.escalate_waiting()
    assert rota.told_this_week(Volunteer.objects.get(pk=one.pk)) == 3
    RotaCall.objects.update(at=timezone.now() - timedelta(days=8))
    reading.case(hours_ago=49)
    escalation.escalate_waiting()
    assert RotaCall.objects.count() == 4


@pytest.mark.django_db
def test_who_has_left_is_not_called() -> None:
    one = volunteer()
    rota.leave(member=one)
    rota.leave(member=one)
    reading.case(hours_ago=49)
    escalation.escalate_waiting()
    assert told() == set()
    verbs = Event.objects.filter(verb__startswith="rota.").values_list("verb", flat=True)
    assert sorted(verbs) == ["rota.joined", "rota.left"]


def test_the_page_of_the_rota(bob: Member, sign_in: SignIn) -> None:
    client, page = sign_in(bob), reverse("consults:rota")
    assert "Put me on the rota" in client.get(page).content.decode()
    assert client.post(page, {"on": "1"}).status_code == 302
    assert "Leave the rota" in client.get(page).content.decode()
    assert client.post(page, {"on": "0"}).status_code == 302
    assert not Volunteer.objects.exists()
    resident = sign_in(factories.person("resident"))
    assert "for dermatologists and dermatopathologists" in resident.get(page).content.decode()
    refused = resident.post(page, {"on": "1"}, follow=True).content.decode()
    assert "The rota is for dermatologists" in refused
    assert not Volunteer.objects.exists()


def test_a_step_stands_once_in_the_database(db: None) -> None:
    case = reading.case()
    Escalation.objects.create(case=case, step="rota", told=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        Escalation.objects.create(case=case, step="rota", told=0)


def test_two_rounds_at_once_tell_once(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    volunteer()
    case = reading.case(hours_ago=49)
    found = escalation._due(escalation.Step.ROTA, now=timezone.now())
    monkeypatch.setattr(escalation, "_due", lambda step, now: found)
    assert escalation.escalate_waiting() == 2
    assert escalation.escalate_waiting() == 0
    assert Notice.objects.filter(kind="waiting", case_id=case.pk).get().count == 1


def test_a_purge_takes_steps_and_calls(db: None, run_jobs: Callable[[], int]) -> None:
    volunteer()
    case = reading.case(hours_ago=49)
    escalation.escalate_waiting()
    _withdrawn(case)
    run_jobs()
    assert not Escalation.objects.exists()
    assert not RotaCall.objects.exists()


def test_listings_are_as_the_gate_says(db: None) -> None:
    reading.case(hours_ago=49)
    escalation.escalate_waiting()
    assert listing.compare() == 0
