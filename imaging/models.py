"""Photos with their regions and clean renditions, and uploads in progress.

Bytes lie sealed in storages: the original and its preview under `original_key`, which is destroyed as soon as the
photo is sealed; renditions under `key_id`, a data key per photo, so that one picture of a case can be destroyed and
the others kept.
"""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.ids import new_id
from imaging import engine
from imaging.engine.detect import asking


class State(models.TextChoices):
    """States of a photo. Transitions go through `imaging.states.PHOTO` only."""

    RECEIVED = "received", _("Waiting to be checked")
    REFUSED = "refused", _("Refused")
    REVIEW = "review", _("Waiting for your review")
    CONFIRMED = "confirmed", _("Being sealed")
    SEALED = "sealed", _("Masked and sealed")
    EXPIRED = "expired", _("Expired before it was reviewed")
    WITHDRAWN = "withdrawn", _("Withdrawn by the patient")


def original_deadline() -> object:
    """Return when an original that was not sealed is destroyed."""
    return timezone.now() + timedelta(hours=settings.RULES["original_hours"])


class Photo(models.Model):
    """One uploaded picture. Its file name is never stored."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="photos")
    key_id = models.UUIDField(default=new_id, editable=False, help_text=_("The data key that seals the renditions."))
    original_key = models.UUIDField(default=new_id, editable=False)
    idempotency_key = models.UUIDField(default=new_id, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    uploaded_at = models.DateTimeField(default=timezone.now)
    original_expires_at = models.DateTimeField(default=original_deadline)
    original_bytes = models.PositiveIntegerField(default=0, help_text=_("Size of the file as it was uploaded."))

    # Filled by the inspection. Sizes in pixels of the upright full-size picture.
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    source_format = models.CharField(max_length=12, blank=True)
    found = models.JSONField(default=list, help_text=_("Kinds of metadata that were removed, never their values."))
    warnings = models.JSONField(default=list)
    engine_version = models.CharField(max_length=20, blank=True)
    refusal = models.CharField(max_length=300, blank=True)
    frames = models.PositiveSmallIntegerField(default=1, help_text=_("How many pictures the uploaded file holds."))
    frame = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("Which of them this is, from 1, once its owner has chosen.")
    )
    picture_type = models.CharField(
        max_length=12, blank=True, help_text=_("As its owner stated it, until then as the engine guessed it; or empty.")
    )
    type_stated = models.BooleanField(default=False)

    # Filled by the review.
    mask_revision = models.PositiveIntegerField(default=0)
    result_revision = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("The masks that the rendering for the owner's review shows.")
    )
    result_refusal = models.CharField(max_length=30, blank=True, help_text=_("The engine's word when it made none."))
    crop = models.JSONField(null=True, blank=True, help_text=_("What is kept: x, y, width, height in whole pixels."))
    warnings_seen = models.JSONField(default=list, help_text=_("The warnings that the owner accepted, by code."))
    checklist = models.JSONField(default=dict)
    no_eyes_stated = models.BooleanField(default=False)
    shows_mark = models.BooleanField(default=False)
    shows_face = models.BooleanField(default=False)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="confirmed_photos"
    )
    sealed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "idempotency_key"], name="imaging_photo_upload_once"),
            models.CheckConstraint(
                name="imaging_photo_frame_of_its_file",
                condition=Q(frame=None) | Q(frame__gte=1, frame__lte=F("frames")),
            ),
            models.CheckConstraint(
                name="imaging_photo_sealed_was_confirmed",
                condition=~Q(state="sealed")
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False, sealed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"photo {self.id}"

    @property
    def stated_type(self) -> engine.PictureType | None:
        """Return the type that the owner stated, or None."""
        return engine.PictureType(self.picture_type) if self.type_stated else None

    @property
    def original_name(self) -> str:
        """Return the object name of the original in the originals storage."""
        return f"{self.original_key}.sealed"

    @property
    def preview_name(self) -> str:
        """Return the object name of the unmasked preview in the originals storage."""
        return f"{self.original_key}-preview.sealed"

    @property
    def result_name(self) -> str:
        """Return the object name of the rendering for the owner's review in the originals storage."""
        return f"{self.original_key}-result.sealed"

    def frame_name(self, number: int) -> str:
        """Return the object name of the preview of one of the file's pictures in the originals storage."""
        return f"{self.original_key}-frame-{number}.sealed"

    @property
    def awaits_choice(self) -> bool:
        """Whether its owner has to choose among the pictures of the uploaded file."""
        return self.state == State.RECEIVED and self.frames > 1 and self.frame is None

    @property
    def thumbnail(self) -> "Rendition | None":
        """Return the thumbnail rendition, or None until sealed."""
        return next((r for r in self.renditions.all() if r.name == Rendition.Name.THUMBNAIL), None)

    @property
    def display(self) -> "Rendition | None":
        """Return the display rendition, or None until sealed."""
        return next((r for r in self.renditions.all() if r.name == Rendition.Name.DISPLAY), None)


