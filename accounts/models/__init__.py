"""Members, applications, votes, evidence."""

from accounts.models.application import (
    Application,
    EvidenceKind,
    EvidencePicture,
    Reason,
    Recusal,
    Reference,
    ReferenceKind,
    Sight,
    State,
    Vote,
)
from accounts.models.member import (
    COUNTED_AS,
    Member,
    Profession,
    Standing,
    normalise_email,
)

__all__ = [
    "COUNTED_AS",
    "Application",
    "EvidenceKind",
    "EvidencePicture",
    "Member",
    "Profession",
    "Reason",
    "Recusal",
    "Reference",
    "ReferenceKind",
    "Sight",
    "Standing",
    "State",
    "Vote",
    "normalise_email",
]
