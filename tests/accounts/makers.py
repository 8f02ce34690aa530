"""What applicants say and send in tests."""

import uuid
from typing import Any
from unittest import mock

from django.utils import timezone

from accounts.models import Application, Draft, EvidenceKind, Member, Profession
from accounts.vetting import decisions, evidence
from tests import factories

PASSWORD = "marble otter seventeen lantern"
CLEAN = evidence.SentPicture(data=b"\xff\xd8\xff a clean picture")


def prepare_evidence(application: Application) -> None:
    """Let the pictures of an application be clean as they are: the engine has tests of its own."""
    with mock.patch.object(evidence, "clean", lambda data: evidence.CleanPicture(data, "image/jpeg")):
        for picture in application.pictures.all():
            evidence.prepare(picture.pk)


def claim(**changes: Any) -> decisions.Claim:
    """What a dermatologist with an institutional address says."""
    said: dict[str, Any] = {
        "name": "Dr Nova",
        "country": "TR",
        "profession": Profession.DERMATOLOGIST,
        "institution": "Lake Hospital",
        "registry_name": "Medical Chamber",
        "registry_url": "https://register.example.org/",
        "registry_number": "TR-4711",
        "evidence_kind": EvidenceKind.EMAIL,
    }
    return decisions.Claim(**(said | changes))


def join(
    *, email: str, said: decisions.Claim, picture: evidence.SentPicture | None = None, password: str = PASSWORD
) -> Application:
    """The application of a newcomer who opened the link and chose a password."""
    decisions.apply(email=email, claim=said, picture=picture)
    draft = Draft.objects.filter(email=email).latest("created_at")
    application = decisions.finish(draft=draft, password=password)
    prepare_evidence(application)
    return application


def newcomer(**fields: Any) -> Member:
    """Somebody of another house than the moderators."""
    return factories.member(email=f"{uuid.uuid4()}@lake.example", **fields)


def application(**fields: Any) -> Application:
    """The row of an application, of a newcomer unless `fields` say otherwise."""
    now = timezone.now()
    said: dict[str, Any] = {
        "profession": "dermatologist",
        "guidelines_accepted_at": now,
        "target_on": timezone.localdate(now),
        "address_confirmed_at": now,
    } | fields
    if "member" not in said:
        said["member"] = newcomer(standing="applicant")
    if reason := {"accepted": "matches", "declined": "not_found"}.get(said.get("state", "")):
        said |= {"reason": reason, "decided_at": now}
    if said.get("round") == 2:
        said["appealed_at"] = now
    return Application.objects.create(**said)
