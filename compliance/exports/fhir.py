"""The audit as a FHIR R4 bundle: Consent, Provenance and AuditEvent, written entry by entry.

Consents have the shape of IHE's Privacy Consent on FHIR, Explicit Intermediate: a base provision with the
purposes that were ticked, and one level of denials for those that were not. The patient is a reference with a
sentence instead of an identity; a signed form and a form's text are named by their SHA-256 (RFC 6920), never
attached.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID, uuid5

from django.conf import settings
from django.urls import reverse

from compliance.audit.rows import Row
from compliance.exports.manifest import software_version
from compliance.exports.request import ExportContext, ExportedFile
from consent.models import Relation, Signature, Status, Use

Json = dict[str, Any]

PROFILE = "https://profiles.ihe.net/ITI/PCF/StructureDefinition/IHE.PCF.consentIntermediate"
USE_SYSTEM = "urn:x-rete:consent-use"
LOG_SYSTEM = "urn:x-rete:log"
PUBLICATION = "urn:x-rete:publication"  # the hash of its name, on the coding of the use
HISTOLOGY_POLICY = "urn:x-rete:policy:histology-exemption"  # why there is no consent
UNTIL_EVENT = "urn:x-rete:until-event"  # what else ends it, on the period
_URI = "urn:ietf:rfc:3986"
_REASONS = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_LIFECYCLE = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
_ANONYMOUS_PATIENT = "The patient; no identity is kept"
ADVERTISING = "advertising"

STATUSES = {
    Status.DRAFT: "draft",
    Status.ACTIVE: "active",
    Status.REFUSED: "rejected",
    Status.SUPERSEDED: "inactive",
    Status.EXPIRED: "inactive",
    Status.WITHDRAWN: "inactive",
    Status.ENTERED_IN_ERROR: "entered-in-error",
}
# Uses for which HL7 has a purpose of use; the others have our own code only.
PURPOSES = {
    Use.NAMED_GROUP: "TREAT",
    Use.ALL_MEMBERS: "TREAT",
    Use.PLATFORM_TEACHING: "TRAIN",
    Use.LECTURES: "TRAIN",
    Use.RESEARCH: "HRESCH",
}


class FhirWriter:
    """A bundle of type collection; a consent that covers several cases appears in it once."""

    def __init__(self, file: BinaryIO, context: ExportContext) -> None:
        """Write the bundle's own fields."""
        self._file, self._context = file, context
        self._consents: set[UUID] = set()
        head = context.head
        bundle = {
            "resourceType": "Bundle",
            "id": str(context.export_id),
            "meta": {"tag": [{"system": LOG_SYSTEM, "code": f"{head['seq']}:{head['digest']}"}]},
            "identifier": _identifier(context.export_id),
            "type": "collection",
            "timestamp": _instant(context.made_at),
        }
        self._file.write(json.dumps(bundle)[:-1].encode() + b', "entry": [\n')
        self._write(_export_event(context))

    def _write(self, resource: Json, *, before: bytes = b"") -> None:
        entry = {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}
        self._file.write(before + json.dumps(entry, separators=(",", ":")).encode())

    def add(self, row: Row) -> None:
        """Write the resources of one row: its consent, the provenance of its pictures, and its events."""
        if row.consent_id is not None and row.consent_id not in self._consents:
            self._consents.add(row.consent_id)
            self._write(consent_resource(row), before=b",\n")
        self._write(provenance_resource(row, made_at=self._context.made_at), before=b",\n")
        for event in audit_events(row):
            self._write(event, before=b",\n")

    def close(self, finished: list[ExportedFile]) -> None:
        """Close the bundle."""
        self._file.write(b"\n]}\n")


