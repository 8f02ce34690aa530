"""Holds: what a moderator has hidden at once, until a second moderator confirms or lifts it."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member
from consults.exceptions import ChangeRefused
from core import states
from core.ids import new_id

DECIDED_WITHIN: Final = timedelta(days=1)


class Reason(models.TextChoices):
    """Reasons for reporting or hiding something; its author reads the sentence."""

    IDENTIFIES = "identifies", gettext_lazy("It could show who a patient is")
    CONSENT = "consent", gettext_lazy("It is not what the patient allowed")
    CONDUCT = "conduct", gettext_lazy("It is not professional")
    UNSAFE = "unsafe", gettext_lazy("It is wrong, or could harm a patient if followed")
    COPYRIGHT = "copyright", gettext_lazy("It is somebody else's work, without leave or source")
    OTHER = "other", gettext_lazy("Something else, explained below")


class HoldState(models.TextChoices):
    """States of a hold. What it is about is hidden while it is held or confirmed."""

    HELD = "held", gettext_lazy("Hidden; a second moderator decides")
    CONFIRMED = "confirmed", gettext_lazy("Hidden")
    LIFTED = "lifted", gettext_lazy("Shown again")


HIDING: Final = (HoldState.HELD, HoldState.CONFIRMED)
MOVES: Final = {
    HoldState.HELD: (HoldState.CONFIRMED, HoldState.LIFTED),
    HoldState.CONFIRMED: (HoldState.LIFTED,),
    HoldState.LIFTED: (),
}


class Moved(states.Moved, ChangeRefused):
    """Somebody else has decided about the hold."""

    def __init__(self) -> None:
        ChangeRefused.__init__(self, _("Somebody else has decided this already."))


class AbstractHold(models.Model):
    """One hiding of a case, comment or post: by whom, why, and what a second person decided."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The moderator who hid it; empty when members' reports did (consults.reporting).",
    )
    reason = models.CharField(max_length=12, choices=Reason)
    words = models.CharField(max_length=500, blank=True)
    placed_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=HoldState, default=HoldState.HELD)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True, help_text="When administrators were told.")

    class Meta:
        abstract = True
        ordering = ["placed_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="consults_%(class)s_second_person",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("by")),
            ),
            models.CheckConstraint(
                name="consults_%(class)s_decided",
                condition=Q(state="held", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(state="held") & Q(decided_by__isnull=False, decided_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.model_name} {self.pk}"

    @property
    def due_at(self) -> datetime:
        """When a second moderator must have decided."""
        return self.placed_at + DECIDED_WITHIN

    @property
    def is_late(self) -> bool:
        """Whether nobody has decided in time."""
        return self.state == HoldState.HELD and self.due_at < timezone.now()


def decide(machine: states.Machine[Any], hold: AbstractHold, *, by: Member, to: HoldState) -> None:
    """Confirm or lift a hold as its second moderator. Raises ChangeRefused for the first one, and after a decision."""
    if hold.by_id == by.pk:
        raise ChangeRefused(_("You hid this yourself. Another moderator decides."))
    machine.move(hold, to=to, decided_by=by, decided_at=timezone.now())
