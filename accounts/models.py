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
from accounts.security.models import MailSent, Session
from accounts.security.recovery.models import Recovery, RecoveryVote
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
    "Draft",
    "EvidenceKind",
    "EvidencePicture",
    "MailSent",
    "Member",
    "Office",
    "Profession",
    "Reason",
    "Recovery",
    "RecoveryVote",
    "Recusal",
    "Reference",
    "ReferenceKind",
    "RenewalReminder",
    "Session",
    "Sight",
    "Standing",
    "State",
    "Vote",
    "normalise_email",
    "verified_condition",
]
