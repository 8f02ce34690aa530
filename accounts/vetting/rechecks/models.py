"""Re-checks of accepted applications, drawn each quarter."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.vetting.models import ACCEPTING, DECLINING, MAX_WORDS, Application, Reason


class Draw(models.Model):
    """The draw for one quarter: how many acceptances there were, how many of them are re-checked."""

    quarter = models.DateField(primary_key=True, help_text="Its first day.")
    accepted = models.PositiveIntegerField()
    drawn = models.PositiveIntegerField()
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering: ClassVar = ["-quarter"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(drawn__lte=F("accepted")), name="draw_takes_from_what_there_is"),
            models.CheckConstraint(condition=Q(accepted=0) | Q(drawn__gte=1), name="draw_takes_one_at_least"),
        ]

    def __str__(self) -> str:
        """Return the quarter."""
        return str(self.quarter)


class RecheckState(models.TextChoices):
    """States of a re-check, changed only by `accounts.vetting.rechecks.states.RECHECK`."""

    WAITING = "waiting", _("Waiting for a moderator")
    REVIEW = "review", _("Waiting for two more moderators")
    CONFIRMED = "confirmed", _("Confirmed")
    OVERTURNED = "overturned", _("Not confirmed")


UNDER_WAY = (RecheckState.WAITING, RecheckState.REVIEW)


class Recheck(models.Model):
    """An accepted application that is decided again. The member never learns of it unless it is not confirmed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.OneToOneField(Application, on_delete=models.CASCADE, related_name="recheck")
    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="rechecks")
    state = models.CharField(max_length=10, choices=RecheckState, default=RecheckState.WAITING)
    drawn_at = models.DateTimeField(default=timezone.now, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["drawn_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=UNDER_WAY, closed_at__isnull=True)
                | Q(state__in=(RecheckState.CONFIRMED, RecheckState.OVERTURNED), closed_at__isnull=False),
                name="recheck_closed_has_a_time",
            )
        ]

    def __str__(self) -> str:
        """Return the id."""
        return str(self.pk)


class RecheckVote(models.Model):
    """A moderator's decision at a re-check: seat 1 is the blind one, seats 2 and 3 the review of a disagreement."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recheck = models.ForeignKey(Recheck, on_delete=models.CASCADE, related_name="votes")
    seat = models.PositiveSmallIntegerField()
    moderator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    accept = models.BooleanField()
    reason = models.CharField(max_length=12, choices=Reason)
    words = models.TextField(blank=True, max_length=MAX_WORDS)
    looked_up_on = models.DateField()
    cast_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering: ClassVar = ["seat"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["recheck", "moderator"], name="recheck_vote_one_for_each_moderator"),
            models.UniqueConstraint(fields=["recheck", "seat"], name="recheck_vote_one_for_each_seat"),
            models.CheckConstraint(condition=Q(seat__in=[1, 2, 3]), name="recheck_vote_has_a_seat"),
            models.CheckConstraint(
                condition=Q(accept=True, reason__in=ACCEPTING) | Q(accept=False, reason__in=DECLINING),
                name="recheck_vote_reason_fits",
            ),
        ]

    def __str__(self) -> str:
        """Return the id."""
        return str(self.pk)
