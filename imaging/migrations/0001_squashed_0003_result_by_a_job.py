"""Pictures, their renditions and masks."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.ids
import imaging.models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("imaging", "0001_initial"),
        ("imaging", "0002_covered_more"),
        ("imaging", "0003_result_by_a_job"),
    ]

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Photo",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "key_id",
                    models.UUIDField(
                        default=core.ids.new_id, editable=False, help_text="The data key that seals the renditions."
                    ),
                ),
                ("original_key", models.UUIDField(default=core.ids.new_id, editable=False)),
                ("idempotency_key", models.UUIDField(default=core.ids.new_id, editable=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "Waiting to be checked"),
                            ("refused", "Refused"),
                            ("review", "Waiting for your review"),
                            ("confirmed", "Being sealed"),
                            ("sealed", "Masked and sealed"),
                            ("expired", "Expired before it was reviewed"),
                            ("withdrawn", "Withdrawn by the patient"),
                        ],
                        default="received",
                        max_length=10,
                    ),
                ),
                ("uploaded_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("original_expires_at", models.DateTimeField(default=imaging.models.original_deadline)),
                (
                    "original_bytes",
                    models.PositiveIntegerField(default=0, help_text="Size of the file as it was uploaded."),
                ),
                ("width", models.PositiveIntegerField(default=0)),
                ("height", models.PositiveIntegerField(default=0)),
                ("source_format", models.CharField(blank=True, max_length=12)),
                (
                    "found",
                    models.JSONField(
                        default=list, help_text="Kinds of metadata that were removed, never their values."
                    ),
                ),
                ("warnings", models.JSONField(default=list)),
                ("engine_version", models.CharField(blank=True, max_length=20)),
                ("refusal", models.CharField(blank=True, max_length=300)),
                ("mask_revision", models.PositiveIntegerField(default=0)),
                (
                    "result_revision",
                    models.PositiveIntegerField(
                        blank=True, help_text="The masks that the rendering for the owner's review shows.", null=True
                    ),
                ),
                (
                    "result_refusal",
                    models.CharField(blank=True, help_text="The engine's word when it made none.", max_length=30),
                ),
                (
                    "crop",
                    models.JSONField(
                        blank=True, help_text="What is kept: x, y, width, height in whole pixels.", null=True
                    ),
                ),
                (
                    "warnings_seen",
                    models.JSONField(default=list, help_text="The warnings that the owner accepted, by code."),
                ),
                ("checklist", models.JSONField(default=dict)),
                ("no_eyes_stated", models.BooleanField(default=False)),
                ("shows_mark", models.BooleanField(default=False)),
                ("shows_face", models.BooleanField(default=False)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("sealed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="confirmed_photos",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="photos", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "idempotency_key"), name="imaging_photo_upload_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "sealed"), _negated=True),
                            models.Q(
                                ("confirmed_at__isnull", False),
                                ("confirmed_by__isnull", False),
                                ("sealed_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="imaging_photo_sealed_was_confirmed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CoveredMore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "source_sha256",
                    models.CharField(help_text="Of the full rendition that became the new original.", max_length=64),
                ),
                ("before", models.CharField(max_length=64)),
                (
                    "after",
                    models.CharField(blank=True, help_text="Empty until it is sealed and proved.", max_length=64),
                ),
                ("proved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "photo",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="covered_more", to="imaging.photo"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("photo", "before", "after"), name="imaging_covered_more_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("after", ""), ("proved_at__isnull", True)),
                            models.Q(("after__gt", ""), ("proved_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="imaging_covered_more_was_proved",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Region",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("face", "Face"),
                            ("eye", "Eyes"),
                            ("text", "Text"),
                            ("other", "Other"),
                            ("window", "Lesion window"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "shape",
                    models.CharField(
                        choices=[("box", "Box"), ("ellipse", "Ellipse"), ("band", "Band"), ("brush", "Brush stroke")],
                        max_length=8,
                    ),
                ),
                ("style", models.CharField(choices=[("bar", "Bar"), ("veil", "Veil")], max_length=8)),
                ("x", models.FloatField()),
                ("y", models.FloatField()),
                ("width", models.FloatField()),
                ("height", models.FloatField()),
                ("angle", models.FloatField(default=0, help_text="Degrees clockwise about the centre.")),
                ("points", models.JSONField(blank=True, help_text="Of a brush stroke: pairs of px.", null=True)),
                ("thickness", models.FloatField(default=0, help_text="Of a brush stroke, px.")),
                ("score", models.FloatField(blank=True, null=True)),
                ("detector", models.CharField(blank=True, max_length=40)),
                (
                    "choice",
                    models.CharField(
                        choices=[
                            ("suggested", "Suggested: masked unless you say otherwise"),
                            ("check", "Please check"),
                            ("accepted", "Accepted"),
                            ("dismissed", "Dismissed"),
                            ("drawn", "Drawn by hand"),
                            ("painted", "Covered at an earlier review"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("found_box", models.JSONField(blank=True, null=True)),
                (
                    "photo",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="regions", to="imaging.photo"
                    ),
                ),
            ],
            options={
                "ordering": ["kind", "-score", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("height__gt", 0), ("width__gt", 0)), name="imaging_region_has_size"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("choice", "dismissed"), ("kind", "eye"), _negated=True),
                            ("reason__gt", ""),
                            _connector="OR",
                        ),
                        name="imaging_region_eye_dismissed_with_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("angle", 0), ("points__isnull", False), ("shape", "brush"), ("thickness__gt", 0)),
                            models.Q(
                                models.Q(("shape", "brush"), _negated=True), ("points__isnull", True), ("thickness", 0)
                            ),
                            _connector="OR",
                        ),
                        name="imaging_region_brush_has_points",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "window"), _negated=True),
                            models.Q(
                                ("choice__in", ["drawn", "painted"]),
                                ("detector", ""),
                                ("style", "veil"),
                                models.Q(("shape", "brush"), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="imaging_region_window_was_drawn",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Rendition",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "name",
                    models.CharField(
                        choices=[("full", "Full size"), ("display", "Display size"), ("thumbnail", "Thumbnail")],
                        max_length=10,
                    ),
                ),
                ("content_type", models.CharField(max_length=20)),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("size", models.PositiveIntegerField(help_text="Bytes.")),
                ("sha256", models.CharField(max_length=64)),
                ("pipeline_version", models.CharField(max_length=20)),
                (
                    "photo",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="renditions", to="imaging.photo"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("photo", "name"), name="imaging_rendition_once")],
            },
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "meant_for",
                    models.UUIDField(
                        help_text="What the picture is for; a case, of which imaging knows no more than the id."
                    ),
                ),
                ("idempotency_key", models.UUIDField()),
                (
                    "pieces_key",
                    models.UUIDField(
                        default=core.ids.new_id, editable=False, help_text="The data key that seals the pieces."
                    ),
                ),
                ("size", models.PositiveIntegerField(help_text="Bytes of the whole file.")),
                (
                    "received",
                    models.PositiveIntegerField(default=0, help_text="Bytes that are kept, from the beginning."),
                ),
                ("expires_at", models.DateTimeField(default=imaging.models.upload_deadline)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="uploads", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "idempotency_key"), name="imaging_upload_once"),
                    models.CheckConstraint(
                        condition=models.Q(("received__lte", models.F("size")), ("size__gte", 1)),
                        name="imaging_upload_within_its_size",
                    ),
                ],
            },
        ),
    ]
