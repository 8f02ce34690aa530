"""Members, vetting, offices, factors, profiles and conduct; triggers that keep results of the module as they are."""

import uuid

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import django_countries.fields
from django.conf import settings
from django.db import migrations, models

import accounts.membership.models
import accounts.membership.numbers
import core.ids
from accounts.conduct import triggers


def create_triggers(apps, schema_editor):
    if schema_editor.connection.alias == "default":
        triggers.create(schema_editor.connection)


def drop_triggers(apps, schema_editor):
    if schema_editor.connection.alias == "default":
        triggers.drop(schema_editor.connection)


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("accounts", "0001_initial"),
        ("accounts", "0002_session"),
        ("accounts", "0003_drafts_and_mails"),
        ("accounts", "0004_passwords_of_unconfirmed"),
        ("accounts", "0005_appointments"),
        ("accounts", "0006_renewal_reminders"),
        ("accounts", "0007_supervisors_who_said_yes"),
        ("accounts", "0008_member_language"),
        ("accounts", "0009_names_in_order"),
        ("accounts", "0010_evidence_is_prepared"),
        ("accounts", "0011_vetting_desk"),
        ("accounts", "0012_institution_keys"),
        ("accounts", "0013_conduct"),
        ("accounts", "0014_profiles"),
        ("accounts", "0015_second_factors"),
        ("accounts", "0016_recoveries"),
        ("accounts", "0017_life_of_a_membership"),
        ("accounts", "0018_administrators_are_no_moderators"),
        ("accounts", "0019_sessions_seen_by_their_member"),
        ("accounts", "0020_leaving_and_copies"),
        ("accounts", "0021_address_changes"),
        ("accounts", "0022_suspensions_stay_without_a_name"),
        ("accounts", "0023_member_numbers"),
        ("accounts", "0024_member_numbers_are_unique"),
        ("accounts", "0025_trusted_persons"),
    ]

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Member",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "number",
                    models.CharField(
                        default=accounts.membership.numbers.new_number,
                        editable=False,
                        max_length=8,
                        unique=True,
                        verbose_name="number",
                    ),
                ),
                ("email", models.EmailField(max_length=254, unique=True, verbose_name="e-mail address")),
                ("name", models.CharField(max_length=150, verbose_name="name")),
                (
                    "profession",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("dermatologist", "Dermatologist"),
                            ("dermatopathologist", "Dermatopathologist"),
                            ("resident", "Resident in dermatology or dermatopathology"),
                            ("physician", "General practitioner or other doctor"),
                            ("nurse", "Nurse or physician assistant"),
                            ("student", "Medical student"),
                        ],
                        max_length=20,
                        verbose_name="profession",
                    ),
                ),
                (
                    "standing",
                    models.CharField(
                        choices=[
                            ("applicant", "Application being read"),
                            ("verified", "Verified"),
                            ("suspended", "Suspended"),
                            ("lapsed", "Lapsed"),
                            ("declined", "Declined"),
                            ("erased", "Erased"),
                        ],
                        default="applicant",
                        max_length=10,
                        verbose_name="standing",
                    ),
                ),
                ("verified_until", models.DateField(blank=True, null=True, verbose_name="verified until")),
                ("is_moderator", models.BooleanField(default=False, verbose_name="moderator")),
                ("is_privacy_officer", models.BooleanField(default=False, verbose_name="privacy officer")),
                ("is_staff", models.BooleanField(default=False, verbose_name="administrator")),
                ("is_trusted_person", models.BooleanField(default=False, verbose_name="trusted person")),
                ("conduct_until", models.DateField(blank=True, null=True, verbose_name="conduct module until")),
                ("posts_released", models.PositiveIntegerField(default=0, verbose_name="cases released")),
                ("institution", models.CharField(blank=True, max_length=200, verbose_name="institution")),
                ("country", django_countries.fields.CountryField(blank=True, max_length=2, verbose_name="country")),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("tr", "Türkçe")],
                        default=accounts.membership.models.active_language,
                        max_length=5,
                        verbose_name="language of mails",
                    ),
                ),
                (
                    "factor_enrolled_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="first factor enrolled"),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "supervisor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="residents",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="supervisor",
                    ),
                ),
            ],
            options={
                "verbose_name": "member",
                "verbose_name_plural": "members",
                "indexes": [
                    models.Index(fields=["name", "id"], name="member_by_name"),
                    models.Index(django.db.models.functions.text.Upper("name"), name="member_of_same_name"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                        name="member_email_is_lower_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("standing__in", ["applicant", "verified", "suspended", "lapsed", "declined", "erased"])
                        ),
                        name="member_standing_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("standing", "verified"), _negated=True),
                            ("verified_until__isnull", False),
                            _connector="OR",
                        ),
                        name="member_verified_has_a_date",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("is_moderator", True), ("is_privacy_officer", True), _negated=True),
                        name="member_officer_is_no_moderator",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("is_moderator", True), ("is_staff", True), _negated=True),
                        name="member_administrator_is_no_moderator",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_trusted_person", False),
                            models.Q(("is_moderator", False), ("is_privacy_officer", False), ("is_staff", False)),
                            _connector="OR",
                        ),
                        name="member_trusted_person_has_no_other_office",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "profession__in",
                                ["dermatologist", "dermatopathologist", "resident", "physician", "nurse", "student"],
                            ),
                            models.Q(("is_privacy_officer", True), ("profession", "")),
                            models.Q(("is_staff", True), ("profession", "")),
                            models.Q(("profession", ""), ("standing__in", ["lapsed", "suspended", "erased"])),
                            _connector="OR",
                        ),
                        name="member_profession_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("supervisor__isnull", True),
                            models.Q(("supervisor", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="member_does_not_supervise_themselves",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConductNotice",
            fields=[
                ("major", models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ("begins_on", models.DateField(default=django.utils.timezone.localdate)),
            ],
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("email", models.EmailField(db_index=True, max_length=254)),
                ("claim", models.JSONField()),
                ("has_picture", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="EndedSession",
            fields=[
                (
                    "key",
                    models.CharField(
                        help_text="Keyed hash of the session's key.", max_length=64, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="MailSent",
            fields=[
                (
                    "key",
                    models.CharField(
                        help_text="Keyed hash of the mail's kind and the address.",
                        max_length=64,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="AddressChange",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("email", models.EmailField(max_length=254)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("old_confirmed_at", models.DateTimeField(null=True)),
                ("new_confirmed_at", models.DateTimeField(null=True)),
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="address_change",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Application",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting for two moderators"),
                            ("third", "Waiting for a third moderator"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("round", models.PositiveSmallIntegerField(default=1)),
                (
                    "profession",
                    models.CharField(
                        choices=[
                            ("dermatologist", "Dermatologist"),
                            ("dermatopathologist", "Dermatopathologist"),
                            ("resident", "Resident in dermatology or dermatopathology"),
                            ("physician", "General practitioner or other doctor"),
                            ("nurse", "Nurse or physician assistant"),
                            ("student", "Medical student"),
                        ],
                        max_length=20,
                        verbose_name="profession",
                    ),
                ),
                ("country", django_countries.fields.CountryField(max_length=2, verbose_name="country")),
                ("institution", models.CharField(max_length=200, verbose_name="institution")),
                ("institution_key", models.CharField(db_index=True, default="", editable=False, max_length=200)),
                ("registry_name", models.CharField(max_length=200, verbose_name="register")),
                ("registry_url", models.URLField(max_length=500, verbose_name="web address of the register")),
                ("registry_number", models.CharField(max_length=60, verbose_name="number in the register")),
                ("number_key", models.CharField(db_index=True, editable=False, max_length=60)),
                (
                    "evidence_kind",
                    models.CharField(
                        choices=[
                            ("email", "My e-mail address is at my institution"),
                            ("picture", "A picture of my licence or certificate"),
                            ("vouchers", "Two members who know me"),
                            ("video", "A video call with a moderator"),
                        ],
                        max_length=8,
                        verbose_name="evidence",
                    ),
                ),
                ("guidelines_accepted_at", models.DateTimeField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("target_on", models.DateField()),
                ("address_confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("matches", "The register entry and the evidence agree."),
                            ("not_found", "The number was not found in the register."),
                            ("different", "The register entry differs from the application."),
                            ("evidence", "The evidence does not show that the register entry is yours."),
                            ("restricted", "The register shows a restriction of the licence."),
                            ("duplicate", "There is already an account for this register entry."),
                            ("not_eligible", "The profession is not among those who can join."),
                        ],
                        max_length=12,
                    ),
                ),
                ("appealed_at", models.DateTimeField(blank=True, null=True)),
                ("appeal_statement", models.TextField(blank=True)),
                (
                    "stuck_told_at",
                    models.DateTimeField(blank=True, help_text="When administrators were told.", null=True),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="applications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "application",
                "verbose_name_plural": "applications",
                "ordering": ["target_on", "created_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("waiting", "third"))),
                        fields=("member",),
                        name="application_one_open_for_each_member",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "third", "accepted", "declined"])),
                        name="application_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("round__in", [1, 2])), name="application_is_heard_twice_at_most"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("reason", ""), ("state__in", ("waiting", "third"))),
                            models.Q(
                                ("decided_at__isnull", False),
                                (
                                    "reason__in",
                                    [
                                        "matches",
                                        "not_found",
                                        "different",
                                        "evidence",
                                        "restricted",
                                        "duplicate",
                                        "not_eligible",
                                    ],
                                ),
                                ("state__in", ("accepted", "declined")),
                            ),
                            _connector="OR",
                        ),
                        name="application_decision_has_reason_and_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("appealed_at__isnull", True), ("round", 1)),
                            models.Q(("appealed_at__isnull", False), ("round", 2)),
                            _connector="OR",
                        ),
                        name="application_second_round_is_an_appeal",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Appointment",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "office",
                    models.CharField(
                        choices=[
                            ("administrator", "Administrator"),
                            ("moderator", "Moderator"),
                            ("officer", "Privacy officer"),
                            ("trusted", "Trusted person"),
                        ],
                        max_length=14,
                        verbose_name="office",
                    ),
                ),
                ("takes", models.BooleanField(default=True, verbose_name="takes the office")),
                ("renews", models.BooleanField(default=False, help_text="Keeps an office that they hold.")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting for a second administrator"),
                            ("done", "In force"),
                            ("refused", "Refused"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("proposed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("alone", models.BooleanField(default=False, help_text="Made when there was one administrator only.")),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="appointments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["proposed_at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("member", "office"),
                        name="appointment_waits_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "done"), _negated=True),
                            ("alone", True),
                            models.Q(
                                ("decided_by__isnull", False),
                                models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="appointment_by_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("renews", False), ("takes", True), _connector="OR"),
                        name="appointment_renews_what_is_kept",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConductReminder",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("until", models.DateField()),
                ("days", models.PositiveSmallIntegerField()),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="conduct_reminders",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("member", "until", "days"), name="conduct_reminder_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ConductRun",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("version", models.CharField(max_length=12)),
                ("begun_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="conduct_runs",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["member", "-begun_at"], name="conduct_run_latest")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("finished_at", None)), fields=("member",), name="conduct_run_open_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ConductResult",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("passed_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("version", models.CharField(max_length=12)),
                ("major", models.PositiveSmallIntegerField()),
                ("language", models.CharField(choices=[("en", "English"), ("tr", "Türkçe")], max_length=5)),
                ("minutes", models.PositiveSmallIntegerField()),
                ("until", models.DateField()),
                ("right_at_once", models.PositiveSmallIntegerField()),
                ("number", models.CharField(editable=False, max_length=16, unique=True)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="conduct_results",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="result", to="accounts.conductrun"
                    ),
                ),
            ],
            options={
                "ordering": ["-passed_at", "id"],
                "indexes": [models.Index(fields=["member", "major"], name="conduct_result_of_member")],
            },
        ),
        migrations.CreateModel(
            name="ConductAnswer",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("case", models.CharField(max_length=40)),
                ("attempt", models.PositiveSmallIntegerField()),
                ("chosen", models.JSONField()),
                ("is_right", models.BooleanField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="accounts.conductrun"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("attempt", 1)),
                        fields=["at", "case", "is_right"],
                        name="conduct_first_answers",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "case", "attempt"), name="conduct_answer_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_right", True)), fields=("run", "case"), name="conduct_right_once"
                    ),
                    models.CheckConstraint(condition=models.Q(("attempt__gte", 1)), name="conduct_attempt_from_one"),
                ],
            },
        ),
        migrations.CreateModel(
            name="DataExport",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[("asked", "Being made"), ("ready", "Ready"), ("gone", "Deleted")],
                        default="asked",
                        max_length=5,
                    ),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ready_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("size", models.PositiveIntegerField(default=0, help_text="Bytes.")),
                ("sha256", models.CharField(blank=True, max_length=64)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="data_exports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-asked_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["asked", "ready"])),
                        fields=("member",),
                        name="data_export_one_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "ready"), _negated=True),
                            models.Q(("expires_at__isnull", False), ("ready_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="data_export_ready_has_an_end",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DirectoryRow",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("facet", models.CharField(blank=True, max_length=60)),
                ("key", models.BinaryField(max_length=200)),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["facet", "key", "member"], name="directory_in_order")],
                "constraints": [models.UniqueConstraint(fields=("member", "facet", "key"), name="directory_row_once")],
            },
        ),
        migrations.CreateModel(
            name="Draw",
            fields=[
                ("quarter", models.DateField(help_text="Its first day.", primary_key=True, serialize=False)),
                ("accepted", models.PositiveIntegerField()),
                ("drawn", models.PositiveIntegerField()),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "ordering": ["-quarter"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("drawn__lte", models.F("accepted"))), name="draw_takes_from_what_there_is"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("accepted", 0), ("drawn__gte", 1), _connector="OR"),
                        name="draw_takes_one_at_least",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EvidencePicture",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("round", models.PositiveSmallIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("received", "Being prepared"), ("clean", "Ready"), ("refused", "Could not be read")],
                        default="received",
                        max_length=8,
                    ),
                ),
                (
                    "refusal",
                    models.CharField(blank=True, help_text="The engine's word for what was wrong.", max_length=30),
                ),
                ("content_type", models.CharField(blank=True, max_length=20)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("destroyed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pictures", to="accounts.application"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("application", "round"), name="evidence_one_picture_each_round")
                ],
            },
        ),
        migrations.CreateModel(
            name="Follow",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("since", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "followed",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="followers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "follower",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="follows",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["follower", "-since", "id"], name="follow_newest_first")],
                "constraints": [
                    models.UniqueConstraint(fields=("follower", "followed"), name="follow_once"),
                    models.CheckConstraint(
                        condition=models.Q(("follower", models.F("followed")), _negated=True),
                        name="follow_is_of_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HalfDecision",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("looked_up", models.BooleanField(default=False)),
                ("looked_up_on", models.DateField(blank=True, null=True)),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("matches", "The register entry and the evidence agree."),
                            ("not_found", "The number was not found in the register."),
                            ("different", "The register entry differs from the application."),
                            ("evidence", "The evidence does not show that the register entry is yours."),
                            ("restricted", "The register shows a restriction of the licence."),
                            ("duplicate", "There is already an account for this register entry."),
                            ("not_eligible", "The profession is not among those who can join."),
                        ],
                        max_length=12,
                    ),
                ),
                ("words", models.TextField(blank=True, max_length=600)),
                ("changed_at", models.DateTimeField(auto_now=True)),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="half_decisions",
                        to="accounts.application",
                    ),
                ),
                (
                    "moderator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("application", "moderator"), name="half_decision_one_for_each_moderator"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Leaving",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Will be erased"),
                            ("stopped", "Stopped"),
                            ("erasing", "Being erased"),
                            ("erased", "Erased"),
                        ],
                        default="asked",
                        max_length=7,
                    ),
                ),
                ("remove_comments", models.BooleanField(default=False)),
                ("remove_answers", models.BooleanField(default=False)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("due_at", models.DateTimeField()),
                ("reminded_at", models.DateTimeField(null=True)),
                ("began_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leavings",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-asked_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["asked", "erasing", "erased"])),
                        fields=("member",),
                        name="leaving_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["erasing", "erased"]), _negated=True),
                            ("began_at__isnull", False),
                            _connector="OR",
                        ),
                        name="leaving_began",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("round", models.PositiveSmallIntegerField()),
                ("language", models.CharField(max_length=5)),
                ("text", models.TextField()),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="letters", to="accounts.application"
                    ),
                ),
            ],
            options={
                "ordering": ["-round"],
                "constraints": [
                    models.UniqueConstraint(fields=("application", "round"), name="letter_one_for_each_round")
                ],
            },
        ),
        migrations.CreateModel(
            name="Mark",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("address", "address without tags and digits"),
                            ("picture", "bytes of a picture"),
                            ("looks", "a quarter of what a picture looks like"),
                            ("network", "network of the browser"),
                            ("device", "browser in a network"),
                        ],
                        max_length=8,
                    ),
                ),
                ("value", models.CharField(help_text="Keyed hash.", max_length=64)),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="marks", to="accounts.application"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["value"], name="mark_by_value")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("application", "kind", "value"), name="mark_once_for_each_application"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OfficeTerm",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "office",
                    models.CharField(
                        choices=[
                            ("administrator", "Administrator"),
                            ("moderator", "Moderator"),
                            ("officer", "Privacy officer"),
                            ("trusted", "Trusted person"),
                        ],
                        max_length=14,
                        verbose_name="office",
                    ),
                ),
                ("since", models.DateField()),
                ("until", models.DateField(db_index=True)),
                (
                    "overdue_told_at",
                    models.DateTimeField(blank=True, help_text="When the last administrator was told.", null=True),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="office_terms",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("member", "office"), name="office_term_once"),
                    models.CheckConstraint(
                        condition=models.Q(("until__gte", models.F("since"))), name="office_term_ends_after_it_begins"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Portrait",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[("received", "Being prepared"), ("clean", "Ready"), ("refused", "Could not be read")],
                        default="received",
                        max_length=8,
                    ),
                ),
                (
                    "refusal",
                    models.CharField(blank=True, help_text="The engine's word for what was wrong.", max_length=30),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="portrait",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["received", "clean", "refused"])),
                        name="portrait_state_is_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Position",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("place", models.IntegerField(default=0)),
                ("title", models.CharField(max_length=150, verbose_name="position")),
                ("institution", models.CharField(blank=True, max_length=200, verbose_name="institution")),
                ("from_year", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="from (year)")),
                ("until_year", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="until (year)")),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="positions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["place", "id"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until_year__isnull", True),
                            ("from_year__isnull", True),
                            ("until_year__gte", models.F("from_year")),
                            _connector="OR",
                        ),
                        name="position_years_in_order",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Publication",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("place", models.IntegerField(default=0)),
                ("words", models.CharField(blank=True, max_length=400, verbose_name="in your own words")),
                ("doi", models.CharField(blank=True, max_length=200, verbose_name="DOI")),
                ("pmid", models.CharField(blank=True, max_length=8, verbose_name="PubMed id")),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="publications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["place", "id"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("words", ""), _negated=True),
                            models.Q(("doi", ""), _negated=True),
                            models.Q(("pmid", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="publication_says_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("doi", ""), ("pmid", ""), _connector="OR"),
                        name="publication_has_one_number",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Recheck",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting for a moderator"),
                            ("review", "Waiting for two more moderators"),
                            ("confirmed", "Confirmed"),
                            ("overturned", "Not confirmed"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("drawn_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "application",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="recheck", to="accounts.application"
                    ),
                ),
                (
                    "draw",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rechecks", to="accounts.draw"
                    ),
                ),
            ],
            options={
                "ordering": ["drawn_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", True), ("state__in", ("waiting", "review"))),
                            models.Q(("closed_at__isnull", False), ("state__in", ("confirmed", "overturned"))),
                            _connector="OR",
                        ),
                        name="recheck_closed_has_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RecheckVote",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("seat", models.PositiveSmallIntegerField()),
                ("accept", models.BooleanField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("matches", "The register entry and the evidence agree."),
                            ("not_found", "The number was not found in the register."),
                            ("different", "The register entry differs from the application."),
                            ("evidence", "The evidence does not show that the register entry is yours."),
                            ("restricted", "The register shows a restriction of the licence."),
                            ("duplicate", "There is already an account for this register entry."),
                            ("not_eligible", "The profession is not among those who can join."),
                        ],
                        max_length=12,
                    ),
                ),
                ("words", models.TextField(blank=True, max_length=600)),
                ("looked_up_on", models.DateField()),
                ("cast_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "moderator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "recheck",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="votes", to="accounts.recheck"
                    ),
                ),
            ],
            options={
                "ordering": ["seat"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("recheck", "moderator"), name="recheck_vote_one_for_each_moderator"
                    ),
                    models.UniqueConstraint(fields=("recheck", "seat"), name="recheck_vote_one_for_each_seat"),
                    models.CheckConstraint(condition=models.Q(("seat__in", [1, 2, 3])), name="recheck_vote_has_a_seat"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("accept", True), ("reason__in", ("matches",))),
                            models.Q(
                                ("accept", False),
                                (
                                    "reason__in",
                                    ("not_found", "different", "evidence", "restricted", "duplicate", "not_eligible"),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="recheck_vote_reason_fits",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Recovery",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Waiting for the link in the mail"),
                            ("confirmed", "Waiting for two moderators"),
                            ("approved", "Waiting for a day to pass"),
                            ("done", "Done"),
                            ("stopped", "Stopped by the owner"),
                            ("refused", "Refused"),
                            ("expired", "Expired"),
                        ],
                        default="asked",
                        max_length=9,
                    ),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("effective_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recoveries",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["asked_at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("asked", "confirmed", "approved"))),
                        fields=("member",),
                        name="recovery_one_open_for_each_member",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["asked", "confirmed", "approved", "done", "stopped", "refused", "expired"])
                        ),
                        name="recovery_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ("approved", "done")), _negated=True),
                            ("effective_at__isnull", False),
                            _connector="OR",
                        ),
                        name="recovery_approved_has_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RecoveryVote",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "way",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("register", "Called a number that the register gives"),
                            ("institution", "Called through the switchboard of the institution"),
                            ("video", "Video call, with a document beside the face"),
                            ("in_person", "Met in person"),
                        ],
                        max_length=11,
                        verbose_name="how identified",
                    ),
                ),
                (
                    "doubt",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("not_reached", "Not reached"),
                            ("not_them", "It is somebody else"),
                            ("unsure", "Not sure that it is them"),
                            ("register", "The register shows a change"),
                        ],
                        max_length=11,
                        verbose_name="reason",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "recovery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="votes", to="accounts.recovery"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("recovery", "by"), name="recovery_vote_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("doubt", ""), ("way__in", ["register", "institution", "video", "in_person"])),
                            models.Q(("doubt__in", ["not_reached", "not_them", "unsure", "register"]), ("way", "")),
                            _connector="OR",
                        ),
                        name="recovery_vote_confirms_or_doubts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Recusal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="recusals", to="accounts.application"
                    ),
                ),
                (
                    "moderator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("application", "moderator"), name="recusal_once_for_each_moderator")
                ],
            },
        ),
        migrations.CreateModel(
            name="Reference",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("voucher", "Voucher"),
                            ("supervisor", "Supervisor"),
                            ("mentor", "Mentor"),
                            ("colleague", "Close colleague"),
                        ],
                        max_length=10,
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("answer", models.BooleanField(null=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="references",
                        to="accounts.application",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="references_asked",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("application", "kind", "member"), name="reference_once_for_each_member"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer__isnull", True), ("answered_at__isnull", True)),
                            models.Q(
                                ("answer__isnull", False), ("answered_at__isnull", False), ("member__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="reference_answer_has_member_and_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RenewalReminder",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("about", models.CharField(default="verification", max_length=14)),
                ("until", models.DateField()),
                ("days", models.PositiveSmallIntegerField()),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reminders",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("member", "about", "until", "days"), name="renewal_reminder_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SecurityNotice",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("what", models.CharField(help_text="One of Change.", max_length=20)),
                (
                    "to",
                    models.EmailField(
                        blank=True, help_text="A former address; empty: the member's own.", max_length=254
                    ),
                ),
                ("language", models.CharField(blank=True, max_length=5)),
                ("device", models.CharField(blank=True, max_length=60)),
                ("network", models.CharField(blank=True, max_length=50)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="security_notices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key"),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("device", models.CharField(blank=True, max_length=60)),
                (
                    "network",
                    models.CharField(blank=True, help_text="The sender's /24 or /48, no finer.", max_length=50),
                ),
                ("began_at", models.DateTimeField(null=True)),
                (
                    "member",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Sight",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "moderator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "picture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sights",
                        to="accounts.evidencepicture",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("picture", "moderator"), name="sight_once_for_each_moderator")
                ],
            },
        ),
        migrations.CreateModel(
            name="Supervision",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("email", models.EmailField(blank=True, max_length=254)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Asked"),
                            ("active", "In force"),
                            ("refused", "Not taken on"),
                            ("cancelled", "Taken back"),
                            ("ended", "Ended"),
                        ],
                        default="asked",
                        max_length=9,
                    ),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "resident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="supervisions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "supervisor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="supervisions_asked",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-asked_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "asked")),
                        fields=("resident",),
                        name="supervision_one_question_at_a_time",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "active")), fields=("resident",), name="supervision_one_in_force"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("supervisor__isnull", True),
                            models.Q(("supervisor", models.F("resident")), _negated=True),
                            _connector="OR",
                        ),
                        name="supervision_of_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "active"), _negated=True), ("supervisor__isnull", False), _connector="OR"
                        ),
                        name="supervision_has_a_supervisor",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Suspension",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("in_force", "In force"),
                            ("appealed", "Appealed"),
                            ("upheld", "In force, upheld on appeal"),
                            ("lifted", "Lifted"),
                        ],
                        default="in_force",
                        max_length=8,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("privacy", "A patient's privacy was at risk"),
                            ("conduct", "Professional conduct"),
                            ("register", "The register shows a change"),
                            ("security", "The account may be in other hands"),
                            ("requested", "The member asked for it"),
                        ],
                        max_length=10,
                        verbose_name="reason",
                    ),
                ),
                ("note", models.TextField(blank=True)),
                (
                    "former",
                    models.CharField(
                        choices=[
                            ("applicant", "Application being read"),
                            ("verified", "Verified"),
                            ("suspended", "Suspended"),
                            ("lapsed", "Lapsed"),
                            ("declined", "Declined"),
                            ("erased", "Erased"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("appealed_at", models.DateTimeField(blank=True, null=True)),
                ("statement", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("answer", models.TextField(blank=True)),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "lift_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("resolved", "What it was for is resolved"),
                            ("mistake", "It was a mistake"),
                            ("appeal", "The appeal was right"),
                            ("requested", "The member asks to come back"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "alone",
                    models.BooleanField(default=False, help_text="Lifted by who imposed it: nobody else was there."),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="suspensions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "lifted"), _negated=True),
                        fields=("member",),
                        name="suspension_one_in_force_for_each_member",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lifted_at__isnull", False), ("lifted_by__isnull", False), ("state", "lifted")),
                            models.Q(
                                models.Q(("state", "lifted"), _negated=True),
                                ("lifted_at__isnull", True),
                                ("lifted_by__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="suspension_is_lifted_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lifted_by__isnull", True),
                            models.Q(("lifted_by", models.F("by")), _negated=True),
                            ("alone", True),
                            ("reason", "requested"),
                            _connector="OR",
                        ),
                        name="suspension_is_lifted_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("answered_by__isnull", True),
                            models.Q(("answered_by", models.F("by")), _negated=True),
                            ("alone", True),
                            _connector="OR",
                        ),
                        name="suspension_appeal_is_answered_by_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Training",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("place", models.IntegerField(default=0)),
                ("degree", models.CharField(max_length=150, verbose_name="degree or title")),
                ("specialty", models.CharField(blank=True, max_length=150, verbose_name="specialty")),
                ("institution", models.CharField(blank=True, max_length=200, verbose_name="institution")),
                ("from_year", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="from (year)")),
                ("until_year", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="until (year)")),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="trainings",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["place", "id"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until_year__isnull", True),
                            ("from_year__isnull", True),
                            ("until_year__gte", models.F("from_year")),
                            _connector="OR",
                        ),
                        name="training_years_in_order",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Vote",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("round", models.PositiveSmallIntegerField()),
                ("seat", models.PositiveSmallIntegerField()),
                ("accept", models.BooleanField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("matches", "The register entry and the evidence agree."),
                            ("not_found", "The number was not found in the register."),
                            ("different", "The register entry differs from the application."),
                            ("evidence", "The evidence does not show that the register entry is yours."),
                            ("restricted", "The register shows a restriction of the licence."),
                            ("duplicate", "There is already an account for this register entry."),
                            ("not_eligible", "The profession is not among those who can join."),
                        ],
                        max_length=12,
                    ),
                ),
                ("words", models.TextField(blank=True, max_length=600)),
                ("looked_up_on", models.DateField()),
                ("cast_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="votes", to="accounts.application"
                    ),
                ),
                (
                    "moderator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="votes_cast",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["round", "seat"],
                "constraints": [
                    models.UniqueConstraint(fields=("application", "moderator"), name="vote_one_for_each_moderator"),
                    models.UniqueConstraint(fields=("application", "round", "seat"), name="vote_one_for_each_seat"),
                    models.CheckConstraint(
                        condition=models.Q(("round__in", [1, 2]), ("seat__in", [1, 2, 3])), name="vote_has_a_seat"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("accept", True), ("reason__in", ("matches",))),
                            models.Q(
                                ("accept", False),
                                (
                                    "reason__in",
                                    ("not_found", "different", "evidence", "restricted", "duplicate", "not_eligible"),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="vote_reason_fits",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="YearlyCheck",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("until", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting for a moderator"),
                            ("confirmed", "Confirmed"),
                            ("full", "A full check is needed"),
                            ("superseded", "Replaced by a full check"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("target_on", models.DateField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "finding",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unchanged", "The entry is there, and as it was."),
                            ("not_found", "The number was not found in the register."),
                            ("different", "The entry has changed."),
                            ("restricted", "The register shows a restriction of the licence."),
                        ],
                        max_length=10,
                    ),
                ),
                ("looked_up_on", models.DateField(blank=True, null=True)),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.application"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checks_decided",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="yearly_checks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["target_on", "sent_at", "id"],
                "indexes": [models.Index(fields=["state", "target_on"], name="yearly_check_waiting")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("member",),
                        name="yearly_check_one_waits_for_each_member",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["confirmed", "full"]), _negated=True),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("looked_up_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="yearly_check_is_decided_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finding", "unchanged"), ("state", "confirmed")),
                            models.Q(("state", "full"), models.Q(("finding__in", ["", "unchanged"]), _negated=True)),
                            models.Q(("finding", ""), ("state__in", ["waiting", "superseded"])),
                            _connector="OR",
                        ),
                        name="yearly_check_finding_fits",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Profile",
            fields=[
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="profile",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("about", models.TextField(blank=True, max_length=2000, verbose_name="about me")),
                ("interests", models.JSONField(blank=True, default=list, help_text="Codes of vocabulary.interests.")),
                ("languages", models.JSONField(blank=True, default=list, help_text="ISO 639 codes.")),
                ("orcid", models.CharField(blank=True, max_length=19, verbose_name="ORCID iD")),
                (
                    "orcid_confirmed_at",
                    models.DateTimeField(blank=True, help_text="When ORCID itself said so.", null=True),
                ),
                ("is_listed", models.BooleanField(default=True, verbose_name="in the directory")),
                (
                    "shows_calibration",
                    models.BooleanField(default=False, verbose_name="show how sure I was, and how often right"),
                ),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("orcid_confirmed_at__isnull", False)),
                        fields=("orcid",),
                        name="profile_confirmed_orcid_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("orcid_confirmed_at__isnull", True),
                            models.Q(("orcid", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="profile_confirmed_orcid_is_there",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Verification",
            fields=[
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="verification",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("since", models.DateField()),
                ("full_due_on", models.DateField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("full_due_on__gte", models.F("since"))),
                        name="verification_full_check_is_after_the_first",
                    )
                ],
            },
        ),
        migrations.RunPython(create_triggers, drop_triggers),
    ]
