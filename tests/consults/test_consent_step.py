"""The consent step beside a hand-over: each way to sign, a child's age, consents until a case is closed."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from consent import limits
from consent.models import Consent, Signature, Until
from consent.publishing import current_forms
from consults import gate
from consults.models import Case, CaseState
from core import storage
from tests.consent import drawing
from tests.consults import reading
from tests.imaging import pictures
from tests.matrix import journey

JPEG = pictures.encoded(pictures.chart(), "JPEG")
WITNESSED = {"signature_kind": "oral", "witnessed": "on"}


def scan(data: bytes = b"%PDF-1.7 signed", name: str = "form.pdf") -> dict[str, Any]:
    return {"signature_kind": "scan", "signature": "", "scan": SimpleUploadedFile(name, data)}


@pytest.mark.parametrize(
    ("changes", "status", "signature"),
    [
        (scan(), 200, Signature.SCAN),
        (scan(JPEG, "photo.jpg"), 200, Signature.SCAN),
        (scan(b"PK\x03\x04 archive", "form.pdf"), 422, None),
        (scan(b"%PDF-" + bytes(10 * 1024 * 1024)), 422, None),
        ({"signature_kind": "scan", "signature": ""}, 422, None),
        (WITNESSED, 200, Signature.ORAL),
        ({"signature_kind": "oral"}, 422, None),
        (WITNESSED | {"signature": drawing.data_url(drawing.png())}, 422, None),
        ({"signature_kind": "not_signed"}, 422, None),
        ({"interpreter": "on"}, 422, None),
        ({"interpreter": "on", "witnessed": "on"}, 200, Signature.DRAWN),
        ({"cannot_read": "on", "witnessed": "on"}, 200, Signature.DRAWN),
        ({"until_event": "treatment_ends"}, 422, None),
        ({"until_event": "case_closed"}, 200, Signature.DRAWN),
        ({"uses": ["all_members", "publication"]}, 422, None),
        ({"uses": ["all_members", "publication"], "publication": "Atlas of itch"}, 200, Signature.DRAWN),
        ({"uses": ["all_members", "publication"], "publication": "doi 10.1001/jama.2026.1"}, 200, Signature.DRAWN),
        ({"uses": ["all_members", "publication"], "publication": "The case of Mrs Canary"}, 422, None),
        ({"uses": ["all_members", "publication"], "publication": "x" * 161}, 422, None),
    ],
)
def test_ways_to_sign(
    client: Client, draft: Case, changes: dict[str, Any], status: int, signature: Signature | None
) -> None:
    for value in changes.values():
        if isinstance(value, SimpleUploadedFile):
            value.seek(0)
    before = draft.consent
    assert journey.consent(client, draft, **changes).status_code == status
    draft.refresh_from_db()
    assert draft.consent is not None
    assert (draft.consent == before) is (status == 422)
    assert Consent.objects.filter(signature=signature).exclude(document_name="").count() == int(status == 200)
    assert len(storage.documents().listdir("")[1]) == int(status == 200)


@pytest.mark.parametrize(
    ("age_band", "assent", "status"),
    [("1-5", "too_young", 200), ("6-12", "too_young", 422), ("13-17", "agreed", 200), ("", "too_young", 200)],
)
def test_from_age_7_a_child_is_asked(client: Client, draft: Case, age_band: str, assent: str, status: int) -> None:
    Case.objects.filter(pk=draft.pk).update(age_band=age_band)
    child = {
        "capacity": "child",
        "relation": "guardian",
        "authority": "mother",
        "assent": assent,
        "majority_year": "2038",
    }
    assert journey.consent(client, draft, **child).status_code == status


def test_an_answer_that_was_not_asked_for_is_left_out(client: Client, draft: Case) -> None:
    assert journey.consent(client, draft, assent="agreed", authority="mother").status_code == 200
    draft.refresh_from_db()
    assert draft.consent is not None
    assert (draft.consent.assent, draft.consent.authority) == ("", "")


@pytest.mark.parametrize(("until", "visible"), [(Until.CASE_CLOSED, False), (Until.NO_EVENT, True)])
def test_a_consent_until_the_case_is_closed(
    client: Client, alice: Member, bob: Member, until: Until, visible: bool
) -> None:
    case = reading.case(alice, data=JPEG)
    Consent.objects.filter(pk=case.consent_id).update(until_event=until)
    outcome = {"diagnosis": "psoriasis", "reference": "histopathology", "done": "Excised."}
    answered = client.post(reverse("consults:close", args=[case.pk]), outcome)
    there = reverse("consults:case", args=[case.pk]) if visible else reverse("consults:mine")
    assert answered["Location"] == there
    assert gate.visible_cases(bob).filter(pk=case.pk).exists() is visible
    assert Case.objects.get(pk=case.pk).state == CaseState.CLOSED


def test_another_open_case_keeps_the_consent_alive(client: Client, alice: Member, bob: Member) -> None:
    case, other = reading.case(alice, data=JPEG), reading.case(alice, state=CaseState.SUBMITTED, data=JPEG)
    Consent.objects.filter(pk=case.consent_id).update(until_event=Until.CASE_CLOSED)
    Case.objects.filter(pk=other.pk).update(consent=case.consent)
    outcome = {"diagnosis": "psoriasis", "reference": "histopathology", "done": "Excised."}
    client.post(reverse("consults:close", args=[case.pk]), outcome)
    assert gate.visible_cases(bob).filter(pk=case.pk).exists()


def test_wrong_codes_for_a_receipt_are_counted(client: Client, draft: Case) -> None:
    address = reverse("consults:receipt", args=[draft.consent_id])
    for _try in range(limits.WRONG_CODES.most):
        client.post(address, {"code": "0000-0000-0000-0000"})
    client.get(reverse("consults:mine"))  # the notices so far
    client.post(address, {"code": "0000-0000-0000-0000"})
    assert "Too many wrong codes" in client.get(reverse("consults:mine")).content.decode()


def test_each_form_in_use_is_there_to_read(client: Client, draft: Case) -> None:
    shown = client.get(reverse("consults:consent", args=[draft.pk])).content.decode()
    for form in current_forms():
        assert f'data-when="form={form.pk}" lang="{form.language}"' in shown
        assert form.statements[3] in shown
