"""Models of pins: places on the pictures of a case that members number, outline and speak of."""

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consults.cases.models import PUBLISHED, Case
from core.ids import new_id
from imaging.models import Rendition

MAX_TEXT: Final = 140  # characters: one line beside the picture
MOST_CORNERS: Final = 40
FEWEST_CORNERS: Final = 3


class PinSeries(models.Model):
    """The numbers of a case's pins: the last one given. A number is never given twice, whatever became of its pin."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, primary_key=True, related_name="pin_series")
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"numbers of pins of case {self.case_id}"


class Pin(models.Model):
    """A place on a picture with a number and a few words, in fractions of the picture's sides from its upper left.

    `x`, `y` is where the number stands. An outline is a closed line through its corners; without one it is a point.
    The SHA-256 names the pixels that it was put on: those of `rendition`, as they were released.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="pins")
    rendition = models.ForeignKey(Rendition, on_delete=models.CASCADE, related_name="pins")
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="pins")
    number = models.PositiveIntegerField()
    x = models.FloatField()
    y = models.FloatField()
    outline = models.JSONField(default=list, help_text=_("[[x, y], …]: the corners of a closed line, or none."))
    text = models.TextField(_("what is there"), max_length=MAX_TEXT)
    placed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["case", "number"]
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="consults_pin_number_once"),
            models.CheckConstraint(
                name="consults_pin_on_its_picture", condition=Q(x__gte=0, x__lte=1, y__gte=0, y__lte=1)
            ),
            models.CheckConstraint(name="consults_pin_is_numbered", condition=Q(number__gte=1)),
            models.CheckConstraint(name="consults_pin_says_something", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return f"pin {self.number} of case {self.case_id}"

    @staticmethod
    def on_released_pixels() -> Q:
        """Return the condition that the pixels are those that it was put on, released in its case or a follow-up."""
        added = Q(rendition__release__case__follows=F("case"), rendition__release__case__state__in=PUBLISHED)
        there = Q(rendition__release__case=F("case")) | added
        return there & Q(sha256=F("rendition__sha256"), rendition__release__sha256=F("sha256"))