def upload_deadline() -> object:
    """Return when the pieces of an unfinished upload are destroyed."""
    return timezone.now() + timedelta(hours=settings.RULES["upload_hours"])


class Upload(models.Model):
    """A file that arrives in pieces. Deleted once it is a photo, or when it expires."""

    PIECE_BYTES = 1024 * 1024  # all pieces but the last; small enough for memory and for sending again

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads")
    meant_for = models.UUIDField(
        help_text=_("What the picture is for; a case, of which imaging knows no more than the id.")
    )
    idempotency_key = models.UUIDField()
    pieces_key = models.UUIDField(default=new_id, editable=False, help_text=_("The data key that seals the pieces."))
    size = models.PositiveIntegerField(help_text=_("Bytes of the whole file."))
    received = models.PositiveIntegerField(default=0, help_text=_("Bytes that are kept, from the beginning."))
    expires_at = models.DateTimeField(default=upload_deadline)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "idempotency_key"], name="imaging_upload_once"),
            models.CheckConstraint(
                name="imaging_upload_within_its_size", condition=Q(size__gte=1, received__lte=F("size"))
            ),
        ]

    def __str__(self) -> str:
        return f"upload {self.id}"

    @property
    def offsets(self) -> range:
        """Return the offsets (bytes) at which the pieces of the whole file begin."""
        return range(0, self.size, self.PIECE_BYTES)

    def piece_name(self, offset: int) -> str:
        """Return the object name of the piece at this offset in the originals storage."""
        return f"{self.pieces_key}-{offset}.sealed"


