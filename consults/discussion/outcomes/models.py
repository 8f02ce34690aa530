"""Models of former outcomes and of reminders."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consults.cases.models import Case
from consults.discussion.models import Outcome
from vocabulary import terms


class CorrectionReason(models.TextChoices):
    """Reasons for correcting an outcome."""

    LATER_RESULT = "later_result", _("A result came later")
    SECOND_OPINION = "second_opinion", _("The findings were reviewed")
    COURSE = "course", _("The course showed something else")
    MISTAKE = "mistake", _("It was entered by mistake")
    OTHER = "other", _("Another reason, told below")


class OutcomeVersion(models.Model):
    """What an outcome said before its author corrected it, and why. Every reader of the outcome sees it."""

    outcome = models.ForeignKey(Outcome, on_delete=models.CASCADE, related_name="versions")
    diagnosis = models.CharField(max_length=60, blank=True)
    reference = models.CharField(max_length=20, choices=terms.ReferenceStandard, blank=True)
    done = models.TextField(max_length=1000, blank=True)
    reason = models.CharField(max_length=16, choices=CorrectionReason)
    words = models.CharField(max_length=300, blank=True)
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["replaced_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="consults_outcomeversion_other_is_told", condition=~Q(reason="other") | ~Q(words="")
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.pk} of outcome {self.outcome_id}"


class ReminderStep(models.TextChoices):
    """Reminders to the author of an open case."""

    WEEKS_2 = "weeks_2", _("Open for two weeks")
    WEEKS_6 = "weeks_6", _("Open for six weeks")
    WEEKS_12 = "weeks_12", _("Open for twelve weeks")
    CONSENT_30 = "consent_30", _("The consent ends within 30 days")
    CONSENT_7 = "consent_7", _("The consent ends within 7 days")


class OutcomeReminder(models.Model):
    """That the author of an open case was reminded of its outcome, or that its consent ends; once each."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="reminders")
    step = models.CharField(max_length=10, choices=ReminderStep)
    # Counted from the release or to the consent's last day: a case that is released anew is reminded of anew.
    due_on = models.DateField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "step", "due_on"], name="consults_reminder_once")]

    def __str__(self) -> str:
        return f"reminder {self.pk} of case {self.case_id}"
