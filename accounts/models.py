"""Models of the accounts app: members, applications, votes, evidence."""

from accounts.appointments.models import Appointment, Office
from accounts.membership.models import (
    COUNTED_AS,
    Member,
    Profession,
    RenewalReminder,
    Standing,
    normalise_email,
    verified_condition,
)
from accounts.profiles.models import (
    DirectoryRow,
    Follow,
    Portrait,
    PortraitState,
    Position,
    Profile,
    Publication,
    Training,
)
from accounts.security.models import MailSent, Session
from accounts.vetting.models import (
    Application,
    Draft,
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

__all__ = [
    "COUNTED_AS",
    "Application",
    "Appointment",
    "DirectoryRow",
    "Draft",
    "EvidenceKind",
    "EvidencePicture",
    "Follow",
    "MailSent",
    "Member",
    "Office",
    "Portrait",
    "PortraitState",
    "Position",
    "Profession",
    "Profile",
    "Publication",
    "Reason",
    "Recusal",
    "Reference",
    "ReferenceKind",
    "RenewalReminder",
    "Session",
    "Sight",
    "Standing",
    "State",
    "Training",
    "Vote",
    "normalise_email",
    "verified_condition",
]
