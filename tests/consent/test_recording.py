"""The rules of recording over every capacity, signer, assent and witness, and each way to sign."""

import hashlib
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from audit.models import Event
from consent.models import (
    Assent,
    Capacity,
    Consent,
    Relation,
    Shown,
    Signature,
    Status,
    Until,
    Use,
)
from consent.records.lookup import find_by_code
from consent.records.recording import (
    end_at_event,
    issue_code,
    mark_copy_given,
    record_consent,
    record_consent_without_code,
    record_refusal,
)
from consent.records.statement import SCAN_BYTES, NotRecorded, Statement
from core import storage
from core.crypto import vault
from tests import factories
from tests.consent import drawing, making

pytestmark = pytest.mark.django_db

TODAY = timezone.now().date()
# Written down a second time, so that the service is compared with something that does not share its mistakes.
MAY_SIGN = {
    ("capable", "self"),
    ("supported", "self"),
    ("lacks", "representative"),
    ("lacks", "guardian"),
    ("child", "guardian"),
    ("child", "representative"),
    ("deceased", "next_of_kin"),
    ("deceased", "representative"),
}
ORDINARY = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)


def statement(**changes: Any) -> Statement:
    """Somebody who decides alone allows all members, signed on the screen."""
    fields: dict[str, Any] = {
        "form": making.form(),
        "capacity": Capacity.CAPABLE,
        "relation": Relation.SELF,
        "signature": Signature.DRAWN,
        "signature_png": drawing.signature(),
        "signed_on": timezone.now().date(),
        "shown": Shown.NOT_SHOWN,
        "uses": frozenset({(Use.ALL_MEMBERS, None)}),
        "copy_given": True,
        "masking_method": "bars",
    }
    return Statement(**(fields | changes))


def refused_fields(**changes: Any) -> set[str]:
    """The fields that a refusal names; none when the consent is recorded."""
    try:
        record_consent(statement=statement(**changes), by=factories.person("alice"))
    except NotRecorded as error:
        return set(error.sentences)
    return set()


@ORDINARY
@given(
    capacity=st.sampled_from(Capacity),
    relation=st.sampled_from(Relation),
    authority=st.sampled_from(["", " ", "mother"]),
    assent=st.sampled_from(Assent),
    interpreter=st.booleans(),
    cannot_read=st.booleans(),
    witnessed=st.booleans(),
    signature=st.sampled_from([Signature.DRAWN, Signature.ORAL]),
)
def test_who_may_consent_and_who_has_to_be_there(
    capacity: Capacity,
    relation: Relation,
    authority: str,
    assent: Assent,
    interpreter: bool,
    cannot_read: bool,
    witnessed: bool,
    signature: Signature,
) -> None:
    deferred = capacity in ("fluctuating", "sedated")
    expected = {
        "capacity": deferred,
        "relation": not deferred and (capacity, relation) not in MAY_SIGN,
        "authority": relation != "self" and not authority.strip(),
        "assent": assent == "objected" or (capacity == "child") != (assent in ("agreed", "too_young")),
        "majority_year": capacity == "child",  # nobody said in which year
        "witnessed": (interpreter or cannot_read or signature == "oral") and not witnessed,
    }
    # An objection is refused even where nobody had to ask.
    found = refused_fields(
        capacity=capacity,
        relation=relation,
        authority=authority,
        assent=assent,
        interpreter=interpreter,
        cannot_read=cannot_read,
        witnessed=witnessed,
        signature=signature,
    )
    assert found == {field for field, wrong in expected.items() if wrong}


@ORDINARY
@given(uses=st.sets(st.sampled_from([use for use in Use if use != Use.NAMED_GROUP])))
def test_only_ticked_uses_are_kept(uses: set[Use]) -> None:
    assume(Use.ALL_MEMBERS in uses)
    said = statement(uses=frozenset((use, None) for use in uses), publication="A journal")
    made, _code = record_consent(statement=said, by=factories.person("alice"))
    assert set(made.uses.values_list("use", "publication")) == {
        (use, "A journal" if use == "publication" else "") for use in uses
    }


