"""The numbers that pictures have on receipts and pages."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consent", "0004_standard_form_readers")]

    operations = [
        migrations.CreateModel(
            name="PictureNumber",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("picture", models.UUIDField()),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "sha256",
                    models.CharField(blank=True, help_text="What was shown when it got its number.", max_length=64),
                ),
                (
                    "consent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="picture_numbers",
                        to="consent.consent",
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(fields=("consent", "picture"), name="consent_picture_numbered_once"),
                    models.UniqueConstraint(fields=("consent", "number"), name="consent_picture_number_once"),
                ],
            },
        ),
    ]
