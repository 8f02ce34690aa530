"""Who may do what with which group: every action, everybody, every kind and state of a group."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from consults.groups import policy
from consults.groups.models import Kind, Way
from consults.models import Admission, Group, GroupProposal, Membership
from core import permissions
from tests import factories
from tests.consults.groups.making import group, place

pytestmark = pytest.mark.django_db

EVERYBODY = ("anonymous", *factories.PEOPLE)
READERS = {"alice", "bob", "resident", "physician", "nurse", "student", "mod1", "mod2"}

# alice moderates each, bob belongs to each but "lost", which nobody moderates and to which the nurse belongs.
# The student is invited to the closed one. mod1 has asked to join the open one and mod2 was refused there.
GROUPS: dict[str, dict[str, object]] = {
    "open": {"kind": Kind.OPEN},
    "nurses": {"kind": Kind.OPEN, "open_to_nurses": True},
    "invited": {"kind": Kind.INVITED},
    "closed": {},
    "ended": {"kind": Kind.OPEN, "ended_at": timezone.now()},
    "lost": {},
    "lost, with a case": {},
}
ALLOWED: dict[str, dict[str, set[str]]] = {
    "group.view": {
        "open": READERS,
        "nurses": READERS,
        "invited": READERS,
        "closed": {"alice", "bob", "student"},
        "lost": {"nurse"},
        "lost, with a case": {"nurse"},
    },
    "group.belong": {
        "open": {"alice", "bob"},
        "nurses": {"alice", "bob"},
        "invited": {"alice", "bob"},
        "closed": {"alice", "bob"},
        "lost": {"nurse"},
        "lost, with a case": {"nurse"},
    },
    "group.request": {
        "open": {"resident", "physician", "student"},
        "nurses": {"resident", "physician", "student", "nurse", "mod1", "mod2"},
    },
    "group.moderate": {key: {"alice"} for key in ("open", "nurses", "invited", "closed")},
    "group.manage": {key: {"admin"} for key in ("open", "nurses", "invited", "lost", "lost, with a case")},
    "group.rescue": {key: {"admin"} for key in ("lost", "lost, with a case")},
    "group.fill": {"lost": {"admin"}},
}


def somebody(name: str) -> object:
    return AnonymousUser() if name == "anonymous" else factories.person(name)


@pytest.fixture
def groups() -> dict[str, Group]:
    from tests.consults import reading

    made = {}
    for name, facts in GROUPS.items():
        lost = name.startswith("lost")
        inside = {"moderators": () if lost else ("alice",), "members": ("nurse",) if lost else ("bob",)}
        made[name] = group(name, **inside, **facts)  # type: ignore[arg-type]
    student, mod1, mod2, alice = (factories.person(name) for name in ("student", "mod1", "mod2", "alice"))
    Admission.objects.create(group=made["closed"], member=student, way=Way.INVITATION, by=alice)
    Admission.objects.create(group=made["open"], member=mod1, way=Way.REQUEST, by=mod1)
    Admission.objects.create(
        group=made["open"],
        member=mod2,
        way=Way.REQUEST,
        by=mod2,
        state="refused",
        reason="full",
        decided_by=alice,
        decided_at=timezone.now(),
    )
    reading.case(group=made["lost, with a case"])
    return made


def test_every_action_on_groups_has_a_row() -> None:
    about_groups = {action for action, rule in policy.POLICY.items() if rule(AnonymousUser()).model is Group}
    assert about_groups == set(ALLOWED)


@pytest.mark.parametrize("action", ALLOWED)
def test_who_may(action: str, groups: dict[str, Group]) -> None:
    for name, one in groups.items():
        may = {who for who in EVERYBODY if permissions.allows(somebody(who), action, one)}
        assert may == ALLOWED[action].get(name, set()), name


def test_a_refused_request_may_be_made_again_after_a_month(groups: dict[str, Group]) -> None:
    mod2 = factories.person("mod2")
    assert not permissions.allows(mod2, "group.request", groups["open"])
    Admission.objects.filter(member=mod2).update(decided_at=timezone.now() - timedelta(days=31))
    assert permissions.allows(mod2, "group.request", groups["open"])


@pytest.mark.parametrize(
    ("way", "state", "may"),
    [
        (Way.REQUEST, "refused", False),
        (Way.REQUEST, "accepted", True),  # and left since
        (Way.REQUEST, "taken_back", True),
        (Way.INVITATION, "refused", True),  # by whoever asks now
    ],
)
def test_only_a_refused_request_keeps_from_asking_again(way: str, state: str, may: bool) -> None:
    one, bob = group(kind=Kind.OPEN), factories.person("bob")
    by = bob if way == Way.REQUEST else factories.person("alice")
    Admission.objects.create(
        group=one, member=bob, way=way, by=by, state=state, reason="full", decided_at=timezone.now()
    )
    assert permissions.allows(bob, "group.request", one) is may


@pytest.mark.parametrize(("way", "by", "sees"), [(Way.INVITATION, "alice", True), (Way.REQUEST, "bob", False)])
def test_a_request_shows_nobody_a_group_that_was_closed_since(way: str, by: str, sees: bool) -> None:
    one, bob = group(), factories.person("bob")
    Admission.objects.create(group=one, member=bob, way=way, by=factories.person(by))
    assert permissions.allows(bob, "group.view", one) is sees


@pytest.mark.parametrize(
    ("fields", "reads", "confirms"),
    [
        ({}, True, True),
        ({"profession": "resident"}, True, False),
        ({"verified_until": date(2020, 1, 31)}, False, False),
        ({"is_privacy_officer": True}, False, False),
    ],
)
def test_who_answers_and_takes_back_what_is_theirs(fields: dict[str, Any], reads: bool, confirms: bool) -> None:
    member, alice = factories.member(**fields), factories.person("alice")
    invited = Admission.objects.create(group=group(), member=member, way=Way.INVITATION, by=alice)
    asked = Admission.objects.create(group=group("Ward"), member=member, way=Way.REQUEST, by=member)
    proposed = GroupProposal.objects.create(name="Nails", by=member, second=alice)
    second = GroupProposal.objects.create(name="Hair", by=alice, second=member)
    assert permissions.allows(member, "group_invitation.answer", invited) is reads
    assert permissions.allows(member, "group_admission.take_back", asked) is reads
    assert permissions.allows(member, "group_proposal.take_back", proposed) is reads
    assert permissions.allows(member, "group_proposal.answer", second) is confirms


@pytest.mark.parametrize(
    ("fields", "may"),
    [({}, True), ({"profession": "nurse"}, False), ({"is_staff": True}, False), ({"is_privacy_officer": True}, False)],
)
def test_only_whoever_sees_all_cases_is_appointed(fields: dict[str, Any], may: bool) -> None:
    one = group()
    row = Membership.objects.create(group=one, member=factories.member(**fields))
    assert permissions.allows(factories.person("alice"), "group.appoint", row) is may


@pytest.mark.parametrize(("until", "may"), [(factories.next_year(), True), (date(2020, 1, 31), False)])
def test_groups_are_rescued_by_administrators_in_office(until: date, may: bool) -> None:
    lost = group(moderators=())
    administrator = factories.member(is_staff=True, verified_until=until)
    assert permissions.allows(administrator, "group.manage", lost) is may
    assert permissions.allows(administrator, "group.rescue", lost) is may


@pytest.mark.parametrize(
    ("change", "still"),
    [
        ({}, True),
        ({"standing": "suspended"}, False),
        ({"verified_until": timezone.localdate() - timedelta(days=1)}, False),
        ({"is_staff": True}, False),
        ({"is_privacy_officer": True}, False),
        ({"profession": "nurse"}, False),
    ],
)
def test_a_moderator_who_is_not_verified_any_more_moderates_nothing(change: dict[str, object], still: bool) -> None:
    one = group(members=("bob",))
    alice = factories.person("alice")
    for name, value in change.items():
        setattr(alice, name, value)
    alice.save()
    assert permissions.allows(alice, "group.moderate", one) is still


@pytest.mark.parametrize(
    ("who", "by", "remove", "appoint"),
    [
        ("bob", "alice", True, True),
        ("mod1", "alice", False, False),  # moderates too
        ("suspended", "alice", True, False),  # did moderate
        ("nurse", "alice", True, False),
        ("student", "alice", True, False),
        ("resident", "alice", True, True),
        ("alice", "alice", False, False),
        ("bob", "mod1", True, True),
        ("bob", "bob", False, False),
        ("bob", "nurse", False, False),
        ("bob", "admin", False, False),
        ("bob", "suspended", False, False),
        ("bob", "physician", False, False),  # does not belong to it
    ],
)
def test_who_removes_and_appoints_whom(who: str, by: str, remove: bool, appoint: bool) -> None:
    people = ("bob", "nurse", "student", "resident")
    one = group(moderators=("alice", "mod1", "suspended"), members=people)
    other = group("Other", moderators=("physician",), members=("alice",))
    assert permissions.allows(factories.person(by), "group.remove", place(one, who)) is remove
    assert permissions.allows(factories.person(by), "group.appoint", place(one, who)) is appoint
    assert not permissions.allows(factories.person(by), "group.remove", place(other, "physician"))


@pytest.mark.parametrize(
    ("action", "of_request", "of_invitation"),
    [
        ("group_request.decide", {"alice"}, set()),
        ("group_invitation.answer", set(), {"student"}),
        ("group_admission.answer", {"alice"}, {"student"}),
        ("group_admission.take_back", {"resident"}, {"alice"}),
    ],
)
@pytest.mark.parametrize("state", ["waiting", "taken_back", "expired", "late", "ended group"])
def test_who_answers(action: str, of_request: set[str], of_invitation: set[str], state: str) -> None:
    one = group(members=("bob",), kind=Kind.OPEN)
    for_sent = {"state": "waiting" if state in ("late", "ended group") else state}
    if state == "late":
        for_sent["expires_at"] = timezone.now() - timedelta(seconds=1)
    resident, student, alice = (factories.person(name) for name in ("resident", "student", "alice"))
    asked = Admission.objects.create(group=one, member=resident, way=Way.REQUEST, by=resident, **for_sent)
    invited = Admission.objects.create(group=one, member=student, way=Way.INVITATION, by=alice, **for_sent)
    if state == "ended group":
        Group.objects.update(ended_at=timezone.now())
    for row, expected in ((asked, of_request), (invited, of_invitation)):
        may = {who for who in EVERYBODY if permissions.allows(somebody(who), action, row)}
        assert may == (expected if state == "waiting" else set())


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("group_proposal.view", {"alice", "bob"}),
        ("group_proposal.answer", {"bob"}),
        ("group_proposal.take_back", {"alice"}),
    ],
)
@pytest.mark.parametrize("state", ["waiting", "refused", "late"])
def test_who_answers_a_proposal(action: str, expected: set[str], state: str) -> None:
    facts: dict[str, object] = {"state": "waiting" if state == "late" else state}
    if state == "late":
        facts["expires_at"] = timezone.now()
    row = GroupProposal.objects.create(
        name="Nails", by=factories.person("alice"), second=factories.person("bob"), **facts
    )
    may = {who for who in EVERYBODY if permissions.allows(somebody(who), action, row)}
    assert may == (expected if state == "waiting" else set())


@pytest.mark.parametrize(
    ("who", "proposes", "moderates", "belongs", "belongs_where_nurses_may"),
    [
        ("alice", True, True, True, True),
        ("mod2", True, True, True, True),  # a dermatopathologist
        ("resident", False, True, True, True),
        ("physician", False, True, True, True),
        ("nurse", False, False, False, True),
        ("student", False, False, True, True),
        ("officer", False, False, False, False),
        ("admin", False, False, False, False),
        ("suspended", False, False, False, False),
        ("lapsed", False, False, False, False),
        ("applicant", False, False, False, False),
    ],
)
def test_the_rights_of_a_profession_in_groups(
    who: str, proposes: bool, moderates: bool, belongs: bool, belongs_where_nurses_may: bool
) -> None:
    member = factories.person(who)
    assert policy.may_propose(member) is proposes
    assert policy.may_moderate(member) is moderates
    assert policy.may_belong(member, open_to_nurses=False) is belongs
    assert policy.may_belong(member, open_to_nurses=True) is belongs_where_nurses_may


def test_a_rule_for_nobody_at_all() -> None:
    group(kind=Kind.OPEN)
    for action, rule in policy.POLICY.items():
        assert not rule(AnonymousUser()).exists(), action
        assert not rule(object()).exists(), action
    assert Membership.objects.count() == 1
