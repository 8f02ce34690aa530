"""How many decisions come in time: within five working days, counted over the last 90 days."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, F, Q
from django.utils import timezone

from accounts.vetting.models import DECIDED, OPEN, Application

WINDOW = timedelta(days=90)


@dataclass(frozen=True)
class Punctuality:
    """Decisions that came in time, of those that were made or due."""

    met: int
    due: int

    @property
    def percent(self) -> int:
        """The share that came in time, in whole percent, rounded down so that 100 means all; 0 of none."""
        return 100 * self.met // self.due if self.due else 0


def punctuality() -> Punctuality:
    """Count what was decided in the last 90 days, and what is open and overdue; in one query.

    An application whose address was never confirmed waits for the applicant and is not counted.
    """
    today = timezone.localdate()
    decided = Q(state__in=DECIDED, decided_at__gte=timezone.now() - WINDOW)
    overdue = Q(state__in=OPEN, target_on__lt=today, address_confirmed_at__isnull=False)
    counts = Application.objects.filter(decided | overdue).aggregate(
        due=Count("pk"), met=Count("pk", filter=Q(state__in=DECIDED, decided_at__date__lte=F("target_on")))
    )
    return Punctuality(met=counts["met"], due=counts["due"])
