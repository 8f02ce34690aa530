"""Reports: how soon they are answered, when they hide by themselves, and what a reporter's word weighs.

A report that something identifies a patient hides it at once; two independent members hide it for any other reason. A
moderator who has not reported it decides. Whoever has reported without any ground three times within a year still
reports, but nothing is hidden by that alone.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from accounts.vetting.checking.institutions import institution_key
from consults.holds import Reason
from core.deadlines import add_working_days
from core.ids import new_id

AT_ONCE: Final = frozenset({Reason.IDENTIFIES})  # one report of these hides
QUICK_HOURS: Final = 4
WORKING_DAYS: Final = 2
WINDOW: Final = timedelta(days=90)  # over which the share that was answered in time is counted
REMEMBERED: Final = timedelta(days=365)  # how long a report without any ground counts
REPORTS_A_DAY: Final = 20  # by one member, of all kinds


class Finding(models.TextChoices):
    """What became of a report."""

    UPHELD = "upheld", _("It was right")
    MISTAKEN = "mistaken", _("Nothing is wrong with it; reported in good faith")
    BASELESS = "baseless", _("Nothing is wrong with it; reported without any ground")


def due(reason: str, *, made_at: datetime | None = None) -> datetime:
    """Return by when a report is answered: four hours where a patient may be identified, else two working days."""
    made_at = made_at or timezone.now()
    if reason in AT_ONCE:
        return made_at + timedelta(hours=QUICK_HOURS)
    last = add_working_days(timezone.localtime(made_at).date(), WORKING_DAYS)
    return timezone.make_aware(datetime.combine(last, time.max))


def in_two_working_days() -> datetime:
    """Return by when an ordinary report that is made now is answered."""
    return due(Reason.OTHER)


class AbstractReport(models.Model):
    """A member's report of something. Its author never learns who reported."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="%(class)ss")
    reason = models.CharField(max_length=12, choices=Reason)
    words = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=in_two_working_days, help_text="By when moderators answer.")
    hidden = models.BooleanField(null=True, help_text="Whether what it is about was hidden; empty while it waits.")
    finding = models.CharField(max_length=8, choices=Finding, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_words = models.CharField(max_length=500, blank=True, help_text="Why; moderators read it.")
    escalated_at = models.DateTimeField(null=True, blank=True, help_text="When administrators were told.")

    class Meta:
        abstract = True
        ordering: ClassVar = ["due_at", "made_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="consults_%(class)s_settled_by_somebody",
                condition=Q(hidden__isnull=True, settled_by__isnull=True, settled_at__isnull=True)
                | Q(hidden__isnull=False, settled_by__isnull=False, settled_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.model_name} {self.pk}"

    @property
    def is_late(self) -> bool:
        """Whether nobody has answered in time."""
        return self.hidden is None and self.due_at < timezone.now()

    @property
    def minutes(self) -> int:
        """How long it waited, or has waited until now, in whole minutes."""
        return int(((self.settled_at or timezone.now()) - self.made_at).total_seconds() // 60)


def _kinds() -> list[type[AbstractReport]]:
    return AbstractReport.__subclasses__()


def reported_today(member: Member) -> int:
    """Return how many reports of all kinds this member has made within a day."""
    lately = timezone.now() - timedelta(days=1)
    return sum(kind._default_manager.filter(reporter=member, made_at__gt=lately).count() for kind in _kinds())


def baseless(member: Member) -> int:
    """Return how many reports of this member were found without any ground within a year."""
    since = timezone.now() - REMEMBERED
    found = {"reporter": member, "finding": Finding.BASELESS, "settled_at__gt": since}
    return sum(kind._default_manager.filter(**found).count() for kind in _kinds())


def weighs(member: Member) -> bool:
    """Whether reports of this member hide anything by themselves."""
    return baseless(member) < int(settings.RULES["baseless_reports"])


def independent(one: Member, other: Member) -> bool:
    """Whether two reporters are two people of different houses, of whom neither supervises the other."""
    if one.pk == other.pk or one.supervisor_id == other.pk or other.supervisor_id == one.pk:
        return False
    house = institution_key(one.institution)
    return not house or house != institution_key(other.institution)


def hides(reason: str, *, by: Member, others: Iterable[Member]) -> bool:
    """Whether a report of this member hides what it is about, given the `others` whose reports of it wait."""
    if not weighs(by):
        return False
    if reason in AT_ONCE:
        return True
    return any(independent(by, other) and weighs(other) for other in others)


def punctuality() -> dict[str, tuple[int, int]]:
    """Return (in time, all) of the reports that were due within 90 days: `quick` ones, and the `others`.

    One query a kind of report.
    """
    now = timezone.now()
    met_in_time = Q(settled_at__lte=models.F("due_at"))
    quick = Q(reason__in=AT_ONCE)
    sums = {"quick": [0, 0], "others": [0, 0]}
    for kind in _kinds():
        rows = kind._default_manager.filter(Q(settled_at__gt=now - WINDOW) | Q(hidden=None, due_at__lt=now))
        found = rows.order_by().aggregate(
            quick_met=models.Count("pk", filter=quick & met_in_time),
            quick=models.Count("pk", filter=quick),
            others_met=models.Count("pk", filter=~quick & met_in_time),
            others=models.Count("pk", filter=~quick),
        )
        for name in sums:
            sums[name][0] += found[f"{name}_met"]
            sums[name][1] += found[name]
    return {name: (met, every) for name, (met, every) in sums.items()}
