"""Anything that people may do, in any order: what is visible is exactly what the rule allows."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from accounts.models import Member
from consent.models import Consent, ConsentUse, WithdrawnBy
from consent.service import withdraw
from consults import gate
from consults.cases import service
from consults.models import Case, CaseState, Group, Membership
from consults.models.cases import EDITABLE
from imaging.models import Rendition
from tests import factories, gate_world
from tests.consults import reading

AUTHORS = ("alice", "resident")
LOOKERS = (*AUTHORS, "nurse", "mod1", "officer")
PROFESSIONS = {"resident": "resident", "nurse": "nurse"}
GROUPS = ("", gate_world.HALL, gate_world.WARD)
who, author, group, pick = (
    st.sampled_from(LOOKERS),
    st.sampled_from(AUTHORS),
    st.sampled_from(GROUPS),
    st.integers(0, 99),
)


@dataclass(frozen=True)
class Known:
    """What one case is and what was approved, without asking the database."""

    author: str
    group: str
    consent: int | None
    state: str = "draft"
    words: int = 0
    content: int = 0
    approved: tuple[int, int, int | None] | None = None  # words, bytes, consent


@dataclass(frozen=True)
class Allowed:
    """A consent: whom it covers (None: nobody any more) and whether it is in force."""

    covers: frozenset[str]
    in_force: bool = True
    withdrawn: bool = False


class Community(RuleBasedStateMachine):
    """A few members, two groups, and whatever they do."""

    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.members = {name: factories.person(name) for name in LOOKERS}
        self.groups = {
            gate_world.HALL: Group.objects.create(name="Hall"),
            gate_world.WARD: Group.objects.create(name="Ward", open_to_nurses=True),
        }
        self.cases: list[tuple[Case, Known]] = []
        self.consents: list[tuple[Consent, Allowed]] = []
        self.belongs: set[tuple[str, str]] = set()
        self.verified = set(LOOKERS)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)

    # --- Small helpers

    def chosen(self, number: int) -> tuple[int, Case, Known]:
        place = number % len(self.cases)
        case, known = self.cases[place]
        return place, Case.objects.get(pk=case.pk), known

    def member(self, name: str) -> Member:
        return Member.objects.get(pk=self.members[name].pk)

    def row(self, known: Known) -> gate_world.Row:
        """The facts in the words of the rule."""
        allowed = self.consents[known.consent][1] if known.consent is not None else None
        now = (known.words, known.content, known.consent)
        consent = "none"
        if allowed is not None:
            consent = "withdrawn" if allowed.withdrawn else "past"
            if allowed.in_force and ("" in allowed.covers or known.group in allowed.covers):
                consent = "all"
        if known.approved is None or (known.approved[0], known.approved[2]) != (now[0], now[2]):
            release = "none"
        else:
            release = "same" if known.approved == now else "other bytes"
        return gate_world.Row(known.state, consent, release, author=known.author, group=known.group)

    def person(self, name: str) -> gate_world.Person:
        return gate_world.Person(
            name,
            PROFESSIONS.get(name, "dermatologist"),
            verified=name in self.verified,
            officer=name == "officer",
            moderator=name == "mod1",
            groups=frozenset(group for member, group in self.belongs if member == name),
        )

    # --- What people do

    @rule(author=author, group=group, all_members=st.booleans(), joins=st.booleans())
    def write_a_case(self, author: str, group: str, all_members: bool, joins: bool) -> None:
        whom = "" if all_members or not group else group
        if group and joins:
            self.join(author, group)
        consent = reading.consent(self.members[author], group=self.groups[whom].pk if whom else None)
        self.consents.append((consent, Allowed(frozenset((whom,)))))
        case = reading.case(
            self.members[author],
            state=CaseState.DRAFT,
            group=self.groups.get(group),
            consent=consent,
            kinds=("close-up",),
        )
        self.cases.append((case, Known(author, group, len(self.consents) - 1)))

    @rule(who=who, group=st.sampled_from(GROUPS[1:]))
    def join(self, who: str, group: str) -> None:
        Membership.objects.get_or_create(group=self.groups[group], member=self.members[who])
        self.belongs.add((who, group))

    @rule(who=who, group=st.sampled_from(GROUPS[1:]))
    def leave(self, who: str, group: str) -> None:
        Membership.objects.filter(group=self.groups[group], member=self.members[who]).delete()
        self.belongs.discard((who, group))

    @rule(who=who, verified=st.booleans())
    def suspend_or_reinstate(self, who: str, verified: bool) -> None:
        standing = "verified" if verified else "suspended"
        Member.objects.filter(pk=self.members[who].pk).update(standing=standing)
        (self.verified.add if verified else self.verified.discard)(who)

    @precondition(lambda self: self.cases)
    @rule(number=pick, by=st.sampled_from(("mod1", *AUTHORS)))
    def send_and_release(self, number: int, by: str) -> None:
        place, case, known = self.chosen(number)
        try:
            if case.state in EDITABLE:
                service.submit(case=case, by=self.member(known.author))
                known = replace(known, state="submitted")
                self.cases[place] = (case, known)
            service.approve(case=Case.objects.get(pk=case.pk), by=self.member(by))
        except (gate.Blocked, gate.NotYours):
            return
        assert self.row(known).consent == "all"
        assert known.author in self.verified
        assert by != known.author
        approved = (known.words, known.content, known.consent)
        self.cases[place] = (case, replace(known, state="released", approved=approved))

    @precondition(lambda self: self.cases)
    @rule(number=pick, state=st.sampled_from(("draft", "submitted", "returned", "closed")))
    def change_state_by_hand(self, number: int, state: str) -> None:
        place, case, known = self.chosen(number)
        Case.objects.filter(pk=case.pk).update(state=state, released_at=timezone.now())
        self.cases[place] = (case, replace(known, state=state))

    @precondition(lambda self: self.cases)
    @rule(number=pick, words=st.integers(0, 1))
    def edit_the_words(self, number: int, words: int) -> None:
        place, case, known = self.chosen(number)
        case.note = ("Appeared over months.", "Appeared over years.")[words]
        case.save()
        self.cases[place] = (case, replace(known, words=words + 1))

    @precondition(lambda self: self.cases)
    @rule(number=pick, content=st.integers(0, 1))
    def swap_the_bytes(self, number: int, content: int) -> None:
        place, case, known = self.chosen(number)
        Rendition.objects.filter(photo__placement__case=case).update(sha256=str(content) * 64)
        self.cases[place] = (case, replace(known, content=content + 1))

    @precondition(lambda self: self.consents)
    @rule(number=pick)
    def withdraw_the_consent(self, number: int) -> None:
        place = number % len(self.consents)
        consent, allowed = self.consents[place]
        withdraw(consent_id=consent.pk, by=WithdrawnBy.PATIENT)
        self.consents[place] = (consent, replace(allowed, in_force=False, withdrawn=True))

    @precondition(lambda self: self.consents)
    @rule(number=pick, group=st.sampled_from(GROUPS))
    def narrow_or_widen_the_consent(self, number: int, group: str) -> None:
        place = number % len(self.consents)
        consent, allowed = self.consents[place]
        ConsentUse.objects.filter(consent=consent).delete()
        gate_world.use(consent, self.groups.get(group))
        self.consents[place] = (consent, replace(allowed, covers=frozenset((group,))))

    @precondition(lambda self: self.consents)
    @rule(number=pick, days=st.sampled_from((-1, 0, 1)))
    def set_an_end(self, number: int, days: int) -> None:
        place = number % len(self.consents)
        consent, allowed = self.consents[place]
        Consent.objects.filter(pk=consent.pk).update(expires_on=timezone.now().date() + timedelta(days=days))
        self.consents[place] = (consent, replace(allowed, in_force=days >= 0 and not allowed.withdrawn))

    @precondition(lambda self: self.cases and self.consents)
    @rule(number=pick, other=pick)
    def put_under_another_consent(self, number: int, other: int) -> None:
        place, case, known = self.chosen(number)
        consent = other % len(self.consents)
        Case.objects.filter(pk=case.pk).update(consent=self.consents[consent][0])
        self.cases[place] = (case, replace(known, consent=consent))

    @precondition(lambda self: self.cases)
    @rule(number=pick, group=group)
    def move_to_another_audience(self, number: int, group: str) -> None:
        place, case, known = self.chosen(number)
        Case.objects.filter(pk=case.pk).update(group=self.groups.get(group))
        self.cases[place] = (case, replace(known, group=group))

    # --- What must hold

    @invariant()
    def only_what_the_rule_allows(self) -> None:
        by_case = {case.pk: self.row(known) for case, known in self.cases}
        doors: list[tuple[Any, Callable[..., bool], str]] = [
            (gate.visible_cases, gate_world.sees_case, "pk"),
            (gate.visible_renditions, gate_world.sees_picture, "photo__placement__case"),
            (gate.servable_renditions, gate_world.is_sent_picture, "photo__placement__case"),
        ]
        for name in LOOKERS:
            member, person = self.member(name), self.person(name)
            for door, allowed, path in doors:
                found = set(door(member).values_list(path, flat=True))
                expected = {pk for pk, row in by_case.items() if allowed(person, row, self.verified)}
                assert found == expected, (name, door.__name__)


def test_community(db: None) -> None:
    for name in LOOKERS:
        factories.person(name)
    run_state_machine_as_test(
        Community,
        settings=settings(
            max_examples=8,
            stateful_step_count=12,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
