"""Applications to join, the evidence for them, and the votes that decide them."""

import re
import uuid
from datetime import date, datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from accounts.membership.models import Profession

APPEAL_DAYS = 30
MAX_WORDS = 600  # of a moderator to the applicant


class State(models.TextChoices):
    """States of an application, changed only by `accounts.vetting.states.APPLICATION`."""

    WAITING = "waiting", _("Waiting for two moderators")
    THIRD = "third", _("Waiting for a third moderator")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")


OPEN = (State.WAITING, State.THIRD)
DECIDED = (State.ACCEPTED, State.DECLINED)


class EvidenceKind(models.TextChoices):
    """Kinds of evidence that the register entry is the applicant's."""

    EMAIL = "email", _("My e-mail address is at my institution")
    PICTURE = "picture", _("A picture of my licence or certificate")
    VOUCHERS = "vouchers", _("Two members who know me")
    VIDEO = "video", _("A video call with a moderator")


class Reason(models.TextChoices):
    """Reasons to accept or decline an application; the applicant reads the sentence."""

    MATCHES = "matches", _("The register entry and the evidence agree.")
    NOT_FOUND = "not_found", _("The number was not found in the register.")
    DIFFERENT = "different", _("The register entry differs from the application.")
    EVIDENCE = (
        "evidence",
        _("The evidence does not show that the register entry is yours."),
    )
    RESTRICTED = "restricted", _("The register shows a restriction of the licence.")
    DUPLICATE = "duplicate", _("There is already an account for this register entry.")
    NOT_ELIGIBLE = "not_eligible", _("The profession is not among those who can join.")


ACCEPTING = (Reason.MATCHES,)
DECLINING = tuple(reason for reason in Reason if reason not in ACCEPTING)


class ReferenceKind(models.TextChoices):
    """Capacities in which a colleague is named."""

    VOUCHER = "voucher", _("Voucher")
    SUPERVISOR = "supervisor", _("Supervisor")
    MENTOR = "mentor", _("Mentor")
    COLLEAGUE = "colleague", _("Close colleague")


# Whom we ask whether they know the applicant; the others are named so that they do not decide.
ASKED = (ReferenceKind.VOUCHER, ReferenceKind.SUPERVISOR)


def comparable(text: str) -> str:
    """Reduce text to lower-case letters and digits, so that `AB-12 34` equals `ab1234`."""
    return re.sub(r"[\W_]+", "", text).casefold()


