"""Concerns: made by members, taken and closed by trusted persons, opened again for another one.

The log keeps that and when, without who reported and who is named: whoever exports it must not learn it there.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consults.cases.models import Case
from consults.discussion.models import Comment
from consults.exceptions import ChangeRefused
from consults.findings import sentences
from consults.moderation.concerns import policy
from consults.moderation.concerns.models import KEPT_DAYS, Concern, ConcernKind, ConcernOutcome, ConcernState
from consults.moderation.concerns.states import CONCERN
from consults.reporting import in_two_working_days
from core import permissions
from notifications.notices import Kind, tell
from screening import identifiers


@transaction.atomic
def raise_concern(
    *,
    by: Member,
    kind: str,
    words: str,
    about: Member | None = None,
    case: Case | None = None,
    comment: Comment | None = None,
) -> Concern:
    """Report mistreatment to the trusted persons. Raises ChangeRefused.

    When no trusted person is free of ties, it waits, and administrators read that one is missing.
    """
    words = _screened(words)
    if kind == ConcernKind.OTHER and not words:
        raise ChangeRefused(_("Say in a few sentences what happened."))
    if about is not None and about.pk == by.pk:
        raise ChangeRefused(_("Name another member, or nobody."))
    Member.objects.select_for_update(no_key=True).get(pk=by.pk)
    if not by.may_see_cases:
        raise ChangeRefused(_("Only verified members report here."))
    if comment is not None and not permissions.allows(by, "comment.report", comment):
        raise ChangeRefused(_("This is not visible any more. Report it from your own page."))
    if comment is None and case is not None and not permissions.allows(by, "case.report", case):
        raise ChangeRefused(_("This is not visible any more. Report it from your own page."))
    lately = Concern.objects.filter(reporter=by, made_at__gt=timezone.now() - timedelta(days=1))
    if lately.count() >= int(settings.RULES["concerns_a_day"]):
        raise ChangeRefused(_("You have reported as much as one member may in a day. Go on tomorrow."))
    made = Concern.objects.create(reporter=by, about=about, case=case, comment=comment, kind=kind, words=words)
    _tell_listeners(made)
    record(verb="concern.made", actor=None, subject=("concern", made.pk), kind=str(kind))
    return made


@transaction.atomic
def take(*, concern: Concern, by: Member) -> None:
    """Look into a concern; no other trusted person reads it from now on. Raises ChangeRefused."""
    if not permissions.allows(by, "concern.take", concern):
        raise ChangeRefused(_("Another trusted person looks into this, or must."))
    CONCERN.move(concern, to=ConcernState.TAKEN, taken_by=by)
    _tell_reporter(concern)
    record(verb="concern.taken", actor=by, subject=("concern", concern.pk))


@transaction.atomic
def give_back(*, concern: Concern, by: Member) -> None:
    """Leave a concern to another trusted person. Raises ChangeRefused."""
    if not permissions.allows(by, "concern.close", concern):
        raise ChangeRefused(_("Another trusted person looks into this."))
    CONCERN.move(concern, start=ConcernState.TAKEN, to=ConcernState.WAITING, taken_by=None, not_again=by)
    _tell_listeners(concern)
    record(verb="concern.given_back", actor=by, subject=("concern", concern.pk))


@transaction.atomic
def close(*, concern: Concern, by: Member, outcome: str, answer: str) -> None:
    """Close a concern with what was done, and words to the member who reported. Raises ChangeRefused."""
    answer = _screened(answer)
    if not answer:
        raise ChangeRefused(_("Write to the member in a few sentences what you have done."))
    if not permissions.allows(by, "concern.close", concern):
        raise ChangeRefused(_("Another trusted person looks into this."))
    CONCERN.move(
        concern,
        to=ConcernState.CLOSED,
        outcome=ConcernOutcome(outcome),
        answer=answer,
        closed_at=timezone.now(),
    )
    _tell_reporter(concern)
    record(verb="concern.closed", actor=by, subject=("concern", concern.pk), outcome=str(outcome))


@transaction.atomic
def reopen(*, concern: Concern, by: Member) -> None:
    """Ask another trusted person, once, as the member who reported. Raises ChangeRefused."""
    if not permissions.allows(by, "concern.reopen", concern):
        raise ChangeRefused(_("Another person was asked already, or this is not closed."))
    CONCERN.move(
        concern,
        start=ConcernState.CLOSED,
        to=ConcernState.WAITING,
        not_again=concern.taken_by,
        taken_by=None,
        closed_at=None,
        outcome="",
        due_at=in_two_working_days(),
        reopened_at=timezone.now(),
    )
    _tell_listeners(concern)
    record(verb="concern.reopened", actor=None, subject=("concern", concern.pk))


def hand_on() -> int:
    """Give back what was taken by somebody who is no trusted person any more; return how many."""
    left = Concern.objects.filter(state=ConcernState.TAKEN).exclude(taken_by__in=policy.trusted().values("pk"))
    found = list(left)
    for concern in found:
        with transaction.atomic():
            CONCERN.move(concern, start=ConcernState.TAKEN, to=ConcernState.WAITING, taken_by=None)
            _tell_listeners(concern)
            record(verb="concern.given_back", actor=None, subject=("concern", concern.pk))
    return len(found)


def forget() -> int:
    """Delete the concerns that were closed two years ago; return how many."""
    return Concern.objects.filter(closed_at__lt=timezone.now() - timedelta(days=KEPT_DAYS)).delete()[0]


def unheard() -> int:
    """Return how many concerns wait without any trusted person who may hear them."""
    waiting = Concern.objects.filter(state=ConcernState.WAITING).select_related("reporter", "about")
    among = list(policy.trusted())
    return sum(not policy.listeners(concern, among=among) for concern in waiting[:100])


def _tell_listeners(concern: Concern) -> None:
    ids = [member.pk for member in policy.listeners(concern)]
    tell(Kind.REPORT, ids, view="consults:concerns", about=concern.pk)


def _tell_reporter(concern: Concern) -> None:
    tell(Kind.REPORT, [concern.reporter_id], view="consults:my_reports", about=concern.pk)


def _screened(words: str) -> str:
    words = words.strip()
    found = identifiers.find(words)
    if found:
        raise ChangeRefused(" ".join(sentences(found)))
    return words
