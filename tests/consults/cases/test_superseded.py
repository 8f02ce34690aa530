"""A consent that took the place of another: the code on either receipt withdraws what is shared."""

import pytest

from accounts.models import Member
from consent.models import SIGNERS, Capacity, Relation, Status, WithdrawnBy
from consent.records.lookup import find_by_code
from consent.withdrawal import withdraw
from consults.cases import gate
from consults.cases.authoring import drafts
from consults.cases.consenting import case_consent
from consults.models import Case, CaseState
from tests import factories
from tests.consent import making

pytestmark = pytest.mark.django_db


def draft(author: Member) -> Case:
    case = making.submitted(author)
    Case.objects.filter(pk=case.pk).update(state=CaseState.DRAFT)
    case.refresh_from_db()
    return case


def test_the_older_code_reaches_the_newer_consent() -> None:
    alice, bob, moderator = (factories.person(name) for name in ("alice", "bob", "mod1"))
    case = draft(alice)
    first, first_code = making.consent(alice)
    second, second_code = making.consent(alice, patient=first.patient)
    case_consent.attach_consent(case=case, consent=first, by=alice)
    case_consent.attach_consent(case=case, consent=second, by=alice)
    first.refresh_from_db()
    assert first.status == Status.SUPERSEDED
    assert find_by_code(first_code) == find_by_code(second_code) == second
    drafts.submit(case=case, by=alice)
    gate.release(case=case, by=moderator)
    assert gate.visible_cases(bob).exists()
    reached = find_by_code(first_code)
    assert reached is not None
    withdraw(consent_id=reached.pk, by=WithdrawnBy.PATIENT)
    assert not gate.visible_cases(bob).exists()


def test_a_consent_that_covers_another_case_stays_and_takes_its_successor_along() -> None:
    alice = factories.person("alice")
    kept, moved = draft(alice), draft(alice)
    first, first_code = making.consent(alice)
    second, _code = making.consent(alice, patient=first.patient)
    for case in (kept, moved):
        case_consent.attach_consent(case=case, consent=first, by=alice)
    case_consent.attach_consent(case=moved, consent=second, by=alice)
    first.refresh_from_db()
    assert (first.status, first.superseded_by) == (Status.ACTIVE, second)
    assert find_by_code(first_code) == first
    withdraw(consent_id=first.pk, by=WithdrawnBy.PATIENT)
    second.refresh_from_db()
    assert second.status == Status.WITHDRAWN


def test_the_same_consent_twice_supersedes_nothing() -> None:
    alice = factories.person("alice")
    case = draft(alice)
    given, _code = making.consent(alice)
    for _time in range(2):
        case_consent.attach_consent(case=case, consent=given, by=alice)
    given.refresh_from_db()
    assert (given.status, given.superseded_by) == (Status.ACTIVE, None)


@pytest.mark.parametrize(
    ("age_band", "capacity", "assent", "code"),
    [
        ("18-29", "capable", "", None),
        ("13-17", "capable", "", "consent_child"),
        ("1-5", "supported", "", "consent_child"),
        ("6-12", "child", "too_young", "consent_assent"),
        ("6-12", "child", "agreed", None),
        ("1-5", "child", "too_young", None),
        ("6-12", "deceased", "", None),
    ],
)
def test_a_child_does_not_sign_alone(age_band: str, capacity: str, assent: str, code: str | None) -> None:
    alice = factories.person("alice")
    case = draft(alice)
    given, _code = making.consent(alice)
    signer = SIGNERS[Capacity(capacity)][0]
    authority = "" if signer == Relation.SELF else "by law"
    type(given).objects.filter(pk=given.pk).update(
        capacity=Capacity(capacity), relation=signer, authority=authority, assent=assent
    )
    Case.objects.filter(pk=case.pk).update(consent=given, age_band=age_band)
    found = {blocker.code for blocker in gate.blockers(Case.objects.get(pk=case.pk))}
    assert found & {"consent_child", "consent_assent"} == ({code} if code else set())


@pytest.mark.parametrize(
    ("source", "refused"),
    [
        ("Dr Jane Doe, Harbour Clinic", False),
        ("https://example.org/case-12", False),
        ("MRN 12345678", True),
        ("seen on 3 February 1961", True),
    ],
)
def test_a_source_names_its_owner_and_no_patient(source: str, refused: bool) -> None:
    case = draft(factories.person("alice"))
    case.source = source
    case.save()
    assert ("identifier" in {blocker.code for blocker in gate.blockers(case)}) == refused
