"""Supervisions that a member asked for."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SupervisionState(models.TextChoices):
    """States of a supervision, changed only by `SUPERVISION`."""

    ASKED = "asked", _("Asked")
    ACTIVE = "active", _("In force")
    REFUSED = "refused", _("Not taken on")
    CANCELLED = "cancelled", _("Taken back")
    ENDED = "ended", _("Ended")


class Supervision(models.Model):
    """A question to a colleague whether they supervise `resident`, and what came of it.

    `supervisor` is empty when no member has the address; who asked never learns that. `email` is as it was typed, and
    is forgotten when the question is answered or taken back. `Member.supervisor` says who supervises now.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    resident = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="supervisions")
    supervisor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="supervisions_asked"
    )
    email = models.EmailField(blank=True)
    state = models.CharField(max_length=9, choices=SupervisionState, default=SupervisionState.ASKED)
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-asked_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["resident"], condition=Q(state="asked"), name="supervision_one_question_at_a_time"
            ),
            models.UniqueConstraint(fields=["resident"], condition=Q(state="active"), name="supervision_one_in_force"),
            models.CheckConstraint(
                condition=Q(supervisor__isnull=True) | ~Q(supervisor=F("resident")), name="supervision_of_another"
            ),
            models.CheckConstraint(
                condition=~Q(state="active") | Q(supervisor__isnull=False), name="supervision_has_a_supervisor"
            ),
        ]

    def __str__(self) -> str:
        """Return the id."""
        return str(self.pk)
