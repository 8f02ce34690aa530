"""Tags, marks and further facets of listings; all are written anew afterwards (FILLED_AFTER)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consults", "0016_outcomes"),
    ]

    operations = [
        migrations.CreateModel(
            name="ListingMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("facet", models.CharField(max_length=12)),
                ("value", models.CharField(max_length=60)),
            ],
        ),
        migrations.AddField(
            model_name="case",
            name="tags",
            field=models.JSONField(blank=True, default=list, verbose_name="tags"),
        ),
        migrations.AddField(
            model_name="listing",
            name="comments",
            field=models.PositiveIntegerField(default=0, help_text="Without those that their authors deleted."),
        ),
        migrations.AddField(
            model_name="listing",
            name="diagnosis",
            field=models.CharField(blank=True, help_text="The outcome of a closed case; open: nothing.", max_length=60),
        ),
        migrations.AddField(
            model_name="listing",
            name="language",
            field=models.CharField(blank=True, help_text="Of its words, as far as they tell.", max_length=3),
        ),
        migrations.AddField(
            model_name="listing",
            name="modes",
            field=models.CharField(blank=True, help_text="Of its dermoscopy, in order, by spaces.", max_length=80),
        ),
        migrations.AddField(
            model_name="listing",
            name="stains",
            field=models.CharField(blank=True, help_text="Of its sections, in order, by spaces.", max_length=240),
        ),
        migrations.AddField(
            model_name="listing",
            name="tags",
            field=models.CharField(blank=True, help_text="In order, by spaces.", max_length=160),
        ),
        migrations.AddField(
            model_name="listing",
            name="tone",
            field=models.CharField(blank=True, help_text="The skin tone, in three bands.", max_length=6),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["-comments", "-released_at", "-case"], name="consults_listing_discussed"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                fields=["group", "-comments", "-released_at", "-case"], name="consults_listing_group_disc"
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                condition=models.Q(("urgent_until__isnull", False)),
                fields=["urgent_until"],
                name="consults_listing_urgent",
            ),
        ),
        migrations.AddField(
            model_name="listingmark",
            name="listing",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="marks", to="consults.listing"
            ),
        ),
        migrations.AddIndex(
            model_name="listingmark",
            index=models.Index(fields=["facet", "value", "listing"], name="consults_listingmark_value"),
        ),
        migrations.AddConstraint(
            model_name="listingmark",
            constraint=models.UniqueConstraint(fields=("listing", "facet", "value"), name="consults_listingmark_once"),
        ),
    ]
