"""Applications that nobody can decide: fewer moderators are left than votes are missing."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import PositiveSmallIntegerField, Q, Value
from django.utils import timezone

from accounts.membership.models import Member
from accounts.vetting.checking.institutions import institution_key, mail_base, shares_mail
from accounts.vetting.models import OPEN, Application, Recusal, Reference, State, Vote
from audit.record import record

TOLD_AGAIN_AFTER = timedelta(days=7)
FEW = 3  # with fewer moderators than this a disagreement cannot be decided


@dataclass(frozen=True)
class _Moderator:
    """A moderator, and what ties them to applicants."""

    pk: UUID
    supervisor: UUID | None
    institution: str
    mail: str

    def works_with(self, application: Application) -> bool:
        """Whether they work where the applicant does, by name or by mail."""
        same_name = bool(self.institution) and self.institution == application.institution_key
        return same_name or shares_mail(self.mail, application.member.email)


class _Panel:
    """Who may still vote on each of these applications, and how many have: in two queries whatever their number.

    Load the applications with their members. `accounts.policy.applications_to_decide` asks the same of one moderator;
    tests/accounts/test_conflicts.py compares them.
    """

    def __init__(self, applications: Sequence[Application]) -> None:
        ids = [application.pk for application in applications]
        applicants = {application.member_id for application in applications}
        moderators = [
            _Moderator(pk, supervisor, institution_key(institution), mail_base(email))
            for pk, supervisor, institution, email in Member.objects.moderators().values_list(
                "pk", "supervisor", "institution", "email"
            )
        ]
        near: dict[UUID, set[UUID]] = {member: {member} for member in applicants}
        voted: dict[UUID, set[UUID]] = {pk: set() for pk in ids}
        self.cast = dict.fromkeys(ids, 0)
        rounds = {application.pk: application.round for application in applications}
        for one, other, number in _ties(ids, applicants):
            if number:
                voted[one].add(other)
                self.cast[one] += number == rounds[one]
                continue
            for member, colleague in ((one, other), (other, one)):
                if member in near:
                    near[member].add(colleague)
        self.left = {
            one.pk: sum(
                moderator.pk not in voted[one.pk] | near[one.member_id]
                and moderator.pk != one.member.supervisor_id
                and moderator.supervisor != one.member_id
                and not moderator.works_with(one)
                for moderator in moderators
            )
            for one in applications
        }


def _ties(ids: Sequence[UUID], applicants: Collection[UUID]) -> Iterable[tuple[UUID, UUID, int]]:
    """Return (applicant, colleague, 0) for who named or left whom, (application, moderator, round) for votes."""
    named = Reference.objects.filter(Q(application__member__in=applicants) | Q(member__in=applicants))
    aside = Recusal.objects.filter(application__member__in=applicants)
    none = Value(0, output_field=PositiveSmallIntegerField())
    ties = [
        named.filter(member__isnull=False).values_list("application__member", "member", none),
        aside.values_list("application__member", "moderator", none),
        Vote.objects.filter(application__in=ids).order_by().values_list("application", "moderator", "round"),
    ]
    found: Iterable[tuple[UUID, UUID, int]] = ties[0].union(*ties[1:], all=True)
    return found


def moderators_left(applications: Sequence[Application]) -> dict[UUID, int]:
    """Return how many moderators may still vote on each of these applications."""
    return _Panel(applications).left


def missing(applications: Sequence[Application]) -> dict[UUID, int]:
    """Return how many moderators are missing for each of these open applications; 0 for most."""
    panel = _Panel(applications)
    return {one.pk: _missing(one, panel) for one in applications}


def _missing(application: Application, panel: _Panel) -> int:
    needed = 1 if application.state == State.THIRD else 2 - panel.cast[application.pk]
    return max(0, needed - panel.left[application.pk])


@dataclass(frozen=True)
class Outlook:
    """How far an open application has come: votes of its round, and whether there are enough moderators."""

    cast: int
    few: bool  # a disagreement could not be decided, whether or not there is one
    missing: int  # moderators without whom it cannot be decided


def outlook(application: Application) -> Outlook:
    """Return how far an application has come. Costs two queries; load it with its member.

    `few` counts those who may vote and those who have, so that it is the same before and after votes.
    """
    panel = _Panel([application])
    cast, left = panel.cast[application.pk], panel.left[application.pk]
    return Outlook(
        cast=cast,
        few=application.is_open and cast + left < FEW,
        missing=_missing(application, panel) if application.is_open else 0,
    )


def stuck() -> list[Application]:
    """Return the open applications that nobody can decide."""
    waiting = Application.objects.filter(state__in=OPEN, address_confirmed_at__isnull=False)
    found = list(waiting.select_related("member").order_by("pk"))
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
