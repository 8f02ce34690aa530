"""Consent records: who decided how, which uses are allowed, how long, and the proof of the signature.

A consent record carries no identity of the patient. The signed document is kept in the documents storage, sealed
under a key of its own (the consent's id), and is destroyed together with that key.
"""

from datetime import date
from functools import reduce
from operator import or_

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consent.models.forms import Form as Form
from consent.models.forms import digest_of as digest_of
from core.ids import new_id


class Use(models.TextChoices):
    """A use of the material. Each is asked separately and is No until ticked."""

    NAMED_GROUP = "named_group", _("Discussion in one named group")
    ALL_MEMBERS = "all_members", _("Discussion among all vetted members")
    PLATFORM_TEACHING = "platform_teaching", _("Teaching on this platform")
    LECTURES = "lectures", _("Lectures outside this platform")
    PUBLICATION = "publication", _("One named publication")
    SOCIAL_MEDIA = "social_media", _("Other social media")
    RESEARCH = "research", _("Research")
    AI_TRAINING = "ai_training", _("Training of artificial intelligence")
    CROSS_BORDER = "cross_border", _("Access from other countries")
    RECOGNISABLE_FACE = "recognisable_face", _("A recognisable face (the eyes stay covered)")
    IDENTIFIABLE_MARK = "identifiable_mark", _("A tattoo, birthmark or scar that could identify")
    CONTACT_AGAIN = "contact_again", _("Being contacted again")


AUDIENCE_USES = (Use.NAMED_GROUP, Use.ALL_MEMBERS)
PUBLICATION_LENGTH = 160  # characters
REDACTED = "[…]"  # replaces words that a withdrawal destroyed


class Status(models.TextChoices):
    """The status of a consent record."""

    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Active")
    REFUSED = "refused", _("Refused")
    SUPERSEDED = "superseded", _("Superseded")
    EXPIRED = "expired", _("Expired")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    ENTERED_IN_ERROR = "entered_in_error", _("Entered in error")


class Capacity(models.TextChoices):
    """The patient's capacity to decide. The last two values stop the recording."""

    CAPABLE = "capable", _("Decides alone")
    SUPPORTED = "supported", _("Decides with support")
    LACKS = "lacks", _("Lacks capacity: a representative decides")
    CHILD = "child", _("Child: a guardian decides, the child agrees")
    DECEASED = "deceased", _("Deceased: the next of kin decides")
    FLUCTUATING = "fluctuating", _("Capacity fluctuates")
    SEDATED = "sedated", _("Intoxicated or sedated")


DEFERRED = (Capacity.FLUCTUATING, Capacity.SEDATED)


class Relation(models.TextChoices):
    """The person who signed, by relation to the patient."""

    SELF = "self", _("The patient")
    GUARDIAN = "guardian", _("Parent or guardian")
    REPRESENTATIVE = "representative", _("Legal representative")
    NEXT_OF_KIN = "next_of_kin", _("Next of kin")


SIGNERS: dict[str, tuple[Relation, ...]] = {
    Capacity.CAPABLE: (Relation.SELF,),
    Capacity.SUPPORTED: (Relation.SELF,),
    Capacity.LACKS: (Relation.REPRESENTATIVE, Relation.GUARDIAN),
    Capacity.CHILD: (Relation.GUARDIAN, Relation.REPRESENTATIVE),
    Capacity.DECEASED: (Relation.NEXT_OF_KIN, Relation.REPRESENTATIVE),
}


class Assent(models.TextChoices):
    """A child's own agreement. Asked from age 7 on; an objection stops the recording."""

    NOT_ASKED = "", _("Not asked")
    TOO_YOUNG = "too_young", _("Under 7: not asked")
    AGREED = "agreed", _("The child agrees")
    OBJECTED = "objected", _("The child objects")


class Signature(models.TextChoices):
    """The way in which the form was signed, and where the proof is kept."""

    DRAWN = "drawn", _("Signed on this screen")
    SCAN = "scan", _("Scan or photo of the signed form, kept here")
    CLINIC_HELD = "clinic_held", _("The clinic keeps the signed form")
    ORAL = "oral", _("Spoken; the witness signs on this screen")
    NOT_SIGNED = "not_signed", _("Not signed")


# Signatures that make a consent valid; NOT_SIGNED is for refusals only.
SIGNED = (Signature.DRAWN, Signature.SCAN, Signature.CLINIC_HELD, Signature.ORAL)


class Shown(models.TextChoices):
    """Whether the patient saw the masked pictures. There is no default: it must be answered."""

    SHOWN = "shown", _("The patient saw the masked pictures")
    NOT_SHOWN = "not_shown", _("The patient did not see the masked pictures")


