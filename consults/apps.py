"""App configuration."""

from typing import Any

from django.apps import AppConfig

from core.routers import DEFAULT


class ConsultsConfig(AppConfig):
    """Cases, the gate in front of them, discussion and withdrawal."""

    name = "consults"

    def ready(self) -> None:
        """Register with consent and accounts what they call; core finds the job handlers."""
        from django.db.models.signals import post_migrate, post_save

        from accounts.appointments import missing
        from accounts.leaving import rooms
        from accounts.membership.lifecycle import standing_changed
        from accounts.profiles import hooks as profiles
        from consults.cases import opening
        from consults.cases.authoring import audience_lost
        from consults.cases.gate import listing
        from consults.cases.review.models import SecondRead
        from consults.discussion.figures import AnswerFigures
        from consults.discussion.outcomes.solution import note_second_read
        from consults.discussion.terms.deciding import added_diagnoses
        from consults.groups.running import group_ended
        from consults.member_data import ROOM
        from consults.moderation import wiring
        from consults.moderation.missing import notes
        from consults.withdrawal import hide  # noqa: F401 - registers by import
        from notifications.notices import hooks as notices
        from vocabulary import diagnoses

        standing_changed.connect(listing.follow_author)
        group_ended.connect(audience_lost.follow_end)
        wiring.connect()
        missing.ask(notes)
        profiles.figures.fill(AnswerFigures())
        notices.may_open.fill(opening.may_open)
        rooms.add("consults", ROOM)
        diagnoses.read_added_from(added_diagnoses)
        post_save.connect(note_second_read, sender=SecondRead)
        post_migrate.connect(_fill_listings, sender=self)


def _fill_listings(*, using: str, **sent: Any) -> None:
    from consults.cases.gate import listing

    if using == DEFAULT:
        listing.fill_after_migration(**sent)
