"""All models of consults, gathered from its topics."""

from consults.cases.gate.models import CaseHold, Listing, ListingCount, ListingText
from consults.cases.models import Attachment, Case, CasePhoto, CaseState, Release
from consults.cases.review.models import Mark, SecondRead
from consults.discussion.models import (
    Answer,
    AnswerKind,
    Bookmark,
    Comment,
    CommentHold,
    CommentVersion,
    Mention,
    Outcome,
    Reaction,
    ReactionKind,
    Revision,
    Role,
    RoleListener,
    Suggestion,
)
from consults.discussion.outcomes.models import OutcomeReminder, OutcomeVersion
from consults.discussion.plans.models import FormerPlan, Plan
from consults.discussion.terms.models import AddedTerm, ProposedTerm, TermState
from consults.groups.models import Admission, Group, GroupProposal, GroupRemoval, Membership
from consults.moderation.models import Report
from consults.urgency.models import Escalation, FirstAnswerFigure, RotaCall, UrgencyMark, Volunteer
from consults.withdrawal.models import Redaction, WithdrawalNotice

__all__ = [
    "AddedTerm",
    "Admission",
    "Answer",
    "AnswerKind",
    "Attachment",
    "Bookmark",
    "Case",
    "CaseHold",
    "CasePhoto",
    "CaseState",
    "Comment",
    "CommentHold",
    "CommentVersion",
    "Escalation",
    "FirstAnswerFigure",
    "FormerPlan",
    "Group",
    "GroupProposal",
    "GroupRemoval",
    "Listing",
    "ListingCount",
    "ListingText",
    "Mark",
    "Membership",
    "Mention",
    "Outcome",
    "OutcomeReminder",
    "OutcomeVersion",
    "Plan",
    "ProposedTerm",
    "Reaction",
    "ReactionKind",
    "Redaction",
    "Release",
    "Report",
    "Revision",
    "Role",
    "RoleListener",
    "RotaCall",
    "SecondRead",
    "Suggestion",
    "TermState",
    "UrgencyMark",
    "Volunteer",
    "WithdrawalNotice",
]
