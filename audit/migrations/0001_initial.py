from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "seq",
                    models.PositiveBigIntegerField(
                        help_text="1, 2, 3 … without gaps.", primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "actor_id",
                    models.UUIDField(
                        help_text="The member who did it; empty for the system and for patients.", null=True
                    ),
                ),
                ("verb", models.CharField(max_length=64)),
                ("subject_type", models.CharField(max_length=32)),
                ("subject_id", models.UUIDField()),
                ("facts", models.JSONField()),
                (
                    "previous",
                    models.CharField(help_text="Digest of the event before, zeros for the first.", max_length=64),
                ),
                ("digest", models.CharField(help_text="SHA-256 over all other fields.", max_length=64, unique=True)),
            ],
            options={
                "ordering": ["seq"],
                "indexes": [
                    models.Index(fields=["subject_type", "subject_id", "seq"], name="event_of_subject"),
                    models.Index(fields=["verb", "seq"], name="event_of_verb"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("seq__gte", 1)), name="events_count_from_one")
                ],
            },
        ),
        migrations.CreateModel(
            name="PictureServed",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("member_id", models.UUIDField()),
                ("rendition_id", models.UUIDField()),
                ("name", models.CharField(help_text="Which size: full, display, thumbnail.", max_length=32)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["rendition_id", "at"], name="served_of_rendition"),
                    models.Index(fields=["member_id", "at"], name="served_to_member"),
                ],
            },
        ),
    ]
