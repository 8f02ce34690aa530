"""Listings, their words with a full-text index (by database), and their counts."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from consults.cases.gate import full_text


def up(apps, schema_editor):
    full_text.INDEXES.create(schema_editor.connection)


def down(apps, schema_editor):
    full_text.INDEXES.drop(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("consults", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Listing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Waiting for the second read"),
                            ("returned", "Sent back to you"),
                            ("released", "Open"),
                            ("closed", "Closed"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("difficult", "Difficult case (open consult)"), ("teaching", "Solved teaching case")],
                        max_length=12,
                    ),
                ),
                ("region", models.CharField(blank=True, help_text="The topmost body site.", max_length=32)),
                ("morphology", models.CharField(blank=True, max_length=16)),
                (
                    "pictures",
                    models.CharField(
                        blank=True, help_text="Kinds of its pictures, in order, by spaces.", max_length=60
                    ),
                ),
                (
                    "answers",
                    models.PositiveIntegerField(default=0, help_text="Diagnoses; who only read is not counted."),
                ),
                ("no_dermatologist", models.BooleanField(help_text="Open, and no dermatologist has answered.")),
                (
                    "exempt",
                    models.BooleanField(help_text="Shown without a consent, as histology, while the site allows that."),
                ),
                ("released_at", models.DateTimeField()),
                (
                    "visible_until",
                    models.DateField(help_text="The first day on which nobody sees it any more.", null=True),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="listings",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="listing", to="consults.case"
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="listings",
                        to="consults.group",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ListingText",
            fields=[
                (
                    "listing",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="text",
                        serialize=False,
                        to="consults.listing",
                    ),
                ),
                ("words", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="ListingCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("teaching", models.BooleanField(help_text="Counts closed teaching cases only.")),
                ("under", models.CharField(blank=True, max_length=12)),
                ("under_value", models.CharField(blank=True, max_length=32)),
                ("facet", models.CharField(blank=True, max_length=12)),
                ("value", models.CharField(blank=True, max_length=32)),
                ("n", models.IntegerField()),
                (
                    "group",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="consults.group",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["-released_at", "-case"], name="consults_listing_newest"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["answers", "-released_at", "-case"], name="consults_listing_fewest"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["group", "-released_at", "-case"], name="consults_listing_group"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["region", "-released_at", "-case"], name="consults_listing_region"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["morphology", "-released_at", "-case"], name="consults_listing_morphology"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["pictures", "-released_at", "-case"], name="consults_listing_pictures"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["state", "kind", "-released_at", "-case"], name="consults_listing_state"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                condition=models.Q(("no_dermatologist", True)),
                fields=["-released_at", "-case"],
                name="consults_listing_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["visible_until"], name="consults_listing_until"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(condition=models.Q(("exempt", True)), fields=["exempt"], name="consults_listing_exempt"),
        ),
        migrations.AddIndex(
            model_name="listingcount",
            index=models.Index(
                fields=["under", "under_value", "teaching", "group"], name="consults_listingcount_under"
            ),
        ),
        migrations.AddIndex(
            model_name="release",
            index=models.Index(fields=["case", "consent"], name="consults_release_of_case"),
        ),
        migrations.RunPython(up, down),
    ]
