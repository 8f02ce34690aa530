"""The log, and the triggers that keep it append-only."""

from django.db import migrations, models

from audit import triggers


def create_triggers(apps, schema_editor):
    triggers.create(schema_editor.connection)


def drop_triggers(apps, schema_editor):
    triggers.drop(schema_editor.connection)


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("audit", "0001_initial"),
        ("audit", "0002_append_only"),
    ]

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "seq",
                    models.PositiveBigIntegerField(
                        help_text="1, 2, 3 … without gaps, from n·2⁴⁰ in strand n.", primary_key=True, serialize=False
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
                    models.CharField(
                        help_text="Digest of the event before in its strand, zeros for the first.", max_length=64
                    ),
                ),
                ("digest", models.CharField(help_text="SHA-256 over all other fields.", max_length=64, unique=True)),
            ],
            options={
                "ordering": ["at", "seq"],
                "indexes": [
                    models.Index(fields=["subject_type", "subject_id", "at"], name="event_of_subject"),
                    models.Index(fields=["verb", "at"], name="event_of_verb"),
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
        migrations.CreateModel(
            name="ViewCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("member_id", models.UUIDField()),
                ("minute", models.PositiveBigIntegerField(help_text="Minutes since 1970.")),
                ("slot", models.PositiveSmallIntegerField()),
                ("tenths", models.PositiveIntegerField(help_text="Ten for a picture, one for a thumbnail.")),
            ],
            options={
                "indexes": [models.Index(fields=["minute"], name="views_by_minute")],
                "constraints": [
                    models.UniqueConstraint(fields=("member_id", "minute", "slot"), name="views_once_a_minute")
                ],
            },
        ),
        migrations.RunPython(create_triggers, drop_triggers),
    ]
