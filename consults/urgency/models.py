"""Models of urgency and waiting."""

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consults.cases.models import Case
from core.ids import new_id
from vocabulary import terms

MOST_WORDS: Final = 200  # characters


class UrgencyMark(models.Model):
    """An author's word that an answer is needed soon: how soon, why, until when. Kept for the monthly limit."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="urgency_marks")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="urgency_marks", db_index=False
    )
    level = models.CharField(_("how soon"), max_length=8, choices=terms.Urgency)
    reason = models.CharField(_("why"), max_length=12, choices=terms.UrgencyReason)
    words = models.CharField(_("in your own words"), max_length=MOST_WORDS, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at__isnull=True), name="consults_urgencymark_one_stands"
            ),
            models.CheckConstraint(name="consults_urgencymark_ends_later", condition=Q(until__gt=F("made_at"))),
        ]
        indexes = [
            models.Index(fields=["author", "made_at"], name="consults_urgencymark_author"),
            models.Index(fields=["until"], condition=Q(ended_at__isnull=True), name="consults_urgencymark_until"),
        ]

    def __str__(self) -> str:
        return f"mark of urgency {self.id}"


class Step(models.TextChoices):
    """Steps by which a case without a dermatologist's answer is brought to colleagues."""

    FOLLOWERS = "followers", _("Colleagues of its topic and language")
    ROTA = "rota", _("Volunteers of the rota")


class Escalation(models.Model):
    """That a case took a step, once; nobody's name and nothing of the case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="escalations", db_index=False)
    step = models.CharField(max_length=10, choices=Step)
    told = models.PositiveSmallIntegerField(help_text=_("How many members."))
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "step"], name="consults_escalation_once")]

    def __str__(self) -> str:
        return f"escalation {self.pk}"


class Volunteer(models.Model):
    """A member who answers cases that wait."""

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="volunteer"
    )
    since = models.DateTimeField(default=timezone.now)
    told = models.PositiveIntegerField(default=0, help_text=_("Of how many cases, in all."))

    class Meta:
        indexes = [models.Index(fields=["told", "since"], name="consults_volunteer_fewest")]

    def __str__(self) -> str:
        return f"volunteer {self.member_id}"


class RotaCall(models.Model):
    """That a volunteer was told of a case."""

    id = models.BigAutoField(primary_key=True)
    volunteer = models.ForeignKey(Volunteer, on_delete=models.CASCADE, related_name="calls", db_index=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="rota_calls")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["volunteer", "case"], name="consults_rotacall_once")]
        indexes = [models.Index(fields=["volunteer", "-at"], name="consults_rotacall_newest")]

    def __str__(self) -> str:
        return f"rota call {self.pk}"


class FirstAnswerFigure(models.Model):
    """How long the cases of 90 days waited for their first answer, as counted on one day.

    A case that nobody has answered counts as one that waits longer than all others, not as one that is not there.
    """

    counted_on = models.DateField(unique=True)
    cases = models.PositiveIntegerField(help_text=_("Released within 90 days, at least a day ago."))
    answered = models.PositiveIntegerField(help_text=_("Of these, answered at all."))
    within_a_day = models.PositiveIntegerField(help_text=_("Of these, first answered within 24 hours."))
    median_minutes = models.PositiveIntegerField(null=True, help_text=_("Empty where half of them wait still."))

    class Meta:
        ordering = ["-counted_on"]
        constraints = [
            models.CheckConstraint(
                name="consults_firstanswer_adds_up",
                condition=Q(answered__lte=F("cases"), within_a_day__lte=F("answered")),
            )
        ]

    def __str__(self) -> str:
        return f"first answers until {self.counted_on}"
