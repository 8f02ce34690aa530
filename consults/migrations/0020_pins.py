import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("consults", "0019_similar"),
        ("imaging", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PinSeries",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="pin_series",
                        serialize=False,
                        to="consults.case",
                    ),
                ),
                ("last", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Pin",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("sha256", models.CharField(max_length=64)),
                ("number", models.PositiveIntegerField()),
                ("x", models.FloatField()),
                ("y", models.FloatField()),
                (
                    "outline",
                    models.JSONField(default=list, help_text="[[x, y], …]: the corners of a closed line, or none."),
                ),
                ("text", models.TextField(max_length=140, verbose_name="what is there")),
                ("placed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="pins", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pins", to="consults.case"
                    ),
                ),
                (
                    "rendition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pins", to="imaging.rendition"
                    ),
                ),
            ],
            options={
                "ordering": ["case", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "number"), name="consults_pin_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(("x__gte", 0), ("x__lte", 1), ("y__gte", 0), ("y__lte", 1)),
                        name="consults_pin_on_its_picture",
                    ),
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="consults_pin_is_numbered"),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="consults_pin_says_something"
                    ),
                ],
            },
        ),
    ]
