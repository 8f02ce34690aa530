import uuid

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import django_countries.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Member",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
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
                ("posts_released", models.PositiveIntegerField(default=0, verbose_name="cases released")),
                ("institution", models.CharField(blank=True, max_length=200, verbose_name="institution")),
                ("country", django_countries.fields.CountryField(blank=True, max_length=2, verbose_name="country")),
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
            },
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
            },
        ),
        migrations.CreateModel(
            name="EvidencePicture",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("round", models.PositiveSmallIntegerField()),
                ("content_type", models.CharField(max_length=20)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("destroyed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pictures", to="accounts.application"
                    ),
                ),
            ],
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
        ),
        migrations.CreateModel(
            name="Reference",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(choices=[("voucher", "Voucher"), ("supervisor", "Supervisor")], max_length=10),
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
            },
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                name="member_email_is_lower_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("standing__in", ["applicant", "verified", "suspended", "lapsed", "declined", "erased"])
                ),
                name="member_standing_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("standing", "verified"), _negated=True),
                    ("verified_until__isnull", False),
                    _connector="OR",
                ),
                name="member_verified_has_a_date",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_moderator", True), ("is_privacy_officer", True), _negated=True),
                name="member_officer_is_no_moderator",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "profession__in",
                        ["dermatologist", "dermatopathologist", "resident", "physician", "nurse", "student"],
                    ),
                    models.Q(("is_privacy_officer", True), ("profession", "")),
                    models.Q(("is_staff", True), ("profession", "")),
                    models.Q(("profession", ""), ("standing", "erased")),
                    _connector="OR",
                ),
                name="member_profession_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("supervisor__isnull", True),
                    models.Q(("supervisor", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="member_does_not_supervise_themselves",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("waiting", "third"))),
                fields=("member",),
                name="application_one_open_for_each_member",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "third", "accepted", "declined"])),
                name="application_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(("round__in", [1, 2])), name="application_is_heard_twice_at_most"
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("appealed_at__isnull", True), ("round", 1)),
                    models.Q(("appealed_at__isnull", False), ("round", 2)),
                    _connector="OR",
                ),
                name="application_second_round_is_an_appeal",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidencepicture",
            constraint=models.UniqueConstraint(fields=("application", "round"), name="evidence_one_picture_each_round"),
        ),
        migrations.AddConstraint(
            model_name="recusal",
            constraint=models.UniqueConstraint(
                fields=("application", "moderator"), name="recusal_once_for_each_moderator"
            ),
        ),
        migrations.AddConstraint(
            model_name="reference",
            constraint=models.UniqueConstraint(
                fields=("application", "kind", "member"), name="reference_once_for_each_member"
            ),
        ),
        migrations.AddConstraint(
            model_name="reference",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer__isnull", True), ("answered_at__isnull", True)),
                    models.Q(("answer__isnull", False), ("answered_at__isnull", False), ("member__isnull", False)),
                    _connector="OR",
                ),
                name="reference_answer_has_member_and_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="sight",
            constraint=models.UniqueConstraint(fields=("picture", "moderator"), name="sight_once_for_each_moderator"),
        ),
        migrations.AddConstraint(
            model_name="vote",
            constraint=models.UniqueConstraint(fields=("application", "moderator"), name="vote_one_for_each_moderator"),
        ),
        migrations.AddConstraint(
            model_name="vote",
            constraint=models.UniqueConstraint(fields=("application", "round", "seat"), name="vote_one_for_each_seat"),
        ),
        migrations.AddConstraint(
            model_name="vote",
            constraint=models.CheckConstraint(
                condition=models.Q(("round__in", [1, 2]), ("seat__in", [1, 2, 3])), name="vote_has_a_seat"
            ),
        ),
        migrations.AddConstraint(
            model_name="vote",
            constraint=models.CheckConstraint(
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
        ),
    ]
