"""The conduct module stands before sending a case, and before nothing else."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from accounts.policy import rights
from consults.cases import gate
from consults.cases.authoring import drafts
from consults.models import Case, CaseState
from tests import factories
from tests.accounts.conduct.walking import pass_module
from tests.consults import reading

pytestmark = pytest.mark.django_db
SignIn = Callable[[object], Client]
NEVER = None


def ends(member: Member, days: int | None) -> Member:
    until = None if days is None else timezone.localdate() + timedelta(days=days)
    Member.objects.filter(pk=member.pk).update(conduct_until=until)
    return Member.objects.get(pk=member.pk)


@pytest.mark.parametrize("author", ["alice", "physician", "resident", "nurse", "mod1"])
@pytest.mark.parametrize("state", [CaseState.DRAFT, CaseState.RETURNED, CaseState.SUBMITTED])
@pytest.mark.parametrize(("days", "counts"), [(NEVER, False), (-1, False), (0, True), (200, True)])
def test_what_is_sent_needs_the_module_and_what_was_sent_does_not(
    author: str, state: CaseState, days: int | None, counts: bool
) -> None:
    member = factories.person(author)
    case = reading.case(member, state=state)
    ends(member, days)
    codes = [blocker.code for blocker in gate.blockers(Case.objects.get(pk=case.pk))]
    blocked = not counts and state != CaseState.SUBMITTED
    assert codes == (["author_conduct"] if blocked else [])


def test_sending_is_refused_with_the_next_step_and_the_draft_stays(alice: Member, sign_in: SignIn) -> None:
    case = reading.case(state=CaseState.DRAFT)
    alice = ends(alice, NEVER)
    with pytest.raises(gate.Blocked):
        drafts.submit(case=case, by=alice)
    client, address = sign_in(alice), reverse("consults:check", args=[case.pk])
    answer = client.post(address, follow=True)
    page = answer.content.decode()
    assert "Not sent yet" in page
    assert f'<a href="{reverse("accounts:conduct")}">Pass the conduct module first' in page
    assert Case.objects.get(pk=case.pk).state == CaseState.DRAFT
    pass_module(alice)
    assert "Pass the conduct module first" not in client.get(address).content.decode()
    assert client.post(address).url == reverse("consults:mine")
    assert Case.objects.get(pk=case.pk).state == CaseState.SUBMITTED


def test_a_module_that_ends_while_the_case_waits_keeps_nothing_back(alice: Member, mod1: Member) -> None:
    case = reading.case(state=CaseState.DRAFT)
    drafts.submit(case=case, by=alice)
    ends(alice, -1)
    assert gate.release(case=Case.objects.get(pk=case.pk), by=mod1).state == CaseState.RELEASED


def test_what_is_visible_stays_visible_and_what_is_taken_back_needs_it_again(alice: Member, bob: Member) -> None:
    case = reading.case()
    alice = ends(alice, -1)
    assert case in gate.visible_cases(bob)
    drafts.retract(case=Case.objects.get(pk=case.pk), by=alice)
    with pytest.raises(gate.Blocked):
        drafts.submit(case=Case.objects.get(pk=case.pk), by=alice)


@pytest.mark.parametrize("days", [NEVER, -1])
def test_reading_diagnosing_and_beginning_a_draft_stay_open(bob: Member, sign_in: SignIn, days: int | None) -> None:
    case = reading.case()
    bob = ends(bob, days)
    assert rights(bob).post
    assert rights(bob).diagnose
    client = sign_in(bob)
    assert client.get(reverse("consults:case", args=[case.pk])).status_code == 200
    assert reading.answer(case, bob).pk
    assert client.get(reverse("consults:new"), follow=True).status_code == 200


@pytest.mark.parametrize(("days", "asked"), [(NEVER, True), (100, False)])
def test_the_second_reader_is_not_asked_for_the_module(
    mod1: Member, sign_in: SignIn, days: int | None, asked: bool
) -> None:
    waiting = reading.case(state=CaseState.SUBMITTED)
    client = sign_in(ends(mod1, days))
    assert client.get(reverse("consults:second_read", args=[waiting.pk])).status_code == 200
    page = client.get(reverse("consults:mine")).content.decode()
    assert ("pass the conduct module" in page) is asked
