"""Models of second reads and their marks."""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consults.cases.models import Case
from core.ids import new_id
from imaging.models import Photo


class SecondRead(models.Model):
    """One moderator's reading of a submitted case."""

    class Decision(models.TextChoices):
        """Decision of the reader."""

        RELEASED = "released", _("Released")
        SENT_BACK = "sent_back", _("Sent back")

    class Reason(models.TextChoices):
        """Reason for sending a case back."""

        EYES = "eyes", _("Eyes or a face are not covered well enough")
        MARK = "mark", _("Something else in a picture could identify the patient")
        WORDS = "words", _("The text says too much about the patient")
        CONSENT = "consent", _("The consent does not fit the case")
        QUALITY = "quality", _("The pictures cannot be judged")
        OTHER = "other", _("Something else, explained below")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="second_reads")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="second_reads")
    decision = models.CharField(max_length=10, choices=Decision)
    reason = models.CharField(max_length=10, choices=Reason, blank=True)
    words = models.CharField(max_length=500, blank=True)
    content_sha256 = models.CharField(max_length=64)
    accepted = models.JSONField(default=list, help_text=_("What the reader was told in words and accepted, by code."))
    decided_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="consults_sent_back_with_reason", condition=~Q(decision="sent_back") | Q(reason__gt="")
            ),
        ]

    def __str__(self) -> str:
        return f"second read {self.id}"


class Mark(models.Model):
    """A place on a picture for the author to check, in fractions of the rendition's sides from its upper left.

    The reader sees the rendition, which may have been cropped, and reopening the picture makes the rendition its new
    original: fractions hold for both. Without width and height it is a point.
    """

    read = models.ForeignKey(SecondRead, on_delete=models.CASCADE, related_name="marks")
    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="marks")
    x = models.FloatField()
    y = models.FloatField()
    width = models.FloatField(default=0)
    height = models.FloatField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="consults_mark_on_its_picture",
                condition=Q(x__gte=0, y__gte=0, width__gte=0, height__gte=0)
                # Slightly more than 1: sums of fractions are not exact.
                & Q(x__lte=1.000001 - F("width"), y__lte=1.000001 - F("height")),
            ),
        ]

    def __str__(self) -> str:
        return f"mark {self.pk} of second read {self.read_id}"


@dataclass(frozen=True)
class DrawnMark:
    """A mark as drawn by the reader, before it is saved; the units are those of `Mark`."""

    photo_id: UUID
    x: float
    y: float
    width: float
    height: float
