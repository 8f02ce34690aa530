"""The rows on which `accounts.policy` allows an action: each table is of rows that differ in one thing."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts import policy
from accounts.models import (
    Application,
    Appointment,
    ConductResult,
    ConductRun,
    Draw,
    EvidencePicture,
    Member,
    Recheck,
    RecheckVote,
    Recovery,
    RecoveryVote,
    Recusal,
    Reference,
    Supervision,
    Suspension,
    Vote,
    YearlyCheck,
)
from core.permissions import Policy, Rule
from tests.accounts.makers import application, newcomer
from tests.factories import member, person
from tests.permits import permits

pytestmark = pytest.mark.django_db

LONG_AGO = date(2020, 1, 31)


def acts_on(asker: str | Member, row: Recheck) -> bool:
    by = person(asker) if isinstance(asker, str) else asker
    return policy.rechecks_to_act_on(by).filter(pk=row.pk).exists()


# --- Who asks


RULES: Policy = {**policy.POLICY, "recheck.act_on": policy.rechecks_to_act_on}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_whoever_is_not_signed_in_is_shown_nothing(rule: Rule) -> None:
    assert not rule(AnonymousUser()).exists()


MODERATORS = [
    ("mod1", True),
    ("alice", False),
    ("officer", False),
    ("admin", False),
    ("applicant", False),
    ("lapsed", False),
]


@pytest.mark.parametrize(("asker", "may"), MODERATORS)
def test_what_moderators_decide(asker: str, may: bool) -> None:
    new = application()
    assert permits("application.read", asker, new) is may
    assert permits("application.decide", asker, new) is may
    assert permits("evidence.view", asker, picture(new)) is may
    assert permits("check.decide", asker, check()) is may
    assert permits("recheck.decide", asker, recheck()) is may
    assert acts_on(asker, recheck("overturned")) is may


# --- The applicant's own


@pytest.mark.parametrize(("asker", "may"), [("bob", True), ("alice", False)])
def test_application_is_viewed_by_the_applicant(asker: str, may: bool) -> None:
    assert permits("application.view", asker, application(member=person("bob"))) is may


@pytest.mark.parametrize(
    ("standing", "fields", "may"),
    [
        ("declined", {}, True),
        ("verified", {}, True),
        ("lapsed", {}, True),
        ("suspended", {}, False),
        ("declined", {"state": "accepted"}, False),
        ("declined", {"state": "waiting"}, False),
        ("declined", {"round": 2}, False),
    ],
)
def test_declined_once_is_appealed(standing: str, fields: dict[str, Any], may: bool) -> None:
    applicant = member(standing=standing)
    declined = application(member=applicant, **({"state": "declined"} | fields))
    assert permits("application.appeal", applicant, declined) is may


@pytest.mark.parametrize(
    ("whose", "days_later", "may"), [("own", 1, False), ("own", -1, True), ("somebody else's", 1, True)]
)
def test_only_the_latest_is_appealed(whose: str, days_later: int, may: bool) -> None:
    applicant = member(standing="declined")
    declined = application(member=applicant, state="declined")
    owner = applicant if whose == "own" else member()
    application(member=owner, state="declined", created_at=declined.created_at + timedelta(days=days_later))
    assert permits("application.appeal", applicant, declined) is may


# --- Deciding applications


@pytest.mark.parametrize(
    ("state", "may"), [("waiting", True), ("third", True), ("accepted", False), ("declined", False)]
)
def test_open_applications_are_decided(state: str, may: bool) -> None:
    asked = application(state=state)
    assert permits("application.read", "mod1", asked) is may
    assert permits("application.decide", "mod1", asked) is may


@pytest.mark.parametrize(
    ("round_", "voter", "voted_in", "reads", "decides"),
    [
        (1, "mod1", 1, True, False),
        (1, "mod2", 1, True, True),
        (2, "mod1", 1, False, False),
        (2, "mod1", 2, True, False),
        (2, "mod2", 1, True, True),
    ],
)
def test_nobody_decides_twice(round_: int, voter: str, voted_in: int, reads: bool, decides: bool) -> None:
    asked = application(round=round_)
    vote(asked, person(voter), round=voted_in)
    assert permits("application.read", "mod1", asked) is reads
    assert permits("application.decide", "mod1", asked) is decides


def vote(asked: Application, by: Member, **fields: Any) -> None:
    said = {"round": 1, "seat": 1, "accept": True, "reason": "matches", "looked_up_on": timezone.localdate()} | fields
    Vote.objects.create(application=asked, moderator=by, **said)


def names(asked: Application, colleague: Member) -> None:
    Reference.objects.create(application=asked, kind="colleague", member=colleague)


def is_theirs(moderator: Member, asked: Application) -> None:
    Application.objects.filter(pk=asked.pk).update(member=moderator)


def was_named(moderator: Member, asked: Application) -> None:
    names(application(member=asked.member, state="declined"), moderator)


def named_the_applicant(moderator: Member, asked: Application) -> None:
    names(application(member=moderator, state="accepted"), asked.member)


def stepped_aside(moderator: Member, asked: Application) -> None:
    Recusal.objects.create(application=asked, moderator=moderator)


def supervises(moderator: Member, asked: Application) -> None:
    Member.objects.filter(pk=asked.member_id).update(supervisor=moderator)


def is_supervised(moderator: Member, asked: Application) -> None:
    Member.objects.filter(pk=moderator.pk).update(supervisor=asked.member)


def works_there(moderator: Member, asked: Application) -> None:
    Application.objects.filter(pk=asked.pk).update(institution_key="hospital lake")
    moderator.institution = "Lake Hospital"


def has_mail_there(moderator: Member, asked: Application) -> None:
    moderator.email = "mod@lake.example"


def of_another(tie: Callable[[Member, Application], None]) -> Callable[[Member, Application], None]:
    """The same between the applicant and another moderator."""
    return lambda moderator, asked: tie(member(email="mod@third.example", is_moderator=True), asked)


def another_named_the_applicant(moderator: Member, asked: Application) -> None:
    names(application(state="accepted"), asked.member)


TIES = {
    "none": (lambda moderator, asked: None, True),
    "own application": (is_theirs, False),
    "named by the applicant": (was_named, False),
    "another was named": (of_another(was_named), True),
    "named the applicant": (named_the_applicant, False),
    "another named the applicant": (another_named_the_applicant, True),
    "stepped aside": (stepped_aside, False),
    "another stepped aside": (of_another(stepped_aside), True),
    "supervises the applicant": (supervises, False),
    "another supervises the applicant": (of_another(supervises), True),
    "supervised by the applicant": (is_supervised, False),
    "works at the same house": (works_there, False),
    "has mail of the same house": (has_mail_there, False),
}


@pytest.mark.parametrize("tie", TIES)
def test_whoever_is_too_close_decides_nothing_of_the_applicant(tie: str) -> None:
    make, may = TIES[tie]
    # Free mail, and no institution: nobody works where they do.
    moderator = member(email="mod@gmail.com", is_moderator=True)
    asked = application()
    make(moderator, asked)
    assert permits("application.read", moderator, asked) is may
    Application.objects.filter(pk=asked.pk).update(state="accepted", reason="matches", decided_at=timezone.now())
    Member.objects.filter(pk=asked.member_id).update(standing="verified")
    found = Recheck.objects.create(application=asked, draw=draw())
    assert permits("recheck.decide", moderator, found) is may
    Recheck.objects.update(state="overturned", closed_at=timezone.now())
    assert acts_on(moderator, found) is may


def picture(asked: Application, **fields: Any) -> EvidencePicture:
    return EvidencePicture.objects.create(**({"application": asked, "round": 1, "state": "clean"} | fields))


@pytest.mark.parametrize(
    ("fields", "may"),
    [
        ({}, True),
        ({"state": "received"}, False),
        ({"state": "refused"}, False),
        ({"destroyed_at": timezone.now()}, False),
    ],
)
def test_evidence_is_seen_once_clean_and_until_destroyed(fields: dict[str, Any], may: bool) -> None:
    assert permits("evidence.view", "mod1", picture(application(), **fields)) is may


def test_evidence_is_seen_before_the_vote_only() -> None:
    seen = picture(application())
    vote(seen.application, person("mod1"))
    assert not permits("evidence.view", "mod1", seen)
    assert permits("evidence.view", "mod2", seen)


# --- Re-checks


def draw() -> Draw:
    return Draw.objects.get_or_create(quarter="2020-01-01", defaults={"accepted": 20, "drawn": 1})[0]


def recheck(state: str = "waiting", *, standing: str = "verified") -> Recheck:
    accepted = application(member=newcomer(standing=standing), state="accepted")
    closed_at = None if state in ("waiting", "review") else timezone.now()
    return Recheck.objects.create(application=accepted, draw=draw(), state=state, closed_at=closed_at)


@pytest.mark.parametrize(
    ("state", "decides", "acts"),
    [
        ("waiting", True, False),
        ("review", True, False),
        ("confirmed", False, False),
        ("overturned", False, True),
    ],
)
def test_rechecks_are_decided_while_under_way(state: str, decides: bool, acts: bool) -> None:
    found = recheck(state)
    assert permits("recheck.decide", "mod1", found) is decides
    assert acts_on("mod1", found) is acts


@pytest.mark.parametrize(("standing", "may"), [("verified", True), ("suspended", False), ("lapsed", False)])
def test_recheck_is_acted_on_while_the_membership_stands(standing: str, may: bool) -> None:
    assert acts_on("mod1", recheck("overturned", standing=standing)) is may


@pytest.mark.parametrize(("asker", "may"), [("mod1", False), ("mod2", True)])
def test_recheck_is_decided_by_nobody_who_had_a_part(asker: str, may: bool) -> None:
    voted_on, rechecked = recheck(), recheck()
    vote(voted_on.application, person("mod1"))
    words = {"seat": 1, "accept": True, "reason": "matches", "looked_up_on": timezone.localdate()}
    RecheckVote.objects.create(recheck=rechecked, moderator=person("mod1"), **words)
    assert permits("recheck.decide", asker, voted_on) is may
    assert permits("recheck.decide", asker, rechecked) is may


# --- References


@pytest.mark.parametrize(
    ("asker", "reference", "asked", "may"),
    [
        ("alice", {}, {}, True),
        ("bob", {}, {}, False),
        ("alice", {"answer": True, "answered_at": timezone.now()}, {}, False),
        ("alice", {"kind": "mentor"}, {}, False),
        ("alice", {}, {"address_confirmed_at": None}, False),
        ("alice", {}, {"state": "third"}, True),
        ("alice", {}, {"state": "accepted"}, False),
        ("alice", {"kind": "supervisor"}, {"state": "accepted"}, True),
        ("alice", {"kind": "supervisor"}, {"state": "declined"}, False),
    ],
)
def test_reference_is_answered_by_who_was_named(
    asker: str, reference: dict[str, Any], asked: dict[str, Any], may: bool
) -> None:
    said = {"kind": "voucher", "member": person("alice")} | reference
    row = Reference.objects.create(application=application(**asked), **said)
    assert permits("reference.answer", asker, row) is may


@pytest.mark.parametrize(
    ("asker", "may"), [("alice", True), ("nurse", True), ("lapsed", False), ("officer", False), ("admin", False)]
)
def test_reference_is_answered_by_verified_members(asker: str, may: bool) -> None:
    row = Reference.objects.create(application=application(), kind="voucher", member=person(asker))
    assert permits("reference.answer", asker, row) is may


# --- Membership


LAPSED = {
    "lapsed administrator": lambda: member(is_staff=True, verified_until=LONG_AGO),
    "lapsed moderator": lambda: member(is_moderator=True, verified_until=LONG_AGO),
}


@pytest.mark.parametrize(
    ("asker", "target", "may"),
    [
        ("mod1", {}, True),
        ("mod1", {"standing": "lapsed"}, True),
        ("mod1", {"standing": "suspended"}, True),
        ("mod1", {"standing": "applicant"}, False),
        ("mod1", {"standing": "erased"}, False),
        ("mod1", {"is_moderator": True}, False),
        ("mod1", {"is_privacy_officer": True}, False),
        ("mod1", {"is_staff": True}, False),
        ("admin", {"is_moderator": True}, True),
        ("admin", {"is_privacy_officer": True}, True),
        ("admin", {"is_staff": True}, True),
        ("admin", {"standing": "erased"}, False),
        ("alice", {}, False),
        ("officer", {}, False),
        ("lapsed administrator", {}, False),
        ("lapsed moderator", {}, False),
    ],
)
def test_who_is_suspended_by_whom(asker: str, target: dict[str, Any], may: bool) -> None:
    by = LAPSED[asker]() if asker in LAPSED else person(asker)
    assert permits("member.suspend", by, member(**target)) is may
    assert not permits("member.suspend", by, by)


def suspension(*, of: str, by: str, **fields: Any) -> Suspension:
    Member.objects.filter(pk=person(of).pk).update(standing="suspended")
    said = {"reason": "conduct", "former": "verified"} | fields
    if said.get("state") == "lifted":
        said |= {"lifted_by": member(), "lifted_at": timezone.now()}
    return Suspension.objects.create(member=person(of), by=person(by), **said)


@pytest.mark.parametrize(
    ("asker", "fields", "may"),
    [
        ("mod2", {}, True),
        ("mod1", {}, False),
        ("mod1", {"reason": "requested"}, True),
        ("mod1", {"state": "lifted"}, True),
        ("mod1", {"state": "appealed"}, False),
        ("mod1", {"of": "bob"}, True),
    ],
)
def test_suspension_is_lifted_by_another(asker: str, fields: dict[str, Any], may: bool) -> None:
    person("mod2")
    suspension(**({"of": "alice", "by": "mod1"} | fields))
    assert permits("member.reinstate", asker, person("alice")) is may


@pytest.mark.parametrize(
    ("by", "of", "also_there", "may"),
    [
        ("mod1", "alice", "nobody", True),
        ("mod1", "alice", "bob", True),
        ("mod1", "alice", "officer", True),
        ("mod1", "alice", "mod2", False),
        ("mod1", "alice", "admin", False),
        ("admin", "alice", "nobody", True),
        ("admin", "mod1", "mod2", True),
        ("admin", "officer", "mod2", True),
    ],
)
def test_own_suspension_is_lifted_while_nobody_else_could(by: str, of: str, also_there: str, may: bool) -> None:
    if also_there != "nobody":
        person(also_there)
    suspension(of=of, by=by)
    assert permits("member.reinstate", by, person(of)) is may


@pytest.mark.parametrize(
    ("asker", "state", "may"),
    [
        ("mod2", "appealed", True),
        ("mod1", "appealed", False),
        ("alice", "appealed", False),
        ("mod2", "in_force", False),
        ("mod2", "upheld", False),
    ],
)
def test_appeals_are_answered_by_another(asker: str, state: str, may: bool) -> None:
    person("mod2")
    assert permits("suspension.answer", asker, suspension(of="bob", by="mod1", state=state)) is may


# --- Yearly checks


def check(**fields: Any) -> YearlyCheck:
    today = timezone.localdate()
    said = {"member": newcomer(institution="Lake Hospital"), "until": today, "target_on": today} | fields
    said.setdefault("application", application(member=said["member"], state="accepted"))
    return YearlyCheck.objects.create(**said)


@pytest.mark.parametrize(("state", "may"), [("waiting", True), ("superseded", False)])
def test_waiting_checks_are_decided(state: str, may: bool) -> None:
    assert permits("check.decide", "mod1", check(state=state)) is may


@pytest.mark.parametrize("near", ["self", "supervisor", "resident", "voucher", "colleague", "nobody"])
def test_checks_are_decided_by_nobody_near(near: str) -> None:
    institution = {"colleague": "LAKE HOSPITAL"}.get(near, "")
    moderator = member(is_moderator=True, institution=institution)
    asked = check(member=moderator) if near == "self" else check()
    if near == "supervisor":
        Member.objects.filter(pk=asked.member_id).update(supervisor=moderator)
    if near == "resident":
        Member.objects.filter(pk=moderator.pk).update(supervisor=asked.member)
    if near == "voucher":
        names(asked.application, moderator)
    assert permits("check.decide", moderator, asked) is (near == "nobody")


# --- Supervision


@pytest.mark.parametrize(
    ("supervisor", "fields", "resident", "may"),
    [
        ({}, {}, {}, True),
        ({"profession": "dermatopathologist"}, {}, {}, True),
        ({"profession": "physician"}, {}, {}, False),
        ({"verified_until": LONG_AGO}, {}, {}, False),
        ({"is_privacy_officer": True}, {}, {}, False),
        ({}, {"state": "refused"}, {}, False),
        ({}, {}, {"verified_until": LONG_AGO}, False),
    ],
)
def test_supervision_is_answered_by_the_specialist(
    supervisor: dict[str, Any], fields: dict[str, Any], resident: dict[str, Any], may: bool
) -> None:
    specialist = member(**supervisor)
    asked = Supervision.objects.create(
        supervisor=specialist, resident=member(**({"profession": "resident"} | resident)), **fields
    )
    assert permits("supervision.answer", specialist, asked) is may
    assert not permits("supervision.answer", "bob", asked)


@pytest.mark.parametrize(("fields", "may"), [({}, True), ({"verified_until": LONG_AGO}, False)])
def test_supervision_is_ended_by_the_supervisor(fields: dict[str, Any], may: bool) -> None:
    specialist = member(**fields)
    resident = member(profession="resident", supervisor=specialist)
    assert permits("supervision.end", specialist, resident) is may
    assert not permits("supervision.end", "bob", resident)


@pytest.mark.parametrize(
    ("fields", "may"),
    [
        ({}, True),
        ({"profession": "physician"}, False),
        ({"verified_until": LONG_AGO}, False),
        ({"is_staff": True}, False),
        ({"is_privacy_officer": True}, False),
    ],
)
def test_specialists_supervise(fields: dict[str, Any], may: bool) -> None:
    specialist = member(**fields)
    resident = member(profession="resident", supervisor=specialist)
    assert policy.supervising_members().filter(pk=specialist.pk).exists() is may
    assert policy.has_supervisor(resident) is may
    assert policy.rights(resident).post is may


@pytest.mark.parametrize(
    ("fields", "needs", "scope"),
    [
        ({}, False, policy.Scope.ALL),
        ({"profession": "resident"}, True, policy.Scope.ALL),
        ({"profession": "nurse"}, True, policy.Scope.OPTED_IN),
        ({"profession": "student"}, False, policy.Scope.TEACHING),
        ({"profession": "resident", "verified_until": LONG_AGO}, False, policy.Scope.NONE),
        ({"profession": "resident", "is_privacy_officer": True}, False, policy.Scope.NONE),
    ],
)
def test_rights_of_a_profession(fields: dict[str, Any], needs: bool, scope: policy.Scope) -> None:
    somebody = member(**fields)
    assert policy.needs_supervisor(somebody) is needs
    assert policy.rights(somebody).see_cases == scope
    assert not policy.has_supervisor(somebody)


def test_whoever_is_not_signed_in_has_no_rights() -> None:
    assert policy.rights(AnonymousUser()) == policy.NO_RIGHTS


# --- Offices


@pytest.mark.parametrize(
    ("asker", "fields", "confirms", "refuses"),
    [
        ("admin", {}, True, True),
        ("mod1", {}, False, False),
        ("lapsed administrator", {}, False, False),
        ("admin", {"state": "refused"}, False, False),
        ("admin", {"proposed_by": "admin"}, False, True),
        ("admin", {"member": "admin"}, False, True),
        ("admin", {"member": "admin", "takes": False}, True, True),
    ],
)
def test_appointments_are_confirmed_by_a_second_administrator(
    asker: str, fields: dict[str, Any], confirms: bool, refuses: bool
) -> None:
    said = {"member": "bob", "proposed_by": "officer", "office": "officer"} | fields
    said |= {name: person(said[name]) for name in ("member", "proposed_by")}
    appointment = Appointment.objects.create(**said)
    by = LAPSED[asker]() if asker in LAPSED else person(asker)
    assert permits("appointment.confirm", by, appointment) is confirms
    assert permits("appointment.refuse", by, appointment) is refuses


# --- Conduct and recovery


@pytest.mark.parametrize("asker", ["alice", "bob", "lapsed", "officer"])
def test_conduct_certificate_is_the_members_own(asker: str) -> None:
    owner = person(asker)
    run = ConductRun.objects.create(member=owner, version="1.0", finished_at=timezone.now())
    said = {"version": "1.0", "major": 1, "language": "en", "minutes": 10, "right_at_once": 10, "number": "A" * 16}
    result = ConductResult.objects.create(run=run, member=owner, until=timezone.localdate(), **said)
    assert permits("conduct.certificate", owner, result) is (asker in ("alice", "bob"))
    assert not permits("conduct.certificate", "mod1", result)


@pytest.mark.parametrize(
    ("asker", "fields", "may"),
    [
        ("mod1", {}, True),
        ("mod1", {"state": "asked"}, False),
        ("mod1", {"state": "refused"}, False),
        ("alice", {}, False),
        ("officer", {}, False),
    ],
)
def test_recoveries_wait_for_moderators(asker: str, fields: dict[str, Any], may: bool) -> None:
    recovery = Recovery.objects.create(**({"member": person("bob"), "state": "confirmed"} | fields))
    assert permits("recovery.read", asker, recovery) is may
    assert permits("recovery.decide", asker, recovery) is may


def test_nobody_judges_a_recovery_twice() -> None:
    recovery = Recovery.objects.create(member=person("bob"), state="confirmed")
    RecoveryVote.objects.create(recovery=recovery, by=person("mod1"), way="video")
    assert permits("recovery.read", "mod1", recovery)
    assert not permits("recovery.decide", "mod1", recovery)
    assert permits("recovery.decide", "mod2", recovery)
