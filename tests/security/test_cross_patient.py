"""The attack on a patient's word: the consent of one patient is picked for the case of another.

All of it goes through the pages, as an author in a hurry would do it, with every shortcut that a script has. Then the
first patient withdraws with the code. What belongs to the second patient has to stand, its keys too.
"""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from consent.models import Consent, Status
from consent.records.lookup import find_by_code
from consults.cases import gate, same_patient
from consults.models import Case, CaseState
from core.crypto import vault
from imaging.models import Photo
from tests import factories
from tests.consent import making
from tests.consults.new_case import CODE
from tests.matrix import journey

ATTACHED_IN_WORDS = {"same_patient": "on", "told_patient": "on"}


def pick(author: Client, case: Case, consent: Consent, *, forged: bool) -> None:
    """Choose a consent from the list and say yes to everything; forged, without looking at the page that compares."""
    author.post(reverse("consults:consent", args=[case.pk]), {"action": "existing", "consent": str(consent.pk)})
    address = reverse("consults:attach", args=[case.pk, consent.pk])
    if forged:
        here = Case.objects.get(pk=case.pk)
        seen = same_patient.digest(here, consent, same_patient.other_cases(here, consent))
    else:
        found = re.findall(r'name="seen" value="([0-9a-f]{64})"', author.get(address).content.decode())
        seen = found[0] if found else ""
    author.post(address, {**ATTACHED_IN_WORDS, "seen": seen})


def withdraw(code: str) -> None:
    """The patient withdraws through the pages, without an account."""
    patient = Client()
    shown = patient.post(reverse("consent:withdraw"), {"code": code}, follow=True).content.decode()
    note = re.search(r'name="note" value="([^"]+)"', shown)
    assert note is not None
    patient.post(reverse("consent:withdraw_confirm"), {"note": note[1]})


def keys_of(case: Case) -> list[bool]:
    return [vault.has_key(photo.key_id) for photo in Photo.objects.filter(placement__case=case)]


@pytest.mark.parametrize("forged", [False, True])
def test_a_case_with_a_consent_of_its_own_stands(alice: Member, run_jobs: Callable[[], int], forged: bool) -> None:
    author = journey.client_of(alice)
    first, second = making.published(alice), making.published(alice, title="Another patient")
    author.post(reverse("consults:retract", args=[second.case.pk]))
    pick(author, second.case, first.consent, forged=forged)
    assert second.again().case.consent == second.consent
    withdraw(first.code)
    run_jobs()
    assert (first.again().case.state, second.again().case.state) == (CaseState.WITHDRAWN, CaseState.DRAFT)
    assert second.again().case.title == "Another patient"
    assert (keys_of(second.case), second.again().consent.status) == ([True], Status.ACTIVE)
    assert find_by_code(second.code) == second.consent


@pytest.mark.parametrize("released", [False, True])
def test_the_wrong_pick_for_a_new_case_ends_with_its_own_consent(
    alice: Member, run_jobs: Callable[[], int], released: bool
) -> None:
    """Nothing that is known tells the two apart, everybody says yes, and then the second patient signs."""
    author = journey.client_of(alice)
    first = making.published(alice)
    case = making.submitted(alice, title="Another patient")
    author.post(reverse("consults:take_back", args=[case.pk]))
    pick(author, case, first.consent, forged=False)
    assert Case.objects.get(pk=case.pk).consent == first.consent
    if released:
        journey.submit(author, case)
        gate.release(case=Case.objects.get(pk=case.pk), by=factories.person("mod1"), accepted=[gate.ATTACHED])
        author.post(reverse("consults:retract", args=[case.pk]))
    receipt = journey.consent(author, case)
    (code,) = set(CODE.findall(receipt.content.decode()))
    withdraw(first.code)
    run_jobs()
    case.refresh_from_db()
    assert (case.state, case.title, keys_of(case)) == (CaseState.DRAFT, "Another patient", [True])
    own = find_by_code(code)
    assert own is not None
    assert (own, own.status, own.patient != first.consent.patient) == (case.consent, Status.ACTIVE, True)


@pytest.mark.parametrize("fields", [{"sex": "male"}, {"age_band": "18-29"}, {"age_band": "6-12"}])
@pytest.mark.parametrize("forged", [False, True])
def test_somebody_who_cannot_be_the_patient_is_refused(alice: Member, fields: dict[str, str], forged: bool) -> None:
    author = journey.client_of(alice)
    first = making.published(alice)
    case = making.submitted(alice, **fields)
    author.post(reverse("consults:take_back", args=[case.pk]))
    pick(author, case, first.consent, forged=forged)
    assert Case.objects.get(pk=case.pk).consent is None


def test_undone_before_the_release_the_code_reaches_nothing_of_it(alice: Member, run_jobs: Callable[[], int]) -> None:
    author = journey.client_of(alice)
    first = making.published(alice)
    case = making.submitted(alice, title="Another patient")
    author.post(reverse("consults:take_back", args=[case.pk]))
    pick(author, case, first.consent, forged=False)
    author.post(reverse("consults:consent", args=[case.pk]), {"action": "detach"})
    withdraw(first.code)
    run_jobs()
    case.refresh_from_db()
    assert (case.state, case.title, keys_of(case)) == (CaseState.DRAFT, "Another patient", [True])
