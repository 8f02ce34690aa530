"""Notices, the choices of members and their devices for pushes."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.ids


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("notifications", "0001_notices"),
        ("notifications", "0002_push"),
    ]

    dependencies = [
        ("accounts", "0001_squashed_0025_trusted_persons"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Preference",
            fields=[
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="notice_preference",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "choices",
                    models.JSONField(default=dict, help_text="{kind: channel}, where it differs from the default."),
                ),
                ("rhythm", models.CharField(default="daily", max_length=6)),
                ("weekday", models.PositiveSmallIntegerField(default=0, help_text="Of a weekly digest; 0 is Monday.")),
                ("digest_hour", models.PositiveSmallIntegerField(default=7)),
                ("quiet_from", models.PositiveSmallIntegerField(default=21)),
                ("quiet_until", models.PositiveSmallIntegerField(default=7)),
                (
                    "time_zone",
                    models.CharField(blank=True, help_text="Empty: that of the member's country.", max_length=50),
                ),
                ("digest_due_at", models.DateTimeField(db_index=True, null=True)),
                (
                    "held_until",
                    models.DateTimeField(help_text="End of the quiet hours that hold back a mail.", null=True),
                ),
                (
                    "mailed_at",
                    models.DateTimeField(help_text="The last mail at once: no other before the next visit.", null=True),
                ),
                ("visited_at", models.DateTimeField(help_text="A visit; sessions know of later ones.", null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("digest_hour__lte", 23),
                            ("quiet_from__lte", 23),
                            ("quiet_until__lte", 23),
                            ("rhythm__in", ["daily", "weekly", "never"]),
                            ("weekday__lte", 6),
                        ),
                        name="notice_preference_in_range",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PushKey",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("only", models.BooleanField(default=True, unique=True)),
                ("sealed", models.BinaryField()),
                (
                    "public",
                    models.CharField(
                        help_text="The point, as browsers take it: base64url, uncompressed.", max_length=90
                    ),
                ),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("only", True)), name="push_key_only_one")],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=12)),
                (
                    "topic_id",
                    models.UUIDField(help_text="The case, else what it is about, else zeros: what is merged by."),
                ),
                (
                    "case_id",
                    models.UUIDField(
                        db_index=True, help_text="The gate is asked about it before it is shown.", null=True
                    ),
                ),
                ("about_id", models.UUIDField(null=True)),
                ("path", models.CharField(help_text="Path of the page that says more.", max_length=300)),
                ("count", models.PositiveIntegerField(default=1)),
                ("channel", models.CharField(max_length=7)),
                ("began_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, help_text="When the newest event happened."
                    ),
                ),
                ("read_at", models.DateTimeField(null=True)),
                ("handed_at", models.DateTimeField(null=True)),
                ("mailed_at", models.DateTimeField(null=True)),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["member", "-at", "-id"], name="notice_newest"),
                    models.Index(
                        condition=models.Q(("mailed_at__isnull", True), ("read_at__isnull", True)),
                        fields=["channel", "member"],
                        name="notice_to_mail",
                    ),
                    models.Index(fields=["at"], name="notice_oldest"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("read_at__isnull", True)),
                        fields=("member", "kind", "topic_id"),
                        name="notice_unread_once",
                    ),
                    models.CheckConstraint(condition=models.Q(("count__gte", 1)), name="notice_of_something"),
                    models.CheckConstraint(
                        condition=models.Q(("path__startswith", "/")), name="notice_leads_to_this_site"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("at__gte", models.F("began_at"))), name="notice_begins_first"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ["in_app", "at_once", "digest"])), name="notice_is_not_off"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PushSubscription",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("endpoint", models.CharField(max_length=500, unique=True)),
                ("device", models.CharField(blank=True, max_length=60)),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("told_at", models.DateTimeField(help_text="No other push before the next visit.", null=True)),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="push_subscriptions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["member", "added_at"], name="push_of_member")],
            },
        ),
    ]