class Draft(models.Model):
    """An application from an address that nobody has confirmed: no account, no password, and no moderator reads it.

    Whoever opens the link in the mail sees it, and chooses the password (`accounts.vetting.joining`). Its id becomes
    that of the application, and of the picture of the licence, which is sealed under it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(db_index=True)
    claim = models.JSONField()
    has_picture = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        """Return the id: names do not belong in logs."""
        return str(self.pk)


class Application(models.Model):
    """A request to be vetted. A declined one has a second round on appeal (`round` 2)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="applications")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    round = models.PositiveSmallIntegerField(default=1)
    profession = models.CharField(_("profession"), max_length=20, choices=Profession)
    country = CountryField(_("country"))
    institution = models.CharField(_("institution"), max_length=200)
    institution_key = models.CharField(max_length=200, db_index=True, editable=False, default="")
    registry_name = models.CharField(_("register"), max_length=200)
    registry_url = models.URLField(_("web address of the register"), max_length=500)
    registry_number = models.CharField(_("number in the register"), max_length=60)
    number_key = models.CharField(max_length=60, db_index=True, editable=False)
    evidence_kind = models.CharField(_("evidence"), max_length=8, choices=EvidenceKind)
    guidelines_accepted_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    target_on = models.DateField()
    address_confirmed_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=12, choices=Reason, blank=True)
    appealed_at = models.DateTimeField(null=True, blank=True)
    appeal_statement = models.TextField(blank=True)
    stuck_told_at = models.DateTimeField(null=True, blank=True, help_text=_("When administrators were told."))

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering: ClassVar = ["target_on", "created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(state__in=OPEN),
                name="application_one_open_for_each_member",
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="application_state_is_known"),
            models.CheckConstraint(condition=Q(round__in=[1, 2]), name="application_is_heard_twice_at_most"),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, decided_at__isnull=True, reason="")
                | Q(
                    state__in=DECIDED,
                    decided_at__isnull=False,
                    reason__in=Reason.values,
                ),
                name="application_decision_has_reason_and_time",
            ),
            models.CheckConstraint(
                condition=Q(round=1, appealed_at__isnull=True) | Q(round=2, appealed_at__isnull=False),
                name="application_second_round_is_an_appeal",
            ),
        ]

    def __str__(self) -> str:
        """Return the id: names do not belong in logs."""
        return str(self.pk)

    @property
    def is_open(self) -> bool:
        """Whether moderators may still vote."""
        return self.state in OPEN

    @property
    def opened_at(self) -> datetime:
        """Start of the current round."""
        return self.appealed_at or self.created_at

    @property
    def is_late(self) -> bool:
        """Whether an open application is past its target date."""
        return self.is_open and self.target_on < timezone.localdate()

    @property
    def appeal_until(self) -> date | None:
        """The last day for an appeal, or None if no appeal is possible."""
        if self.state != State.DECLINED or self.round != 1 or self.decided_at is None:
            return None
        return timezone.localdate(self.decided_at) + timedelta(days=APPEAL_DAYS)

    @property
    def may_be_appealed(self) -> bool:
        """Whether the applicant may appeal today."""
        return self.appeal_until is not None and timezone.localdate() <= self.appeal_until


class Vote(models.Model):
    """A moderator's independent vote. Seats 1 and 2 decide if they agree, else seat 3 does."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="votes")
    round = models.PositiveSmallIntegerField()
    seat = models.PositiveSmallIntegerField()
    moderator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="votes_cast")
    accept = models.BooleanField()
    reason = models.CharField(max_length=12, choices=Reason)
    words = models.TextField(blank=True, max_length=MAX_WORDS)
    looked_up_on = models.DateField()
    cast_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering: ClassVar = ["round", "seat"]
        constraints: ClassVar = [
            # Over both rounds: somebody who voted in the first is not impartial in the appeal.
            models.UniqueConstraint(fields=["application", "moderator"], name="vote_one_for_each_moderator"),
            models.UniqueConstraint(fields=["application", "round", "seat"], name="vote_one_for_each_seat"),
            models.CheckConstraint(
                condition=Q(seat__in=[1, 2, 3], round__in=[1, 2]),
                name="vote_has_a_seat",
            ),
            models.CheckConstraint(
                condition=Q(accept=True, reason__in=ACCEPTING) | Q(accept=False, reason__in=DECLINING),
                name="vote_reason_fits",
            ),
        ]

    def __str__(self) -> str:
        """Return the id."""
        return str(self.pk)


class HalfDecision(models.Model):
    """What a moderator has filled in and not recorded yet. Only they see it; gone once they have decided."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="half_decisions")
    moderator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    looked_up = models.BooleanField(default=False)
    looked_up_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=12, choices=Reason, blank=True)
    words = models.TextField(blank=True, max_length=MAX_WORDS)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["application", "moderator"], name="half_decision_one_for_each_moderator")
        ]

    def __str__(self) -> str:
        """Return the id."""
        return str(self.pk)


