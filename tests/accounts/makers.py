"""What applicants say and send in tests."""

from typing import Any

from accounts.models import Application, Draft, EvidenceKind, Profession
from accounts.vetting import decisions, evidence

PASSWORD = "marble otter seventeen lantern"
CLEAN = evidence.CleanPicture(data=b"\xff\xd8 a clean picture", content_type="image/jpeg")


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
    *, email: str, said: decisions.Claim, picture: evidence.CleanPicture | None = None, password: str = PASSWORD
) -> Application:
    """The application of a newcomer who opened the link and chose a password."""
    decisions.apply(email=email, claim=said, picture=picture)
    draft = Draft.objects.filter(email=email).latest("created_at")
    return decisions.finish(draft=draft, password=password)