PDF = b"%PDF-1.7 canary"
IN_A_JOURNAL = {"uses": frozenset({(Use.ALL_MEMBERS, None), (Use.PUBLICATION, None)})}
JPEG = drawing.encoded(Image.new("RGB", (40, 40)), format="JPEG")


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"signature": Signature.DRAWN, "signature_png": drawing.png()}, set()),  # a job looks at the ink
        ({"signature": Signature.DRAWN, "signature_png": b"\x89PNG\r\n\x1a\n" + bytes(64)}, {"signature"}),
        ({"signature": Signature.ORAL, "witnessed": True}, set()),
        ({"signature": Signature.ORAL, "witnessed": True, "signature_png": drawing.png()}, set()),
        ({"signature": Signature.SCAN, "scan": PDF}, set()),
        ({"signature": Signature.SCAN, "scan": JPEG}, set()),
        ({"signature": Signature.SCAN, "scan": b""}, {"scan"}),
        ({"signature": Signature.SCAN, "scan": b"MZ program"}, {"scan"}),
        ({"signature": Signature.SCAN, "scan": b"%PDF-" + bytes(SCAN_BYTES)}, {"scan"}),
        ({"signature": Signature.NOT_SIGNED}, {"signature_kind"}),
        ({"copy_given": False}, {"copy_given"}),
        ({"copy_given": False, "copy_follows": True}, set()),
        (IN_A_JOURNAL | {"publication": "A journal"}, set()),
        (IN_A_JOURNAL | {"publication": "x" * 160}, set()),
        (IN_A_JOURNAL | {"publication": "x" * 161}, {"publication"}),
        (IN_A_JOURNAL | {"publication": "A\x01journal"}, {"publication"}),
        (IN_A_JOURNAL | {"publication": " "}, {"publication"}),
        (IN_A_JOURNAL, {"publication"}),
        ({"publication": "A journal"}, set()),
        ({"until_event": Until.CASE_CLOSED}, set()),
        ({"until_event": Until.TREATMENT_ENDS}, {"expires_on"}),
        ({"until_event": Until.TREATMENT_ENDS, "expires_on": TODAY + timedelta(days=90)}, set()),
    ],
)
def test_ways_to_sign_and_to_end(changes: dict[str, Any], wrong: set[str]) -> None:
    assert refused_fields(**changes) == wrong
    assert Consent.objects.count() == (0 if wrong else 1)


def test_a_scan_lies_sealed_with_its_hash() -> None:
    made, _code = record_consent(statement=statement(signature=Signature.SCAN, scan=PDF), by=factories.person("alice"))
    assert made.document_sha256 == hashlib.sha256(PDF).hexdigest()
    assert made.document_name in storage.documents().listdir("")[1]
    with storage.documents().open(made.document_name) as file:
        assert b"canary" not in file.read()
    context = f"consent|{made.pk}"
    kept = storage.get_sealed(storage.documents(), name=made.document_name, key_id=made.pk, context=context)
    assert kept == PDF


def test_no_address_serves_a_signed_document(sign_in: Any) -> None:
    from django.urls import get_resolver

    record_consent(statement=statement(signature=Signature.SCAN, scan=PDF), by=factories.person("alice"))
    readers = [name for name in get_resolver().reverse_dict if "document" in str(name) or "scan" in str(name)]
    assert readers == []


