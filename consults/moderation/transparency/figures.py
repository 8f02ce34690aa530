"""Figures of a quarter, counted from the log: withdrawn cases and deleted reports are in it, by ids and codes alone.

Nothing below five is kept. No sums over figures are kept either, from which a small one could be worked out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from audit.models import Event
from consults.moderation.transparency.models import Quarter
from core.deadlines import add_months

LEAST: Final = 5
SETTLES_FOR: Final = timedelta(days=7)  # what happened on a quarter's last days is written by then
_PLAIN: Final[Mapping[str, str]] = {  # verb -> figure
    "concern.made": "concerns.made",
    "concern.closed": "concerns.closed",
    "report.reopened": "reversals.reports",
    "case.hold_lifted": "reversals.hidden",
    "comment.hold_lifted": "reversals.hidden",
    "post.hold_lifted": "reversals.hidden",
    "suspension.appealed": "appeals.suspensions",
    "application.appealed": "appeals.applications",
    "member.suspended": "members.suspended",
    "member.reinstated": "members.reinstated",
    "case.taken_down": "removals.taken_down",
    "comment.redaction_decided": "removals.redactions",
    "consent.withdrawn": "withdrawals.whole",
    "consent.narrowed": "withdrawals.part",
    "consent.picture_withdrawn": "withdrawals.part",
    "case.released": "cases.released",
    "case.sent_back": "cases.sent_back",
    "application.submitted": "vetting.applied",
}
_HELD: Final = ("case.held", "comment.held", "post.held")
_VERBS: Final = (*_PLAIN, *_HELD, "report.made", "report.settled", "application.decided")


def quarter_of(day: date) -> date:
    """Return the first day of the quarter of `day`."""
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def write_finished() -> bool:
    """Write the figures of the quarter that ended last, once a week has passed and they are not there yet."""
    this = quarter_of((timezone.now() - SETTLES_FOR).astimezone(UTC).date())
    first = add_months(this, -3)
    if Quarter.objects.filter(pk=first).exists():
        return False
    with transaction.atomic():
        _row, made = Quarter.objects.get_or_create(pk=first, defaults={"figures": figures_of(first)})
    return made


def figures_of(first: date) -> dict[str, int | None]:
    """Return the figures of the quarter that begins on `first`; None for one below five."""
    begin, end = (datetime.combine(day, time.min, UTC) for day in (first, add_months(first, 3)))
    rows = Event.objects.filter(verb__in=_VERBS, at__gte=begin, at__lt=end).order_by("at", "seq")
    return told(rows.values_list("verb", "actor_id", "facts").iterator(chunk_size=2000))


def told(events: Iterable[tuple[str, Any, Mapping[str, Any]]]) -> dict[str, int | None]:
    """Return the figures of these events (verb, actor, facts); None for one below five."""
    counts: Counter[str] = Counter()
    waited: list[int] = []
    for verb, actor, facts in events:
        counts.update(_figures(verb, by_somebody=actor is not None, facts=facts))
        if verb == "report.settled" and "minutes" in facts:
            waited.append(int(facts["minutes"]))
    found = {name: count if count >= LEAST else None for name, count in sorted(counts.items())}
    if len(waited) >= LEAST:
        found["answers.median_minutes"] = round(median(waited))
        found["answers.in_time_percent"] = 100 * counts["answers.in_time"] // len(waited)
    found.pop("answers.in_time", None)
    return found


def _figures(verb: str, *, by_somebody: bool, facts: Mapping[str, Any]) -> list[str]:
    if "follows" in facts:  # what is added to a case is no case of its own
        return []
    if verb in _PLAIN:
        return [_PLAIN[verb]]
    if verb in _HELD:
        return ["hidden.by_moderators" if by_somebody else "hidden.by_reports"]
    if verb == "report.made":
        return [f"reports.{facts.get('reason', 'other')}"]
    if verb == "report.settled":
        in_time = ["answers.in_time"] if facts.get("in_time") else []
        return [f"answers.{facts['finding']}", *in_time] if facts.get("finding") else []
    return ["vetting.accepted" if facts.get("accepted") else "vetting.declined"]
