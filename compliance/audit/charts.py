"""Figures of the audit page, with sizes for the template to draw as SVG."""

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from django.db.models import Count, F, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from compliance.audit.forms import NEAR_DAYS
from consent.models import Capacity, Consent, Status, Withdrawal

MONTHS = 12
HEIGHT = 120  # of the tallest bar, in units of the drawing
MONTH_WIDTH = 40
LATENCIES = 1000
LIMITS = (10.0, 60.0, 300.0, 900.0)  # seconds; the last is the promise


@dataclass(frozen=True)
class Month:
    """Consents recorded and withdrawn in one month, with their bars."""

    first_day: date
    given: int
    withdrawn: int
    x: int
    given_height: int
    withdrawn_height: int

    @property
    def middle(self) -> int:
        """Return the x of the month's label."""
        return self.x + MONTH_WIDTH // 2

    @property
    def given_y(self) -> int:
        """Return the top of the bar of recorded consents."""
        return HEIGHT - self.given_height

    @property
    def withdrawn_x(self) -> int:
        """Return the left side of the bar of withdrawals."""
        return self.x + MONTH_WIDTH // 2

    @property
    def withdrawn_y(self) -> int:
        """Return the top of the bar of withdrawals."""
        return HEIGHT - self.withdrawn_height


@dataclass(frozen=True)
class CountLine:
    """One line of a list of counts."""

    label: str
    count: int
    of: int


def consents_by_month() -> list[Month]:
    """Return the last twelve months, the current one last."""
    days = _first_days(timezone.now().date())
    given = _by_month(Consent.objects.exclude(status__in=(Status.DRAFT, Status.REFUSED)), "recorded_at", days[0])
    withdrawn = _by_month(Withdrawal.objects.all(), "requested_at", days[0])
    most = max([1, *given.values(), *withdrawn.values()])
    return [
        Month(
            first_day=day,
            given=given.get(day, 0),
            withdrawn=withdrawn.get(day, 0),
            x=number * MONTH_WIDTH,
            given_height=round(HEIGHT * given.get(day, 0) / most),
            withdrawn_height=round(HEIGHT * withdrawn.get(day, 0) / most),
        )
        for number, day in enumerate(days)
    ]


def _first_days(today: date) -> list[date]:
    days = [today.replace(day=1)]
    while len(days) < MONTHS:
        days.append((days[-1] - timedelta(days=1)).replace(day=1))
    return days[::-1]


def _by_month(rows: "QuerySet[Consent] | QuerySet[Withdrawal]", moment: str, since: date) -> dict[date, int]:
    counted = (
        rows.filter(**{f"{moment}__date__gte": since})
        .annotate(month=TruncMonth(moment))
        .values("month")
        .annotate(n=Count("pk"))
        .values_list("month", "n")
    )
    return {month.date(): n for month, n in counted}


def consents_by_route() -> list[CountLine]:
    """Return the consents by how the decision was made, the most frequent first."""
    decided = Consent.objects.exclude(status=Status.DRAFT)
    counted = dict(decided.values_list("capacity").annotate(n=Count("pk")))
    total = sum(counted.values())
    shares = [
        CountLine(label=str(Capacity(code).label), count=n, of=total) for code, n in counted.items() if code in Capacity
    ]
    return sorted(shares, key=lambda share: (-share.count, share.label))


def consents_near_expiry() -> list[CountLine]:
    """Return the active consents that end within 30, 60 and 90 days; each count includes the previous one."""
    active = Consent.objects.active()
    total = active.count()
    today = timezone.now().date()
    return [
        CountLine(
            label=ngettext("within %(n)s day", "within %(n)s days", days) % {"n": days},
            count=active.filter(expires_on__lte=today + timedelta(days=days)).count(),
            of=total,
        )
        for days in NEAR_DAYS
    ]


@dataclass(frozen=True)
class Latency:
    """The time from the request of a withdrawal to its destruction, in seconds."""

    done: int
    waiting: int
    median_seconds: float | None
    longest_seconds: float | None
    spans: list[CountLine]

    @property
    def sentence(self) -> str:
        """Return the latency as a sentence."""
        if self.median_seconds is None or self.longest_seconds is None:
            return _("No withdrawal has been completed yet.")
        return _("Half of them within %(median)s, all within %(longest)s.") % {
            "median": format_seconds(self.median_seconds),
            "longest": format_seconds(self.longest_seconds),
        }


def withdrawal_latency() -> Latency:
    """Return the latency of the latest withdrawals, at most LATENCIES of them."""
    finished = Withdrawal.objects.filter(completed_at__isnull=False)
    took = [
        span.total_seconds()
        for span in finished.order_by("-requested_at")
        .annotate(took=F("completed_at") - F("requested_at"))
        .values_list("took", flat=True)[:LATENCIES]
    ]
    return Latency(
        done=finished.count(),
        waiting=Withdrawal.objects.filter(completed_at__isnull=True).count(),
        median_seconds=median(took) if took else None,
        longest_seconds=max(took, default=None),
        spans=_count_spans(took),
    )


def _count_spans(took: list[float]) -> list[CountLine]:
    """Count the withdrawals in each span; each is counted once."""
    shares, below = [], -1.0
    for limit in LIMITS:
        count = sum(below < seconds <= limit for seconds in took)
        shares.append(CountLine(label=_("up to %(span)s") % {"span": format_seconds(limit)}, count=count, of=len(took)))
        below = limit
    longer = sum(seconds > below for seconds in took)
    return [*shares, CountLine(label=_("longer"), count=longer, of=len(took))]


def format_seconds(seconds: float) -> str:
    """Format a span such as “3 s” or “12 min”."""
    if seconds < 1:
        return _("1 s")
    if seconds < 120:
        return _("%(n)s s") % {"n": round(seconds)}
    if seconds < 7200:
        return _("%(n)s min") % {"n": round(seconds / 60)}
    return _("%(n)s h") % {"n": round(seconds / 3600)}
