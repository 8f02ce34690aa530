"""The FHIR bundle: valid R4B, shaped by IHE's Privacy Consent on FHIR, and without anybody's identity."""

import base64
import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from fhir.resources.R4B.bundle import Bundle

from audit.models import Event
from audit.strands import head_of
from compliance.audit import query, rows
from compliance.audit.query import Filter
from compliance.exports import ExportRequest, fhir, write_export
from consent.models import Assent, Capacity, Consent, Relation, Until, Use, WithdrawnBy
from consent.withdrawal import withdraw
from consults.cases import gate
from consults.models import Group, Membership
from tests import factories
from tests.consent import making

pytestmark = pytest.mark.django_db

REASONS = "http://terminology.hl7.org/CodeSystem/v3-ActReason"


def bundle(folder: Path) -> dict[str, Any]:
    """Everything exported, parsed and validated."""
    order = ExportRequest(wanted=Filter(), reason="regulator", reference="REQ 7", via="command", formats=("fhir",))
    write_export(request=order, folder=folder)
    text = (folder / "consent_audit.fhir.json").read_text()
    Bundle.model_validate_json(text)
    return json.loads(text)


def of_type(found: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The resources of one type."""
    return [entry["resource"] for entry in found["entry"] if entry["resource"]["resourceType"] == name]


def codes(purposes: list[dict[str, str]], system: str) -> set[str]:
    """The codes of one system."""
    return {purpose["code"] for purpose in purposes if purpose["system"] == system}


def test_an_empty_audit_is_a_valid_bundle(tmp_path: Path) -> None:
    found = bundle(tmp_path)
    assert [entry["resource"]["resourceType"] for entry in found["entry"]] == ["AuditEvent"]


def test_every_state_is_valid_and_named_once(tmp_path: Path, run_jobs: Any) -> None:
    alice = factories.person("alice")
    group = Group.objects.create(name="Ward")
    Membership.objects.create(group=group, member=alice)
    shared = making.consent(alice)
    child = {
        "capacity": Capacity.CHILD,
        "relation": Relation.GUARDIAN,
        "authority": "mother",
        "majority_year": timezone.now().year + 5,
        "assent": Assent.AGREED,
        "uses": (Use.NAMED_GROUP, Use.PLATFORM_TEACHING),
        "group": group.pk,
        "expires_on": timezone.now().date() + timedelta(days=30),
    }
    posts = [
        making.published(alice, under=shared),
        making.published(alice, under=shared),
        making.published(alice, consent_fields=child, group=group, age_band="6-12"),
        making.published(alice),
        making.published(alice),
    ]
    model = gate.release(case=making.submitted(education_model=True), by=factories.person("mod1"))
    withdraw(consent_id=posts[3].consent.pk, by=WithdrawnBy.PATIENT)
    Consent.objects.filter(pk=posts[4].consent.pk).update(expires_on=timezone.now().date() - timedelta(days=1))
    run_jobs()
    found = bundle(tmp_path)
    assert len({entry["fullUrl"] for entry in found["entry"]}) == len(found["entry"])
    consents = {one["id"]: one for one in of_type(found, "Consent")}
    assert {key: one["status"] for key, one in consents.items()} == {
        str(shared[0].pk): "active",
        str(posts[2].consent.pk): "active",
        str(posts[3].consent.pk): "inactive",
        str(posts[4].consent.pk): "inactive",
    }
    assert {key: one["provision"]["type"] for key, one in consents.items()} == {
        str(shared[0].pk): "permit",
        str(posts[2].consent.pk): "permit",
        str(posts[3].consent.pk): "deny",
        str(posts[4].consent.pk): "permit",
    }
    assert len(of_type(found, "Provenance")) == len(posts) + 1
    model_only = [one for one in of_type(found, "Provenance") if len(one["target"]) == 1]
    assert [one["target"][0]["identifier"]["value"] for one in model_only] == [f"urn:uuid:{model.pk}"]
    known = {entry["fullUrl"] for entry in found["entry"]}
    referred = {word for word in json.dumps(found).split('"') if word.startswith("urn:uuid:")}
    assert {f"urn:uuid:{key}" for key in consents} <= known & referred
    told = [one["subtype"][0]["code"] for one in of_type(found, "AuditEvent") if "subtype" in one]
    assert sorted(told) == ["destroyed", *["released"] * 6, "withdrawn"]
    destroyed = next(one for one in of_type(found, "AuditEvent") if one["type"]["code"] == "destroy")
    assert (destroyed["action"], destroyed["agent"][0]["requestor"]) == ("D", False)


# What PCF 1.1.0 asks of an Explicit Intermediate Consent, as paths and what stands there.
MUST = ("status", "scope", "category", "patient", "dateTime", "performer", "organization", "sourceAttachment", "policy")
MUST_NOT = ("policyRule", "verification")
MUST_NOT_IN_PROVISION = ("action", "class", "code", "securityLabel")


def test_a_consent_has_the_shape_of_the_ihe_profile(tmp_path: Path) -> None:
    making.published()
    found = of_type(bundle(tmp_path), "Consent")[0]
    assert found["meta"]["profile"] == [fhir.PROFILE]
    assert [name for name in MUST if not found.get(name)] == []
    assert [name for name in MUST_NOT if name in found] == []
    assert found["scope"]["coding"] == [
        {"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}
    ]
    assert found["category"][0]["coding"] == [{"system": "http://loinc.org", "code": "59284-0"}]
    assert all(set(policy) == {"uri"} for policy in found["policy"])
    nested = found["provision"]["provision"]
    assert [one["type"] for one in nested] == ["deny"]
    for provision in (found["provision"], *nested):
        assert [name for name in MUST_NOT_IN_PROVISION if name in provision] == []
    assert [one for one in nested if "provision" in one] == []


def test_the_patient_is_a_sentence_and_documents_are_hashes(tmp_path: Path, client: Client) -> None:
    made = making.published()
    found = bundle(tmp_path)
    consent = of_type(found, "Consent")[0]
    assert consent["patient"] == {"type": "Patient", "display": "The patient; no identity is kept"}
    assert consent["performer"] == [consent["patient"]]
    assert set(consent["sourceAttachment"]) == {"title", "creation", "url", "contentType"}  # never data
    name = base64.urlsafe_b64encode(bytes.fromhex(made.consent.document_sha256)).decode().rstrip("=")
    assert consent["sourceAttachment"]["url"] == f"ni:///sha-256;{name}"
    form = made.consent.form
    policy = consent["policy"][0]["uri"]
    assert policy == f"{settings.SITE_ADDRESS}/consent-forms/{form.code}/{form.version}/{form.language}/"
    answer = client.get(policy.removeprefix(settings.SITE_ADDRESS))  # without an account, as whoever got the record
    assert (answer.status_code, form.title in answer.content.decode()) == (200, True)
    assert consent["policy"][1]["uri"] == fhir.hash_uri(form.sha256)
    entities = of_type(found, "Provenance")[0]["entity"]
    released = Event.objects.get(verb="case.released").facts["pictures"]
    assert [one["what"]["identifier"]["value"] for one in entities] == [fhir.hash_uri(one) for one in sorted(released)]


def test_a_hash_is_named_as_rfc_6920_does() -> None:
    digest = hashlib.sha256(b"Hello World!").hexdigest()
    assert fhir.hash_uri(digest) == "ni:///sha-256;f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk"


@pytest.mark.parametrize(
    ("uses", "permitted", "denied"),
    [
        ((Use.ALL_MEMBERS,), {"TREAT"}, {"TRAIN", "HRESCH", "HMARKT"}),
        ((Use.ALL_MEMBERS, Use.LECTURES), {"TREAT", "TRAIN"}, {"HRESCH", "HMARKT"}),
        ((Use.ALL_MEMBERS, Use.RESEARCH, Use.AI_TRAINING), {"TREAT", "HRESCH"}, {"TRAIN", "HMARKT"}),
    ],
)
def test_what_was_ticked_is_permitted_and_all_else_denied(
    uses: tuple[Use, ...], permitted: set[str], denied: set[str]
) -> None:
    made = making.published(consent_fields={"uses": uses})
    row = rows.rows_of(list(query.find_cases(Filter()).filter(pk=made.case.pk)))[0]
    provision = fhir.consent_resource(row)["provision"]
    yes, no = provision["purpose"], provision["provision"][0]["purpose"]
    assert codes(yes, fhir.USE_SYSTEM) == set(map(str, uses))
    assert codes(no, fhir.USE_SYSTEM) == {str(use) for use in Use if use not in uses} | {"advertising"}
    assert (codes(yes, REASONS), codes(no, REASONS)) == (permitted, denied)
    assert "actor" not in provision
    assert provision["period"] == {"start": str(made.consent.signed_on)}


def test_a_publication_and_an_event_are_named(tmp_path: Path) -> None:
    making.published(
        consent_fields={
            "uses": (Use.ALL_MEMBERS, Use.PUBLICATION),
            "publication": "Atlas of itch",
            "until_event": Until.CASE_CLOSED,
        }
    )
    provision = of_type(bundle(tmp_path), "Consent")[0]["provision"]  # parsed and validated
    named = [one for one in provision["purpose"] if "extension" in one]
    name = fhir.hash_uri(hashlib.sha256(b"Atlas of itch").hexdigest())
    assert [(one["code"], one["extension"]) for one in named] == [
        ("publication", [{"url": fhir.PUBLICATION, "valueUri": name}])
    ]
    assert provision["period"]["extension"] == [{"url": fhir.UNTIL_EVENT, "valueCode": "case_closed"}]


def test_a_consent_for_one_group_names_that_recipient() -> None:
    group = Group.objects.create(name="Ward")
    Membership.objects.create(group=group, member=factories.person("alice"))
    made = making.published(consent_fields={"uses": (Use.NAMED_GROUP,), "group": group.pk}, group=group)
    row = rows.rows_of(list(query.find_cases(Filter()).filter(pk=made.case.pk)))[0]
    actor = fhir.consent_resource(row)["provision"]["actor"][0]
    assert actor["role"]["coding"][0]["code"] == "IRCP"
    assert actor["reference"]["identifier"]["value"] == f"urn:uuid:{group.pk}"


def test_the_export_itself_is_an_event_with_the_logs_head(tmp_path: Path) -> None:
    making.published()
    head = head_of(0)
    found = bundle(tmp_path)
    assert found["meta"]["tag"] == [{"system": fhir.LOG_SYSTEM, "code": f"{head.seq}:{head.digest}"}]
    own = found["entry"][0]["resource"]
    said = {detail["type"]: detail["valueString"] for detail in own["entity"][0]["detail"]}
    assert (said["log-head-digest"], said["reason"], said["reference"]) == (head.digest, "regulator", "REQ 7")
    assert own["type"]["code"] == "extract"
