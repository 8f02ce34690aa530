"""Copies of a member's data, and members who leave."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.leaving.rooms import Wishes


class ExportState(models.TextChoices):
    """States of a copy of one's data."""

    ASKED = "asked", _("Being made")
    READY = "ready", _("Ready")
    GONE = "gone", _("Deleted")


class DataExport(models.Model):
    """A copy of a member's data, sealed under a key with its own id; the bytes go after seven days."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="data_exports")
    state = models.CharField(max_length=5, choices=ExportState, default=ExportState.ASKED)
    asked_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    size = models.PositiveIntegerField(default=0, help_text="Bytes.")
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering: ClassVar = ["-asked_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(state__in=["asked", "ready"]), name="data_export_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(ready_at__isnull=False, expires_at__isnull=False),
                name="data_export_ready_has_an_end",
            ),
        ]

    def __str__(self) -> str:
        """Return the id."""
        return str(self.pk)

    @property
    def object_name(self) -> str:
        """The name of the sealed bytes in the storage of documents."""
        return f"{self.pk}.zip"

    @property
    def context(self) -> str:
        """The context that binds the sealed bytes to this member."""
        return f"data-export|{self.member_id}|{self.pk}"


class LeavingState(models.TextChoices):
    """States of leaving. The account is as before until its erasure begins."""

    ASKED = "asked", _("Will be erased")
    STOPPED = "stopped", _("Stopped")
    ERASING = "erasing", _("Being erased")
    ERASED = "erased", _("Erased")


class Leaving(models.Model):
    """One request of a member to leave. It stays, like the member's row, without anything of the person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="leavings")
    state = models.CharField(max_length=7, choices=LeavingState, default=LeavingState.ASKED)
    remove_comments = models.BooleanField(default=False)
    remove_answers = models.BooleanField(default=False)
    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-asked_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(state__in=["asked", "erasing", "erased"]), name="leaving_once"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["erasing", "erased"]) | Q(began_at__isnull=False), name="leaving_began"
            ),
        ]

    def __str__(self) -> str:
        """Return the id."""
        return str(self.pk)

    @property
    def wishes(self) -> Wishes:
        """What is to be removed."""
        return Wishes(remove_comments=self.remove_comments, remove_answers=self.remove_answers)
