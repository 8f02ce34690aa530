"""The sensitive class of a case, and requests to see its pictures."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consults", "0022_followups"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.AddField(
            model_name="case",
            name="sensitive",
            field=models.JSONField(blank=True, default=list, verbose_name="sensitive"),
        ),
        migrations.AddField(
            model_name="listing",
            name="sensitive",
            field=models.BooleanField(default=False, help_text="Its pictures are shown to whoever asks for them."),
        ),
        migrations.CreateModel(
            name="AskedToSee",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="asked_to_see", to="consults.case"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="asked_to_see",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("case", "member", "day"), name="consults_asked_to_see_once_a_day"),
                ],
            },
        ),
    ]
