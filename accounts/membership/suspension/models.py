"""Suspensions, with the appeal against them."""

import uuid
from datetime import date, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.membership.models import Standing


class SuspensionReason(models.TextChoices):
    """Reasons for a suspension; the member reads the sentence."""

    PRIVACY = "privacy", _("A patient's privacy was at risk")
    CONDUCT = "conduct", _("Professional conduct")
    REGISTER = "register", _("The register shows a change")
    SECURITY = "security", _("The account may be in other hands")
    REQUESTED = "requested", _("The member asked for it")


class LiftReason(models.TextChoices):
    """Reasons to lift a suspension."""

    RESOLVED = "resolved", _("What it was for is resolved")
    MISTAKE = "mistake", _("It was a mistake")
    APPEAL = "appeal", _("The appeal was right")
    REQUESTED = "requested", _("The member asks to come back")


class SuspensionState(models.TextChoices):
    """States of a suspension, changed only by `SUSPENSION`."""

    IN_FORCE = "in_force", _("In force")
    APPEALED = "appealed", _("Appealed")
    UPHELD = "upheld", _("In force, upheld on appeal")
    LIFTED = "lifted", _("Lifted")


class Suspension(models.Model):
    """One suspension of a member. `note` is what the member reads beside the reason; `former` their standing before."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="suspensions")
    state = models.CharField(max_length=8, choices=SuspensionState, default=SuspensionState.IN_FORCE)
    reason = models.CharField(_("reason"), max_length=10, choices=SuspensionReason)
    note = models.TextField(blank=True)
    former = models.CharField(max_length=10, choices=Standing)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)
    appealed_at = models.DateTimeField(null=True, blank=True)
    statement = models.TextField(blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)
    lift_reason = models.CharField(max_length=10, choices=LiftReason, blank=True)
    alone = models.BooleanField(default=False, help_text=_("Lifted by who imposed it: nobody else was there."))

    class Meta:
        ordering: ClassVar = ["-at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["member"], condition=~Q(state="lifted"), name="suspension_one_in_force_for_each_member"
            ),
            models.CheckConstraint(
                condition=Q(state="lifted", lifted_by__isnull=False, lifted_at__isnull=False)
                | (~Q(state="lifted") & Q(lifted_by__isnull=True, lifted_at__isnull=True)),
                name="suspension_is_lifted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(lifted_by__isnull=True)
                | ~Q(lifted_by=F("by"))
                | Q(alone=True)
                | Q(reason=SuspensionReason.REQUESTED),
                name="suspension_is_lifted_by_another",
            ),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=F("by")) | Q(alone=True),
                name="suspension_appeal_is_answered_by_another",
            ),
        ]

    def __str__(self) -> str:
        """Return the id."""
        return str(self.pk)

    @property
    def appeal_until(self) -> date | None:
        """The last day for an appeal; None when there was one, or it is lifted."""
        if self.state != SuspensionState.IN_FORCE:
            return None
        return timezone.localdate(self.at) + timedelta(days=int(settings.RULES["suspension_appeal_days"]))

    @property
    def may_be_appealed(self) -> bool:
        """Whether the member may appeal today."""
        return self.appeal_until is not None and timezone.localdate() <= self.appeal_until
