"""Concerns: reports of mistreatment, in a case or outside of one."""

from typing import ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consults.cases.models import Case
from consults.discussion.models import Comment
from consults.reporting import in_two_working_days
from core.ids import new_id

LONGEST_WORDS: Final = 3000
KEPT_DAYS: Final = 730  # the words, after it was closed


class ConcernKind(models.TextChoices):
    """What a concern is about."""

    BULLYING = "bullying", _("Bullying or threats")
    HARASSMENT = "harassment", _("Sexual harassment")
    DISCRIMINATION = "discriminate", _("Discrimination")
    PRESSURE = "pressure", _("Pressure by somebody senior")
    OTHER = "other", _("Something else, explained below")


class ConcernState(models.TextChoices):
    """States of a concern."""

    WAITING = "waiting", _("Waits for a trusted person")
    TAKEN = "taken", _("A trusted person looks into it")
    CLOSED = "closed", _("Closed")


class ConcernOutcome(models.TextChoices):
    """What a trusted person did. The member who reported reads it."""

    TALKED = "talked", _("I have talked to the person")
    SETTLED = "settled", _("It was settled between those concerned")
    REFERRED = "referred", _("With your leave, I have asked the administrators to act")
    ADVICE = "advice", _("I have given advice, and nothing more was wanted")
    NO_GROUND = "no_ground", _("I found no mistreatment")


class Concern(models.Model):
    """A member's report of mistreatment. Trusted persons read it, the one whom it names never, and nobody else.

    What happened in a case is linked and not copied, so that a withdrawal leaves nothing of it here.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="concerns")
    about = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    case = models.ForeignKey(Case, on_delete=models.SET_NULL, null=True, blank=True, related_name="concerns")
    comment = models.ForeignKey(Comment, on_delete=models.SET_NULL, null=True, blank=True, related_name="concerns")
    kind = models.CharField(max_length=12, choices=ConcernKind)
    words = models.TextField(max_length=LONGEST_WORDS, blank=True)
    state = models.CharField(max_length=8, choices=ConcernState, default=ConcernState.WAITING)
    made_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=in_two_working_days)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    outcome = models.CharField(max_length=9, choices=ConcernOutcome, blank=True)
    answer = models.TextField(max_length=LONGEST_WORDS, blank=True, help_text="The member who reported reads it.")
    closed_at = models.DateTimeField(null=True, blank=True)
    reopened_at = models.DateTimeField(null=True, blank=True, help_text="When its reporter asked for another person.")
    not_again = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        help_text="The trusted person whose answer its reporter did not accept.",
    )  # fmt: skip

    class Meta:
        ordering: ClassVar = ["due_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(name="consults_concern_names_another", condition=~Q(about=F("reporter"))),
            models.CheckConstraint(
                name="consults_concern_heard_by_another",
                condition=Q(taken_by__isnull=True) | (~Q(taken_by=F("about")) & ~Q(taken_by=F("reporter"))),
            ),
            models.CheckConstraint(
                name="consults_concern_closed_with_outcome",
                condition=Q(state="closed", closed_at__isnull=False, outcome__gt="")
                | (~Q(state="closed") & Q(closed_at__isnull=True)),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["reporter", "-made_at"], name="consults_concern_of_reporter")]

    def __str__(self) -> str:
        return f"concern {self.id}"

    @property
    def is_late(self) -> bool:
        """Whether nobody has taken it in time."""
        return self.state == ConcernState.WAITING and self.due_at < timezone.now()
