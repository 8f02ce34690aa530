"""Offices and their terms, appointments to an office, renewals of it, and dismissals from it."""

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
    TRUSTED = "trusted", _("Trusted person")


FIELDS = {
    Office.ADMINISTRATOR: "is_staff",
    Office.MODERATOR: "is_moderator",
    Office.OFFICER: "is_privacy_officer",
    Office.TRUSTED: "is_trusted_person",
}


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
    renews = models.BooleanField(default=False, help_text=_("Keeps an office that they hold."))
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
            models.CheckConstraint(name="appointment_renews_what_is_kept", condition=Q(renews=False) | Q(takes=True)),
        ]

    def __str__(self) -> str:
        """Return the id: names do not belong in logs."""
        return str(self.pk)


class OfficeTerm(models.Model):
    """Since when somebody holds an office, and its last day.

    `Member` says who holds it; a round makes the terms that are missing, as after an upgrade.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="office_terms")
    office = models.CharField(_("office"), max_length=14, choices=Office)
    since = models.DateField()
    until = models.DateField(db_index=True)
    overdue_told_at = models.DateTimeField(null=True, blank=True, help_text=_("When the last administrator was told."))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["member", "office"], name="office_term_once"),
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="office_term_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        """Return the id: names do not belong in logs."""
        return str(self.pk)