def consent_resource(row: Row) -> Json:
    """Return the consent of a row as a FHIR Consent."""
    withdrawn = row.consent_status in (Status.WITHDRAWN, Status.REFUSED)
    code, version, language = row.form.rsplit("-", 2)
    days = {"start": str(row.signed_on), "end": _day(row.withdrawn_at) or _text(row.expires_on)}
    period: Json = {name: day for name, day in days.items() if day}
    if row.until_event:
        period["extension"] = [{"url": UNTIL_EVENT, "valueCode": row.until_event}]
    ticked, left = _split_uses(row.uses)
    found: Json = {
        "resourceType": "Consent",
        "id": str(row.consent_id),
        "meta": {"profile": [PROFILE]},
        "identifier": [_identifier(row.consent_id)],
        "status": STATUSES[Status(row.consent_status)],
        "scope": _concept("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy"),
        "category": [_concept("http://loinc.org", "59284-0")],
        "patient": {"type": "Patient", "display": _ANONYMOUS_PATIENT},
        "dateTime": str(row.signed_on),
        "performer": [_signer(row)],
        "organization": [_site()],
        "sourceAttachment": _signed_form(row),
        "policy": [
            {"uri": settings.SITE_ADDRESS.rstrip("/") + reverse("consent:form_text", args=[code, version, language])},
            {"uri": hash_uri(row.form_sha256)},
        ],
        "provision": {
            "type": "deny" if withdrawn else "permit",
            "period": period,
            "purpose": _codings(ticked, but_not=(), publication=row.publication_sha256),
            "provision": [{"type": "deny", "purpose": _codings(left, but_not=ticked)}],
        },
    }
    if row.group_id is not None and Use.ALL_MEMBERS not in row.uses:
        group = {"type": "Group", "identifier": _identifier(row.group_id), "display": "One named group of members"}
        role = _concept("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP")
        found["provision"]["actor"] = [{"role": role, "reference": group}]
    if not found["provision"]["purpose"]:
        del found["provision"]["purpose"]
    return found


def _split_uses(uses: list[str]) -> tuple[list[str], list[str]]:
    """Return the ticked uses, and the others with advertising, which is never allowed."""
    return [use for use in Use if use in uses], [*(use for use in Use if use not in uses), ADVERTISING]


def _codings(uses: list[str], *, but_not: list[str] | tuple[()], publication: str = "") -> list[Json]:
    """Return our codes and HL7's for the uses, without HL7 codes that also stand for a use in `but_not`."""
    words = {**{str(use): code for use, code in PURPOSES.items()}, ADVERTISING: "HMARKT"}
    taken = {words[use] for use in but_not if use in words}
    wider = sorted({words[use] for use in uses if use in words} - taken)
    return [
        *({"system": USE_SYSTEM, "code": str(use), **_publication_extension(use, publication)} for use in uses),
        *({"system": _REASONS, "code": code} for code in wider),
    ]


def _publication_extension(use: str, publication: str) -> Json:
    named = use == Use.PUBLICATION and publication
    return {"extension": [{"url": PUBLICATION, "valueUri": hash_uri(publication)}]} if named else {}


def _signer(row: Row) -> Json:
    if row.relation == Relation.SELF:
        return {"type": "Patient", "display": _ANONYMOUS_PATIENT}
    return {"type": "RelatedPerson", "display": f"{row.relation}; no identity is kept"}


def _signed_form(row: Row) -> Json:
    found = {"title": f"Signed form, {row.signature}; SHA-256 {row.document_sha256}", "creation": str(row.signed_on)}
    if row.document_sha256:
        found["url"] = hash_uri(row.document_sha256)
    if row.signature == Signature.DRAWN:
        found["contentType"] = "image/png"
    return found


def provenance_resource(row: Row, *, made_at: datetime) -> Json:
    """Return a Provenance: author and reviewer of a row's pictures, the consent, and the fingerprints."""
    targets = [{"type": "Media", "identifier": _identifier(row.case_id), "display": "The masked pictures of one post"}]
    if row.consent_id is not None:
        targets.append({"reference": f"urn:uuid:{row.consent_id}", "type": "Consent"})
    agents = [_agent("author", row.author_id)]
    if row.reviewer_id is not None:
        agents.append(_agent("verifier", row.reviewer_id))
    found: Json = {
        "resourceType": "Provenance",
        "id": str(uuid5(row.case_id, "provenance")),
        "target": targets,
        "recorded": _instant(row.first_visible_at or row.recorded_at or made_at),
        "activity": _concept(_LIFECYCLE, "deidentify"),
        "agent": agents,
    }
    if row.basis == "histology":
        found["policy"] = [HISTOLOGY_POLICY]
    entities = [
        {"role": "source", "what": {"identifier": {"system": _URI, "value": hash_uri(digest)}, "type": "Media"}}
        for digest in row.picture_sha256
    ]
    if entities:
        found["entity"] = entities
    return found


