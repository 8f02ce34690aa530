"""Follow-ups of a case, and the comparison of their pictures with the earlier ones."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consults", "0021_scale_of_pictures"), ("imaging", "0003_result_by_a_job")]

    operations = [
        migrations.AddField(
            model_name="case",
            name="follows",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="additions",
                to="consults.case",
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="addition",
            field=models.CharField(
                blank=True,
                choices=[("visit", "Follow-up visit"), ("histology", "Histology"), ("dermoscopy", "Dermoscopy")],
                max_length=12,
                verbose_name="what is added",
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="after",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="time after the first pictures"),
        ),
        migrations.AddField(
            model_name="case",
            name="after_unit",
            field=models.CharField(
                blank=True,
                choices=[("day", "days"), ("week", "weeks"), ("month", "months"), ("year", "years")],
                max_length=8,
                verbose_name="unit of the time",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("follows__isnull", False),
                    models.Q(("addition", ""), ("after__isnull", True), ("after_unit", "")),
                    _connector="OR",
                ),
                name="consults_case_only_a_followup_is_added",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("follows", models.F("id")), _negated=True), name="consults_case_follows_another"
            ),
        ),
        migrations.CreateModel(
            name="PicturePair",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("earlier_sha256", models.CharField(help_text="Of the display rendition.", max_length=64)),
                ("later_sha256", models.CharField(help_text="Of the display rendition.", max_length=64)),
                (
                    "incomparable",
                    models.CharField(blank=True, help_text="The engine's word when they do not fit.", max_length=20),
                ),
                (
                    "measured",
                    models.JSONField(default=dict, help_text="Scale, turn, tilt, overlap, light: `engine.Comparison`."),
                ),
                ("engine_version", models.CharField(max_length=20)),
                ("compared_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "earlier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pairs_after", to="imaging.photo"
                    ),
                ),
                (
                    "later",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pairs_before", to="imaging.photo"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("earlier", "later"), name="consults_picture_pair_once"),
                    models.CheckConstraint(
                        condition=models.Q(("earlier", models.F("later")), _negated=True),
                        name="consults_picture_pair_of_two",
                    ),
                ],
            },
        ),
    ]
