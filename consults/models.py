"""All models of consults, gathered from its topics."""

from consults.cases.followup.models import PicturePair
from consults.cases.gate.models import AskedToSee, CaseHold, Listing, ListingCount, ListingMark, ListingText
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
from consults.following.models import Following, SavedSearch, SearchKey
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
from consults.similar.models import ListingVector
from consults.urgency.models import Escalation, FirstAnswerFigure, RotaCall, UrgencyMark, Volunteer
from consults.withdrawal.models import Redaction, WithdrawalNotice

__all__ = [
    "AddedTerm",
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
    "Escalation",
    "FirstAnswerFigure",
    "Following",
    "FormerPlan",
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
    "Mention",
    "Outcome",
    "OutcomeReminder",
    "OutcomeVersion",
    "PicturePair",
    "Pin",
    "PinSeries",
    "Plan",
    "PollOption",
    "Post",
    "PostHold",
    "PostReport",
    "PostVersion",
    "ProposedTerm",
    "Quarter",
    "Reaction",
    "ReactionKind",
    "Redaction",
    "Release",
    "Report",
    "Revision",
    "Role",
    "RoleListener",
    "RotaCall",
    "SavedSearch",
    "SearchKey",
    "SecondRead",
    "Suggestion",
    "TermState",
    "UrgencyMark",
    "Volunteer",
    "WithdrawalNotice",
]
