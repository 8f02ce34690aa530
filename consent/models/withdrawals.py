"""Withdrawals and removals: what was taken back, and the progress of its destruction."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consent.models.forms import Form as Form
from consent.models.forms import digest_of as digest_of
from consent.models.records import Consent
from core.ids import new_id


class WithdrawnBy(models.TextChoices):
    """The person who asked for the withdrawal."""

    PATIENT = "patient", _("The patient, with the code")
    CLINICIAN = "clinician", _("A clinician, on the patient's word")
    OFFICER = "officer", _("A privacy officer")


class Destruction(models.Model):
    """Progress of the destruction that follows a withdrawal or removal: counts and times, never content."""

    requested_at = models.DateTimeField(default=timezone.now)
    keys_destroyed_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    late_at = models.DateTimeField(null=True, blank=True, help_text=_("When staff were told that it is late."))
    cases = models.PositiveIntegerField(default=0)
    pictures = models.PositiveIntegerField(default=0)
    comments = models.PositiveIntegerField(default=0)
    quotes = models.PositiveIntegerField(default=0, help_text=_("Copies of its words taken out elsewhere."))

    class Meta:
        abstract = True


class Withdrawal(Destruction):
    """The withdrawal of a whole consent, and what it destroyed. Also the certificate."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consent = models.OneToOneField(Consent, on_delete=models.PROTECT, related_name="withdrawal")
    by = models.CharField(max_length=12, choices=WithdrawnBy)

    class Meta:
        indexes = [
            models.Index(fields=["requested_at"], condition=Q(completed_at=None), name="consent_withdrawal_open"),
        ]

    def __str__(self) -> str:
        return f"withdrawal {self.id}"


class Cause(models.TextChoices):
    """The reason for a removal, while the rest of the consent stands or has expired."""

    NARROWED = "narrowed", _("The consent was narrowed")
    PICTURE = "picture", _("A picture was withdrawn")
    EXPIRED = "expired", _("The consent has ended")
    LEFT = "left", _("The clinician has left this site")


class Removal(Destruction):
    """A part that is taken back: a use, an audience, a picture, or the material of an expired consent.

    Or all of it, while the consent stands: its clinician has left, and nobody else answers for it here.

    An event in the life of a consent, not a state of it: there can be many, and each has its certificate.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="removals")
    cause = models.CharField(max_length=10, choices=Cause)
    by = models.CharField(max_length=12, choices=WithdrawnBy, blank=True, help_text=_("Empty: its date passed."))
    uses = models.JSONField(default=list, help_text=_("[[use, group or empty], …] that were taken back."))
    ends_on = models.DateField(null=True, blank=True, help_text=_("The earlier end, if one was set."))
    picture = models.UUIDField(null=True, blank=True, help_text=_("The picture that was taken back."))

    class Meta:
        ordering = ["-requested_at", "id"]
        indexes = [models.Index(fields=["requested_at"], condition=Q(completed_at=None), name="consent_removal_open")]
        constraints = [
            models.CheckConstraint(
                name="consent_removal_names_the_picture",
                condition=Q(cause="picture", picture__isnull=False) | (~Q(cause="picture") & Q(picture__isnull=True)),
            ),
            models.CheckConstraint(
                name="consent_removal_was_asked_or_expired",
                condition=Q(cause="expired", by="") | (~Q(cause="expired") & Q(by__gt="")),
            ),
            models.UniqueConstraint(
                fields=["consent", "picture"], condition=Q(cause="picture"), name="consent_removal_picture_once"
            ),
            models.UniqueConstraint(
                fields=["consent"], condition=Q(cause="expired"), name="consent_removal_expired_once"
            ),
            models.UniqueConstraint(fields=["consent"], condition=Q(cause="left"), name="consent_removal_left_once"),
        ]

    def __str__(self) -> str:
        return f"removal {self.id}"
