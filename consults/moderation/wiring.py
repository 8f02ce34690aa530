"""Connections of moderation and of groups' rooms with what lies below them, made at start-up."""

from consults.cases.gate.models import CaseHold
from consults.discussion.models import CommentHold
from consults.groups.rooms.ending import follow_end
from consults.groups.running import group_ended
from consults.moderation.concerns.models import Concern
from consults.moderation.hiding import settle_what_is_left
from consults.withdrawal.redaction import ELSEWHERE
from core.states import transitioned

_WORDS = (Concern, ("words", "answer"))


def connect() -> None:
    """Settle reports with their holds, end rooms with their groups, and redact concerns; again has no effect."""
    transitioned.connect(settle_what_is_left, sender=CaseHold)
    transitioned.connect(settle_what_is_left, sender=CommentHold)
    group_ended.connect(follow_end)
    if _WORDS not in ELSEWHERE:
        ELSEWHERE.append(_WORDS)
