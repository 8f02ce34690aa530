"""All models of consults, gathered from its topics."""

from consults.cases.gate.models import CaseHold, Listing, ListingCount, ListingMark, ListingText
from consults.cases.models import Attachment, Case, CasePhoto, CaseState, Release
from consults.cases.review.models import Mark, SecondRead
from consults.discussion.models import (
    Answer,
    AnswerKind,
    Bookmark,
    Comment,
    CommentHold,
    CommentVersion,
    Outcome,
    Revision,
    Suggestion,
)
from consults.following.models import Following, SavedSearch, SearchKey
from consults.groups.models import Admission, Group, GroupProposal, GroupRemoval, Membership
from consults.moderation.models import Report
from consults.similar.models import ListingVector
from consults.withdrawal.models import Redaction, WithdrawalNotice

__all__ = [
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
    "Following",
    "Group",
    "GroupProposal",
    "GroupRemoval",
    "Listing",
    "ListingCount",
    "ListingMark",
    "ListingText",
    "ListingVector",
    "Mark",
    "Membership",
    "Outcome",
    "Redaction",
    "Release",
    "Report",
    "Revision",
    "SavedSearch",
    "SearchKey",
    "SecondRead",
    "Suggestion",
    "WithdrawalNotice",
]
