"""Models of a case, its pictures and releases: the minimum data set, in controlled vocabulary."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consent.models import Consent, Removal, Status
from consults.groups.models import Group
from core.ids import new_id
from imaging.engine import PictureType
from imaging.models import Photo, Rendition
from vocabulary import sites, terms


class CaseState(models.TextChoices):
    """States of a case. Only `consults.cases.states.CASE` moves a case from one to the next."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waiting for the second read")
    RETURNED = "returned", _("Sent back to you")
    RELEASED = "released", _("Open")
    CLOSED = "closed", _("Closed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


EDITABLE = (CaseState.DRAFT, CaseState.RETURNED)
FINEST_SCALE, COARSEST_SCALE = 0.01, 100.0  # µm a pixel: oil immersion to a macro lens
PUBLISHED = (CaseState.RELEASED, CaseState.CLOSED)

# The solution of a teaching case: sealed until a reader has answered.
SOLUTION = ("solution", "solution_reference", "teaching_points")

# Reviewed by the second reader and covered by the release: a change of these voids an older release.
CONTENT = (
    "kind",
    "education_model",
    "title",
    "note",
    "question",
    "age_band",
    "sex",
    "monk",
    "fitzpatrick",
    "site",
    "laterality",
    "duration",
    "course",
    "symptoms",
    "morphology",
    "secondary",
    "arrangement",
    "distribution",
    "treatments",
    "history",
    "differential",
    "source",
    *SOLUTION,
    "tags",
)
# Came after the first releases: left out of the digest while empty, so that what was released before still matches.
OMITTED_WHEN_EMPTY = (*SOLUTION, "tags")


def with_solution() -> Q:
    """Return the condition for teaching cases whose solution their author wrote when posting them."""
    return Q(kind=terms.CaseKind.TEACHING) & ~Q(solution="")


# Of a follow-up, besides: what was added, and how long after the first pictures of its case.
ADDED = ("addition", "after", "after_unit")


class CaseQuerySet(models.QuerySet["Case"]):
    """Queries that never forget that a patient was asked: whoever sets a consent notes it with it."""

    def update(self, **fields: Any) -> int:
        """Update, and note with a consent that a patient was asked."""
        if fields.get("consent") or fields.get("consent_id"):
            fields["patient_asked"] = True
        return super().update(**fields)

    def bulk_create(self, objs: Iterable["Case"], *args: Any, **options: Any) -> list["Case"]:
        """Create, and note with each consent that a patient was asked."""
        cases = list(objs)
        for case in cases:
            case.patient_asked = case.patient_asked or case.consent_id is not None
        return super().bulk_create(cases, *args, **options)


class Case(models.Model):
    """One consult."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="cases")
    state = models.CharField(max_length=10, choices=CaseState, default=CaseState.DRAFT)
    group = models.ForeignKey(Group, on_delete=models.PROTECT, null=True, blank=True, related_name="cases")
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, null=True, blank=True, related_name="cases")
    # Never taken back: whatever became of the consent, a second reader is told before this passes for a model.
    patient_asked = models.BooleanField(
        default=False, editable=False, help_text=_("A consent in any status, a draft too, has stood here.")
    )
    education_model = models.BooleanField(default=False, help_text=_("An education model: no patient, no consent."))
    histology_exempt = models.BooleanField(
        default=False, help_text=_("Stated by the author: histology without any identifying feature.")
    )
    # A follow-up: pictures with a consent and a second read of their own, shown with the case that it follows.
    follows = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="additions")
    # Set when only a part of the consent was withdrawn and this case was in that part.
    removal = models.ForeignKey(Removal, on_delete=models.PROTECT, null=True, blank=True, related_name="removed_cases")
    content_erased_at = models.DateTimeField(null=True, blank=True, help_text=_("When a withdrawn case was emptied."))
    simulated = models.BooleanField(default=False, help_text=_("Demo material: drawn pictures, an invented patient."))
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(auto_now=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    content_sha256 = models.CharField(max_length=64, editable=False)

    # Not among what a release covers: whoever reads it second may add to it, and a mark more shows nothing more.
    sensitive = models.JSONField(_("sensitive"), default=list, blank=True)
    addition = models.CharField(_("what is added"), max_length=12, choices=terms.AdditionKind, blank=True)
    after = models.PositiveSmallIntegerField(_("time after the first pictures"), null=True, blank=True)
    after_unit = models.CharField(_("unit of the time"), max_length=8, choices=terms.AfterUnit, blank=True)

    kind = models.CharField(_("kind"), max_length=12, choices=terms.CaseKind, default=terms.CaseKind.DIFFICULT)
    title = models.CharField(_("title"), max_length=100, blank=True)
    note = models.TextField(_("clinical note"), max_length=3000, blank=True)
    question = models.CharField(_("question"), max_length=12, choices=terms.Question, blank=True)
    age_band = models.CharField(_("age"), max_length=8, choices=terms.AgeBand, blank=True)
    sex = models.CharField(_("sex"), max_length=12, choices=terms.Sex, blank=True)
    monk = models.PositiveSmallIntegerField(_("skin tone (Monk)"), choices=terms.Monk, null=True, blank=True)
    fitzpatrick = models.CharField(
        _("reaction to sun (Fitzpatrick)"), max_length=3, choices=terms.Fitzpatrick, blank=True
    )
    site = models.CharField(_("body site"), max_length=sites.MAX_CODE_LENGTH, choices=sites.choices, blank=True)
    laterality = models.CharField(_("side"), max_length=8, choices=terms.Laterality, blank=True)
    duration = models.CharField(_("duration"), max_length=8, choices=terms.Duration, blank=True)
    course = models.CharField(_("course"), max_length=12, choices=terms.Course, blank=True)
    symptoms = models.JSONField(_("symptoms"), default=list, blank=True)
    morphology = models.CharField(_("primary morphology"), max_length=16, choices=terms.Morphology, blank=True)
    secondary = models.JSONField(_("secondary changes"), default=list, blank=True)
    arrangement = models.CharField(_("arrangement"), max_length=16, choices=terms.Arrangement, blank=True)
    distribution = models.CharField(_("distribution"), max_length=16, choices=terms.Distribution, blank=True)
    treatments = models.TextField(_("treatments tried"), max_length=1000, blank=True)
    history = models.JSONField(_("relevant history"), default=list, blank=True)
    # Codes of `vocabulary.diagnoses`, hidden from others until they have answered.
    differential = models.JSONField(_("working differential"), default=list, blank=True)
    source = models.CharField(
        _("source"), max_length=200, blank=True, help_text=_("Whose material it is, if not yours.")
    )
    # Not among CONTENT: what the second reader reads is the source, without which such a case is not released.
    not_mine = models.BooleanField(_("this material is not mine"), default=False)
    # A code of `vocabulary.diagnoses`, its reference standard, and words; of a solved teaching case only.
    solution = models.CharField(_("final diagnosis"), max_length=60, blank=True)
    solution_reference = models.CharField(
        _("reference standard"), max_length=20, choices=terms.ReferenceStandard, blank=True
    )
    teaching_points = models.TextField(_("teaching points"), max_length=2000, blank=True)
    # Codes of `vocabulary.tags`, which say nothing of the diagnosis.
    tags = models.JSONField(_("tags"), default=list, blank=True)

    # Kept by consults.urgency; nothing that a second reader reads.
    urgency = models.CharField(max_length=8, choices=terms.Urgency, blank=True, editable=False)
    urgent_until = models.DateTimeField(null=True, blank=True, editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="consults_case_urgent_until",
                condition=Q(urgency="", urgent_until__isnull=True) | (~Q(urgency="") & Q(urgent_until__isnull=False)),
            ),
            models.CheckConstraint(
                name="consults_case_consent_was_noted",
                condition=Q(consent__isnull=True) | Q(patient_asked=True),
            ),
            models.CheckConstraint(
                name="consults_case_published_has_a_basis",
                condition=~Q(state__in=["released", "closed"])
                | Q(consent__isnull=False)
                | Q(education_model=True)
                | Q(histology_exempt=True),
            ),
            # The decision of a patient who was asked counts.
            models.CheckConstraint(
                name="consults_case_exempt_or_consent",
                condition=Q(histology_exempt=False) | Q(consent__isnull=True),
            ),
            # Of a case that follows none, nothing says that it was added to something.
            models.CheckConstraint(
                name="consults_case_only_a_followup_is_added",
                condition=Q(follows__isnull=False) | Q(addition="", after__isnull=True, after_unit=""),
            ),
            models.CheckConstraint(name="consults_case_follows_another", condition=~Q(follows=F("id"))),
            models.CheckConstraint(
                name="consults_case_published_has_a_time",
                condition=~Q(state__in=["released", "closed"]) | Q(released_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-released_at", "-id"], name="consults_case_feed"),
            models.Index(fields=["submitted_at", "id"], condition=Q(state="submitted"), name="consults_case_waiting"),
            # The order of the consent audit: published, or withdrawn.
            models.Index(
                Coalesce("released_at", "created_at").desc(),
                F("id").desc(),
                condition=Q(released_at__isnull=False) | Q(state="withdrawn"),
                name="consults_case_published",
            ),
        ]

    def __str__(self) -> str:
        return f"case {self.id}"

    def save(self, *args: object, **kwargs: object) -> None:
        """Save, update the digest of the content, and note with a consent that a patient was asked."""
        self.content_sha256 = self.digest()
        noted = {"content_sha256"}
        if self.consent_id is not None:
            self.patient_asked = True
            noted.add("patient_asked")
        fields = kwargs.get("update_fields")
        if fields is not None:
            kwargs["update_fields"] = {*fields, *noted}  # type: ignore[misc]
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def digest(self) -> str:
        """Return the SHA-256 (hex) of all content fields that a second reader reads.

        What came later is left out while empty: cases that were released before keep their digests.
        """
        fields = CONTENT if self.follows_id is None else (*CONTENT, *ADDED)
        content = {
            name: getattr(self, name) for name in fields if name not in OMITTED_WHEN_EMPTY or getattr(self, name)
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()

    @property
    def whole_id(self) -> UUID:
        """The id of the case that its readers see: its own, or that of the case it follows."""
        return self.follows_id or self.pk

    @property
    def days_after(self) -> int:
        """About how many days after the first pictures of its case those of a follow-up were taken."""
        return (self.after or 0) * terms.DAYS_IN[terms.AfterUnit(self.after_unit or terms.AfterUnit.DAY)]

    @property
    def editable(self) -> bool:
        """Whether its author may change it."""
        return self.state in EDITABLE

    @property
    def has_solution(self) -> bool:
        """Whether it is a teaching case whose solution its author wrote when posting it (`with_solution` asks rows)."""
        return self.kind == terms.CaseKind.TEACHING and bool(self.solution)

    @property
    def sealed_words(self) -> str:
        """The words of a solution, shown to those who have answered; "" for a case of another kind."""
        return self.teaching_points if self.kind == terms.CaseKind.TEACHING else ""

    @property
    def draft_consent(self) -> Consent | None:
        """The consent prepared for it and not signed yet, or None."""
        return self.consent if self.consent is not None and self.consent.status == Status.DRAFT else None

    @property
    def attachment(self) -> "Attachment | None":
        """The author's word by which its consent was recorded for another case, or None. Costs a query."""
        return self.attachments.filter(ended_at=None, consent=self.consent_id).first() if self.consent_id else None

    @property
    def published(self) -> bool:
        """Whether it is released or closed; visibility is decided by the gate."""
        return self.state in PUBLISHED


class CasePhoto(models.Model):
    """A photo in a case: its place, kind, caption and technique."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="pictures")
    photo = models.OneToOneField(Photo, on_delete=models.CASCADE, related_name="placement")
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(_("picture type"), max_length=12, choices=terms.PictureKind, blank=True)
    caption = models.CharField(_("caption"), max_length=140, blank=True)
    mode = models.CharField(_("dermoscopy mode"), max_length=24, choices=terms.DermoscopyMode, blank=True)
    stain = models.CharField(_("stain"), max_length=20, choices=terms.Stain, blank=True)
    objective = models.CharField(_("objective"), max_length=8, choices=terms.Objective, blank=True)
    um_per_px = models.FloatField(
        _("micrometres per pixel"),
        null=True,
        blank=True,
        validators=[MinValueValidator(FINEST_SCALE), MaxValueValidator(COARSEST_SCALE)],
        help_text=_("If the scanner or the camera states it: a scale bar is drawn from it."),
    )

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                name="consults_casephoto_scale", condition=Q(um_per_px__isnull=True) | Q(um_per_px__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"picture {self.photo_id} of case {self.case_id}"

    @property
    def picture_type(self) -> PictureType | None:
        """Return the engine's type of this kind of picture, or None while no kind is chosen."""
        instruments = {
            terms.PictureKind.DERMOSCOPY: PictureType.DERMOSCOPY,
            terms.PictureKind.HISTOLOGY: PictureType.HISTOLOGY,
        }
        return instruments.get(terms.PictureKind(self.kind), PictureType.CLINICAL) if self.kind else None

    @property
    def clinical(self) -> bool:
        """Whether a face could be on it, which dermoscopy and histology exclude."""
        return self.kind not in (terms.PictureKind.DERMOSCOPY, terms.PictureKind.HISTOLOGY)

    @property
    def may_show_eyes(self) -> bool:
        """Whether eyes could be on it: a clinical picture of a site near the eyes, or of an unknown site."""
        return self.clinical and (not self.case.site or sites.get(self.case.site).has_eyes)


class Attachment(models.Model):
    """An author's word that a consent which was recorded for another case is of this case's patient too.

    It stands until it ends: the author takes it back, or this case gets a consent of its own. The second reader accepts
    it with the release; from then on the patient's code has reached the case in public, and it is not taken back.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="attachments")
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="attachments")
    # What stood here before and comes back when it is taken back: none, or one that was recorded by mistake.
    replaced = models.ForeignKey(Consent, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    attached_at = models.DateTimeField(default=timezone.now)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="accepted_attachments"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at__isnull=True), name="consults_attachment_one_stands"
            ),
            models.CheckConstraint(
                name="consults_attachment_accepted_by_somebody",
                condition=Q(accepted_by__isnull=True, accepted_at__isnull=True)
                | Q(accepted_by__isnull=False, accepted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"attachment {self.id}"


class Release(models.Model):
    """Permission to show one rendition to the case's audience: who approved which bytes and which text."""

    class Basis(models.TextChoices):
        """Basis on which it may be shown."""

        CONSENT = "consent", _("Consent of the patient")
        EDUCATION_MODEL = "education_model", _("Education model, no patient")
        HISTOLOGY = "histology", _("Histology without any identifying feature")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="releases")
    rendition = models.OneToOneField(Rendition, on_delete=models.CASCADE, related_name="release")
    basis = models.CharField(max_length=16, choices=Basis)
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, null=True, blank=True, related_name="releases")
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="approvals")
    sha256 = models.CharField(max_length=64, help_text=_("Of the bytes that were reviewed."))
    content_sha256 = models.CharField(max_length=64, help_text=_("Of the words that were reviewed."))
    released_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="consults_release_needs_consent",
                condition=Q(basis="consent", consent__isnull=False)
                | Q(basis__in=["education_model", "histology"], consent__isnull=True),
            ),
            models.CheckConstraint(name="consults_release_names_bytes", condition=Q(sha256__regex=r"^[0-9a-f]{64}$")),
        ]
        # The gate asks for a case's releases under its consent: by the consent alone it would read those of all cases.
        indexes = [models.Index(fields=["case", "consent"], name="consults_release_of_case")]

    def __str__(self) -> str:
        return f"release {self.id}"
