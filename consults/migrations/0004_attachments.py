"""Attachments: consents that are used for a case for which they were not recorded."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.ids


def note_shared(apps, schema_editor):
    """Take every case under a shared consent for an attached one: which of them it was recorded for is not known.

    A consent that is recorded for such a case later then begins a patient of its own, and no code crosses over.
    """
    if schema_editor is not None and schema_editor.connection.alias != "default":
        return
    cases, attachments = (apps.get_model("consults", name).objects for name in ("Case", "Attachment"))
    shared = cases.exclude(consent=None).values("consent").annotate(n=models.Count("pk")).filter(n__gt=1)
    for case in cases.filter(consent__in=shared.values("consent")):
        release = case.releases.order_by("released_at").first()
        attachments.create(
            case=case,
            consent_id=case.consent_id,
            accepted_by_id=release.approver_id if release else None,
            accepted_at=release.released_at if release else None,
        )


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0007_patient_of_a_consent"),
        ("consults", "0003_moderation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("attached_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "accepted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accepted_attachments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="attachments", to="consults.case"
                    ),
                ),
                (
                    "consent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="attachments", to="consent.consent"
                    ),
                ),
                (
                    "replaced",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="consent.consent",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("case",),
                        name="consults_attachment_one_stands",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("accepted_at__isnull", True), ("accepted_by__isnull", True)),
                            models.Q(("accepted_at__isnull", False), ("accepted_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="consults_attachment_accepted_by_somebody",
                    ),
                ],
            },
        ),
        migrations.RunPython(note_shared, migrations.RunPython.noop),
    ]