def test_a_code_is_issued_once() -> None:
    alice = factories.person("alice")
    made = record_consent_without_code(statement=statement(copy_given=False, copy_follows=True), by=alice)
    assert made.code_sha256 is None
    code = issue_code(consent=made, by=alice)
    assert find_by_code(code) == made
    with pytest.raises(NotRecorded):
        issue_code(consent=made, by=alice)
    mark_copy_given(consent=made)
    made.refresh_from_db()
    assert made.copy_given
    assert list(Event.objects.values_list("verb", flat=True)) == ["consent.given", "consent.code_issued"]


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.REFUSED, Status.EXPIRED, Status.SUPERSEDED])
def test_no_code_for_what_is_not_active(status: Status) -> None:
    alice = factories.person("alice")
    made = record_consent_without_code(statement=statement(), by=alice)
    Consent.objects.update(status=status)
    with pytest.raises(NotRecorded):
        issue_code(consent=made, by=alice)


@pytest.mark.parametrize("assent", [Assent.NOT_ASKED, Assent.OBJECTED])
def test_a_refusal_keeps_no_use_no_signature_and_no_code(assent: Assent) -> None:
    said = statement(
        capacity=Capacity.CHILD,
        relation=Relation.GUARDIAN,
        authority="mother",
        assent=assent,
        shown=Shown.SHOWN,
        shown_pictures=("a" * 64,),
    )
    made = record_refusal(statement=said, by=factories.person("alice"))
    made.refresh_from_db()
    assert (made.status, made.signature, made.assent) == (Status.REFUSED, Signature.NOT_SIGNED, assent)
    assert (made.document_name, made.document_sha256, made.code_sha256) == ("", "", None)
    assert (made.uses.count(), made.shown_pictures.count()) == (0, 1)
    assert not vault.has_key(made.pk)
    assert Event.objects.get().verb == "consent.refused"


@pytest.mark.parametrize(
    ("until", "event", "ends"),
    [
        (Until.CASE_CLOSED, Until.CASE_CLOSED, True),
        (Until.NO_EVENT, Until.CASE_CLOSED, False),
        (Until.NO_EVENT, Until.NO_EVENT, False),
    ],
)
def test_an_event_ends_only_what_was_given_until_then(until: Until, event: Until, ends: bool) -> None:
    made, _code = record_consent(statement=statement(until_event=until), by=factories.person("alice"))
    assert end_at_event(event=event, consent=made) is ends
    assert Consent.objects.active().filter(pk=made.pk).exists() is not ends
    assert end_at_event(event=event, consent=made) is False
    assert Event.objects.filter(verb="consent.ended").count() == int(ends)


CHILD = {"capacity": Capacity.CHILD, "relation": Relation.GUARDIAN, "authority": "mother", "assent": Assent.AGREED}
A_GROWN_UP: dict[str, Any] = {"capacity": Capacity.CAPABLE, "relation": Relation.SELF}


@pytest.mark.parametrize(
    ("who", "years", "expires_on", "ends_on"),
    [
        (CHILD, 0, None, date(TODAY.year, 12, 31)),
        (CHILD, 5, None, date(TODAY.year + 5, 12, 31)),
        (CHILD, 5, date(TODAY.year + 1, 3, 1), date(TODAY.year + 1, 3, 1)),
        (CHILD, 18, date(TODAY.year + 30, 3, 1), date(TODAY.year + 18, 12, 31)),
        (A_GROWN_UP, None, date(TODAY.year + 1, 3, 1), date(TODAY.year + 1, 3, 1)),
    ],
)
def test_a_guardians_word_ends_with_childhood(
    who: dict[str, Any], years: int | None, expires_on: date | None, ends_on: date | None
) -> None:
    year = None if years is None else TODAY.year + years
    given, _code = record_consent(
        statement=statement(**who, majority_year=year, expires_on=expires_on), by=factories.person("alice")
    )
    given.refresh_from_db()
    assert (given.majority_year, given.expires_on) == (year, ends_on)


@pytest.mark.parametrize(("who", "years"), [(CHILD, -1), (CHILD, 19), (A_GROWN_UP, 3)])
def test_a_year_of_majority_that_cannot_be_right(who: dict[str, Any], years: int) -> None:
    assert refused_fields(**who, majority_year=TODAY.year + years) == {"majority_year"}
