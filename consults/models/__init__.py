"""The rows of a consult, by topic."""

from consults.consent_audit.models import ExportRecall, ExportRecord
from consults.models.aftermath import Redaction, Told
from consults.models.bookmarks import Bookmark
from consults.models.cases import Case, CasePhoto, CaseState
from consults.models.discussion import Answer, AnswerKind, Comment, Outcome, Revision, Suggestion
from consults.models.groups import Group, Membership
from consults.models.review import Mark, Release, SecondRead

__all__ = [
    "Answer",
    "AnswerKind",
    "Bookmark",
    "Case",
    "CasePhoto",
    "CaseState",
    "Comment",
    "ExportRecall",
    "ExportRecord",
    "Group",
    "Mark",
    "Membership",
    "Outcome",
    "Redaction",
    "Release",
    "Revision",
    "SecondRead",
    "Suggestion",
    "Told",
]
