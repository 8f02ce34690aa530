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
    Outcome,
    Revision,
    Suggestion,
)
from consults.groups.models import Admission, Group, GroupProposal, GroupRemoval, Membership
from consults.groups.rooms.models import (
    AlbumCase,
    Ballot,
    PollOption,
    Post,
    PostHold,
    PostReport,
    PostVersion,
)
from consults.moderation.models import Concern, Quarter, Report
from consults.withdrawal.models import Redaction, WithdrawalNotice

__all__ = [
    "Admission",
    "AlbumCase",
    "Answer",
    "AnswerKind",
    "Attachment",
    "Ballot",
    "Bookmark",
    "Case",
    "CaseHold",
    "CasePhoto",
    "CaseState",
    "Comment",
    "CommentHold",
    "CommentVersion",
    "Concern",
    "Group",
    "GroupProposal",
    "GroupRemoval",
    "Listing",
    "ListingCount",
    "ListingText",
    "Mark",
    "Membership",
    "Outcome",
    "PollOption",
    "Post",
    "PostHold",
    "PostReport",
    "PostVersion",
    "Quarter",
    "Redaction",
    "Release",
    "Report",
    "Revision",
    "SecondRead",
    "Suggestion",
    "WithdrawalNotice",
]
