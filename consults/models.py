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
from consults.pins.models import Pin, PinSeries
from consults.withdrawal.models import Redaction, WithdrawalNotice

__all__ = [
    "Admission",
    "AlbumCase",
    "Answer",
    "AnswerKind",
    "AskedToSee",
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
    "Mention",
    "Outcome",
    "PicturePair",
    "Pin",
    "PinSeries",
    "PollOption",
    "Post",
    "PostHold",
    "PostReport",
    "PostVersion",
    "Quarter",
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
