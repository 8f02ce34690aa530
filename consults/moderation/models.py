"""Reports of cases, comments and pictures."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from consults.cases.models import Case
from consults.discussion.models import Comment
from consults.holds import Reason
from core.ids import new_id
from imaging.models import Photo


class Report(models.Model):
    """A member's report of a case, of one of its pictures or of a comment. Its author never learns who reported."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="reports")
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, null=True, blank=True, related_name="reports")
    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, null=True, blank=True, related_name="reports")
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reports")
    reason = models.CharField(max_length=12, choices=Reason)
    words = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    hidden = models.BooleanField(null=True, help_text="Whether what it is about was hidden; empty while it waits.")
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True, help_text="When administrators were told.")

    class Meta:
        ordering = ["made_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="consults_report_about_one_thing", condition=Q(comment__isnull=True) | Q(photo__isnull=True)
            ),
            models.CheckConstraint(
                name="consults_report_settled_by_somebody",
                condition=Q(hidden__isnull=True, settled_by__isnull=True, settled_at__isnull=True)
                | Q(hidden__isnull=False, settled_by__isnull=False, settled_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["made_at"], condition=Q(hidden__isnull=True), name="consults_report_waiting"),
        ]

    def __str__(self) -> str:
        return f"report {self.id}"
