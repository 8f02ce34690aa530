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
from accounts.vetting.models import (
    Application,
    Draft,
    EvidenceKind,
    EvidencePicture,
    HalfDecision,
    Letter,
    Mark,
    MarkKind,
    Reason,
    Recusal,
    Reference,
    ReferenceKind,
    Sight,
    State,
    Vote,
)
from accounts.vetting.rechecks.models import Draw, Recheck, RecheckState, RecheckVote

__all__ = [
    "COUNTED_AS",
    "Application",
    "Appointment",
    "Draft",
    "Draw",
    "EvidenceKind",
    "EvidencePicture",
    "HalfDecision",
    "Letter",
    "MailSent",
    "Mark",
    "MarkKind",
    "Member",
    "Office",
    "Profession",
    "Reason",
    "Recheck",
    "RecheckState",
    "RecheckVote",
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
