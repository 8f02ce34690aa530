"""Applications that nobody can decide: fewer moderators are left than votes are missing."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.membership.models import Member
from accounts.vetting.models import OPEN, Application, Recusal, Reference, State, Vote
from audit.record import record

TOLD_AGAIN_AFTER = timedelta(days=7)
FEW = 3  # with fewer moderators than this a disagreement cannot be decided


class _Panel:
    """Who may still vote on each of these applications, and how many have: in six queries whatever their number.

    `accounts.policy.applications_to_decide` asks the same of one moderator; tests/accounts/appointments compares them.
    """

    def __init__(self, applications: Sequence[Application]) -> None:
        moderators = set(Member.objects.moderators().values_list("pk", flat=True))
        ids = [application.pk for application in applications]
        applicants = {application.member_id for application in applications}
        votes = list(Vote.objects.filter(application__in=ids).values_list("application", "moderator", "round"))
        partial: dict[UUID, set[UUID]] = {pk: set() for pk in ids}
        pairs = [
            *((pk, moderator) for pk, moderator, _round in votes),
            *Recusal.objects.filter(application__in=ids).values_list("application", "moderator"),
            *Reference.objects.filter(application__in=ids, member__isnull=False).values_list("application", "member"),
        ]
        for pk, member in pairs:
            partial[pk].add(member)
        near: dict[UUID, set[UUID]] = {member: {member} for member in applicants}
        for member, supervisor in Member.objects.filter(pk__in=applicants).values_list("pk", "supervisor"):
            near[member].add(supervisor)
        for member, resident in Member.objects.filter(supervisor__in=applicants).values_list("supervisor", "pk"):
            near[member].add(resident)
        self.left = {one.pk: len(moderators - partial[one.pk] - near[one.member_id]) for one in applications}
        self.cast = {
            one.pk: sum(pk == one.pk and number == one.round for pk, _moderator, number in votes)
            for one in applications
        }


def moderators_left(applications: Sequence[Application]) -> dict[UUID, int]:
    """Return how many moderators may still vote on each of these applications."""
    return _Panel(applications).left


def missing(applications: Sequence[Application]) -> dict[UUID, int]:
    """Return how many moderators are missing for each of these open applications; 0 for most."""
    panel = _Panel(applications)
    return {
        one.pk: max(0, (1 if one.state == State.THIRD else 2 - panel.cast[one.pk]) - panel.left[one.pk])
        for one in applications
    }


def has_few_moderators(application: Application) -> bool:
    """Whether a disagreement about this application could not be decided, whether or not there is one.

    For the applicant: it counts those who may vote and those who have, so that it is the same before and after votes
    and tells nothing of them.
    """
    panel = _Panel([application])
    return application.is_open and panel.cast[application.pk] + panel.left[application.pk] < FEW


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
