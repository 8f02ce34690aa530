"""Yearly light checks of a verification."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CheckState(models.TextChoices):
    """States of a yearly check, changed only by `CHECK`."""

    WAITING = "waiting", _("Waiting for a moderator")
    CONFIRMED = "confirmed", _("Confirmed")
    FULL = "full", _("A full check is needed")
    SUPERSEDED = "superseded", _("Replaced by a full check")


class Finding(models.TextChoices):
    """What a moderator found in the register."""

    UNCHANGED = "unchanged", _("The entry is there, and as it was.")
    NOT_FOUND = "not_found", _("The number was not found in the register.")
    DIFFERENT = "different", _("The entry has changed.")
    RESTRICTED = "restricted", _("The register shows a restriction of the licence.")


class YearlyCheck(models.Model):
    """A member's word that nothing has changed since `application`, for another year after `until`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="yearly_checks")
    application = models.ForeignKey("accounts.Application", on_delete=models.CASCADE, related_name="+")
    until = models.DateField()
    state = models.CharField(max_length=10, choices=CheckState, default=CheckState.WAITING)
    sent_at = models.DateTimeField(default=timezone.now, editable=False)
    target_on = models.DateField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="checks_decided"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    finding = models.CharField(max_length=10, choices=Finding, blank=True)
    looked_up_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["target_on", "sent_at", "id"]
        indexes: ClassVar = [models.Index(fields=["state", "target_on"], name="yearly_check_waiting")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(state="waiting"), name="yearly_check_one_waits_for_each_member"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["confirmed", "full"])
                | Q(decided_by__isnull=False, decided_at__isnull=False, looked_up_on__isnull=False),
                name="yearly_check_is_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="confirmed", finding="unchanged")
                | (Q(state="full") & ~Q(finding__in=["", "unchanged"]))
                | Q(state__in=["waiting", "superseded"], finding=""),
                name="yearly_check_finding_fits",
            ),
        ]

    def __str__(self) -> str:
        """Return the id."""
        return str(self.pk)

    @property
    def is_late(self) -> bool:
        """Whether a waiting check is past its target date."""
        return self.state == CheckState.WAITING and self.target_on < timezone.localdate()
