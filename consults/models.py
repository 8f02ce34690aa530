"""All models of consults, gathered from its topics."""

from consults.cases.followup.models import PicturePair
from consults.cases.gate.models import AskedToSee, CaseHold, Listing, ListingCount, ListingText
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
from consults.groups.models import Admission, Group, GroupProposal, GroupRemoval, Membership
from consults.moderation.models import Report
from consults.pins.models import Pin, PinSeries
from consults.withdrawal.models import Redaction, WithdrawalNotice

__all__ = [
    "Admission",
    "Answer",
    "AnswerKind",
    "AskedToSee",
    "Attachment",
    "Bookmark",
    "Case",
    "CaseHold",
    "CasePhoto",
    "CaseState",
    "Comment",
    "CommentHold",
    "CommentVersion",
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
    "PicturePair",
    "Pin",
    "PinSeries",
    "Reaction",
    "ReactionKind",
    "Redaction",
    "Release",
    "Report",
    "Revision",
    "Role",
    "RoleListener",
    "SecondRead",
    "Suggestion",
    "WithdrawalNotice",
]
