"""Consents and forms, the standard form in every language of the site, and triggers that protect what was published."""

import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.ids
from consent.forms import standard_form
from consent.forms import triggers as form_triggers
from consent.models import digest_of
from consent.records import triggers as record_triggers


def publish_standard_form(apps, schema_editor):
    if schema_editor.connection.alias != "default":
        return
    forms = apps.get_model("consent", "Form").objects
    for code, texts in standard_form.ALL_TEXTS.items():
        for language, (title, words) in texts.items():
            forms.get_or_create(
                code=code,
                version=standard_form.VERSION,
                language=language,
                defaults={"title": title, "text": words, "sha256": digest_of(title=title, text=words)},
            )


def create_triggers(apps, schema_editor):
    if schema_editor.connection.alias == "default":
        form_triggers.create(schema_editor.connection)
        record_triggers.create(schema_editor.connection)


def drop_triggers(apps, schema_editor):
    if schema_editor.connection.alias == "default":
        record_triggers.drop(schema_editor.connection)
        form_triggers.drop(schema_editor.connection)


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("consent", "0001_initial"),
        ("consent", "0002_standard_form"),
        ("consent", "0003_submission_once"),
        ("consent", "0004_standard_form_readers"),
        ("consent", "0005_picture_numbers"),
        ("consent", "0006_signature_problem"),
        ("consent", "0007_patient_of_a_consent"),
        ("consent", "0008_clinician_left"),
        ("consent", "0009_open_withdrawals"),
    ]

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Form",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("code", models.SlugField(max_length=40)),
                ("version", models.PositiveSmallIntegerField()),
                (
                    "language",
                    models.CharField(choices=[("en", "English"), ("tr", "Türkçe")], default="en", max_length=5),
                ),
                ("title", models.CharField(max_length=120)),
                ("text", models.TextField(help_text="Plain paragraphs; lines that begin with “- ” are statements.")),
                ("sha256", models.CharField(editable=False, max_length=64)),
                (
                    "published_at",
                    models.DateTimeField(
                        blank=True, default=django.utils.timezone.now, help_text="Empty: a draft.", null=True
                    ),
                ),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("code", "version", "language"), name="consent_form_version_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("published_at__isnull", False)),
                        fields=("sha256",),
                        name="consent_form_published_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("retired_at__isnull", True), ("published_at__isnull", False), _connector="OR"
                        ),
                        name="consent_form_retired_was_published",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("active", "Active"),
                            ("refused", "Refused"),
                            ("superseded", "Superseded"),
                            ("expired", "Expired"),
                            ("withdrawn", "Withdrawn"),
                            ("entered_in_error", "Entered in error"),
                        ],
                        default="draft",
                        max_length=20,
                    ),
                ),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "patient",
                    models.UUIDField(
                        db_index=True,
                        default=core.ids.new_id,
                        editable=False,
                        help_text="A random number for the patient, derived from nothing.",
                    ),
                ),
                (
                    "capacity",
                    models.CharField(
                        choices=[
                            ("capable", "Decides alone"),
                            ("supported", "Decides with support"),
                            ("lacks", "Lacks capacity: a representative decides"),
                            ("child", "Child: a guardian decides, the child agrees"),
                            ("deceased", "Deceased: the next of kin decides"),
                            ("fluctuating", "Capacity fluctuates"),
                            ("sedated", "Intoxicated or sedated"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "relation",
                    models.CharField(
                        choices=[
                            ("self", "The patient"),
                            ("guardian", "Parent or guardian"),
                            ("representative", "Legal representative"),
                            ("next_of_kin", "Next of kin"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "authority",
                    models.CharField(blank=True, help_text="By what authority a representative signs.", max_length=120),
                ),
                (
                    "assent",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Not asked"),
                            ("too_young", "Under 7: not asked"),
                            ("agreed", "The child agrees"),
                            ("objected", "The child objects"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                ("interpreter", models.BooleanField(default=False)),
                (
                    "cannot_read",
                    models.BooleanField(default=False, help_text="The form was read aloud to whoever signed."),
                ),
                ("witnessed", models.BooleanField(default=False)),
                ("copy_given", models.BooleanField(default=False)),
                (
                    "shown",
                    models.CharField(
                        choices=[
                            ("shown", "The patient saw the masked pictures"),
                            ("not_shown", "The patient did not see the masked pictures"),
                        ],
                        max_length=10,
                    ),
                ),
                ("masking_method", models.CharField(max_length=200)),
                (
                    "signature",
                    models.CharField(
                        choices=[
                            ("drawn", "Signed on this screen"),
                            ("scan", "Scan or photo of the signed form, kept here"),
                            ("clinic_held", "The clinic keeps the signed form"),
                            ("oral", "Spoken; the witness signs on this screen"),
                            ("not_signed", "Not signed"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "signature_problem",
                    models.CharField(
                        blank=True,
                        choices=[("no_ink", "Nothing that could be a signature"), ("unreadable", "Could not be read")],
                        max_length=10,
                    ),
                ),
                (
                    "document_name",
                    models.CharField(blank=True, help_text="Object in the documents storage.", max_length=80),
                ),
                ("document_sha256", models.CharField(blank=True, max_length=64)),
                ("attested", models.BooleanField(default=False)),
                ("signed_on", models.DateField()),
                ("expires_on", models.DateField(blank=True, null=True)),
                (
                    "until_event",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Nothing else"),
                            ("case_closed", "The case is closed"),
                            ("treatment_ends", "The treatment here ends"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                (
                    "majority_year",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="The year in which a child comes of age; no date of birth is kept.",
                        null=True,
                    ),
                ),
                ("code_sha256", models.CharField(editable=False, max_length=64, null=True, unique=True)),
                ("submission", models.UUIDField(editable=False, null=True)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "superseded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="supersedes",
                        to="consent.consent",
                    ),
                ),
                (
                    "form",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="consents", to="consent.form"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("submission__isnull", False)),
                        fields=("recorded_by", "submission"),
                        name="consent_submission_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("capacity__in", ("fluctuating", "sedated")), ("status", "active"), _negated=True
                        ),
                        name="consent_not_from_deferred_capacity",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("assent", "objected"), ("status", "active"), _negated=True),
                        name="consent_child_did_not_object",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "active"), _negated=True),
                            models.Q(
                                ("document_sha256__gt", ""),
                                ("signature__in", ("drawn", "scan", "clinic_held", "oral")),
                                models.Q(
                                    models.Q(("signature", "clinic_held"), _negated=True),
                                    ("attested", True),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="consent_active_is_signed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "active"), _negated=True),
                            models.Q(("capacity", "capable"), ("relation__in", ("self",))),
                            models.Q(("capacity", "supported"), ("relation__in", ("self",))),
                            models.Q(("capacity", "lacks"), ("relation__in", ("representative", "guardian"))),
                            models.Q(("capacity", "child"), ("relation__in", ("guardian", "representative"))),
                            models.Q(("capacity", "deceased"), ("relation__in", ("next_of_kin", "representative"))),
                            _connector="OR",
                        ),
                        name="consent_signer_fits_capacity",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "active"), _negated=True),
                            ("relation", "self"),
                            ("authority__gt", ""),
                            _connector="OR",
                        ),
                        name="consent_representative_has_authority",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("capacity", "child"), ("status", "active"), _negated=True),
                            models.Q(("assent", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="consent_child_was_asked",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("until_event", "treatment_ends"), _negated=True),
                            ("expires_on__isnull", False),
                            _connector="OR",
                        ),
                        name="consent_treatment_end_has_a_date",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PictureNumber",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("picture", models.UUIDField()),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "sha256",
                    models.CharField(blank=True, help_text="What was shown when it got its number.", max_length=64),
                ),
                (
                    "consent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="picture_numbers",
                        to="consent.consent",
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(fields=("consent", "picture"), name="consent_picture_numbered_once"),
                    models.UniqueConstraint(fields=("consent", "number"), name="consent_picture_number_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("60", "Ends in 60 days"),
                            ("14", "Ends in 14 days"),
                            ("1", "Ends tomorrow"),
                            ("majority", "The patient comes of age"),
                        ],
                        max_length=8,
                    ),
                ),
                ("about", models.DateField(help_text="The end, or the first day of the year, that it is about.")),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                (
                    "consent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reminders", to="consent.consent"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("consent", "step", "about"), name="consent_reminder_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Removal",
            fields=[
                ("requested_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("keys_destroyed_at", models.DateTimeField(blank=True, null=True)),
                ("completed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "late_at",
                    models.DateTimeField(blank=True, help_text="When staff were told that it is late.", null=True),
                ),
                ("cases", models.PositiveIntegerField(default=0)),
                ("pictures", models.PositiveIntegerField(default=0)),
                ("comments", models.PositiveIntegerField(default=0)),
                (
                    "quotes",
                    models.PositiveIntegerField(default=0, help_text="Copies of its words taken out elsewhere."),
                ),
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("narrowed", "The consent was narrowed"),
                            ("picture", "A picture was withdrawn"),
                            ("expired", "The consent has ended"),
                            ("left", "The clinician has left this site"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "by",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("patient", "The patient, with the code"),
                            ("clinician", "A clinician, on the patient's word"),
                            ("officer", "A privacy officer"),
                        ],
                        help_text="Empty: its date passed.",
                        max_length=12,
                    ),
                ),
                ("uses", models.JSONField(default=list, help_text="[[use, group or empty], …] that were taken back.")),
                ("ends_on", models.DateField(blank=True, help_text="The earlier end, if one was set.", null=True)),
                ("picture", models.UUIDField(blank=True, help_text="The picture that was taken back.", null=True)),
                (
                    "consent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="removals", to="consent.consent"
                    ),
                ),
            ],
            options={
                "ordering": ["-requested_at", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("completed_at", None)), fields=["requested_at"], name="consent_removal_open"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cause", "picture"), ("picture__isnull", False)),
                            models.Q(models.Q(("cause", "picture"), _negated=True), ("picture__isnull", True)),
                            _connector="OR",
                        ),
                        name="consent_removal_names_the_picture",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("by", ""), ("cause", "expired")),
                            models.Q(models.Q(("cause", "expired"), _negated=True), ("by__gt", "")),
                            _connector="OR",
                        ),
                        name="consent_removal_was_asked_or_expired",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("cause", "picture")),
                        fields=("consent", "picture"),
                        name="consent_removal_picture_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("cause", "expired")),
                        fields=("consent",),
                        name="consent_removal_expired_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("cause", "left")), fields=("consent",), name="consent_removal_left_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShownPicture",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha256", models.CharField(max_length=64)),
                (
                    "consent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="shown_pictures", to="consent.consent"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("consent", "sha256"), name="consent_shown_once")],
            },
        ),
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                ("requested_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("keys_destroyed_at", models.DateTimeField(blank=True, null=True)),
                ("completed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "late_at",
                    models.DateTimeField(blank=True, help_text="When staff were told that it is late.", null=True),
                ),
                ("cases", models.PositiveIntegerField(default=0)),
                ("pictures", models.PositiveIntegerField(default=0)),
                ("comments", models.PositiveIntegerField(default=0)),
                (
                    "quotes",
                    models.PositiveIntegerField(default=0, help_text="Copies of its words taken out elsewhere."),
                ),
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "by",
                    models.CharField(
                        choices=[
                            ("patient", "The patient, with the code"),
                            ("clinician", "A clinician, on the patient's word"),
                            ("officer", "A privacy officer"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "consent",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="withdrawal", to="consent.consent"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("completed_at", None)),
                        fields=["requested_at"],
                        name="consent_withdrawal_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsentUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "use",
                    models.CharField(
                        choices=[
                            ("named_group", "Discussion in one named group"),
                            ("all_members", "Discussion among all vetted members"),
                            ("platform_teaching", "Teaching on this platform"),
                            ("lectures", "Lectures outside this platform"),
                            ("publication", "One named publication"),
                            ("social_media", "Other social media"),
                            ("research", "Research"),
                            ("ai_training", "Training of artificial intelligence"),
                            ("cross_border", "Access from other countries"),
                            ("recognisable_face", "A recognisable face (the eyes stay covered)"),
                            ("identifiable_mark", "A tattoo, birthmark or scar that could identify"),
                            ("contact_again", "Being contacted again"),
                        ],
                        max_length=20,
                    ),
                ),
                ("scope", models.UUIDField(blank=True, help_text="The group, for a named group.", null=True)),
                (
                    "publication",
                    models.CharField(blank=True, help_text="Its name, for one named publication.", max_length=160),
                ),
                (
                    "consent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="uses", to="consent.consent"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("scope__isnull", True)), fields=("consent", "use"), name="consent_use_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("scope__isnull", False)),
                        fields=("consent", "use", "scope"),
                        name="consent_use_once_a_scope",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("scope__isnull", False), ("use", "named_group")),
                            models.Q(models.Q(("use", "named_group"), _negated=True), ("scope__isnull", True)),
                            _connector="OR",
                        ),
                        name="consent_named_group_names_it",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("publication__gt", ""), ("use", "publication")),
                            models.Q(models.Q(("use", "publication"), _negated=True), ("publication", "")),
                            _connector="OR",
                        ),
                        name="consent_publication_is_named",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            django.db.models.lookups.LessThanOrEqual(
                                django.db.models.functions.text.Length("publication"), 160
                            )
                        ),
                        name="consent_publication_is_short",
                    ),
                ],
            },
        ),
        migrations.RunPython(publish_standard_form, migrations.RunPython.noop),
        migrations.RunPython(create_triggers, drop_triggers),
    ]
