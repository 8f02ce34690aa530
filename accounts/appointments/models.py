"""Appointments to an office, and dismissals from one."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Office(models.TextChoices):
    """Offices of a site."""

    ADMINISTRATOR = "administrator", _("Administrator")
    MODERATOR = "moderator", _("Moderator")
    OFFICER = "officer", _("Privacy officer")


FIELDS = {Office.ADMINISTRATOR: "is_staff", Office.MODERATOR: "is_moderator", Office.OFFICER: "is_privacy_officer"}


class AppointmentState(models.TextChoices):
    """States of an appointment."""

    WAITING = "waiting", _("Waiting for a second administrator")
    DONE = "done", _("In force")
    REFUSED = "refused", _("Refused")


class Appointment(models.Model):
    """A proposal that somebody takes or leaves an office, by one administrator; another one confirms it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="appointments")
    office = models.CharField(_("office"), max_length=14, choices=Office)
    takes = models.BooleanField(_("takes the office"), default=True)
    state = models.CharField(max_length=8, choices=AppointmentState, default=AppointmentState.WAITING)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    alone = models.BooleanField(default=False, help_text=_("Made when there was one administrator only."))

    class Meta:
        ordering: ClassVar = ["proposed_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["member", "office"], condition=Q(state="waiting"), name="appointment_waits_once"
            ),
            models.CheckConstraint(
                name="appointment_by_two",
                condition=~Q(state="done")
                | Q(alone=True)
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by"))),
            ),
        ]

    def __str__(self) -> str:
        """Return the id: names do not belong in logs."""
        return str(self.pk)
