"""Jobs, the outbox of mails, counts and the cache."""

from django.db import migrations, models

import core.ids


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("core", "0001_initial"),
        ("core", "0002_counts_and_cache"),
        ("core", "0003_job_urgency"),
        ("core", "0004_refusals"),
    ]

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="CacheEntry",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("value", models.TextField()),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="Round",
            fields=[
                ("name", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("ran_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Count",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="count_of_something")
                ],
            },
        ),
        migrations.CreateModel(
            name="DataKey",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("wrapped", models.BinaryField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("destroyed_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("destroyed_at__isnull", True), ("wrapped__isnull", False)),
                            models.Q(("destroyed_at__isnull", False), ("wrapped__isnull", True)),
                            _connector="OR",
                        ),
                        name="key_held_or_destroyed",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=64)),
                ("subject", models.UUIDField()),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "Queued"), ("running", "Running"), ("done", "Done"), ("parked", "Parked")],
                        default="queued",
                        max_length=8,
                    ),
                ),
                (
                    "urgency",
                    models.PositiveSmallIntegerField(
                        default=3, help_text="The smallest comes first: core.jobs.Urgency."
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "token",
                    models.UUIDField(help_text="Names the running attempt; its last update must match.", null=True),
                ),
                (
                    "lease_until",
                    models.DateTimeField(help_text="By the database's clock; others may claim after it.", null=True),
                ),
                ("due_at", models.DateTimeField(help_text="A queued job waits until then after a failure.", null=True)),
                (
                    "again",
                    models.BooleanField(default=False, help_text="Asked for again while running: run once more."),
                ),
                (
                    "error",
                    models.CharField(
                        blank=True, help_text="Class or code of the last failure, no content.", max_length=100
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["state", "lease_until"], name="job_waiting"),
                    models.Index(fields=["state", "urgency", "created_at"], name="job_first"),
                    models.Index(fields=["kind", "subject", "-created_at"], name="job_of_subject"),
                    models.Index(fields=["kind", "state", "-finished_at"], name="job_recent"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["queued", "running"])),
                        fields=("kind", "subject"),
                        name="one_open_job",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lease_until__isnull", False), ("state", "running"), ("token__isnull", False)),
                            models.Q(
                                models.Q(("state", "running"), _negated=True),
                                ("lease_until__isnull", True),
                                ("token__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="running_job_has_lease",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Refusal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("member_id", models.UUIDField()),
                ("day", models.DateField()),
                ("number", models.PositiveIntegerField(default=1)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["number"], name="refusals_most"),
                    models.Index(fields=["day"], name="refusals_day"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("member_id", "day"), name="one_count_of_refusals_a_day")
                ],
            },
        ),
    ]
