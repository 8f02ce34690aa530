"""An author's first cases: the second reader states more, and the author reads how far they are."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.membership.probation import probation_of
from accounts.models import Member
from audit.models import Event
from consults.cases import gate
from consults.cases.authoring import drafts
from consults.cases.review import second_read
from consults.models import Case, CaseState, SecondRead
from tests import factories
from tests.consults import reading

pytestmark = pytest.mark.django_db
SignIn = Callable[[object], Client]
CHECKS = dict.fromkeys(gate.PROBATION, "on")


def on_probation(member: Member, released: int = 0) -> Member:
    Member.objects.filter(pk=member.pk).update(posts_released=released)
    return Member.objects.get(pk=member.pk)


@pytest.fixture
def first(alice: Member) -> Case:
    """The first case of alice, waiting for its second read."""
    on_probation(alice)
    return Case.objects.get(pk=reading.case(state="submitted").pk)


def posted(case: Case, **fields: str) -> dict[str, str]:
    case.refresh_from_db()
    return {"decision": "release", "looked": "on", "seen": second_read.digest(case)} | fields


@pytest.mark.parametrize(
    ("released", "needed", "number"), [(0, 3, 1), (2, 3, 3), (3, 3, None), (4, 3, None), (4, 5, 5), (0, 0, None)]
)
def test_how_long_probation_lasts(alice: Member, settings: Any, released: int, needed: int, number: int | None) -> None:
    settings.RULES = settings.RULES | {"probation_posts": needed}
    found = probation_of(on_probation(alice, released))
    assert (found.number if found else None) == number


@pytest.mark.parametrize(
    ("released", "accepted", "goes"),
    [
        (0, gate.PROBATION, True),
        (2, gate.PROBATION, True),
        (0, (), False),
        (0, gate.PROBATION[:2], False),
        (2, gate.PROBATION[1:], False),
        (0, (gate.ATTACHED, gate.ASKED_BEFORE), False),
        (3, (), True),
    ],
)
def test_the_gate_asks_for_every_check(
    first: Case, mod1: Member, released: int, accepted: tuple[str, ...], goes: bool
) -> None:
    on_probation(first.author, released)
    if not goes:
        with pytest.raises(gate.Blocked) as blocked:
            gate.release(case=first, by=mod1, accepted=accepted)
        assert [blocker.code for blocker in blocked.value.blockers] == ["not_accepted"]
        return
    gate.release(case=first, by=mod1, accepted=accepted)
    kept = list(accepted)
    assert SecondRead.objects.get().accepted == kept
    assert Event.objects.get(verb="case.released").facts["accepted"] == kept


def test_the_page_has_a_tick_for_each_check(first: Case, mod1: Member, sign_in: SignIn) -> None:
    client, address = sign_in(mod1), reverse("consults:second_read", args=[first.pk])
    page = client.get(address).content.decode()
    assert "on probation" in page
    assert "case 1 of the first 3" in page
    for code in gate.PROBATION:
        sent = posted(first, **{name: "on" for name in gate.PROBATION if name != code})
        assert client.post(address, sent).status_code == 422
    assert client.post(address, posted(first, **CHECKS)).status_code == 302
    assert Member.objects.get(pk=first.author_id).posts_released == 1


def test_after_probation_the_page_says_and_asks_nothing_of_it(first: Case, mod1: Member, sign_in: SignIn) -> None:
    on_probation(first.author, 3)
    client, address = sign_in(mod1), reverse("consults:second_read", args=[first.pk])
    page = client.get(address).content.decode()
    assert "on probation" not in page
    assert not any(code in page for code in gate.PROBATION)
    assert client.post(address, posted(first)).status_code == 302


def test_the_same_case_once_more_is_no_second_case(first: Case, mod1: Member) -> None:
    case = gate.release(case=first, by=mod1, accepted=gate.PROBATION)
    drafts.retract(case=case, by=case.author)
    drafts.submit(case=Case.objects.get(pk=case.pk), by=case.author)
    gate.release(case=Case.objects.get(pk=case.pk), by=mod1, accepted=gate.PROBATION)
    assert Member.objects.get(pk=case.author_id).posts_released == 1


@pytest.mark.parametrize(("released", "said"), [(0, "0 of 3 released"), (2, "2 of 3 released"), (3, "")])
def test_the_author_reads_how_far_they_are(alice: Member, sign_in: SignIn, released: int, said: str) -> None:
    client = sign_in(on_probation(alice, released))
    draft = reading.case(state=CaseState.DRAFT)
    for address in (reverse("consults:mine"), reverse("consults:check", args=[draft.pk])):
        page = client.get(address).content.decode()
        assert ("read with more care" in page) is bool(said)
        assert said in page


def test_a_released_case_says_nothing_of_it_on_its_check_page(first: Case, mod1: Member, sign_in: SignIn) -> None:
    gate.release(case=first, by=mod1, accepted=gate.PROBATION)
    client = sign_in(factories.person("alice"))
    assert "read with more care" not in client.get(reverse("consults:check", args=[first.pk])).content.decode()
