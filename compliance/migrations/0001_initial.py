import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ExportRecord",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("made_at", models.DateTimeField()),
                ("via", models.CharField(help_text="page, or command for whoever runs the site.", max_length=10)),
                ("reason", models.CharField(max_length=20)),
                ("reference", models.CharField(blank=True, max_length=60)),
                ("wanted", models.JSONField(help_text="The filter, as `Filter.facts` writes it.")),
                ("files", models.JSONField(help_text="Name, SHA-256, bytes and rows of each file.")),
                ("rows", models.PositiveIntegerField()),
                ("visible", models.PositiveIntegerField()),
                ("covered", models.PositiveIntegerField()),
                (
                    "head_seq",
                    models.PositiveBigIntegerField(help_text="Number of the log's last event when the reading began."),
                ),
                ("consents", models.BinaryField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consent_audit_exports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "replaces",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="compliance.exportrecord",
                    ),
                ),
            ],
            options={
                "ordering": ["-made_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="ExportRecall",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("consent_id", models.UUIDField()),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("told_at", models.DateTimeField(help_text="When whoever made the export was told.", null=True)),
                (
                    "export",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recalls",
                        to="compliance.exportrecord",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="exportrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("via", "command"), ("by__isnull", False), _connector="OR"),
                name="consults_export_page_has_a_member",
            ),
        ),
        migrations.AddConstraint(
            model_name="exportrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="consults_export_has_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="exportrecall",
            constraint=models.UniqueConstraint(
                fields=("export", "consent_id"), name="consults_export_recalled_once_a_consent"
            ),
        ),
    ]
