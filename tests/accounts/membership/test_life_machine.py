"""Whatever happens to a membership, in any order: nobody has more rights than their standing allows.

The model beside it is plain Python over what was done: it says whether the member is verified today, and as what.
"""

import os
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings as site
from django.test import override_settings
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.access import audiences_of
from accounts.exceptions import VettingError
from accounts.membership import lifecycle
from accounts.membership.lifecycle import standing_changed
from accounts.membership.states import STANDING
from accounts.membership.suspension import appeals
from accounts.membership.yearly import service as yearly
from accounts.models import Member, Session, Standing, Suspension, Verification, Vote, YearlyCheck
from accounts.policy import NO_RIGHTS, RIGHTS, rights
from accounts.vetting import changing, decisions
from accounts.vetting.models import OPEN
from core.deadlines import add_months
from tests import factories
from tests.accounts.makers import claim, join

PROFESSIONS = ("dermatologist", "physician", "student")
# What one moderator may do in a day has tests of its own; here years go by within one.
MANY_A_DAY = {name: 1000 for name in site.RULES if name.endswith("_a_day")}
DAYS = st.sampled_from((1, 30, 310, 340, 370))  # into the last days of a year, and past them
moderator = st.integers(0, 4)


class Life(RuleBasedStateMachine):
    """One member, from the application to the erasure."""

    member: Member
    mods: list[Member]

    @initialize(profession=st.sampled_from(PROFESSIONS), accepted=st.integers(0, 3))
    def apply(self, profession: str, accepted: int) -> None:
        self.mods = [factories.member(is_moderator=True, institution=f"House {number}") for number in range(5)]
        application = join(email=f"nova{Member.objects.count()}@lake.example", said=claim(profession=profession))
        self.pk = application.member_id
        self.until: date | None = None
        self.full: date | None = None
        self.profession, self.state, self.former = profession, "applicant", ""
        self.suspender = -1
        self.applied, self.sent = True, False  # whether an application, a yearly check waits
        if accepted:  # most runs begin with a member
            self.two_decide(accept=True, first=0)

    @property
    def row(self) -> Member:
        return Member.objects.get(pk=self.pk)

    @property
    def today(self) -> date:
        return timezone.localdate()

    def expects(self, done: Callable[[], Any], *, may: bool) -> bool:
        """Do it; whether it was refused is what the model says."""
        try:
            done()
        except VettingError:
            assert not may
            return False
        assert may
        return True

    # --- Time

    @rule(days=DAYS)
    def time_passes(self, days: int) -> None:
        """Move every day of the membership back; the clock of the database stays."""
        if self.until:
            self.until -= timedelta(days=days)
        row = self.row
        if row.verified_until:
            Member.objects.filter(pk=self.pk).update(verified_until=row.verified_until - timedelta(days=days))
        for found in Verification.objects.filter(pk=self.pk):
            gone = timedelta(days=days)
            self.full = found.full_due_on - gone
            Verification.objects.filter(pk=self.pk).update(since=found.since - gone, full_due_on=self.full)
        for check in YearlyCheck.objects.filter(member=self.pk):
            YearlyCheck.objects.filter(pk=check.pk).update(until=check.until - timedelta(days=days))
        for held in Suspension.objects.filter(member=self.pk):
            Suspension.objects.filter(pk=held.pk).update(at=held.at - timedelta(days=days))

    @rule()
    def the_hour_strikes(self) -> None:
        lifecycle.lapse_expired()
        if self.state == "verified" and not self.holds:
            self.state = "lapsed"

    @property
    def holds(self) -> bool:
        return self.until is not None and self.until >= self.today

    # --- Vetting

    @precondition(lambda self: self.applied)
    @rule(accept=st.booleans(), first=moderator)
    def two_decide(self, accept: bool, first: int) -> None:
        application = self.row.applications.get(state__in=OPEN)
        soon = self.state == "verified" and self.holds and (self.until - self.today).days <= 60  # type: ignore[operator]
        begins, before = (self.until if soon else self.today), self.until if self.holds else None
        was = application.profession
        for number in (first, first + 1):
            by = self.mods[number % 5]
            try:
                decisions.vote(
                    application=application,
                    by=by,
                    accept=accept,
                    reason="matches" if accept else "not_found",
                    looked_up_on=self.today,
                )
            except VettingError:
                assert accept
                assert self.state in ("suspended", "erased")
                Vote.objects.filter(application=application).delete()  # they vote again once it is lifted
                return
        self.applied = False
        if accept:
            assert self.state not in ("suspended", "erased")
            self.sent = False
            assert begins is not None
            self.until = max(add_months(begins, 12), before if self.state == "verified" and before else begins)
            self.full = add_months(begins, 36)
            self.state, self.profession = "verified", was
        elif self.state in ("applicant", "lapsed"):
            self.state = "declined"

    @rule(profession=st.sampled_from(PROFESSIONS))
    def applies_again(self, profession: str) -> None:
        lapsed = self.state == "lapsed" or (self.state == "verified" and not self.holds)
        soon = self.state == "verified" and self.holds and (self.until - self.today).days <= 60  # type: ignore[operator]
        said = claim(profession=profession)
        may = (lapsed or soon) and not self.applied
        self.applied |= self.expects(lambda: decisions.apply_again(member=self.row, claim=said), may=may)

    @rule(profession=st.sampled_from(PROFESSIONS))
    def asks_for_a_change(self, profession: str) -> None:
        may = self.state == "verified" and self.holds and not self.applied and profession != self.profession
        said = claim(profession=profession)
        self.applied |= self.expects(lambda: changing.ask(member=self.row, claim=said), may=may)

    # --- The yearly check

    @rule()
    def confirms(self) -> None:
        due = self.state == "verified" and self.holds and (self.until - self.today).days <= 60  # type: ignore[operator]
        light = due and self.full is not None and self.until < self.full  # type: ignore[operator]
        free = not self.applied and not self.sent
        self.sent |= self.expects(lambda: yearly.send(member=self.row), may=light and free)

    @precondition(lambda self: self.sent)
    @rule(finding=st.sampled_from(("unchanged", "different")), by=moderator)
    def the_register_is_looked_up(self, finding: str, by: int) -> None:
        check = YearlyCheck.objects.get(member=self.pk, state="waiting")
        may = finding != "unchanged" or self.state in ("verified", "lapsed")
        done = self.expects(
            lambda: yearly.decide(check=check, by=self.mods[by], finding=finding, looked_up_on=self.today), may=may
        )
        self.sent &= not done
        if done and finding == "unchanged":
            assert self.full is not None
            self.until, self.state = min(add_months(check.until, 12), self.full), "verified"
        elif done:
            found = Verification.objects.get(pk=self.pk)
            self.full = found.full_due_on

    # --- Suspension

    @rule(by=moderator)
    def is_suspended(self, by: int) -> None:
        may = self.state in ("verified", "lapsed", "declined")
        if self.expects(lambda: lifecycle.suspend(member=self.row, by=self.mods[by], reason="conduct"), may=may):
            self.former, self.state, self.suspender = self.state, "suspended", by

    @precondition(lambda self: self.applied and self.state in ("verified", "lapsed", "declined"))
    @rule(by=moderator)
    def is_suspended_before_the_decision(self, by: int) -> None:
        self.is_suspended(by=by)
        self.two_decide(accept=True, first=0)

    @precondition(lambda self: self.sent and self.state in ("verified", "lapsed"))
    @rule(by=moderator)
    def is_suspended_before_the_finding(self, by: int) -> None:
        self.is_suspended(by=by)
        self.the_register_is_looked_up(finding="unchanged", by=0)

    @precondition(lambda self: self.state == "suspended")
    @rule()
    def appeals(self) -> None:
        found = appeals.current(self.row)
        if found is not None:
            self.expects(lambda: appeals.appeal(suspension=found, statement="No."), may=found.may_be_appealed)

    @precondition(lambda self: self.state == "suspended")
    @rule(by=moderator)
    def is_upheld(self, by: int) -> None:
        found = appeals.current(self.row)
        if found is not None:
            may = found.state == "appealed" and by != self.suspender
            self.expects(lambda: appeals.uphold(suspension=found, by=self.mods[by], answer="No."), may=may)

    @rule(by=moderator)
    def is_lifted(self, by: int) -> None:
        may = self.state == "suspended" and by != self.suspender
        if self.expects(lambda: lifecycle.reinstate(member=self.row, by=self.mods[by], reason="resolved"), may=may):
            self.state = "declined" if self.former == "declined" else ("verified" if self.holds else "lapsed")

    # --- The end

    def is_erased(self) -> None:
        """At the end of every run, from whatever standing: nothing leads out of it."""
        STANDING.move(self.row, to=Standing.ERASED)
        standing_changed.send(sender=Member, member_id=self.pk)
        self.state, self.sent = "erased", False
        self.is_suspended(by=1)
        self.is_lifted(by=2)
        self.applies_again(profession="physician")
        self.asks_for_a_change(profession="physician")
        self.confirms()
        self.the_hour_strikes()
        if self.applied:
            self.two_decide(accept=True, first=0)
        self.the_standing_is_the_models()
        self.rights_are_never_more_than_the_standing_allows()
        self.the_suspended_and_erased_have_no_way_in()

    # --- What always holds

    @invariant()
    def the_standing_is_the_models(self) -> None:
        row = self.row
        assert row.standing == self.state
        assert row.is_verified == (self.state == "verified" and self.holds)
        assert self.state == "applicant" or row.verified_until == self.until

    @invariant()
    def rights_are_never_more_than_the_standing_allows(self) -> None:
        row = self.row
        found = rights(row)
        if not (self.state == "verified" and self.holds):
            assert found == NO_RIGHTS
            assert audiences_of(row) <= {"applicant"}
            return
        allowed = RIGHTS[row.profession]  # type: ignore[index]
        assert row.profession == self.profession
        assert (found.see_cases, found.diagnose, found.quiz) == (allowed.see_cases, allowed.diagnose, allowed.quiz)
        assert not found.post or allowed.post

    @invariant()
    def the_suspended_and_erased_have_no_way_in(self) -> None:
        row = self.row
        if self.state in ("suspended", "erased"):
            assert audiences_of(row) == frozenset()
            assert not Session.objects.filter(member=row).exists()

    @invariant()
    def a_light_check_never_reaches_past_the_full_one(self) -> None:
        found = Verification.objects.filter(pk=self.pk).first()
        if found is not None and self.until is not None:
            assert self.until <= found.full_due_on

    @invariant()
    def one_suspension_is_in_force_while_suspended(self) -> None:
        in_force = Suspension.objects.filter(member=self.pk).exclude(state="lifted").count()
        assert self.state == "erased" or in_force == (self.state == "suspended")


