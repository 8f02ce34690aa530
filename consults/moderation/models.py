"""Reports of cases, comments and pictures."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from consults.cases.models import Case
from consults.discussion.models import Comment
from consults.moderation.concerns.models import Concern
from consults.moderation.transparency.models import Quarter
from consults.reporting import AbstractReport
from imaging.models import Photo

__all__ = ["Concern", "Quarter", "Report"]


class Report(AbstractReport):
    """A member's report of a case, of one of its pictures or of a comment. Its author never learns who reported."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="reports")
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, null=True, blank=True, related_name="reports")
    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, null=True, blank=True, related_name="reports")

    class Meta(AbstractReport.Meta):
        constraints: ClassVar = [
            *AbstractReport.Meta.constraints,
            models.CheckConstraint(
                name="consults_report_about_one_thing", condition=Q(comment__isnull=True) | Q(photo__isnull=True)
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["made_at"], condition=Q(hidden__isnull=True), name="consults_report_waiting"),
            models.Index(fields=["reporter", "-made_at"], name="consults_report_of_reporter"),
        ]
