"""What the words of listings mean, as numbers."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consults", "0018_following"),
    ]

    operations = [
        migrations.CreateModel(
            name="ListingVector",
            fields=[
                (
                    "listing",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="vector",
                        serialize=False,
                        to="consults.listing",
                    ),
                ),
                ("data", models.BinaryField(max_length=384)),
            ],
        ),
    ]
