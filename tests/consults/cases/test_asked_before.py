"""A case about which a patient was ever asked passes for a model or for exempt only with the second reader's word."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Member
from audit.models import Event
from consent import lifecycle
from consent.models import Consent, Status, WithdrawnBy
from consent.records import recording
from consent.withdrawal import withdraw
from consults.cases import gate, same_patient
from consults.cases.authoring import drafts
from consults.cases.consenting import case_consent
from consults.cases.review import second_read
from consults.models import Case, CaseState, SecondRead
from tests.consent import making
from tests.consults import reading
from tests.consults.new_case import JPEG, page
from tests.matrix import journey

DRAFT = CaseState.DRAFT


@pytest.fixture
def bare(alice: Member) -> Case:
    """A complete draft about which nobody was asked."""
    return reading.case(alice, state=DRAFT, consent=None, data=JPEG)


def now(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def given(case: Case) -> Consent:
    made, _code = making.consent(case.author)
    case_consent.attach_consent(case=now(case), consent=made, by=case.author)
    return made


def mistake(case: Case) -> None:
    lifecycle.mark_entered_in_error(consent_id=given(case).pk, by=case.author)


def refused_by_mistake(case: Case) -> None:
    refusal = recording.record_refusal(statement=making.statement(), by=case.author)
    case_consent.record_refusal(case=now(case), refusal=refusal, by=case.author)
    lifecycle.mark_entered_in_error(consent_id=refusal.pk, by=case.author)


def detached(case: Case) -> None:
    other, _code = making.consent(case.author)
    seen = same_patient.digest(now(case), other, [])
    case_consent.attach_existing(case=now(case), consent=other, by=case.author, seen=seen)
    case_consent.detach(case=now(case), by=case.author)


def drafted_then_detached(case: Case) -> None:
    case_consent.save_consent_draft(case=now(case), statement=making.statement(), by=case.author)
    detached(case)


def replaced_by_mistake(case: Case) -> None:
    first = given(case)
    second, _code = making.consent(case.author, patient=first.patient)
    case_consent.attach_consent(case=now(case), consent=second, by=case.author)
    lifecycle.mark_entered_in_error(consent_id=second.pk, by=case.author)


WAYS: dict[str, tuple[Callable[[Case], object], list[str]]] = {
    "recorded by mistake": (mistake, ["Entered in error"]),
    "refused": (refused_by_mistake, ["Entered in error"]),
    "detached": (detached, ["Active, not here now"]),
    "a draft": (drafted_then_detached, ["Active, not here now"]),
    "superseded": (replaced_by_mistake, ["Superseded, not here now", "Entered in error"]),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_model_that_had_a_patient_needs_the_readers_word(bare: Case, mod1: Member, way: str) -> None:
    ask, told = WAYS[way]
    ask(bare)
    case = now(bare)
    case.education_model = True
    case.save()
    author, reader = journey.client_of(case.author), journey.client_of(mod1)
    assert "A patient was asked about this case before" in page(author, "consent", case.pk)
    assert journey.submit(author, case).status_code == 302
    with pytest.raises(gate.Blocked) as blocked:
        gate.release(case=now(case), by=mod1)
    assert [blocker.code for blocker in blocked.value.blockers] == ["not_accepted"]
    shown = page(reader, "second_read", case.pk)
    assert "None is needed" not in shown
    assert "A patient was asked about this case before" in shown
    assert [line.partition(": ")[2] for line in second_read.asked_before(now(case))] == told
    fields = {"decision": "release", "looked": "on", "seen": second_read.digest(now(case))}
    address = reverse("consults:second_read", args=[case.pk])
    assert (reader.post(address, fields).status_code, now(case).state) == (422, CaseState.SUBMITTED)
    assert reader.post(address, fields | {"asked_before": "on"}).status_code == 302
    assert now(case).state == CaseState.RELEASED
    assert SecondRead.objects.get(case=case).accepted == [gate.ASKED_BEFORE]
    assert Event.objects.get(verb="case.released").facts["accepted"] == [gate.ASKED_BEFORE]


@pytest.mark.parametrize("status", Status.values)
def test_of_no_status_passes_as_a_model_unseen(bare: Case, mod1: Member, status: str) -> None:
    """Whatever the status: either the gate does not let it pass at all, or the reader has to accept it."""
    Case.objects.filter(pk=bare.pk).update(consent=reading.consent(bare.author, status=status))
    case = now(bare)
    case.education_model, case.state = True, CaseState.SUBMITTED
    case.save()
    with pytest.raises(gate.Blocked):
        gate.release(case=now(case), by=mod1)
    passes = not gate.blockers(now(case))
    assert passes is (status == Status.ENTERED_IN_ERROR)
    waits = gate.cases_to_second_read(mod1).filter(pk=case.pk).exists()
    assert waits is (status in (Status.ENTERED_IN_ERROR, Status.ACTIVE))


def test_withdrawn_it_is_no_model_whatever_is_accepted(bare: Case, mod1: Member) -> None:
    withdraw(consent_id=given(bare).pk, by=WithdrawnBy.PATIENT)
    assert now(bare).state == CaseState.WITHDRAWN


@pytest.mark.parametrize("asked", [False, True])
def test_exempt_histology_too(bare: Case, mod1: Member, settings: Any, asked: bool) -> None:
    settings.HISTOLOGY_EXEMPTION = True
    bare.pictures.update(kind="histology", stain="he")
    if asked:
        detached(bare)
    case_consent.state_exemption(case=now(bare), by=bare.author, stated=True)
    drafts.submit(case=now(bare), by=bare.author)
    assert gate.to_accept(now(bare)) == ((gate.ASKED_BEFORE,) if asked else ())
    released = True
    try:
        gate.release(case=now(bare), by=mod1)
    except gate.Blocked:
        released = False
    assert released is not asked


def test_a_model_of_nobody_is_a_model(bare: Case, mod1: Member) -> None:
    bare.education_model = True
    bare.save()
    drafts.submit(case=now(bare), by=bare.author)
    assert "None is needed" in page(journey.client_of(mod1), "second_read", bare.pk)
    assert second_read.asked_before(now(bare)) == []
    assert gate.release(case=now(bare), by=mod1).state == CaseState.RELEASED


def test_one_that_was_only_begun(bare: Case) -> None:
    Case.objects.filter(pk=bare.pk).update(patient_asked=True, education_model=True)
    assert second_read.asked_before(now(bare)) == ["A consent was begun and not kept."]


# --- The note


@pytest.mark.parametrize("how", ["create", "save", "save one field", "update", "update id", "bulk"])
def test_a_consent_is_noted_however_it_is_set(bare: Case, how: str) -> None:
    consent = reading.consent(bare.author)
    case = bare
    assert not bare.patient_asked
    if how == "create":
        case = Case.objects.create(author=bare.author, consent=consent)
    elif how == "bulk":
        (case,) = Case.objects.bulk_create([Case(author=bare.author, consent=consent)])
    elif how.startswith("update"):
        Case.objects.filter(pk=bare.pk).update(
            **({"consent": consent} if how == "update" else {"consent_id": consent.pk})
        )
    else:
        bare.consent = consent
        bare.save(**({"update_fields": ["consent"]} if how == "save one field" else {}))
    assert now(case).patient_asked
    Case.objects.filter(pk=case.pk).update(consent=None)
    assert now(case).patient_asked


@pytest.mark.parametrize(("asked", "accepted"), [(True, True), (False, False)])
def test_the_database_wants_the_note(bare: Case, asked: bool, accepted: bool) -> None:
    given(bare)
    saved = True
    try:
        with transaction.atomic():
            Case.objects.filter(pk=bare.pk).update(patient_asked=asked)
    except IntegrityError:
        saved = False
    assert saved is accepted
