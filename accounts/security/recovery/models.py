"""A recovery of an account whose owner lost passkey, phone and codes, and the votes on it."""

import uuid
from typing import ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class RecoveryState(models.TextChoices):
    """States of a recovery."""

    ASKED = "asked", _("Waiting for the link in the mail")
    CONFIRMED = "confirmed", _("Waiting for two moderators")
    APPROVED = "approved", _("Waiting for a day to pass")
    DONE = "done", _("Done")
    STOPPED = "stopped", _("Stopped by the owner")
    REFUSED = "refused", _("Refused")
    EXPIRED = "expired", _("Expired")


OPEN: Final = (RecoveryState.ASKED, RecoveryState.CONFIRMED, RecoveryState.APPROVED)


class Way(models.TextChoices):
    """Ways in which a moderator identifies a member; never by what the mailbox says."""

    REGISTER = "register", _("Called a number that the register gives")
    INSTITUTION = "institution", _("Called through the switchboard of the institution")
    VIDEO = "video", _("Video call, with a document beside the face")
    IN_PERSON = "in_person", _("Met in person")


class Doubt(models.TextChoices):
    """Reasons to refuse."""

    NOT_REACHED = "not_reached", _("Not reached")
    NOT_THEM = "not_them", _("It is somebody else")
    UNSURE = "unsure", _("Not sure that it is them")
    REGISTER = "register", _("The register shows a change")


class Recovery(models.Model):
    """One recovery; at most one of a member is open."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recoveries")
    state = models.CharField(max_length=9, choices=RecoveryState, default=RecoveryState.ASKED)
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    effective_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["asked_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(state__in=OPEN), name="recovery_one_open_for_each_member"
            ),
            models.CheckConstraint(condition=Q(state__in=RecoveryState.values), name="recovery_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state__in=(RecoveryState.APPROVED, RecoveryState.DONE)) | Q(effective_at__isnull=False),
                name="recovery_approved_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        """Return the id: names do not belong in logs."""
        return str(self.pk)

    @property
    def is_open(self) -> bool:
        """Whether it can still come to its end."""
        return self.state in OPEN


class RecoveryVote(models.Model):
    """What one moderator found, without seeing what another found."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recovery = models.ForeignKey(Recovery, on_delete=models.CASCADE, related_name="votes")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    way = models.CharField(_("how identified"), max_length=11, choices=Way, blank=True)
    doubt = models.CharField(_("reason"), max_length=11, choices=Doubt, blank=True)
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["recovery", "by"], name="recovery_vote_once"),
            models.CheckConstraint(
                condition=Q(way__in=Way.values, doubt="") | Q(way="", doubt__in=Doubt.values),
                name="recovery_vote_confirms_or_doubts",
            ),
        ]

    def __str__(self) -> str:
        """Return the id."""
        return str(self.pk)
