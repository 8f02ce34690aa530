"""Two independent votes, a third where they disagree, one appeal; and who may not vote."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.exceptions import AlreadyDecided, BadReason, NotYet, NotYours, TooLate, VettingError
from accounts.membership.lifecycle import lapse_expired
from accounts.models import Application, Member, Reference, Vote
from accounts.policy import applications_in_queue, applications_to_decide, rights
from accounts.vetting import decisions
from audit.models import Event
from tests import factories
from tests.accounts.makers import claim

pytestmark = pytest.mark.django_db

Applied = Callable[..., Application]
Cast = Callable[..., object]


@pytest.mark.parametrize(
    ("votes", "state", "standing"),
    [
        ([], "waiting", "applicant"),
        ([True], "waiting", "applicant"),
        ([False], "waiting", "applicant"),
        ([True, True], "accepted", "verified"),
        ([False, False], "declined", "declined"),
        ([True, False], "third", "applicant"),
        ([False, True], "third", "applicant"),
        ([True, False, True], "accepted", "verified"),
        ([True, False, False], "declined", "declined"),
        ([False, True, True], "accepted", "verified"),
    ],
)
def test_votes_decide(
    applied: Applied, mods: list[Member], vote: Cast, votes: list[bool], state: str, standing: str
) -> None:
    application = applied()
    for moderator, accept in zip(mods, votes, strict=False):
        vote(application, moderator, accept)
    application.refresh_from_db()
    member = Member.objects.get(pk=application.member_id)
    assert application.state == state
    assert member.standing == standing
    assert member.is_verified is (standing == "verified")
    assert Event.objects.filter(verb="application.voted").count() == len(votes)
    assert Event.objects.filter(verb="application.decided").count() == int(application.decided_at is not None)


def test_acceptance_verifies_for_a_year(applied: Applied, mods: list[Member], vote: Cast) -> None:
    application = applied()
    for moderator in mods[:2]:
        vote(application, moderator, True)
    member = Member.objects.get(pk=application.member_id)
    assert timezone.localdate() + timedelta(days=364) <= member.verified_until <= factories.next_year()
    assert (member.profession, member.institution) == ("dermatologist", "Lake Hospital")


def test_nobody_votes_after_the_decision(applied: Applied, mods: list[Member], vote: Cast) -> None:
    application = applied()
    for moderator in mods[:2]:
        vote(application, moderator, True)
    with pytest.raises(AlreadyDecided):
        vote(application, mods[2], False)
    assert Vote.objects.count() == 2


def test_nobody_votes_twice(applied: Applied, mods: list[Member], vote: Cast) -> None:
    application = applied()
    vote(application, mods[0], True)
    with pytest.raises(NotYours):
        vote(application, mods[0], True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Vote.objects.create(
            application=application,
            round=1,
            seat=2,
            moderator=mods[0],
            accept=True,
            reason="matches",
            looked_up_on=timezone.localdate(),
        )


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("mod1", True),
        ("mod2", True),
        ("alice", False),
        ("resident", False),
        ("officer", False),
        ("admin", False),
        ("applicant", False),
        ("suspended", False),
        ("lapsed", False),
    ],
)
def test_who_may_vote(applied: Applied, vote: Cast, name: str, may: bool) -> None:
    application = applied()
    member = factories.person(name)
    assert applications_to_decide(member).exists() is may
    if may:
        vote(application, member, True)
        return
    with pytest.raises(NotYours):
        vote(application, member, True)


@pytest.mark.parametrize("conflict", ["voucher", "supervisor", "stepped aside", "self", "own supervisor", "none"])
def test_who_is_too_close_does_not_vote(applied: Applied, vote: Cast, mod1: Member, conflict: str) -> None:
    changes = {
        "voucher": {"evidence_kind": "vouchers", "voucher_emails": (mod1.email, "x@lake.example")},
        "supervisor": {"profession": "resident", "supervisor_email": mod1.email},
    }.get(conflict, {})
    application = applied(**changes)
    if conflict == "stepped aside":
        decisions.recuse(application=application, by=mod1)
    if conflict == "self":
        Application.objects.filter(pk=application.pk).update(member=mod1)
    if conflict == "own supervisor":
        Member.objects.filter(pk=mod1.pk).update(supervisor=application.member)
    assert applications_to_decide(mod1).exists() is (conflict == "none")
    if conflict == "none":
        vote(application, mod1, False)
        return
    with pytest.raises(NotYours):
        vote(application, mod1, False)


@pytest.mark.parametrize(
    ("accept", "reason", "fits"),
    [
        (True, "matches", True),
        (False, "not_found", True),
        (False, "duplicate", True),
        (True, "not_found", False),
        (False, "matches", False),
        (True, "liked_them", False),
    ],
)
def test_reason_fits_the_decision(
    applied: Applied, mod1: Member, vote: Cast, accept: bool, reason: str, fits: bool
) -> None:
    application = applied()
    if fits:
        assert vote(application, mod1, accept, reason)
        return
    with pytest.raises(BadReason):
        vote(application, mod1, accept, reason)


def test_vote_whose_reason_does_not_fit_is_refused_by_the_database(applied: Applied, mod1: Member) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Vote.objects.create(
            application=applied(),
            round=1,
            seat=1,
            moderator=mod1,
            accept=True,
            reason="not_found",
            looked_up_on=timezone.localdate(),
        )


@pytest.mark.parametrize(("days", "allowed"), [(0, True), (1, False), (-1, False)])
def test_register_is_looked_up_for_this_application(applied: Applied, mod1: Member, days: int, allowed: bool) -> None:
    application = applied()
    arguments = {
        "application": application,
        "by": mod1,
        "accept": True,
        "reason": "matches",
        "looked_up_on": timezone.localdate() + timedelta(days=days),
    }
    if allowed:
        assert decisions.vote(**arguments)
        return
    with pytest.raises(NotYet):
        decisions.vote(**arguments)


def test_unconfirmed_address_can_be_declined_but_not_accepted(applied: Applied, mods: list[Member], vote: Cast) -> None:
    application = applied(confirmed=False)
    with pytest.raises(NotYet, match="NotYet") as refused:
        vote(application, mods[0], True)
    assert "mail" in refused.value.sentence
    vote(application, mods[0], False)


def test_vouchers_must_have_said_yes(
    applied: Applied, vote: Cast, mods: list[Member], alice: Member, bob: Member
) -> None:
    application = applied(evidence_kind="vouchers", voucher_emails=(alice.email, bob.email))
    references = {reference.member: reference for reference in Reference.objects.all()}
    decisions.answer(reference=references[alice], by=alice, vouches=True)
    with pytest.raises(NotYet):
        vote(application, mods[0], True)
    with pytest.raises(NotYours):
        decisions.answer(reference=references[bob], by=alice, vouches=True)
    decisions.answer(reference=references[bob], by=bob, vouches=True)
    with pytest.raises(NotYours):
        decisions.answer(reference=references[bob], by=bob, vouches=False)
    assert vote(application, mods[0], True)


@pytest.mark.parametrize("when", ["before", "after", "never", "no, after"])
def test_supervisor_who_says_yes_becomes_the_supervisor(
    applied: Applied, vote: Cast, mods: list[Member], alice: Member, when: str
) -> None:
    """Before the decision or after it; until then the resident posts nothing."""
    application = applied(profession="resident", supervisor_email="ALICE@hospital.example")
    if when == "before":
        decisions.answer(reference=Reference.objects.get(), by=alice, vouches=True)
    for moderator in mods[:2]:
        vote(application, moderator, True)
    if "after" in when:
        assert not rights(Member.objects.get(pk=application.member_id)).post
        decisions.answer(reference=Reference.objects.get(), by=alice, vouches=when == "after")
    named = when in ("before", "after")
    member = Member.objects.get(pk=application.member_id)
    assert member.supervisor == (alice if named else None)
    assert rights(member).post is named


def test_supervisor_who_says_no_does_not(applied: Applied, vote: Cast, mods: list[Member], alice: Member) -> None:
    application = applied(profession="resident", supervisor_email=alice.email)
    decisions.answer(reference=Reference.objects.get(), by=alice, vouches=False)
    for moderator in mods[:2]:
        vote(application, moderator, True)
    assert Member.objects.get(pk=application.member_id).supervisor is None


def test_stranger_named_as_voucher_is_forgotten_after_the_decision(
    applied: Applied, vote: Cast, mods: list[Member]
) -> None:
    application = applied(evidence_kind="vouchers", voucher_emails=("a@lake.example", "b@lake.example"))
    assert set(Reference.objects.values_list("email", flat=True)) == {"a@lake.example", "b@lake.example"}
    for moderator in mods[:2]:
        vote(application, moderator, False)
    assert set(Reference.objects.values_list("email", flat=True)) == {""}


def test_applicant_suspended_meanwhile_is_not_verified_by_votes(
    applied: Applied, vote: Cast, mods: list[Member]
) -> None:
    application = applied()
    vote(application, mods[0], True)
    Member.objects.filter(pk=application.member_id).update(standing="suspended")
    with pytest.raises(NotYours):
        vote(application, mods[1], True)
    application.refresh_from_db()
    assert (application.state, Vote.objects.count()) == ("waiting", 1)


def test_votes_in_a_day_are_capped(applied: Applied, vote: Cast, mod1: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decisions, "VOTES_A_DAY", 1)
    vote(applied(), mod1, True)
    with pytest.raises(TooLate):
        vote(applied(email="other@lake.example"), mod1, True)


# --- Appeal


@pytest.fixture
def declined(applied: Applied, vote: Cast, mods: list[Member]) -> Application:
    application = applied()
    for moderator in mods[:2]:
        vote(application, moderator, False)
    application.refresh_from_db()
    return application


@pytest.mark.parametrize(("days", "allowed"), [(0, True), (30, True), (31, False)])
def test_appeal_within_thirty_days(declined: Application, days: int, allowed: bool) -> None:
    Application.objects.filter(pk=declined.pk).update(decided_at=timezone.now() - timedelta(days=days))
    if not allowed:
        with pytest.raises(TooLate):
            decisions.appeal(application=declined, by=declined.member, statement="Look again.")
        return
    again = decisions.appeal(application=declined, by=declined.member, statement="Look again.")
    assert (again.state, again.round, again.reason) == ("waiting", 2, "")


def test_appeal_is_heard_by_others(declined: Application, vote: Cast, mods: list[Member]) -> None:
    decisions.appeal(application=declined, by=declined.member, statement="Look again.")
    assert not applications_in_queue(mods[0]).exists()
    assert applications_in_queue(mods[2]).exists()
    with pytest.raises(NotYours):
        vote(declined, mods[0], True)
    vote(declined, mods[2], True)
    vote(declined, mods[3], True)
    declined.refresh_from_db()
    assert declined.state == "accepted"
    assert Member.objects.get(pk=declined.member_id).is_verified


def test_one_appeal_only(declined: Application, vote: Cast, mods: list[Member]) -> None:
    decisions.appeal(application=declined, by=declined.member, statement="Look again.")
    for moderator in mods[2:4]:
        vote(declined, moderator, False)
    with pytest.raises(NotYours):
        decisions.appeal(application=declined, by=declined.member, statement="And again.")


def test_nobody_appeals_for_others(declined: Application, alice: Member) -> None:
    with pytest.raises(NotYours):
        decisions.appeal(application=declined, by=alice, statement="Look again.")


# --- Applying again


@pytest.mark.parametrize(("name", "allowed"), [("lapsed", True), ("alice", False), ("suspended", False)])
def test_who_may_apply_again(name: str, allowed: bool) -> None:
    member = factories.person(name)
    if not allowed:
        with pytest.raises(NotYours):
            decisions.apply_again(member=member, claim=claim())
        return
    assert decisions.apply_again(member=member, claim=claim()).member == member
    with pytest.raises(AlreadyDecided):
        decisions.apply_again(member=member, claim=claim())


def test_errors_carry_a_sentence_and_no_content() -> None:
    error = VettingError("Do this next.")
    assert (error.sentence, str(error)) == ("Do this next.", "VettingError")


# --- Standing


@pytest.mark.parametrize(
    ("by", "target", "allowed"),
    [
        ("mod1", "alice", True),
        ("mod1", "lapsed", True),
        ("mod1", "mod2", False),
        ("mod1", "mod1", False),
        ("mod1", "officer", False),
        ("mod1", "suspended", False),
        ("admin", "mod1", True),
        ("admin", "officer", True),
        ("admin", "admin", False),
        ("alice", "bob", False),
        ("officer", "alice", False),
        ("applicant", "alice", False),
    ],
)
def test_who_suspends_whom(by: str, target: str, allowed: bool) -> None:
    moderator, member = factories.person(by), factories.person(target)
    before = member.standing
    if not allowed:
        with pytest.raises(NotYours):
            decisions.suspend(member=member, by=moderator, reason="conduct")
        assert Member.objects.get(pk=member.pk).standing == before
        return
    decisions.suspend(member=member, by=moderator, reason="conduct")
    assert Member.objects.get(pk=member.pk).standing == "suspended"
    assert Event.objects.get(verb="member.suspended").facts["reason"] == "conduct"


@pytest.mark.parametrize(("name", "standing"), [("suspended", "verified"), ("late", "lapsed")])
def test_reinstated_as_the_date_allows(mod1: Member, name: str, standing: str) -> None:
    until = factories.next_year() if name == "suspended" else timezone.localdate() - timedelta(days=1)
    member = factories.member(standing="suspended", verified_until=until)
    decisions.reinstate(member=member, by=mod1, reason="resolved")
    assert member.standing == standing
    with pytest.raises(NotYours):
        decisions.reinstate(member=member, by=mod1, reason="resolved")


def test_standing_needs_a_reason(mod1: Member, alice: Member) -> None:
    with pytest.raises(BadReason):
        decisions.suspend(member=alice, by=mod1, reason="")
    with pytest.raises(BadReason):
        decisions.reinstate(member=alice, by=mod1, reason="no such")


def test_members_lapse_when_their_date_passes(lapsed: Member, alice: Member) -> None:
    assert lapse_expired() == 1
    assert lapse_expired() == 0
    assert Member.objects.get(pk=lapsed.pk).standing == "lapsed"
    assert Member.objects.get(pk=alice.pk).standing == "verified"
    assert Event.objects.filter(verb="member.lapsed").count() == 1


def test_suspending_on_the_page(sign_in_again: Callable[[object], Client], mod1: Member, alice: Member) -> None:
    client = sign_in_again(mod1)
    assert alice.name in client.get(reverse("accounts:members"), {"q": "ali"}).content.decode()
    address = reverse("accounts:standing", args=[alice.pk])
    assert "Choose a reason." in client.post(address).content.decode()
    assert "what happened" in client.post(address, {"reason": "privacy"}).content.decode()
    client.post(address, {"reason": "privacy", "note": "An uncovered face was posted."})
    assert Member.objects.get(pk=alice.pk).standing == "suspended"
    lift = {"decision": "lift", "lift-reason": "resolved"}
    sign_in_again(factories.person("mod2")).post(address, lift)
    assert Member.objects.get(pk=alice.pk).standing == "verified"
