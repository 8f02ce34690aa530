"""The comparison of two pictures of a case: measured by a job when a follow-up is sent."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from imaging.models import Photo


class PicturePair(models.Model):
    """An earlier and a later picture of one case, and how the later one was taken beside the earlier.

    Holds for the bytes that were compared: a picture that was sealed again since is compared anew when it is sent.
    """

    earlier = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="pairs_after")
    later = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="pairs_before")
    earlier_sha256 = models.CharField(max_length=64, help_text="Of the display rendition.")
    later_sha256 = models.CharField(max_length=64, help_text="Of the display rendition.")
    incomparable = models.CharField(max_length=20, blank=True, help_text="The engine's word when they do not fit.")
    measured = models.JSONField(default=dict, help_text="Scale, turn, tilt, overlap, light: `engine.Comparison`.")
    engine_version = models.CharField(max_length=20)
    compared_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["earlier", "later"], name="consults_picture_pair_once"),
            models.CheckConstraint(name="consults_picture_pair_of_two", condition=~Q(earlier=F("later"))),
        ]

    def __str__(self) -> str:
        return f"pair {self.pk}"
