"""A consent is replaced only by one of the same patient: by the service, and in any case by the database."""

import uuid

import pytest
from django.db import IntegrityError, transaction

from consent import lifecycle
from consent.models import Consent, Status
from consent.records.lookup import find_by_code
from consent.withdrawal import NotPossible
from tests import factories
from tests.consent import making

pytestmark = pytest.mark.django_db


def pair(*, same: bool) -> tuple[Consent, Consent]:
    """Two consents, of the same patient or of two."""
    alice = factories.person("alice")
    old = making.consent(alice)[0]
    return old, making.consent(alice, patient=old.patient if same else None)[0]


@pytest.mark.parametrize("same", [True, False])
def test_the_service_replaces_within_one_patient(same: bool) -> None:
    old, new = pair(same=same)
    done = True
    try:
        lifecycle.supersede(old=old, new=new, by=factories.person("alice"))
    except NotPossible:
        done = False
    old.refresh_from_db()
    assert (done, old.status, old.superseded_by) == (
        (True, Status.SUPERSEDED, new) if same else (False, Status.ACTIVE, None)
    )


@pytest.mark.parametrize("same", [True, False])
@pytest.mark.parametrize("how", ["update", "save", "insert"])
def test_the_database_accepts_a_successor_of_the_same_patient_only(how: str, same: bool) -> None:
    old, new = pair(same=same)
    accepted = True
    try:
        with transaction.atomic():
            if how == "update":
                Consent.objects.filter(pk=old.pk).update(superseded_by=new, status=Status.SUPERSEDED)
            elif how == "save":
                old.superseded_by = new
                old.save()
            else:
                old.pk, old.superseded_by, old.code_sha256 = uuid.uuid4(), new, None
                old.save(force_insert=True)
    except IntegrityError:
        accepted = False
    assert accepted is same


def test_the_patient_of_a_consent_never_changes() -> None:
    old, new = pair(same=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.filter(pk=new.pk).update(patient=old.patient)
    new.refresh_from_db()
    assert new.patient != old.patient


def test_a_draft_keeps_its_patient_when_it_is_signed() -> None:
    from consent.records import recording

    alice = factories.person("alice")
    statement = making.statement()
    draft = recording.save_draft(statement=statement, by=alice, draft=None)
    again = recording.save_draft(statement=statement, by=alice, draft=draft)
    signed = recording.record_consent_without_code(statement=statement, by=alice, draft=draft, patient=uuid.uuid4())
    assert {draft.patient, again.patient, signed.patient} == {Consent.objects.get().patient}


def test_every_code_reaches_consents_of_one_patient_only() -> None:
    alice = factories.person("alice")
    first, code = making.consent(alice)
    second, _code = making.consent(alice, patient=first.patient)
    stranger, other_code = making.consent(alice)
    lifecycle.supersede(old=first, new=second, by=alice)
    assert find_by_code(code) == second
    assert find_by_code(other_code) == stranger