def _agent(role: str, member_id: UUID) -> Json:
    kind = _concept("http://terminology.hl7.org/CodeSystem/provenance-participant-type", role)
    return {"type": kind, "who": _member(member_id)}


def audit_events(row: Row) -> Iterator[Json]:
    """Yield an AuditEvent each for released, withdrawn and destroyed."""
    if row.first_visible_at is not None:
        who = _member(row.reviewer_id) if row.reviewer_id else {"display": "Unknown"}
        yield _audit_event(row, "released", at=row.first_visible_at, lifecycle="disclose", action="U", who=who)
    if row.withdrawn_at is not None:
        who = {"display": "The patient, or a clinician on the patient's word"}
        yield _audit_event(row, "withdrawn", at=row.withdrawn_at, lifecycle="hold", action="U", who=who)
    if row.destroyed_at is not None:
        yield _audit_event(row, "destroyed", at=row.destroyed_at, lifecycle="destroy", action="D", who=_software())


def _audit_event(row: Row, what: str, *, at: datetime, lifecycle: str, action: str, who: Json) -> Json:
    entities: list[Json] = [{"what": {"type": "Media", "identifier": _identifier(row.case_id)}}]
    if row.consent_id is not None:
        entities.append({"what": {"reference": f"urn:uuid:{row.consent_id}", "type": "Consent"}})
    return {
        "resourceType": "AuditEvent",
        "id": str(uuid5(row.case_id, what)),
        "type": {"system": _LIFECYCLE, "code": lifecycle},
        "subtype": [{"system": LOG_SYSTEM, "code": what}],
        "action": action,
        "recorded": _instant(at),
        "outcome": "0",
        "agent": [{"who": who, "requestor": what != "destroyed"}],
        "source": {"observer": _software()},
        "entity": entities,
    }


def _export_event(context: ExportContext) -> Json:
    """Return the AuditEvent of the export itself: by whom, why, and the log's signed head when it began."""
    request = context.request
    who = _member(request.by.pk) if request.by else {"display": "Whoever runs the site, by command"}
    said = {
        **{f"filter-{name}": str(value) for name, value in request.wanted.facts().items() if value},
        **{f"log-head-{name}": str(value) for name, value in context.head.items()},
        "reason": request.reason,
        "reference": request.reference,
    }
    details = [{"type": name, "valueString": value} for name, value in said.items() if value]
    return {
        "resourceType": "AuditEvent",
        "id": str(uuid5(context.export_id, "exported")),
        "type": {"system": _LIFECYCLE, "code": "extract"},
        "action": "R",
        "recorded": _instant(context.made_at),
        "outcome": "0",
        "agent": [{"who": who, "requestor": True}],
        "source": {"observer": _software()},
        "entity": [{"what": {"identifier": _identifier(context.export_id)}, "detail": details}],
    }


def hash_uri(sha256: str) -> str:
    """Return the RFC 6920 URI for a SHA-256 (hex)."""
    return f"ni:///sha-256;{urlsafe_b64encode(bytes.fromhex(sha256)).decode().rstrip('=')}"


def _identifier(value: UUID | None) -> Json:
    return {"system": _URI, "value": f"urn:uuid:{value}"}


def _concept(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code}]}


def _member(member_id: UUID) -> Json:
    return {"type": "Practitioner", "identifier": _identifier(member_id)}


def _site() -> Json:
    return {"type": "Organization", "display": settings.SITE_NAME}


def _software() -> Json:
    return {"type": "Device", "display": f"Rete {software_version()}"}


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _day(at: datetime | None) -> str:
    return at.date().isoformat() if at else ""


def _text(value: object) -> str:
    return "" if value is None else str(value)