class Letter(models.Model):
    """The letter about a decision, as it was written, in the applicant's language of that day. Names nobody."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="letters")
    round = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=5)
    text = models.TextField()
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering: ClassVar = ["-round"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["application", "round"], name="letter_one_for_each_round")
        ]

    def __str__(self) -> str:
        """Return the id."""
        return str(self.pk)


class MarkKind(models.TextChoices):
    """What two accounts may share, kept as a keyed hash."""

    ADDRESS = "address", "address without tags and digits"
    PICTURE = "picture", "bytes of a picture"
    LOOKS = "looks", "a quarter of what a picture looks like"
    NETWORK = "network", "network of the browser"
    DEVICE = "device", "browser in a network"


class Mark(models.Model):
    """Something of an application that another account may share (`accounts.vetting.checking.marks`)."""

    id = models.BigAutoField(primary_key=True)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="marks")
    kind = models.CharField(max_length=8, choices=MarkKind)
    value = models.CharField(max_length=64, help_text="Keyed hash.")
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["value"], name="mark_by_value")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["application", "kind", "value"], name="mark_once_for_each_application")
        ]

    def __str__(self) -> str:
        """Return the application's id."""
        return str(self.application_id)


class Recusal(models.Model):
    """The withdrawal of a moderator who works with the applicant from deciding the application."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="recusals")
    moderator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["application", "moderator"],
                name="recusal_once_for_each_moderator",
            )
        ]

    def __str__(self) -> str:
        """Return the application's id."""
        return str(self.application_id)


class Reference(models.Model):
    """A colleague whom the applicant named. `email` is stored only if no member has that address.

    The applicant never learns whether an address belongs to a member.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="references")
    kind = models.CharField(max_length=10, choices=ReferenceKind)
    email = models.EmailField(blank=True)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="references_asked",
    )
    answer = models.BooleanField(null=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["application", "kind", "member"],
                name="reference_once_for_each_member",
            ),
            models.CheckConstraint(
                condition=Q(answer__isnull=True, answered_at__isnull=True)
                | Q(
                    answer__isnull=False,
                    answered_at__isnull=False,
                    member__isnull=False,
                ),
                name="reference_answer_has_member_and_time",
            ),
        ]

    def __str__(self) -> str:
        """Return the id."""
        return str(self.pk)

    @property
    def is_asked(self) -> bool:
        """Whether this colleague is asked about the applicant; the others only do not decide."""
        return self.kind in ASKED


def sent_context(application_id: uuid.UUID, picture_id: uuid.UUID) -> str:
    """Return the context that binds the sealed bytes of a picture, as it was sent, to its application, or draft."""
    return f"evidence-sent|{application_id}|{picture_id}"


def sent_name(picture_id: uuid.UUID) -> str:
    """Return the object name of the bytes of a picture as they were sent."""
    return f"{picture_id}.sent"


class EvidenceState(models.TextChoices):
    """Received as it was sent; a job makes it clean, or refuses it."""

    RECEIVED = "received", _("Being prepared")
    CLEAN = "clean", _("Ready")
    REFUSED = "refused", _("Could not be read")


class EvidencePicture(models.Model):
    """A picture of a licence, sealed under its own key, whose id is this row's; seen only when it is clean.

    Key and bytes are destroyed after the decision; the row and its sights remain.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="pictures")
    round = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=EvidenceState, default=EvidenceState.RECEIVED)
    refusal = models.CharField(max_length=30, blank=True, help_text=_("The engine's word for what was wrong."))
    content_type = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    destroyed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["application", "round"], name="evidence_one_picture_each_round")
        ]

    def __str__(self) -> str:
        """Return the id."""
        return str(self.pk)

    @property
    def context(self) -> str:
        """The context that binds the sealed bytes to this application."""
        return f"evidence|{self.application_id}|{self.pk}"

    @property
    def sent_context(self) -> str:
        """The context of the bytes as they were sent, before they are clean."""
        return sent_context(self.application_id, self.pk)

    @property
    def sent_name(self) -> str:
        """The object name of the bytes as they were sent."""
        return sent_name(self.pk)


class Sight(models.Model):
    """The fact that a moderator saw a picture; it outlives the picture."""

    picture = models.ForeignKey(EvidencePicture, on_delete=models.CASCADE, related_name="sights")
    moderator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["picture", "moderator"], name="sight_once_for_each_moderator")
        ]

    def __str__(self) -> str:
        """Return the picture's id."""
        return str(self.picture_id)
