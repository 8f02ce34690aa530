"""Models of the accounts app: members, applications, votes, evidence."""

from accounts.appointments.models import Appointment, Office
from accounts.leaving.models import DataExport, ExportState, Leaving, LeavingState
from accounts.membership.models import (
    COUNTED_AS,
    Member,
    Profession,
    RenewalReminder,
    Standing,
    normalise_email,
    verified_condition,
)
from accounts.security.models import AddressChange, Change, EndedSession, MailSent, SecurityNotice, Session
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
    "AddressChange",
    "Application",
    "Appointment",
    "Change",
    "DataExport",
    "Draft",
    "EndedSession",
    "EvidenceKind",
    "EvidencePicture",
    "ExportState",
    "Leaving",
    "LeavingState",
    "MailSent",
    "Member",
    "Office",
    "Profession",
    "Reason",
    "Recusal",
    "Reference",
    "ReferenceKind",
    "RenewalReminder",
    "SecurityNotice",
    "Session",
    "Sight",
    "Standing",
    "State",
    "Vote",
    "normalise_email",
    "verified_condition",
]
