"""Figures of the audit page, with sizes ready to be drawn as SVG by the template."""

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
STEP = 40
LATENCIES = 1000
LIMITS = (10.0, 60.0, 300.0, 900.0)  # seconds; the last is the promise


@dataclass(frozen=True)
class Month:
    """Consents recorded and withdrawn in one month, with the bars that say so."""

    first_day: date
    given: int
    withdrawn: int
    x: int
    given_height: int
    withdrawn_height: int

    @property
    def middle(self) -> int:
        """Where the month's name stands."""
        return self.x + STEP // 2

    @property
    def given_y(self) -> int:
        """The top of its first bar."""
        return HEIGHT - self.given_height

    @property
    def withdrawn_x(self) -> int:
        """The left side of its second bar."""
        return self.x + STEP // 2

    @property
    def withdrawn_y(self) -> int:
        """The top of its second bar."""
        return HEIGHT - self.withdrawn_height


@dataclass(frozen=True)
class Share:
    """One line of a list of counts."""

    label: str
    count: int
    of: int


def over_time() -> list[Month]:
    """The last twelve months, the present one last."""
    days = _first_days(timezone.now().date())
    given = _by_month(Consent.objects.exclude(status__in=(Status.DRAFT, Status.REFUSED)), "recorded_at", days[0])
    withdrawn = _by_month(Withdrawal.objects.all(), "requested_at", days[0])
    most = max([1, *given.values(), *withdrawn.values()])
    return [
        Month(
            first_day=day,
            given=given.get(day, 0),
            withdrawn=withdrawn.get(day, 0),
            x=number * STEP,
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


def by_route() -> list[Share]:
    """Consents by how the decision was made, the most frequent first."""
    decided = Consent.objects.exclude(status=Status.DRAFT)
    counted = dict(decided.values_list("capacity").annotate(n=Count("pk")))
    total = sum(counted.values())
    shares = [
        Share(label=str(Capacity(code).label), count=n, of=total) for code, n in counted.items() if code in Capacity
    ]
    return sorted(shares, key=lambda share: (-share.count, share.label))


def near_expiry() -> list[Share]:
    """Active consents that end within 30, 60 and 90 days; each count holds the one before."""
    active = Consent.objects.active()
    total = active.count()
    today = timezone.now().date()
    return [
        Share(
            label=ngettext("within %(n)s day", "within %(n)s days", days) % {"n": days},
            count=active.filter(expires_on__lte=today + timedelta(days=days)).count(),
            of=total,
        )
        for days in NEAR_DAYS
    ]


@dataclass(frozen=True)
class Latency:
    """How long withdrawals took from the request to the destruction, in seconds."""

    done: int
    waiting: int
    median_seconds: float | None
    longest_seconds: float | None
    spans: list[Share]

    @property
    def sentence(self) -> str:
        """The same in words."""
        if self.median_seconds is None or self.longest_seconds is None:
            return _("No withdrawal has been completed yet.")
        return _("Half of them within %(median)s, all within %(longest)s.") % {
            "median": seconds_in_words(self.median_seconds),
            "longest": seconds_in_words(self.longest_seconds),
        }


def latency() -> Latency:
    """Over the latest withdrawals, at most LATENCIES of them."""
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
        spans=_spans(took),
    )


def _spans(took: list[float]) -> list[Share]:
    """How many took how long; each counted once."""
    shares, below = [], -1.0
    for limit in LIMITS:
        count = sum(below < seconds <= limit for seconds in took)
        shares.append(Share(label=_("up to %(span)s") % {"span": seconds_in_words(limit)}, count=count, of=len(took)))
        below = limit
    longer = sum(seconds > below for seconds in took)
    return [*shares, Share(label=_("longer"), count=longer, of=len(took))]


def seconds_in_words(seconds: float) -> str:
    """A span such as “3 s” or “12 min”."""
    if seconds < 1:
        return _("1 s")
    if seconds < 120:
        return _("%(n)s s") % {"n": round(seconds)}
    if seconds < 7200:
        return _("%(n)s min") % {"n": round(seconds / 60)}
    return _("%(n)s h") % {"n": round(seconds / 3600)}