class Until(models.TextChoices):
    """An event that ends a consent besides its date and a withdrawal."""

    NO_EVENT = "", _("Nothing else")
    CASE_CLOSED = "case_closed", _("The case is closed")
    TREATMENT_ENDS = "treatment_ends", _("The treatment here ends")


def is_active(at: str = "", *, on: date | None = None) -> Q:
    """Active and not past its date: the condition of `ConsentQuerySet.active`, on a consent that is reached by `at`.

    `on` defaults to today (UTC).
    """
    open_ended = Q((f"{at}expires_on__isnull", True)) | Q((f"{at}expires_on__gte", on or timezone.now().date()))
    return Q((f"{at}status", Status.ACTIVE)) & open_ended


class ConsentQuerySet(models.QuerySet["Consent"]):
    """Queries for consents that are in force."""

    def active(self, *, on: date | None = None) -> "ConsentQuerySet":
        """Return active consents not past their end date. `on` defaults to today (UTC)."""
        return self.filter(is_active(on=on))


_FITTING_SIGNER = reduce(or_, (Q(capacity=capacity, relation__in=signers) for capacity, signers in SIGNERS.items()))


class SignatureProblem(models.TextChoices):
    """What is wrong with a drawn signature, found by a job after it was recorded."""

    NO_INK = "no_ink", _("Nothing that could be a signature")
    UNREADABLE = "unreadable", _("Could not be read")


