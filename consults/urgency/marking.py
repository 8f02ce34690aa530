"""Marking a case as urgent, and the end of a mark: by its time, by its author, or with the open case."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consults.cases.gate import listing
from consults.cases.models import Case, CaseState
from consults.discussion.answers import require_still_allowed
from consults.exceptions import ChangeRefused
from consults.findings import sentences
from consults.urgency.models import UrgencyMark
from core.states import transitioned
from screening import identifiers
from vocabulary import terms

LASTS: Final = {terms.Urgency.TODAY: timedelta(hours=24), terms.Urgency.WEEK: timedelta(days=7)}
A_MONTH: Final = timedelta(days=30)
ENDED_AT_ONCE: Final = 200


def left_this_month(member: Member) -> dict[str, int]:
    """Return how many marks of each level this member may still make now. One query."""
    lately = UrgencyMark.objects.filter(author=member, made_at__gt=timezone.now() - A_MONTH)
    made = list(lately.values_list("level", flat=True))
    most = {level: settings.RULES[f"urgent_{level}_a_month"] for level in terms.Urgency.values}
    return {level: max(0, most[level] - made.count(level)) for level in most}


@transaction.atomic
def mark(*, case: Case, by: Member, level: terms.Urgency, reason: terms.UrgencyReason, words: str = "") -> UrgencyMark:
    """Mark an own open case; a mark that stands is replaced, and counts all the same. Raises ChangeRefused."""
    words = words.strip()
    found = identifiers.find(words)
    if found:
        raise ChangeRefused(" ".join(sentences(found)))
    if reason == terms.UrgencyReason.OTHER and not words:
        raise ChangeRefused(_("Say why it cannot wait."))
    require_still_allowed(case=case, by=by, action="case.mark_urgent")
    list(Member.objects.select_for_update(no_key=True).filter(pk=by.pk).values_list("pk"))  # two at once count both
    if not left_this_month(by)[level]:
        raise ChangeRefused(
            _("You have marked as many cases as one may in 30 days. Take the other level, or wait: unanswered cases go "
              "to colleagues by themselves.")
        )  # fmt: skip
    now = timezone.now()
    UrgencyMark.objects.filter(case=case, ended_at=None).update(ended_at=now)
    made = UrgencyMark.objects.create(
        case=case, author=by, level=level, reason=reason, words=words, made_at=now, until=now + LASTS[level]
    )
    Case.objects.filter(pk=case.pk).update(urgency=level, urgent_until=made.until)
    listing.refresh(cases=[case.pk])
    record(verb="case.marked_urgent", actor=by, subject=("case", case.pk), level=str(level), reason=str(reason))
    return made


@transaction.atomic
def take_back(*, case: Case, by: Member) -> None:
    """End the mark of an own case early; no effect without one. Raises ChangeRefused."""
    require_still_allowed(case=case, by=by, action="case.mark_urgent")
    if _end(case.pk):
        listing.refresh(cases=[case.pk])
        record(verb="case.urgency_taken_back", actor=by, subject=("case", case.pk))


def end_due() -> int:
    """End the marks whose time is over; return how many."""
    due = UrgencyMark.objects.filter(ended_at=None, until__lte=timezone.now()).order_by("case")
    ended = 0
    for case_id in list(due.values_list("case", flat=True)[:ENDED_AT_ONCE]):
        with transaction.atomic():
            if _end(case_id, due=True):
                listing.refresh(cases=[case_id])
                ended += 1
    return ended


def _end(case_id: UUID, *, due: bool = False) -> int:
    """End the mark that stands; with `due` only if its time is over. Return how many: one or none."""
    now = timezone.now()
    standing = UrgencyMark.objects.filter(case=case_id, ended_at=None)
    if due:
        standing = standing.filter(until__lte=now)
    ended = standing.update(ended_at=now)
    if ended:
        Case.objects.filter(pk=case_id).update(urgency="", urgent_until=None)
    return ended


@receiver(transitioned, sender=Case)
def end_with_the_open_case(*, row: Case, to: str, **_sent: Any) -> None:
    """End the mark of a case that is open no more, in the transaction that moves it; its words go with a withdrawal."""
    if to == CaseState.RELEASED:
        return
    if row.urgency:
        _end(row.pk)
        row.urgency, row.urgent_until = "", None
    if to == CaseState.WITHDRAWN:
        UrgencyMark.objects.filter(case=row.pk).exclude(words="").update(words="")


def with_reason(cases: QuerySet[Case], *, now: datetime) -> QuerySet[Case]:
    """Return the same cases with `urgency_reason` and `urgency_words` of the mark that stands, None without one."""
    standing = UrgencyMark.objects.filter(case=OuterRef("pk"), ended_at=None, until__gt=now)
    return cases.annotate(
        urgency_reason=Subquery(standing.values("reason")[:1]), urgency_words=Subquery(standing.values("words")[:1])
    )


def reason_of(case: Any) -> dict[str, str]:
    """Return what the page says of a mark, of a case with the annotations of `with_reason`; empty without one."""
    if not case.urgency or not getattr(case, "urgency_reason", None):
        return {}
    return {
        "level": str(terms.Urgency(case.urgency).label),
        "reason": str(terms.UrgencyReason(case.urgency_reason).label),
        "words": case.urgency_words or "",
    }
