"""Applications that nobody can decide: fewer moderators are left than votes are missing."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.membership.models import Member
from accounts.policy import conflict_of_interest
from accounts.vetting.models import OPEN, Application, State
from audit.record import record

TOLD_AGAIN_AFTER = timedelta(days=7)
FEW = 3  # with fewer moderators than this a disagreement cannot be decided


def moderators_left(applications: Sequence[Application]) -> dict[UUID, int]:
    """Return how many moderators may still vote on each of these applications. One query a moderator."""
    left = dict.fromkeys((application.pk for application in applications), 0)
    for moderator in Member.objects.moderators():
        rows = Application.objects.filter(pk__in=left).exclude(
            pk__in=Application.objects.filter(conflict_of_interest(moderator)).values("pk")
        )
        # Over both rounds: who voted before the appeal does not decide it.
        for pk in rows.exclude(pk__in=Application.objects.filter(votes__moderator=moderator).values("pk")).values_list(
            "pk", flat=True
        ):
            left[pk] += 1
    return left


def votes_missing(application: Application) -> int:
    """Return how many votes the application still needs."""
    return 1 if application.state == State.THIRD else 2 - application.votes.filter(round=application.round).count()


def missing(applications: Sequence[Application]) -> dict[UUID, int]:
    """Return how many moderators are missing for each of these open applications; 0 for most."""
    left = moderators_left(applications)
    return {one.pk: max(0, votes_missing(one) - left[one.pk]) for one in applications}


def has_few_moderators(application: Application) -> bool:
    """Whether a disagreement about this application could not be decided, whether or not there is one.

    For the applicant: it counts those who may vote and those who have, so that it is the same before and after votes
    and tells nothing of them.
    """
    cast = application.votes.filter(round=application.round).count()
    return application.is_open and cast + moderators_left([application])[application.pk] < FEW


def stuck() -> list[Application]:
    """Return the open applications that nobody can decide."""
    found = list(Application.objects.filter(state__in=OPEN, address_confirmed_at__isnull=False).order_by("pk"))
    lacking = missing(found)
    return [application for application in found if lacking[application.pk]]


def note_stuck() -> int:
    """Log what is stuck and was not told lately; return how many: administrators are to be told."""
    now = timezone.now()
    lately = Q(stuck_told_at__gt=now - TOLD_AGAIN_AFTER)
    told = 0
    for application in stuck():
        with transaction.atomic():
            if Application.objects.filter(~lately | Q(stuck_told_at=None), pk=application.pk).update(stuck_told_at=now):
                record(verb="application.stuck", actor=None, subject=("application", application.pk))
                told += 1
    return told