class Consent(models.Model):
    """One recorded consent. Its id is random and never derived from the patient."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    status = models.CharField(max_length=20, choices=Status, default=Status.DRAFT)
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="consents")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="consents")
    recorded_at = models.DateTimeField(default=timezone.now)
    # Shared by the consents that were recorded one after another for the same case, and by no others. A trigger keeps
    # a consent from being replaced by one of another patient (`consent.records.triggers`).
    patient = models.UUIDField(
        default=new_id,
        editable=False,
        db_index=True,
        help_text=_("A random number for the patient, derived from nothing."),
    )

    capacity = models.CharField(max_length=20, choices=Capacity)
    relation = models.CharField(max_length=20, choices=Relation)
    authority = models.CharField(max_length=120, blank=True, help_text=_("By what authority a representative signs."))
    assent = models.CharField(max_length=20, choices=Assent, blank=True, default=Assent.NOT_ASKED)
    interpreter = models.BooleanField(default=False)
    cannot_read = models.BooleanField(default=False, help_text=_("The form was read aloud to whoever signed."))
    witnessed = models.BooleanField(default=False)
    copy_given = models.BooleanField(default=False)

    shown = models.CharField(max_length=10, choices=Shown)
    masking_method = models.CharField(max_length=200)
    signature = models.CharField(max_length=20, choices=Signature)
    signature_problem = models.CharField(max_length=10, choices=SignatureProblem, blank=True)
    document_name = models.CharField(max_length=80, blank=True, help_text=_("Object in the documents storage."))
    document_sha256 = models.CharField(max_length=64, blank=True)
    attested = models.BooleanField(default=False)
    signed_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True)
    until_event = models.CharField(max_length=20, choices=Until, blank=True, default=Until.NO_EVENT)
    # A year and nothing finer: that is enough to ask again in time (docs/adr/0008).
    majority_year = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("The year in which a child comes of age; no date of birth is kept.")
    )

    # The consent that replaced this one: a withdrawal with the older code reaches it too.
    superseded_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="supersedes"
    )

    # Only a hash: a reader of the database cannot withdraw in the patient's name.
    code_sha256 = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001 - unique when set

    # Sent with the page, or the hand-over's id: sending the same page twice is one consent.
    submission = models.UUIDField(null=True, editable=False)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["recorded_by", "submission"],
                condition=Q(submission__isnull=False),
                name="consent_submission_once",
            ),
            models.CheckConstraint(
                name="consent_not_from_deferred_capacity",
                condition=~Q(status=Status.ACTIVE, capacity__in=DEFERRED),
            ),
            models.CheckConstraint(
                name="consent_child_did_not_object",
                condition=~Q(status=Status.ACTIVE, assent=Assent.OBJECTED),
            ),
            models.CheckConstraint(
                name="consent_active_is_signed",
                condition=~Q(status=Status.ACTIVE)
                | (
                    Q(document_sha256__gt="", signature__in=SIGNED)
                    & (~Q(signature=Signature.CLINIC_HELD) | Q(attested=True))
                ),
            ),
            models.CheckConstraint(
                name="consent_signer_fits_capacity",
                condition=~Q(status=Status.ACTIVE) | _FITTING_SIGNER,
            ),
            models.CheckConstraint(
                name="consent_representative_has_authority",
                condition=~Q(status=Status.ACTIVE) | Q(relation=Relation.SELF) | Q(authority__gt=""),
            ),
            models.CheckConstraint(
                name="consent_child_was_asked",
                condition=~Q(status=Status.ACTIVE, capacity=Capacity.CHILD) | ~Q(assent=Assent.NOT_ASKED),
            ),
            models.CheckConstraint(
                name="consent_treatment_end_has_a_date",
                condition=~Q(until_event=Until.TREATMENT_ENDS) | Q(expires_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"consent {self.id}"

    @property
    def needs_witness(self) -> bool:
        """Whether a witness must have been present."""
        return self.interpreter or self.cannot_read or self.signature == Signature.ORAL

    @property
    def allowed(self) -> list["ConsentUse"]:
        """Return the ticked uses in the order of the form."""
        order = list(Use)
        return sorted(self.uses.all(), key=lambda row: order.index(Use(row.use)))


class ConsentUse(models.Model):
    """One ticked use. A use without a row was not allowed."""

    consent = models.ForeignKey(Consent, on_delete=models.CASCADE, related_name="uses")
    use = models.CharField(max_length=20, choices=Use)
    scope = models.UUIDField(null=True, blank=True, help_text=_("The group, for a named group."))
    publication = models.CharField(
        max_length=PUBLICATION_LENGTH, blank=True, help_text=_("Its name, for one named publication.")
    )

    class Meta:
        constraints = [
            # Two, because SQLite has no NULLS NOT DISTINCT and Django would leave such a constraint out there.
            models.UniqueConstraint(
                fields=["consent", "use"], condition=Q(scope__isnull=True), name="consent_use_once"
            ),
            models.UniqueConstraint(
                fields=["consent", "use", "scope"], condition=Q(scope__isnull=False), name="consent_use_once_a_scope"
            ),
            models.CheckConstraint(
                name="consent_named_group_names_it",
                condition=Q(use=Use.NAMED_GROUP, scope__isnull=False)
                | (~Q(use=Use.NAMED_GROUP) & Q(scope__isnull=True)),
            ),
            models.CheckConstraint(
                name="consent_publication_is_named",
                condition=Q(use=Use.PUBLICATION, publication__gt="") | (~Q(use=Use.PUBLICATION) & Q(publication="")),
            ),
            # SQLite does not enforce max_length.
            models.CheckConstraint(
                name="consent_publication_is_short",
                condition=Q(LessThanOrEqual(Length("publication"), PUBLICATION_LENGTH)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.use} of consent {self.consent_id}"


class ShownPicture(models.Model):
    """The hash of one masked picture that the patient was shown."""

    consent = models.ForeignKey(Consent, on_delete=models.CASCADE, related_name="shown_pictures")
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["consent", "sha256"], name="consent_shown_once")]

    def __str__(self) -> str:
        return f"picture shown for consent {self.consent_id}"


class PictureNumber(models.Model):
    """The number of one picture on the receipt and on the page of withdrawal. It stays when the picture is gone."""

    consent = models.ForeignKey(Consent, on_delete=models.CASCADE, related_name="picture_numbers")
    picture = models.UUIDField()
    number = models.PositiveSmallIntegerField()
    sha256 = models.CharField(max_length=64, blank=True, help_text=_("What was shown when it got its number."))

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["consent", "picture"], name="consent_picture_numbered_once"),
            models.UniqueConstraint(fields=["consent", "number"], name="consent_picture_number_once"),
        ]

    def __str__(self) -> str:
        return f"picture {self.number} of consent {self.consent_id}"


class Reminder(models.Model):
    """One notice to the clinician who recorded a consent: that it ends soon, or that the patient comes of age."""

    class Step(models.TextChoices):
        """The reason for the notice."""

        DAYS_60 = "60", _("Ends in 60 days")
        DAYS_14 = "14", _("Ends in 14 days")
        DAYS_1 = "1", _("Ends tomorrow")
        MAJORITY = "majority", _("The patient comes of age")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consent = models.ForeignKey(Consent, on_delete=models.CASCADE, related_name="reminders")
    step = models.CharField(max_length=8, choices=Step)
    about = models.DateField(help_text=_("The end, or the first day of the year, that it is about."))
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consent", "step", "about"], name="consent_reminder_once"),
        ]

    def __str__(self) -> str:
        return f"reminder {self.id}"
