"""Models of the accounts app: members, applications, votes, evidence."""

from accounts.appointments.models import Appointment, Office, OfficeTerm
from accounts.membership.models import (
    COUNTED_AS,
    Member,
    Profession,
    RenewalReminder,
    Standing,
    Verification,
    normalise_email,
    verified_condition,
)
from accounts.membership.supervision.models import Supervision
from accounts.membership.suspension.models import Suspension
from accounts.membership.yearly.models import YearlyCheck
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
    "Draft",
    "EvidenceKind",
    "EvidencePicture",
    "MailSent",
    "Member",
    "Office",
    "OfficeTerm",
    "Profession",
    "Reason",
    "Recusal",
    "Reference",
    "ReferenceKind",
    "RenewalReminder",
    "Session",
    "Sight",
    "Standing",
    "State",
    "Supervision",
    "Suspension",
    "Verification",
    "Vote",
    "YearlyCheck",
    "normalise_email",
    "verified_condition",
]
