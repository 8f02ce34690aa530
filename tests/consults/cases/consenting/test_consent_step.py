"""The consent step beside a hand-over: each way to sign, a child's age, consents until a case is closed."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from audit.models import Event
from compliance.audit import charts
from consent.forms.publishing import current_forms
from consent.models import Capacity, Consent, Relation, Shown, Signature, Status, Until
from consent.records.recording import record_refusal
from consent.records.statement import NotRecorded, Statement
from consults.cases import gate, same_patient
from consults.cases.consenting import case_consent
from consults.models import Case, CasePhoto, CaseState
from core import storage
from tests.consent import drawing
from tests.consults import reading
from tests.imaging.engine import pictures
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
        (WITNESSED | {"signature": drawing.data_url(drawing.png())}, 200, Signature.ORAL),  # a job looks for ink
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


def test_each_form_in_use_is_there_to_read(client: Client, draft: Case) -> None:
    shown = client.get(reverse("consults:consent", args=[draft.pk])).content.decode()
    for form in current_forms():
        assert f'data-when="form={form.pk}"' in shown
        assert form.statements[3] in shown


def test_the_pictures_to_show_stand_in_the_order_of_the_case(client: Client, draft: Case) -> None:
    for number in range(9):
        CasePhoto.objects.filter(pk=reading.picture(draft, data=JPEG).pk).update(position=20 - number)
    shown = client.get(reverse("consults:consent", args=[draft.pk])).content.decode()
    places = draft.pictures.order_by("position")
    addresses = [reverse("consults:picture", args=[place.photo.renditions.get(name="display").pk]) for place in places]
    found = [shown.index(address) for address in addresses]
    assert found == sorted(found)


def test_on_paper_too_each_signer_signs_their_own_text(client: Client, draft: Case) -> None:
    shown = client.get(reverse("consults:consent", args=[draft.pk])).content.decode()
    assert 'data-signed-by="child:guardian"' in shown
    assert 'data-signed-by="capable:self supported:self"' in shown
    assert draft.author.name in shown
    assert draft.note in shown
    child = {"capacity": "child", "relation": "guardian", "authority": "mother", "assent": "agreed"}
    assert journey.consent(client, draft, **child, majority_year="2038").status_code == 200
    draft.refresh_from_db()
    assert draft.consent is not None
    assert draft.consent.form.code == "rete-standard-guardian"


# --- A draft: prepared, not signed


CIRCUMSTANCES = {
    "action": "draft",
    "capacity": "child",
    "relation": "guardian",
    "authority": "mother",
    "assent": "agreed",
    "majority_year": "2038",
    "uses": ["all_members", "publication"],
    "publication": "Atlas of itch",
    "until_event": "case_closed",
    # What belongs to signing is not there yet.
    "shown": "",
    "signature": "",
    "copy_given": "",
}


@pytest.fixture
def bare(draft: Case) -> Case:
    """A draft without a consent."""
    consent = draft.consent
    Case.objects.filter(pk=draft.pk).update(consent=None, age_band="6-12")
    assert consent is not None
    consent.delete()
    return Case.objects.get(pk=draft.pk)


def test_a_draft_is_kept_read_again_and_signed(client: Client, bare: Case) -> None:
    page = reverse("consults:consent", args=[bare.pk])
    assert journey.consent(client, bare, **CIRCUMSTANCES)["Location"] == page
    bare.refresh_from_db()
    kept = bare.consent
    assert kept is not None
    assert (kept.status, kept.signature, kept.code_sha256) == (Status.DRAFT, Signature.NOT_SIGNED, None)
    assert [blocker.code for blocker in gate.blockers(bare)] == ["consent_draft"]
    assert charts.consents_by_route() == []  # nobody has decided anything
    shown = client.get(page).content.decode()
    assert all(
        words in shown for words in ('value="Atlas of itch"', 'value="mother"', 'value="2038"', "A draft of the")
    )
    over = client.get(reverse("consults:hand_over_start", args=[bare.pk])).content.decode()
    assert '<option value="ask" selected>' in over
    journey.consent(client, bare, **CIRCUMSTANCES | {"authority": "father"})
    assert Consent.objects.get().authority == "father"

    signed = CIRCUMSTANCES | {
        "action": "record",
        "shown": "not_shown",
        "signature": journey.SIGNATURE,
        "copy_given": "on",
    }
    assert journey.consent(client, bare, **signed).status_code == 200
    given = Consent.objects.get()
    assert (given.pk, given.status, given.uses.count()) == (kept.pk, Status.ACTIVE, 2)
    assert gate.blockers(Case.objects.get(pk=bare.pk)) == []
    verbs = Event.objects.filter(subject_type="consent", subject_id=kept.pk).values_list("verb", flat=True)
    assert list(verbs) == ["consent.drafted", "consent.given"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"publication": ""}, "Say which publication the patient allows, or do not tick this use."),
        ({"uses": ["named_group"]}, "Choose the group first, under “Who should see this case”."),
    ],
)
def test_a_draft_loses_no_tick_silently(client: Client, bare: Case, changes: dict[str, Any], sentence: str) -> None:
    refused = journey.consent(client, bare, **CIRCUMSTANCES | changes)
    assert refused.status_code == 422
    assert sentence in refused.content.decode()
    assert not Consent.objects.exists()


@pytest.mark.parametrize("how", ["refused", "another", "deleted"])
def test_what_else_becomes_of_a_draft(client: Client, bare: Case, alice: Member, how: str) -> None:
    journey.consent(client, bare, **CIRCUMSTANCES)
    kept = Consent.objects.get()
    bare.refresh_from_db()
    if how == "refused":
        refusal = record_refusal(statement=_refusal(kept), by=alice, draft=bare.draft_consent)
        case_consent.record_refusal(case=bare, refusal=refusal, by=alice)
        assert list(Consent.objects.values_list("pk", "status")) == [(kept.pk, "refused")]
        assert kept.uses.count() == 0
    elif how == "another":
        child = {"capacity": "child", "relation": "guardian", "authority": "mother", "assent": "agreed"}
        other = reading.consent(alice, **child)
        seen = same_patient.digest(bare, other, [])
        case_consent.attach_existing(case=bare, consent=other, by=alice, seen=seen)
        assert bare.attachment is not None
        assert list(Consent.objects.values_list("pk", "status")) == [(other.pk, "active")]
    else:
        client.post(reverse("consults:discard", args=[bare.pk]))
        assert not Consent.objects.exists()


def _refusal(kept: Consent) -> Statement:
    return Statement(
        form=kept.form,
        capacity=Capacity.CAPABLE,
        relation=Relation.SELF,
        signature=Signature.DRAWN,
        signed_on=kept.signed_on,
        shown=Shown.NOT_SHOWN,
        uses=frozenset(),
    )


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 302),
        ({"capacity": "sedated"}, 302),  # for another day
        ({"assent": "too_young"}, 422),
        ({"authority": "Jane Canary, 0532 123 45 67"}, 422),
        ({"until_event": "treatment_ends"}, 422),
        ({"form": ""}, 422),
        ({"publication": ""}, 422),  # its tick would be lost
        ({"uses": []}, 302),
    ],
)
def test_what_can_be_kept(client: Client, bare: Case, changes: dict[str, Any], status: int) -> None:
    assert journey.consent(client, bare, **CIRCUMSTANCES | changes).status_code == status
    assert Consent.objects.filter(status=Status.DRAFT).count() == (status == 302)


def test_a_draft_writes_over_nothing_that_was_signed_or_refused(client: Client, draft: Case) -> None:
    for status in (Status.ACTIVE, Status.REFUSED, Status.WITHDRAWN):
        Consent.objects.update(status=status)
        journey.consent(client, draft, **CIRCUMSTANCES | {"assent": "agreed", "action": "draft"})
        assert list(Consent.objects.values_list("pk", "status")) == [(draft.consent_id, status)]


def test_a_draft_is_signed_once(client: Client, bare: Case, alice: Member) -> None:
    journey.consent(client, bare, **CIRCUMSTANCES)
    bare.refresh_from_db()
    stale = bare.draft_consent
    Consent.objects.update(status=Status.REFUSED)
    assert stale is not None
    with pytest.raises(NotRecorded):
        record_refusal(statement=_refusal(stale), by=alice, draft=stale)


def test_consents_of_the_same_patient_are_told_apart_by_their_cases(client: Client, draft: Case, alice: Member) -> None:
    other = reading.case(alice, state=CaseState.DRAFT, title="The same patient's back")
    Consent.objects.filter(pk=draft.consent_id).update(status=Status.ENTERED_IN_ERROR)
    shown = client.get(reverse("consults:consent", args=[draft.pk])).content.decode()
    assert f"record {str(other.consent_id)[:8]} · The same patient&#x27;s back" in shown
    assert f"record {str(draft.consent_id)[:8]}" not in shown  # it stands under that one already