class Region(models.Model):
    """Something found or drawn on a photo. The box is before turning; px of the upright full-size picture.

    A brush stroke has points, and their hull as its box. A window opens a veil over a lesion.
    """

    class Kind(models.TextChoices):
        """Kinds of what a region covers."""

        FACE = "face", _("Face")
        EYE = "eye", _("Eyes")
        TEXT = "text", _("Text")
        OTHER = "other", _("Other")
        WINDOW = "window", _("Lesion window")

    class Shape(models.TextChoices):
        """Outlines of a mask."""

        BOX = "box", _("Box")
        ELLIPSE = "ellipse", _("Ellipse")
        BAND = "band", _("Band")
        BRUSH = "brush", _("Brush stroke")

    class Style(models.TextChoices):
        """Styles of a cover."""

        BAR = "bar", _("Bar")
        VEIL = "veil", _("Veil")

    class Choice(models.TextChoices):
        """Decisions about a region."""

        SUGGESTED = "suggested", _("Suggested: masked unless you say otherwise")
        CHECK = "check", _("Please check")
        ACCEPTED = "accepted", _("Accepted")
        DISMISSED = "dismissed", _("Dismissed")
        DRAWN = "drawn", _("Drawn by hand")
        PAINTED = "painted", _("Covered at an earlier review")

    MASKED = (Choice.SUGGESTED, Choice.ACCEPTED, Choice.DRAWN)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="regions")
    kind = models.CharField(max_length=8, choices=Kind)
    shape = models.CharField(max_length=8, choices=Shape)
    style = models.CharField(max_length=8, choices=Style)
    x = models.FloatField()
    y = models.FloatField()
    width = models.FloatField()
    height = models.FloatField()
    angle = models.FloatField(default=0, help_text=_("Degrees clockwise about the centre."))
    points = models.JSONField(null=True, blank=True, help_text=_("Of a brush stroke: pairs of px."))
    thickness = models.FloatField(default=0, help_text=_("Of a brush stroke, px."))
    score = models.FloatField(null=True, blank=True)
    detector = models.CharField(max_length=40, blank=True)
    choice = models.CharField(max_length=10, choices=Choice)
    reason = models.CharField(max_length=200, blank=True)
    # The detector's own box; the record shows by it what a person changed.
    found_box = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["kind", "-score", "id"]
        constraints = [
            models.CheckConstraint(name="imaging_region_has_size", condition=Q(width__gt=0, height__gt=0)),
            models.CheckConstraint(
                name="imaging_region_eye_dismissed_with_reason",
                condition=~Q(kind="eye", choice="dismissed") | Q(reason__gt=""),
            ),
            models.CheckConstraint(
                name="imaging_region_brush_has_points",
                condition=Q(shape="brush", points__isnull=False, thickness__gt=0, angle=0)
                | (~Q(shape="brush") & Q(points__isnull=True, thickness=0)),
            ),
            models.CheckConstraint(
                name="imaging_region_window_was_drawn",
                condition=~Q(kind="window")
                | (Q(detector="", choice__in=["drawn", "painted"], style="veil") & ~Q(shape="brush")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} region {self.id}"

    @property
    def masked(self) -> bool:
        """Whether this region is covered in the renditions."""
        return self.to_paint or (self.choice == self.Choice.PAINTED and self.kind != self.Kind.WINDOW)

    @property
    def to_paint(self) -> bool:
        """Whether a cover is still to be painted here; those of an earlier review are already in the pixels."""
        return self.choice in self.MASKED and self.kind != self.Kind.WINDOW

    def is_moot(self, picture_type: engine.PictureType | None) -> bool:
        """Whether it is a doubt that nobody has to resolve in a picture of the type that the owner stated."""
        open_ = self.choice == self.Choice.CHECK and self.score is not None
        return open_ and asking.is_moot(self.kind, self.score or 0.0, picture_type)

    def mask(self) -> engine.Mask:
        """Return the engine's mask for this region."""
        return engine.Mask(
            shape=self.shape,  # type: ignore[arg-type]
            x=self.x,
            y=self.y,
            width=self.width,
            height=self.height,
            angle=self.angle,
            style=self.style,  # type: ignore[arg-type]
            points=tuple((x, y) for x, y in self.points or ()),
            thickness=self.thickness,
        )


class CoveredMore(models.Model):
    """A sealed picture that was opened again and covers more since; each is named by its display rendition's SHA-256.

    Begun when it is opened, complete when it is sealed and the engine has proved, from masks and pixels, that nothing
    is shown that was not shown before. There is a row for every earlier picture that shows as much or more.
    """

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="covered_more")
    source_sha256 = models.CharField(max_length=64, help_text=_("Of the full rendition that became the new original."))
    before = models.CharField(max_length=64)
    after = models.CharField(max_length=64, blank=True, help_text=_("Empty until it is sealed and proved."))
    proved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["photo", "before", "after"], name="imaging_covered_more_once"),
            models.CheckConstraint(
                name="imaging_covered_more_was_proved",
                condition=Q(after="", proved_at__isnull=True) | Q(after__gt="", proved_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"more cover on photo {self.photo_id}"


class Rendition(models.Model):
    """One clean, masked, encoded picture. Addresses of pages contain its id."""

    class Name(models.TextChoices):
        """Sizes of renditions."""

        FULL = "full", _("Full size")
        DISPLAY = "display", _("Display size")
        THUMBNAIL = "thumbnail", _("Thumbnail")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="renditions")
    name = models.CharField(max_length=10, choices=Name)
    content_type = models.CharField(max_length=20)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField(help_text=_("Bytes."))
    sha256 = models.CharField(max_length=64)
    pipeline_version = models.CharField(max_length=20)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["photo", "name"], name="imaging_rendition_once")]

    def __str__(self) -> str:
        return f"{self.name} rendition {self.id}"

    @property
    def object_name(self) -> str:
        """Return the object name in the renditions storage."""
        return f"{self.id}.sealed"

    @property
    def context(self) -> str:
        """Return the context that the ciphertext is bound to. Threat: a swapped object must not decrypt."""
        return f"rendition|{self.photo_id}|{self.id}|{self.name}"
