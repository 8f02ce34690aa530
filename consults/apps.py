"""App configuration."""

from typing import Any

from django.apps import AppConfig

from core.routers import DEFAULT


class ConsultsConfig(AppConfig):
    """Cases, the gate in front of them, discussion and withdrawal."""

    name = "consults"

    def ready(self) -> None:
        """Register with consent and accounts what they call; core finds the job handlers."""
        from django.db.models.signals import post_migrate

        from accounts.appointments import missing
        from accounts.leaving import rooms
        from accounts.membership.lifecycle import standing_changed
        from accounts.profiles import hooks as profiles
        from consults.cases.authoring import audience_lost
        from consults.cases.gate import listing
        from consults.discussion.figures import AnswerFigures
        from consults.cases.gate.models import CaseHold
        from consults.discussion.models import CommentHold
        from consults.groups.rooms.ending import follow_end
        from consults.groups.running import group_ended
        from consults.member_data import ROOM
        from consults.moderation.concerns.models import Concern
        from consults.moderation.hiding import settle_what_is_left
        from consults.moderation.missing import notes
        from consults.withdrawal import hide  # noqa: F401 - registers by import
        from consults.withdrawal.redaction import ELSEWHERE
        from core.states import transitioned

        standing_changed.connect(listing.follow_author)
        group_ended.connect(audience_lost.follow_end)
        group_ended.connect(follow_end)
        transitioned.connect(settle_what_is_left, sender=CaseHold)
        transitioned.connect(settle_what_is_left, sender=CommentHold)
        missing.ask(notes)
        profiles.figures.fill(AnswerFigures())
        rooms.add("consults", ROOM)
        if (Concern, ("words", "answer")) not in ELSEWHERE:
            ELSEWHERE.append((Concern, ("words", "answer")))
        post_migrate.connect(_fill_listings, sender=self)


def _fill_listings(*, using: str, **sent: Any) -> None:
    from consults.cases.gate import listing

    if using == DEFAULT:
        listing.fill_after_migration(**sent)
