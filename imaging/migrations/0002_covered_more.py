"""Pictures that cover more since they were sealed before: what was proved of them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("imaging", "0001_initial"),
    ]

    operations = [
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
    ]