@pytest.mark.service  # a sweep: anything in any order
@pytest.mark.django_db
@override_settings(RULES=site.RULES | MANY_A_DAY)
def test_anything_in_any_order() -> None:
    from django.db import transaction

    class Undone(Life):
        """Each run in a transaction of its own, which is undone."""

        def __init__(self) -> None:
            super().__init__()
            self._around = transaction.atomic()
            self._around.__enter__()

        def teardown(self) -> None:
            try:
                if hasattr(self, "pk"):
                    self.is_erased()
            finally:
                transaction.set_rollback(True)
                self._around.__exit__(None, None, None)

    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Undone,
        settings=settings(
            max_examples=int(os.environ.get("RETE_EXAMPLES", "25")),
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
        ),
    )


@pytest.mark.django_db
@override_settings(RULES=site.RULES | MANY_A_DAY)
def test_one_moderator_suspends_again_and_again() -> None:
    """The other way that chance seldom finds: over the years, within one day of the database."""
    one = Life()
    one.apply(profession="physician", accepted=1)
    for _time in range(7):
        one.is_suspended(by=0)
        one.is_lifted(by=1)
    one.the_standing_is_the_models()


@pytest.mark.django_db
def test_a_way_that_chance_seldom_finds() -> None:
    """A decision that was open when its member was suspended ends no suspension."""
    one = Life()
    one.apply(profession="physician", accepted=1)
    one.asks_for_a_change(profession="dermatologist")
    one.is_suspended(by=3)
    one.two_decide(accept=True, first=0)
    one.the_standing_is_the_models()
    one.rights_are_never_more_than_the_standing_allows()
    one.is_lifted(by=2)
    one.two_decide(accept=True, first=0)
    one.the_standing_is_the_models()
    assert (one.state, one.row.profession) == ("verified", "dermatologist")
