"""What applicants say and send in tests."""

from typing import Any
from unittest import mock

from accounts.models import Application, Draft, EvidenceKind, Profession
from accounts.vetting import decisions, evidence

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
