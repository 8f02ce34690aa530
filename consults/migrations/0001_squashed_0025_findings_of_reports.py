"""Cases, their gate and listings with a full-text index (by database), discussion, groups and moderation."""

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import consults.groups.models
import consults.groups.naming
import consults.reporting
import core.ids
import vocabulary.sites
from consults.cases.gate import full_text


def create_full_text(apps, schema_editor):
    full_text.INDEXES.create(schema_editor.connection)


def drop_full_text(apps, schema_editor):
    full_text.INDEXES.drop(schema_editor.connection)


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("consults", "0001_initial"),
        ("consults", "0002_listings"),
        ("consults", "0003_moderation"),
        ("consults", "0004_attachments"),
        ("consults", "0005_patient_asked"),
        ("consults", "0006_listing_orders"),
        ("consults", "0007_waiting_cases"),
        ("consults", "0008_published_cases"),
        ("consults", "0009_group_names"),
        ("consults", "0010_group_life"),
        ("consults", "0011_listing_words"),
        ("consults", "0012_thread"),
        ("consults", "0013_answer_plans"),
        ("consults", "0014_case_urgency"),
        ("consults", "0015_listing_urgency"),
        ("consults", "0016_outcomes"),
        ("consults", "0017_finding"),
        ("consults", "0018_following"),
        ("consults", "0019_similar"),
        ("consults", "0020_pins"),
        ("consults", "0021_scale_of_pictures"),
        ("consults", "0022_followups"),
        ("consults", "0023_sensitive_class"),
        ("consults", "0024_desk_and_rooms"),
        ("consults", "0025_findings_of_reports"),
    ]

    dependencies = [
        ("accounts", "0001_squashed_0025_trusted_persons"),
        ("consent", "0001_squashed_0009_open_withdrawals"),
        ("imaging", "0001_squashed_0003_result_by_a_job"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Case",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Waiting for the second read"),
                            ("returned", "Sent back to you"),
                            ("released", "Open"),
                            ("closed", "Closed"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                (
                    "patient_asked",
                    models.BooleanField(
                        default=False, editable=False, help_text="A consent in any status, a draft too, has stood here."
                    ),
                ),
                (
                    "education_model",
                    models.BooleanField(default=False, help_text="An education model: no patient, no consent."),
                ),
                (
                    "histology_exempt",
                    models.BooleanField(
                        default=False, help_text="Stated by the author: histology without any identifying feature."
                    ),
                ),
                (
                    "content_erased_at",
                    models.DateTimeField(blank=True, help_text="When a withdrawn case was emptied.", null=True),
                ),
                (
                    "simulated",
                    models.BooleanField(default=False, help_text="Demo material: drawn pictures, an invented patient."),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("changed_at", models.DateTimeField(auto_now=True)),
                ("submitted_at", models.DateTimeField(blank=True, null=True)),
                ("released_at", models.DateTimeField(blank=True, null=True)),
                ("content_sha256", models.CharField(editable=False, max_length=64)),
                ("sensitive", models.JSONField(blank=True, default=list, verbose_name="sensitive")),
                (
                    "addition",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("visit", "Follow-up visit"),
                            ("histology", "Histology"),
                            ("dermoscopy", "Dermoscopy"),
                        ],
                        max_length=12,
                        verbose_name="what is added",
                    ),
                ),
                (
                    "after",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="time after the first pictures"
                    ),
                ),
                (
                    "after_unit",
                    models.CharField(
                        blank=True,
                        choices=[("day", "days"), ("week", "weeks"), ("month", "months"), ("year", "years")],
                        max_length=8,
                        verbose_name="unit of the time",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("difficult", "Difficult case (open consult)"), ("teaching", "Solved teaching case")],
                        default="difficult",
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=100, verbose_name="title")),
                ("note", models.TextField(blank=True, max_length=3000, verbose_name="clinical note")),
                (
                    "question",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("diagnosis", "What is the diagnosis?"),
                            ("management", "How would you manage it?"),
                            ("biopsy", "Biopsy or not?"),
                            ("correlation", "Clinicopathological correlation"),
                            ("teaching", "For teaching"),
                        ],
                        max_length=12,
                        verbose_name="question",
                    ),
                ),
                (
                    "age_band",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("0", "Under 1 year"),
                            ("1-5", "1–5 years"),
                            ("6-12", "6–12 years"),
                            ("13-17", "13–17 years"),
                            ("18-29", "18–29 years"),
                            ("30-39", "30–39 years"),
                            ("40-49", "40–49 years"),
                            ("50-59", "50–59 years"),
                            ("60-69", "60–69 years"),
                            ("70-79", "70–79 years"),
                            ("80-84", "80–84 years"),
                            ("85", "85 years or older"),
                        ],
                        max_length=8,
                        verbose_name="age",
                    ),
                ),
                (
                    "sex",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("female", "Female"),
                            ("male", "Male"),
                            ("other", "Intersex or other"),
                            ("undisclosed", "Not disclosed"),
                        ],
                        max_length=12,
                        verbose_name="sex",
                    ),
                ),
                (
                    "monk",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[
                            (1, "Monk 1 (lightest)"),
                            (2, "Monk 2"),
                            (3, "Monk 3"),
                            (4, "Monk 4"),
                            (5, "Monk 5"),
                            (6, "Monk 6"),
                            (7, "Monk 7"),
                            (8, "Monk 8"),
                            (9, "Monk 9"),
                            (10, "Monk 10 (darkest)"),
                        ],
                        null=True,
                        verbose_name="skin tone (Monk)",
                    ),
                ),
                (
                    "fitzpatrick",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("I", "I – always burns, never tans"),
                            ("II", "II – usually burns, tans a little"),
                            ("III", "III – sometimes burns, tans evenly"),
                            ("IV", "IV – rarely burns, tans well"),
                            ("V", "V – very rarely burns, tans deeply"),
                            ("VI", "VI – never burns"),
                        ],
                        max_length=3,
                        verbose_name="reaction to sun (Fitzpatrick)",
                    ),
                ),
                (
                    "site",
                    models.CharField(
                        blank=True, choices=vocabulary.sites.choices, max_length=32, verbose_name="body site"
                    ),
                ),
                (
                    "laterality",
                    models.CharField(
                        blank=True,
                        choices=[("left", "Left"), ("right", "Right"), ("both", "Both sides"), ("midline", "Midline")],
                        max_length=8,
                        verbose_name="side",
                    ),
                ),
                (
                    "duration",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("lt1w", "Less than 1 week"),
                            ("1-6w", "1–6 weeks"),
                            ("6w-6m", "6 weeks – 6 months"),
                            ("6m-2y", "6 months – 2 years"),
                            ("gt2y", "More than 2 years"),
                        ],
                        max_length=8,
                        verbose_name="duration",
                    ),
                ),
                (
                    "course",
                    models.CharField(
                        blank=True,
                        choices=[("stable", "Stable"), ("worsening", "Worsening"), ("relapsing", "Relapsing")],
                        max_length=12,
                        verbose_name="course",
                    ),
                ),
                ("symptoms", models.JSONField(blank=True, default=list, verbose_name="symptoms")),
                (
                    "morphology",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("macule", "Macule"),
                            ("patch", "Patch"),
                            ("papule", "Papule"),
                            ("plaque", "Plaque"),
                            ("nodule", "Nodule"),
                            ("vesicle", "Vesicle"),
                            ("bulla", "Bulla"),
                            ("pustule", "Pustule"),
                            ("wheal", "Wheal"),
                            ("purpura", "Purpura"),
                            ("other", "Other"),
                        ],
                        max_length=16,
                        verbose_name="primary morphology",
                    ),
                ),
                ("secondary", models.JSONField(blank=True, default=list, verbose_name="secondary changes")),
                (
                    "arrangement",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("annular", "Annular"),
                            ("linear", "Linear"),
                            ("grouped", "Grouped"),
                            ("targetoid", "Targetoid"),
                            ("scattered", "Scattered"),
                        ],
                        max_length=16,
                        verbose_name="arrangement",
                    ),
                ),
                (
                    "distribution",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("localised", "Localised"),
                            ("flexural", "Flexural"),
                            ("extensor", "Extensor"),
                            ("acral", "Acral"),
                            ("photo-exposed", "Photo-exposed"),
                            ("generalised", "Generalised"),
                        ],
                        max_length=16,
                        verbose_name="distribution",
                    ),
                ),
                ("treatments", models.TextField(blank=True, max_length=1000, verbose_name="treatments tried")),
                ("history", models.JSONField(blank=True, default=list, verbose_name="relevant history")),
                ("differential", models.JSONField(blank=True, default=list, verbose_name="working differential")),
                (
                    "source",
                    models.CharField(
                        blank=True,
                        help_text="Whose material it is, if not yours.",
                        max_length=200,
                        verbose_name="source",
                    ),
                ),
                ("not_mine", models.BooleanField(default=False, verbose_name="this material is not mine")),
                ("solution", models.CharField(blank=True, max_length=60, verbose_name="final diagnosis")),
                (
                    "solution_reference",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("histopathology", "Histopathology"),
                            ("culture", "Culture"),
                            ("pcr", "PCR"),
                            ("serology", "Serology"),
                            ("patch-test", "Patch test"),
                            ("serial-imaging", "Unchanged on serial imaging"),
                            ("expert-consensus", "Expert consensus"),
                            ("confocal", "Confocal microscopy and consensus"),
                            ("treatment-response", "Response to treatment"),
                            ("single-clinician", "Single clinician"),
                        ],
                        max_length=20,
                        verbose_name="reference standard",
                    ),
                ),
                ("teaching_points", models.TextField(blank=True, max_length=2000, verbose_name="teaching points")),
                ("tags", models.JSONField(blank=True, default=list, verbose_name="tags")),
                (
                    "urgency",
                    models.CharField(
                        blank=True, choices=[("today", "Today"), ("week", "This week")], editable=False, max_length=8
                    ),
                ),
                ("urgent_until", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="cases", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "consent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="consent.consent",
                    ),
                ),
                (
                    "follows",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="additions",
                        to="consults.case",
                    ),
                ),
                (
                    "removal",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="removed_cases",
                        to="consent.removal",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["state", "-released_at", "-id"], name="consults_case_feed"),
                    models.Index(
                        condition=models.Q(("state", "submitted")),
                        fields=["submitted_at", "id"],
                        name="consults_case_waiting",
                    ),
                    models.Index(
                        models.OrderBy(
                            django.db.models.functions.comparison.Coalesce("released_at", "created_at"), descending=True
                        ),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("released_at__isnull", False), ("state", "withdrawn"), _connector="OR"),
                        name="consults_case_published",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("urgency", ""), ("urgent_until__isnull", True)),
                            models.Q(models.Q(("urgency", ""), _negated=True), ("urgent_until__isnull", False)),
                            _connector="OR",
                        ),
                        name="consults_case_urgent_until",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("consent__isnull", True), ("patient_asked", True), _connector="OR"),
                        name="consults_case_consent_was_noted",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["released", "closed"]), _negated=True),
                            ("consent__isnull", False),
                            ("education_model", True),
                            ("histology_exempt", True),
                            _connector="OR",
                        ),
                        name="consults_case_published_has_a_basis",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("histology_exempt", False), ("consent__isnull", True), _connector="OR"),
                        name="consults_case_exempt_or_consent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("follows__isnull", False),
                            models.Q(("addition", ""), ("after__isnull", True), ("after_unit", "")),
                            _connector="OR",
                        ),
                        name="consults_case_only_a_followup_is_added",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("follows", models.F("id")), _negated=True),
                        name="consults_case_follows_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["released", "closed"]), _negated=True),
                            ("released_at__isnull", False),
                            _connector="OR",
                        ),
                        name="consults_case_published_has_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Revision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("suggestions", models.JSONField(help_text="[[rank, code, confidence], …] as they were.")),
                ("revised_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="Group",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80, unique=True)),
                ("name_key", consults.groups.naming.NameKey(editable=False, max_length=80, of="name", unique=True)),
                ("description", models.TextField(blank=True, max_length=1000)),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("subspecialty", "Subspecialty"),
                            ("tumour_board", "Tumour board"),
                            ("teaching", "Teaching"),
                            ("region", "Region"),
                            ("institution", "Hospital or practice"),
                            ("study", "Study or registry"),
                            ("journal_club", "Journal club"),
                            ("other", "Something else"),
                        ],
                        default="other",
                        max_length=12,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("open", "Open: members see it and may ask to join"),
                            ("invited", "By invitation: members see it, its moderators invite"),
                            ("closed", "Closed: nobody outside knows of it"),
                        ],
                        default="closed",
                        max_length=7,
                    ),
                ),
                (
                    "open_to_nurses",
                    models.BooleanField(default=False, help_text="Nurses and physician assistants may see its cases."),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("ended_at", models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                "ordering": ["name"],
                "indexes": [
                    models.Index(condition=models.Q(("ended_at", None)), fields=["name"], name="consults_group_by_name")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["open", "invited", "closed"])),
                        name="consults_group_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "purpose__in",
                                [
                                    "subspecialty",
                                    "tumour_board",
                                    "teaching",
                                    "region",
                                    "institution",
                                    "study",
                                    "journal_club",
                                    "other",
                                ],
                            )
                        ),
                        name="consults_group_purpose_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Listing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Waiting for the second read"),
                            ("returned", "Sent back to you"),
                            ("released", "Open"),
                            ("closed", "Closed"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("difficult", "Difficult case (open consult)"), ("teaching", "Solved teaching case")],
                        max_length=12,
                    ),
                ),
                ("region", models.CharField(blank=True, help_text="The topmost body site.", max_length=32)),
                ("morphology", models.CharField(blank=True, max_length=16)),
                (
                    "pictures",
                    models.CharField(
                        blank=True, help_text="Kinds of its pictures, in order, by spaces.", max_length=60
                    ),
                ),
                (
                    "stains",
                    models.CharField(blank=True, help_text="Of its sections, in order, by spaces.", max_length=240),
                ),
                (
                    "modes",
                    models.CharField(blank=True, help_text="Of its dermoscopy, in order, by spaces.", max_length=80),
                ),
                ("tone", models.CharField(blank=True, help_text="The skin tone, in three bands.", max_length=6)),
                (
                    "language",
                    models.CharField(blank=True, help_text="Of its words, as far as they tell.", max_length=3),
                ),
                ("tags", models.CharField(blank=True, help_text="In order, by spaces.", max_length=160)),
                (
                    "diagnosis",
                    models.CharField(
                        blank=True, help_text="The outcome of a closed case; open: nothing.", max_length=60
                    ),
                ),
                (
                    "answers",
                    models.PositiveIntegerField(default=0, help_text="Diagnoses; who only read is not counted."),
                ),
                (
                    "comments",
                    models.PositiveIntegerField(default=0, help_text="Without those that their authors deleted."),
                ),
                ("no_dermatologist", models.BooleanField(help_text="Open, and no dermatologist has answered.")),
                (
                    "sensitive",
                    models.BooleanField(default=False, help_text="Its pictures are shown to whoever asks for them."),
                ),
                (
                    "exempt",
                    models.BooleanField(help_text="Shown without a consent, as histology, while the site allows that."),
                ),
                ("released_at", models.DateTimeField()),
                (
                    "urgency",
                    models.CharField(blank=True, choices=[("today", "Today"), ("week", "This week")], max_length=8),
                ),
                (
                    "urgent_until",
                    models.DateTimeField(help_text="Until when its author asks for a quick answer.", null=True),
                ),
                (
                    "visible_until",
                    models.DateField(help_text="The first day on which nobody sees it any more.", null=True),
                ),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="listings",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("urgent_until__isnull", False)),
                        fields=["urgent_until"],
                        name="consults_listing_urgent",
                    ),
                    models.Index(fields=["visible_until"], name="consults_listing_until"),
                    models.Index(
                        condition=models.Q(("exempt", True)), fields=["exempt"], name="consults_listing_exempt"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Quarter",
            fields=[
                ("first_day", models.DateField(primary_key=True, serialize=False)),
                ("figures", models.JSONField(help_text="Name of a figure -> number; null for one below five.")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["-first_day"],
            },
        ),
        migrations.CreateModel(
            name="RoleListener",
            fields=[
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="listens_to_role",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
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
            name="Answer",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("diagnosis", "Diagnosis"),
                            ("plan", "Plan"),
                            ("pending", "Waits for a moderator"),
                            ("read_only", "Read only"),
                        ],
                        max_length=10,
                    ),
                ),
                ("counted_as", models.CharField(blank=True, max_length=10)),
                ("is_dermatologist", models.BooleanField(default=False)),
                ("answered_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="consults.case"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["member", "-answered_at"], name="consults_answer_of_member")],
                "constraints": [models.UniqueConstraint(fields=("case", "member"), name="consults_answer_once")],
            },
        ),
        migrations.CreateModel(
            name="CaseHold",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("identifies", "It could show who a patient is"),
                            ("consent", "It is not what the patient allowed"),
                            ("conduct", "It is not professional"),
                            ("unsafe", "It is wrong, or could harm a patient if followed"),
                            ("copyright", "It is somebody else's work, without leave or source"),
                            ("other", "Something else, explained below"),
                        ],
                        max_length=12,
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=500)),
                ("placed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("held", "Hidden; a second moderator decides"),
                            ("confirmed", "Hidden"),
                            ("lifted", "Shown again"),
                        ],
                        default="held",
                        max_length=10,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "escalated_at",
                    models.DateTimeField(blank=True, help_text="When administrators were told.", null=True),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        help_text="The moderator who hid it; empty when members' reports did (consults.reporting).",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="holds", to="consults.case"
                    ),
                ),
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
            ],
            options={
                "ordering": ["placed_at", "id"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by__isnull", True),
                            models.Q(("decided_by", models.F("by")), _negated=True),
                            _connector="OR",
                        ),
                        name="consults_casehold_second_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("decided_by__isnull", True), ("state", "held")),
                            models.Q(
                                models.Q(("state", "held"), _negated=True),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="consults_casehold_decided",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["held", "confirmed"])),
                        fields=("case",),
                        name="consults_casehold_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CasePhoto",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("overview", "Clinical overview"),
                            ("close-up", "Clinical close-up"),
                            ("dermoscopy", "Dermoscopy"),
                            ("histology", "Histology"),
                        ],
                        max_length=12,
                        verbose_name="picture type",
                    ),
                ),
                ("caption", models.CharField(blank=True, max_length=140, verbose_name="caption")),
                (
                    "mode",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("contact-polarised", "Contact, polarised"),
                            ("contact-non-polarised", "Contact, non-polarised"),
                            ("non-contact-polarised", "Non-contact, polarised"),
                        ],
                        max_length=24,
                        verbose_name="dermoscopy mode",
                    ),
                ),
                (
                    "stain",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("he", "H&E"),
                            ("pas", "PAS"),
                            ("gms", "GMS (Grocott silver)"),
                            ("giemsa", "Giemsa"),
                            ("congo-red", "Congo red"),
                            ("ihc", "Immunohistochemistry"),
                            ("dif", "Direct immunofluorescence"),
                            ("alcian-blue", "Alcian blue"),
                            ("colloidal-iron", "Colloidal iron"),
                            ("elastic", "Elastic (van Gieson)"),
                            ("masson", "Masson trichrome"),
                            ("fontana", "Fontana-Masson"),
                            ("perls", "Perls (iron)"),
                            ("ziehl-neelsen", "Ziehl-Neelsen or Fite"),
                            ("gram", "Gram"),
                            ("von-kossa", "Von Kossa"),
                            ("toluidine-blue", "Toluidine blue"),
                            ("other", "Other"),
                        ],
                        max_length=20,
                        verbose_name="stain",
                    ),
                ),
                (
                    "objective",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("1x", "1×"),
                            ("2x", "2×"),
                            ("4x", "4×"),
                            ("10x", "10×"),
                            ("20x", "20×"),
                            ("40x", "40×"),
                            ("60x", "60×"),
                            ("100x", "100×"),
                        ],
                        max_length=8,
                        verbose_name="objective",
                    ),
                ),
                (
                    "um_per_px",
                    models.FloatField(
                        blank=True,
                        help_text="If the scanner or the camera states it: a scale bar is drawn from it.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0.01),
                            django.core.validators.MaxValueValidator(100.0),
                        ],
                        verbose_name="micrometres per pixel",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pictures", to="consults.case"
                    ),
                ),
                (
                    "photo",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="placement", to="imaging.photo"
                    ),
                ),
            ],
            options={
                "ordering": ["position", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("um_per_px__isnull", True), ("um_per_px__gt", 0), _connector="OR"),
                        name="consults_casephoto_scale",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("text", models.TextField(blank=True, max_length=3000, verbose_name="comment")),
                ("written_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("edited_at", models.DateTimeField(blank=True, null=True)),
                ("deleted_at", models.DateTimeField(blank=True, help_text="When its author deleted it.", null=True)),
                (
                    "source",
                    models.CharField(
                        blank=True,
                        help_text="Whose material it is, if not its author's.",
                        max_length=200,
                        verbose_name="source",
                    ),
                ),
                ("quote_start", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("quote_end", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("quote_sum", models.BigIntegerField(blank=True, null=True)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="comments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="comments", to="consults.case"
                    ),
                ),
                (
                    "reply_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="replies",
                        to="consults.comment",
                    ),
                ),
            ],
            options={
                "ordering": ["written_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("quote_end__isnull", True), ("quote_start__isnull", True), ("quote_sum__isnull", True)
                            ),
                            models.Q(
                                ("quote_end__gt", models.F("quote_start")),
                                ("quote_end__isnull", False),
                                ("quote_start__isnull", False),
                                ("quote_sum__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="consults_comment_quote_is_a_place",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CommentHold",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("identifies", "It could show who a patient is"),
                            ("consent", "It is not what the patient allowed"),
                            ("conduct", "It is not professional"),
                            ("unsafe", "It is wrong, or could harm a patient if followed"),
                            ("copyright", "It is somebody else's work, without leave or source"),
                            ("other", "Something else, explained below"),
                        ],
                        max_length=12,
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=500)),
                ("placed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("held", "Hidden; a second moderator decides"),
                            ("confirmed", "Hidden"),
                            ("lifted", "Shown again"),
                        ],
                        default="held",
                        max_length=10,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "escalated_at",
                    models.DateTimeField(blank=True, help_text="When administrators were told.", null=True),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        help_text="The moderator who hid it; empty when members' reports did (consults.reporting).",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "comment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="holds", to="consults.comment"
                    ),
                ),
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
            ],
            options={
                "ordering": ["placed_at", "id"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by__isnull", True),
                            models.Q(("decided_by", models.F("by")), _negated=True),
                            _connector="OR",
                        ),
                        name="consults_commenthold_second_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("decided_by__isnull", True), ("state", "held")),
                            models.Q(
                                models.Q(("state", "held"), _negated=True),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="consults_commenthold_decided",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["held", "confirmed"])),
                        fields=("comment",),
                        name="consults_commenthold_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CommentVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField()),
                ("replaced_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "comment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="consults.comment"
                    ),
                ),
            ],
            options={
                "ordering": ["replaced_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Concern",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("bullying", "Bullying or threats"),
                            ("harassment", "Sexual harassment"),
                            ("discriminate", "Discrimination"),
                            ("pressure", "Pressure by somebody senior"),
                            ("other", "Something else, explained below"),
                        ],
                        max_length=12,
                    ),
                ),
                ("words", models.TextField(blank=True, max_length=3000)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits for a trusted person"),
                            ("taken", "A trusted person looks into it"),
                            ("closed", "Closed"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("due_at", models.DateTimeField(default=consults.reporting.in_two_working_days)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("talked", "I have talked to the person"),
                            ("settled", "It was settled between those concerned"),
                            ("referred", "With your leave, I have asked the administrators to act"),
                            ("advice", "I have given advice, and nothing more was wanted"),
                            ("no_ground", "I found no mistreatment"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "answer",
                    models.TextField(blank=True, help_text="The member who reported reads it.", max_length=3000),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "reopened_at",
                    models.DateTimeField(
                        blank=True, help_text="When its reporter asked for another person.", null=True
                    ),
                ),
                (
                    "about",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="concerns",
                        to="consults.case",
                    ),
                ),
                (
                    "comment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="concerns",
                        to="consults.comment",
                    ),
                ),
                (
                    "not_again",
                    models.ForeignKey(
                        blank=True,
                        help_text="The trusted person whose answer its reporter did not accept.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reporter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="concerns",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["due_at", "id"],
                "indexes": [models.Index(fields=["reporter", "-made_at"], name="consults_concern_of_reporter")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("about", models.F("reporter")), _negated=True),
                        name="consults_concern_names_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("taken_by__isnull", True),
                            models.Q(
                                models.Q(("taken_by", models.F("about")), _negated=True),
                                models.Q(("taken_by", models.F("reporter")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="consults_concern_heard_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", False), ("outcome__gt", ""), ("state", "closed")),
                            models.Q(models.Q(("state", "closed"), _negated=True), ("closed_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="consults_concern_closed_with_outcome",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Escalation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("followers", "Colleagues of its topic and language"),
                            ("rota", "Volunteers of the rota"),
                        ],
                        max_length=10,
                    ),
                ),
                ("told", models.PositiveSmallIntegerField(help_text="How many members.")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="escalations",
                        to="consults.case",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("case", "step"), name="consults_escalation_once")],
            },
        ),
        migrations.CreateModel(
            name="FirstAnswerFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("counted_on", models.DateField(unique=True)),
                ("cases", models.PositiveIntegerField(help_text="Released within 90 days, at least a day ago.")),
                ("answered", models.PositiveIntegerField(help_text="Of these, answered at all.")),
                ("within_a_day", models.PositiveIntegerField(help_text="Of these, first answered within 24 hours.")),
                (
                    "median_minutes",
                    models.PositiveIntegerField(help_text="Empty where half of them wait still.", null=True),
                ),
            ],
            options={
                "ordering": ["-counted_on"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("answered__lte", models.F("cases")), ("within_a_day__lte", models.F("answered"))
                        ),
                        name="consults_firstanswer_adds_up",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FormerPlan",
            fields=[
                (
                    "observe",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("days", "In a few days"),
                            ("2w", "In 2 weeks"),
                            ("6w", "In 6 weeks"),
                            ("3m", "In 3 months"),
                            ("6m", "In 6 months"),
                            ("1y", "In a year"),
                            ("changed", "Only if it changes"),
                        ],
                        max_length=8,
                        verbose_name="observe, and look again",
                    ),
                ),
                (
                    "biopsy",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("no", "No biopsy"),
                            ("any", "Yes, whichever kind"),
                            ("punch", "Punch biopsy"),
                            ("shave", "Shave biopsy"),
                            ("saucerisation", "Deep shave (saucerisation)"),
                            ("incisional", "Incisional biopsy"),
                            ("excisional", "Excisional biopsy"),
                            ("deep", "Deep incisional biopsy, with fat or fascia"),
                            ("nail", "Nail matrix or nail bed biopsy"),
                            ("scalp", "Two scalp punches, cut across and along"),
                            ("dif", "Biopsy with direct immunofluorescence"),
                            ("culture", "Biopsy with tissue culture"),
                            ("mapping", "Mapping biopsies"),
                        ],
                        max_length=16,
                        verbose_name="biopsy",
                    ),
                ),
                (
                    "biopsy_where",
                    models.CharField(
                        blank=True,
                        help_text="Empty: the site of the case.",
                        max_length=80,
                        verbose_name="biopsy: where",
                    ),
                ),
                ("treatment", models.CharField(blank=True, max_length=40, verbose_name="treat with")),
                (
                    "refer_to",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("dermatologist", "Dermatology clinic"),
                            ("emergency", "Emergency department, today"),
                            ("dermatosurgery", "Dermatological surgery"),
                            ("mohs", "Mohs surgery"),
                            ("plastic", "Plastic surgery"),
                            ("oncology", "Oncology or tumour board"),
                            ("pathology", "Dermatopathology, second opinion"),
                            ("rheumatology", "Rheumatology"),
                            ("allergy", "Allergology, patch tests"),
                            ("infectious", "Infectious disease"),
                            ("paediatrics", "Paediatrics"),
                            ("ophthalmology", "Ophthalmology"),
                            ("genetics", "Genetics"),
                            ("haematology", "Haematology"),
                            ("vascular", "Vascular medicine or surgery"),
                            ("phototherapy", "Phototherapy unit"),
                            ("sexual-health", "Sexual health clinic"),
                            ("other", "Somebody else, said in words"),
                        ],
                        max_length=16,
                        verbose_name="refer to",
                    ),
                ),
                ("words", models.TextField(blank=True, max_length=600, verbose_name="in your own words")),
                (
                    "revision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="plan",
                        serialize=False,
                        to="consults.revision",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="revision",
            name="answer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="revisions", to="consults.answer"
            ),
        ),
        migrations.CreateModel(
            name="Following",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "topic",
                    models.CharField(
                        blank=True, help_text="A code of vocabulary.tags.topics_to_follow.", max_length=40
                    ),
                ),
                ("since", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="followings",
                        to="consults.case",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="followings",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="followings",
                        to="consults.group",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["member", "-since", "id"], name="consults_following_newest"),
                    models.Index(
                        condition=models.Q(("topic", ""), _negated=True),
                        fields=["topic", "member"],
                        name="consults_following_by_topic",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("case__isnull", False), ("group__isnull", True), ("topic", "")),
                            models.Q(("case__isnull", True), ("group__isnull", False), ("topic", "")),
                            models.Q(
                                ("case__isnull", True), ("group__isnull", True), models.Q(("topic", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="consults_following_of_one_thing",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("case__isnull", False)),
                        fields=("member", "case"),
                        name="consults_following_case_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("group__isnull", False)),
                        fields=("member", "group"),
                        name="consults_following_group_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("topic", ""), _negated=True),
                        fields=("member", "topic"),
                        name="consults_following_topic",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="case",
            name="group",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cases",
                to="consults.group",
            ),
        ),
        migrations.CreateModel(
            name="Admission",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "way",
                    models.CharField(
                        choices=[("request", "Asked to join"), ("invitation", "Was invited")], max_length=10
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting for an answer"),
                            ("accepted", "Accepted"),
                            ("refused", "Not accepted"),
                            ("taken_back", "Taken back"),
                            ("expired", "Ended without an answer"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(default=consults.groups.models.in_a_month)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("other_field", "The group is about another field"),
                            ("not_known", "The moderators do not know you; ask somebody in the group to invite you"),
                            ("profession", "The group is for another profession"),
                            ("full", "The group takes nobody at present"),
                            ("other", "Another reason"),
                        ],
                        max_length=12,
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=200)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
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
                        related_name="group_admissions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="admissions", to="consults.group"
                    ),
                ),
            ],
            options={
                "ordering": ["made_at", "id"],
                "indexes": [
                    models.Index(fields=["member", "state", "-made_at"], name="consults_admission_of_member"),
                    models.Index(fields=["by", "-made_at"], name="consults_admission_by"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("group", "member"),
                        name="consults_admission_waits_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("way", "request"), _negated=True), ("by", models.F("member")), _connector="OR"
                        ),
                        name="consults_request_is_ones_own",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("way", "invitation"), _negated=True),
                            models.Q(("by", models.F("member")), _negated=True),
                            _connector="OR",
                        ),
                        name="consults_nobody_invites_themselves",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "refused"), ("way", "request"), _negated=True),
                            ("reason__gt", ""),
                            _connector="OR",
                        ),
                        name="consults_refused_request_has_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GroupProposal",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80)),
                ("name_key", consults.groups.naming.NameKey(editable=False, max_length=80, of="name")),
                ("description", models.TextField(blank=True, max_length=1000)),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("subspecialty", "Subspecialty"),
                            ("tumour_board", "Tumour board"),
                            ("teaching", "Teaching"),
                            ("region", "Region"),
                            ("institution", "Hospital or practice"),
                            ("study", "Study or registry"),
                            ("journal_club", "Journal club"),
                            ("other", "Something else"),
                        ],
                        default="other",
                        max_length=12,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("open", "Open: members see it and may ask to join"),
                            ("invited", "By invitation: members see it, its moderators invite"),
                            ("closed", "Closed: nobody outside knows of it"),
                        ],
                        default="closed",
                        max_length=7,
                    ),
                ),
                ("open_to_nurses", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting for the second specialist"),
                            ("confirmed", "Confirmed"),
                            ("refused", "Refused"),
                            ("taken_back", "Taken back"),
                            ("expired", "Ended without an answer"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(default=consults.groups.models.in_a_month)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proposed_groups",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "group",
                    models.OneToOneField(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proposal",
                        to="consults.group",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="groups_to_confirm",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["made_at", "id"],
                "indexes": [models.Index(fields=["by", "-made_at"], name="consults_proposal_by")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("name_key",),
                        name="consults_proposal_waits_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("by", models.F("second")), _negated=True), name="consults_proposal_by_two"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("group__isnull", False), ("state", "confirmed")),
                            models.Q(models.Q(("state", "confirmed"), _negated=True), ("group__isnull", True)),
                            _connector="OR",
                        ),
                        name="consults_confirmed_proposal_made_a_group",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GroupRemoval",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("inactive", "Not active in the group"),
                            ("conduct", "Conduct in the group"),
                            ("moved", "No longer in this field, region or institution"),
                            ("mistake", "Added by mistake"),
                            ("other", "Another reason"),
                        ],
                        max_length=12,
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="removals", to="consults.group"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="group_removals",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "id"],
                "indexes": [models.Index(fields=["member", "-at"], name="consults_group_removal")],
            },
        ),
        migrations.CreateModel(
            name="ListingText",
            fields=[
                (
                    "listing",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="text",
                        serialize=False,
                        to="consults.listing",
                    ),
                ),
                ("words", models.TextField()),
            ],
        ),
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
        migrations.AddField(
            model_name="listing",
            name="case",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="listing", to="consults.case"
            ),
        ),
        migrations.AddField(
            model_name="listing",
            name="group",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="listings",
                to="consults.group",
            ),
        ),
        migrations.CreateModel(
            name="ListingCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("teaching", models.BooleanField(help_text="Counts closed teaching cases only.")),
                ("under", models.CharField(blank=True, max_length=12)),
                ("under_value", models.CharField(blank=True, max_length=32)),
                ("facet", models.CharField(blank=True, max_length=12)),
                ("value", models.CharField(blank=True, max_length=32)),
                ("n", models.IntegerField()),
                (
                    "group",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="consults.group",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["under", "under_value", "teaching", "group"], name="consults_listingcount_under"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ListingMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("facet", models.CharField(max_length=12)),
                ("value", models.CharField(max_length=60)),
                (
                    "listing",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="marks",
                        to="consults.listing",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["facet", "value", "listing"], name="consults_listingmark_value")],
                "constraints": [
                    models.UniqueConstraint(fields=("listing", "facet", "value"), name="consults_listingmark_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_moderator", models.BooleanField(default=False)),
                ("joined_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to="consults.group"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("group", "member"), name="consults_membership_once")],
            },
        ),
        migrations.AddField(
            model_name="group",
            name="members",
            field=models.ManyToManyField(
                related_name="consult_groups", through="consults.Membership", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.CreateModel(
            name="Mention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("written", models.CharField(help_text="As it stands in the text, after the sign.", max_length=200)),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("dermatologist", "dermatologists"),
                            ("dermatopathologist", "dermatopathologists"),
                            ("resident", "residents"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "comment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="mentions", to="consults.comment"
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mentions",
                        to="consults.group",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mentions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("comment", "written"), name="consults_mention_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("group__isnull", True), ("member__isnull", False), ("role", "")),
                            models.Q(("group__isnull", False), ("member__isnull", True), ("role", "")),
                            models.Q(
                                ("group__isnull", True), ("member__isnull", True), models.Q(("role", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="consults_mention_is_of_one",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Outcome",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("diagnosis", models.CharField(blank=True, max_length=60, verbose_name="final diagnosis")),
                (
                    "reference",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("histopathology", "Histopathology"),
                            ("culture", "Culture"),
                            ("pcr", "PCR"),
                            ("serology", "Serology"),
                            ("patch-test", "Patch test"),
                            ("serial-imaging", "Unchanged on serial imaging"),
                            ("expert-consensus", "Expert consensus"),
                            ("confocal", "Confocal microscopy and consensus"),
                            ("treatment-response", "Response to treatment"),
                            ("single-clinician", "Single clinician"),
                        ],
                        max_length=20,
                        verbose_name="reference standard",
                    ),
                ),
                ("done", models.TextField(blank=True, max_length=1000, verbose_name="what was done")),
                ("closed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="outcome", to="consults.case"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("diagnosis", ""), ("reference", "")),
                            models.Q(
                                models.Q(("diagnosis", ""), _negated=True), models.Q(("reference", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="consults_outcome_whole_or_none",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OutcomeReminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("weeks_2", "Open for two weeks"),
                            ("weeks_6", "Open for six weeks"),
                            ("weeks_12", "Open for twelve weeks"),
                            ("consent_30", "The consent ends within 30 days"),
                            ("consent_7", "The consent ends within 7 days"),
                        ],
                        max_length=10,
                    ),
                ),
                ("due_on", models.DateField()),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reminders", to="consults.case"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("case", "step", "due_on"), name="consults_reminder_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="OutcomeVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("diagnosis", models.CharField(blank=True, max_length=60)),
                (
                    "reference",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("histopathology", "Histopathology"),
                            ("culture", "Culture"),
                            ("pcr", "PCR"),
                            ("serology", "Serology"),
                            ("patch-test", "Patch test"),
                            ("serial-imaging", "Unchanged on serial imaging"),
                            ("expert-consensus", "Expert consensus"),
                            ("confocal", "Confocal microscopy and consensus"),
                            ("treatment-response", "Response to treatment"),
                            ("single-clinician", "Single clinician"),
                        ],
                        max_length=20,
                    ),
                ),
                ("done", models.TextField(blank=True, max_length=1000)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("later_result", "A result came later"),
                            ("second_opinion", "The findings were reviewed"),
                            ("course", "The course showed something else"),
                            ("mistake", "It was entered by mistake"),
                            ("other", "Another reason, told below"),
                        ],
                        max_length=16,
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=300)),
                ("replaced_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "outcome",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="consults.outcome"
                    ),
                ),
            ],
            options={
                "ordering": ["replaced_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", "other"), _negated=True),
                            models.Q(("words", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="consults_outcomeversion_other_is_told",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PicturePair",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("earlier_sha256", models.CharField(help_text="Of the display rendition.", max_length=64)),
                ("later_sha256", models.CharField(help_text="Of the display rendition.", max_length=64)),
                (
                    "incomparable",
                    models.CharField(blank=True, help_text="The engine's word when they do not fit.", max_length=20),
                ),
                (
                    "measured",
                    models.JSONField(default=dict, help_text="Scale, turn, tilt, overlap, light: `engine.Comparison`."),
                ),
                ("engine_version", models.CharField(max_length=20)),
                ("compared_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "earlier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pairs_after", to="imaging.photo"
                    ),
                ),
                (
                    "later",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pairs_before", to="imaging.photo"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("earlier", "later"), name="consults_picture_pair_once"),
                    models.CheckConstraint(
                        condition=models.Q(("earlier", models.F("later")), _negated=True),
                        name="consults_picture_pair_of_two",
                    ),
                ],
            },
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
        migrations.CreateModel(
            name="Post",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("message", "Message"),
                            ("article", "Article"),
                            ("meeting", "Meeting"),
                            ("tip", "Tip"),
                            ("poll", "Poll"),
                            ("album", "Album of teaching cases"),
                        ],
                        max_length=8,
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=160)),
                ("text", models.TextField(blank=True, max_length=3000)),
                ("written_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("edited_at", models.DateTimeField(blank=True, null=True)),
                ("deleted_at", models.DateTimeField(blank=True, help_text="When its author deleted it.", null=True)),
                ("doi", models.CharField(blank=True, max_length=200)),
                ("starts_at", models.DateTimeField(blank=True, null=True)),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                ("place", models.CharField(blank=True, max_length=160)),
                ("closes_at", models.DateTimeField(blank=True, help_text="When nobody votes any more.", null=True)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="group_posts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="posts", to="consults.group"
                    ),
                ),
                (
                    "reply_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="replies",
                        to="consults.post",
                    ),
                ),
            ],
            options={
                "ordering": ["written_at", "id"],
                "indexes": [
                    models.Index(fields=["group", "kind", "-written_at", "-id"], name="consults_post_in_room"),
                    models.Index(fields=["author", "-written_at"], name="consults_post_by_author"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["message", "article", "meeting", "tip", "poll", "album"])),
                        name="consults_post_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ends_at__gt", models.F("starts_at")),
                                ("kind", "meeting"),
                                ("starts_at__isnull", False),
                            ),
                            models.Q(
                                models.Q(("kind", "meeting"), _negated=True),
                                ("ends_at__isnull", True),
                                ("starts_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="consults_meeting_has_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closes_at__isnull", False), ("kind", "poll")),
                            models.Q(models.Q(("kind", "poll"), _negated=True), ("closes_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="consults_poll_closes",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PollOption",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("position", models.PositiveSmallIntegerField()),
                ("text", models.CharField(max_length=120)),
                ("votes", models.PositiveIntegerField(default=0)),
                (
                    "poll",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="options", to="consults.post"
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("poll", "position"), name="consults_poll_option_has_a_place")
                ],
            },
        ),
        migrations.CreateModel(
            name="Ballot",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="ballots", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "poll",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="ballots", to="consults.post"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("poll", "member"), name="consults_one_vote_a_member")],
            },
        ),
        migrations.CreateModel(
            name="AlbumCase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="album_places", to="consults.case"
                    ),
                ),
                (
                    "album",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="places", to="consults.post"
                    ),
                ),
            ],
            options={
                "ordering": ["position", "id"],
                "constraints": [models.UniqueConstraint(fields=("album", "case"), name="consults_case_once_in_album")],
            },
        ),
        migrations.CreateModel(
            name="PostHold",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("identifies", "It could show who a patient is"),
                            ("consent", "It is not what the patient allowed"),
                            ("conduct", "It is not professional"),
                            ("unsafe", "It is wrong, or could harm a patient if followed"),
                            ("copyright", "It is somebody else's work, without leave or source"),
                            ("other", "Something else, explained below"),
                        ],
                        max_length=12,
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=500)),
                ("placed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("held", "Hidden; a second moderator decides"),
                            ("confirmed", "Hidden"),
                            ("lifted", "Shown again"),
                        ],
                        default="held",
                        max_length=10,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "escalated_at",
                    models.DateTimeField(blank=True, help_text="When administrators were told.", null=True),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        help_text="The moderator who hid it; empty when members' reports did (consults.reporting).",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
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
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="holds", to="consults.post"
                    ),
                ),
            ],
            options={
                "ordering": ["placed_at", "id"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by__isnull", True),
                            models.Q(("decided_by", models.F("by")), _negated=True),
                            _connector="OR",
                        ),
                        name="consults_posthold_second_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("decided_by__isnull", True), ("state", "held")),
                            models.Q(
                                models.Q(("state", "held"), _negated=True),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="consults_posthold_decided",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["held", "confirmed"])),
                        fields=("post",),
                        name="consults_posthold_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PostReport",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("identifies", "It could show who a patient is"),
                            ("consent", "It is not what the patient allowed"),
                            ("conduct", "It is not professional"),
                            ("unsafe", "It is wrong, or could harm a patient if followed"),
                            ("copyright", "It is somebody else's work, without leave or source"),
                            ("other", "Something else, explained below"),
                        ],
                        max_length=12,
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=500)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "due_at",
                    models.DateTimeField(
                        default=consults.reporting.in_two_working_days, help_text="By when moderators answer."
                    ),
                ),
                (
                    "hidden",
                    models.BooleanField(
                        help_text="Whether what it is about was hidden; empty while it waits.", null=True
                    ),
                ),
                (
                    "finding",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("upheld", "It was right"),
                            ("mistaken", "Nothing is wrong with it; reported in good faith"),
                            ("baseless", "Nothing is wrong with it; reported without any ground"),
                        ],
                        max_length=8,
                    ),
                ),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("settled_words", models.CharField(blank=True, help_text="Why; moderators read it.", max_length=500)),
                (
                    "escalated_at",
                    models.DateTimeField(blank=True, help_text="When administrators were told.", null=True),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reports", to="consults.post"
                    ),
                ),
                (
                    "reporter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["due_at", "made_at", "id"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("hidden__isnull", True), ("settled_at__isnull", True), ("settled_by__isnull", True)
                            ),
                            models.Q(
                                ("hidden__isnull", False), ("settled_at__isnull", False), ("settled_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="consults_postreport_settled_by_somebody",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("hidden", None)),
                        fields=("post", "reporter"),
                        name="consults_postreport_waits_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PostVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(blank=True, max_length=160)),
                ("text", models.TextField(blank=True)),
                ("replaced_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="consults.post"
                    ),
                ),
            ],
            options={
                "ordering": ["replaced_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="ProposedTerm",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("text", models.CharField(max_length=120, verbose_name="your diagnosis")),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("tr", "Türkçe")], max_length=5, verbose_name="language"
                    ),
                ),
                ("parent", models.CharField(blank=True, max_length=40)),
                ("rank", models.PositiveSmallIntegerField()),
                (
                    "confidence",
                    models.CharField(
                        choices=[
                            ("guess", "A guess"),
                            ("possible", "Possible"),
                            ("probable", "Probable"),
                            ("sure", "Sure"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits for a moderator"),
                            ("accepted", "Added to the list"),
                            ("mapped", "Is in the list already"),
                            ("refused", "Not added"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("code", models.CharField(blank=True, help_text="The diagnosis that it became.", max_length=60)),
                (
                    "why_not",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("not_a_diagnosis", "It is no diagnosis"),
                            ("too_vague", "It says less than a name in the list"),
                            ("unknown", "The moderators do not know it; give a source in the discussion"),
                            ("identifies", "It could identify a person"),
                            ("other", "Another reason"),
                        ],
                        max_length=16,
                        verbose_name="reason",
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=300, verbose_name="in your own words")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="proposed_terms", to="consults.answer"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decided_terms",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["made_at", "id"],
                        name="consults_proposedterm_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("answer",),
                        name="consults_proposedterm_one_waits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rank__gte", 1), ("rank__lte", 3)), name="consults_proposedterm_rank"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("code", ""), ("decided_at__isnull", True), ("state", "waiting"), ("why_not", "")),
                            models.Q(
                                ("code", ""),
                                ("decided_at__isnull", False),
                                ("state", "refused"),
                                models.Q(("why_not", ""), _negated=True),
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("state__in", ["accepted", "mapped"]),
                                ("why_not", ""),
                                models.Q(("code", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="consults_proposedterm_decided",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reaction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("agree", "Agree"), ("helpful", "Helpful")], max_length=8)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "comment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reactions",
                        to="consults.comment",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reactions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("comment", "member"), name="consults_reaction_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["agree", "helpful"])), name="consults_reaction_is_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Redaction",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("link", "It links to a case that was withdrawn"),
                            ("quote", "It quoted a case that was withdrawn; the quotation was taken out"),
                            ("picture", "A picture of this case was withdrawn"),
                        ],
                        max_length=8,
                    ),
                ),
                ("found_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "decision",
                    models.CharField(blank=True, choices=[("removed", "Removed"), ("kept", "Kept")], max_length=8),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "comment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="redactions", to="consults.comment"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="redactions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["found_at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("decision", "")),
                        fields=("comment", "reason"),
                        name="consults_redaction_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("decided_by__isnull", True), ("decision", "")),
                            models.Q(
                                ("decision__gt", ""), ("decided_at__isnull", False), ("decided_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="consults_redaction_decided_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Release",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "basis",
                    models.CharField(
                        choices=[
                            ("consent", "Consent of the patient"),
                            ("education_model", "Education model, no patient"),
                            ("histology", "Histology without any identifying feature"),
                        ],
                        max_length=16,
                    ),
                ),
                ("sha256", models.CharField(help_text="Of the bytes that were reviewed.", max_length=64)),
                ("content_sha256", models.CharField(help_text="Of the words that were reviewed.", max_length=64)),
                ("released_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "approver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approvals",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="releases", to="consults.case"
                    ),
                ),
                (
                    "consent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="releases",
                        to="consent.consent",
                    ),
                ),
                (
                    "rendition",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="release", to="imaging.rendition"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["case", "consent"], name="consults_release_of_case")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("basis", "consent"), ("consent__isnull", False)),
                            models.Q(("basis__in", ["education_model", "histology"]), ("consent__isnull", True)),
                            _connector="OR",
                        ),
                        name="consults_release_needs_consent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")), name="consults_release_names_bytes"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("identifies", "It could show who a patient is"),
                            ("consent", "It is not what the patient allowed"),
                            ("conduct", "It is not professional"),
                            ("unsafe", "It is wrong, or could harm a patient if followed"),
                            ("copyright", "It is somebody else's work, without leave or source"),
                            ("other", "Something else, explained below"),
                        ],
                        max_length=12,
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=500)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "due_at",
                    models.DateTimeField(
                        default=consults.reporting.in_two_working_days, help_text="By when moderators answer."
                    ),
                ),
                (
                    "hidden",
                    models.BooleanField(
                        help_text="Whether what it is about was hidden; empty while it waits.", null=True
                    ),
                ),
                (
                    "finding",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("upheld", "It was right"),
                            ("mistaken", "Nothing is wrong with it; reported in good faith"),
                            ("baseless", "Nothing is wrong with it; reported without any ground"),
                        ],
                        max_length=8,
                    ),
                ),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("settled_words", models.CharField(blank=True, help_text="Why; moderators read it.", max_length=500)),
                (
                    "escalated_at",
                    models.DateTimeField(blank=True, help_text="When administrators were told.", null=True),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reports", to="consults.case"
                    ),
                ),
                (
                    "comment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reports",
                        to="consults.comment",
                    ),
                ),
                (
                    "photo",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reports",
                        to="imaging.photo",
                    ),
                ),
                (
                    "reporter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["due_at", "made_at", "id"],
                "abstract": False,
                "indexes": [
                    models.Index(
                        condition=models.Q(("hidden__isnull", True)), fields=["made_at"], name="consults_report_waiting"
                    ),
                    models.Index(fields=["reporter", "-made_at"], name="consults_report_of_reporter"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("hidden__isnull", True), ("settled_at__isnull", True), ("settled_by__isnull", True)
                            ),
                            models.Q(
                                ("hidden__isnull", False), ("settled_at__isnull", False), ("settled_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="consults_report_settled_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("comment__isnull", True), ("photo__isnull", True), _connector="OR"),
                        name="consults_report_about_one_thing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedSearch",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("query", models.CharField(help_text="The query string, without its question mark.", max_length=600)),
                ("tells", models.BooleanField(default=True, verbose_name="tell me of new cases")),
                ("saved_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_searches",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("member", "query"), name="consults_savedsearch_once")],
            },
        ),
        migrations.CreateModel(
            name="SearchKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=60)),
                (
                    "search",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="keys", to="consults.savedsearch"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["key", "search"], name="consults_searchkey_key")],
                "constraints": [models.UniqueConstraint(fields=("search", "key"), name="consults_searchkey_once")],
            },
        ),
        migrations.CreateModel(
            name="SecondRead",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "decision",
                    models.CharField(choices=[("released", "Released"), ("sent_back", "Sent back")], max_length=10),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("eyes", "Eyes or a face are not covered well enough"),
                            ("mark", "Something else in a picture could identify the patient"),
                            ("words", "The text says too much about the patient"),
                            ("consent", "The consent does not fit the case"),
                            ("quality", "The pictures cannot be judged"),
                            ("other", "Something else, explained below"),
                        ],
                        max_length=10,
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=500)),
                ("content_sha256", models.CharField(max_length=64)),
                (
                    "accepted",
                    models.JSONField(
                        default=list, help_text="What the reader was told in words and accepted, by code."
                    ),
                ),
                ("decided_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="second_reads", to="consults.case"
                    ),
                ),
                (
                    "reader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="second_reads",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decision", "sent_back"), _negated=True), ("reason__gt", ""), _connector="OR"
                        ),
                        name="consults_sent_back_with_reason",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Mark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("x", models.FloatField()),
                ("y", models.FloatField()),
                ("width", models.FloatField(default=0)),
                ("height", models.FloatField(default=0)),
                (
                    "photo",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="marks", to="imaging.photo"
                    ),
                ),
                (
                    "read",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="marks", to="consults.secondread"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("height__gte", 0),
                            ("width__gte", 0),
                            ("x__gte", 0),
                            ("y__gte", 0),
                            (
                                "x__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.Value(1.000001), "-", models.F("width")
                                ),
                            ),
                            (
                                "y__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.Value(1.000001), "-", models.F("height")
                                ),
                            ),
                        ),
                        name="consults_mark_on_its_picture",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Suggestion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rank", models.PositiveSmallIntegerField()),
                ("code", models.CharField(max_length=60)),
                (
                    "confidence",
                    models.CharField(
                        choices=[
                            ("guess", "A guess"),
                            ("possible", "Possible"),
                            ("probable", "Probable"),
                            ("sure", "Sure"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "answer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="suggestions", to="consults.answer"
                    ),
                ),
            ],
            options={
                "ordering": ["rank"],
                "constraints": [
                    models.UniqueConstraint(fields=("answer", "rank"), name="consults_suggestion_rank_once"),
                    models.UniqueConstraint(fields=("answer", "code"), name="consults_suggestion_code_once"),
                    models.CheckConstraint(
                        condition=models.Q(("rank__gte", 1), ("rank__lte", 3)), name="consults_suggestion_at_most_three"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UrgencyMark",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "level",
                    models.CharField(
                        choices=[("today", "Today"), ("week", "This week")], max_length=8, verbose_name="how soon"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("appointment", "The patient comes back soon"),
                            ("procedure", "A procedure is planned"),
                            ("treatment", "A treatment has to be decided"),
                            ("worsening", "It is getting worse"),
                            ("malignancy", "It may be malignant"),
                            ("other", "Another reason"),
                        ],
                        max_length=12,
                        verbose_name="why",
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=200, verbose_name="in your own words")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("until", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="urgency_marks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="urgency_marks", to="consults.case"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["author", "made_at"], name="consults_urgencymark_author"),
                    models.Index(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=["until"],
                        name="consults_urgencymark_until",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("case",),
                        name="consults_urgencymark_one_stands",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("made_at"))), name="consults_urgencymark_ends_later"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Volunteer",
            fields=[
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="volunteer",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
                ("told", models.PositiveIntegerField(default=0, help_text="Of how many cases, in all.")),
            ],
            options={
                "indexes": [models.Index(fields=["told", "since"], name="consults_volunteer_fewest")],
            },
        ),
        migrations.CreateModel(
            name="RotaCall",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rota_calls", to="consults.case"
                    ),
                ),
                (
                    "volunteer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calls",
                        to="consults.volunteer",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["volunteer", "-at"], name="consults_rotacall_newest")],
                "constraints": [models.UniqueConstraint(fields=("volunteer", "case"), name="consults_rotacall_once")],
            },
        ),
        migrations.CreateModel(
            name="WithdrawalNotice",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="withdrawal_notices",
                        to="consults.case",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="withdrawal_notices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("case", "member"), name="consults_withdrawal_notice_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="AddedTerm",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=40, unique=True)),
                ("label", models.CharField(max_length=120, unique=True, verbose_name="name in English")),
                ("turkish", models.CharField(max_length=120, unique=True, verbose_name="name in Turkish")),
                ("icd10", models.CharField(max_length=5, verbose_name="ICD-10")),
                (
                    "nature",
                    models.CharField(
                        choices=[
                            ("malignant", "Malignant, in situ included"),
                            ("premalignant", "Premalignant or of uncertain potential"),
                            ("benign", "Benign"),
                            ("inflammatory", "Inflammatory"),
                            ("infectious", "Infectious"),
                            ("other", "Other"),
                        ],
                        max_length=12,
                        verbose_name="nature",
                    ),
                ),
                ("parent", models.CharField(max_length=40, verbose_name="above it")),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="added_terms",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("code__startswith", "x-")), name="consults_addedterm_prefix"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("parent", ""), _negated=True), name="consults_addedterm_has_parent"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[
                (
                    "observe",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("days", "In a few days"),
                            ("2w", "In 2 weeks"),
                            ("6w", "In 6 weeks"),
                            ("3m", "In 3 months"),
                            ("6m", "In 6 months"),
                            ("1y", "In a year"),
                            ("changed", "Only if it changes"),
                        ],
                        max_length=8,
                        verbose_name="observe, and look again",
                    ),
                ),
                (
                    "biopsy",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("no", "No biopsy"),
                            ("any", "Yes, whichever kind"),
                            ("punch", "Punch biopsy"),
                            ("shave", "Shave biopsy"),
                            ("saucerisation", "Deep shave (saucerisation)"),
                            ("incisional", "Incisional biopsy"),
                            ("excisional", "Excisional biopsy"),
                            ("deep", "Deep incisional biopsy, with fat or fascia"),
                            ("nail", "Nail matrix or nail bed biopsy"),
                            ("scalp", "Two scalp punches, cut across and along"),
                            ("dif", "Biopsy with direct immunofluorescence"),
                            ("culture", "Biopsy with tissue culture"),
                            ("mapping", "Mapping biopsies"),
                        ],
                        max_length=16,
                        verbose_name="biopsy",
                    ),
                ),
                (
                    "biopsy_where",
                    models.CharField(
                        blank=True,
                        help_text="Empty: the site of the case.",
                        max_length=80,
                        verbose_name="biopsy: where",
                    ),
                ),
                ("treatment", models.CharField(blank=True, max_length=40, verbose_name="treat with")),
                (
                    "refer_to",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("dermatologist", "Dermatology clinic"),
                            ("emergency", "Emergency department, today"),
                            ("dermatosurgery", "Dermatological surgery"),
                            ("mohs", "Mohs surgery"),
                            ("plastic", "Plastic surgery"),
                            ("oncology", "Oncology or tumour board"),
                            ("pathology", "Dermatopathology, second opinion"),
                            ("rheumatology", "Rheumatology"),
                            ("allergy", "Allergology, patch tests"),
                            ("infectious", "Infectious disease"),
                            ("paediatrics", "Paediatrics"),
                            ("ophthalmology", "Ophthalmology"),
                            ("genetics", "Genetics"),
                            ("haematology", "Haematology"),
                            ("vascular", "Vascular medicine or surgery"),
                            ("phototherapy", "Phototherapy unit"),
                            ("sexual-health", "Sexual health clinic"),
                            ("other", "Somebody else, said in words"),
                        ],
                        max_length=16,
                        verbose_name="refer to",
                    ),
                ),
                ("words", models.TextField(blank=True, max_length=600, verbose_name="in your own words")),
                (
                    "answer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="plan",
                        serialize=False,
                        to="consults.answer",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("observe", ""), ("biopsy", ""), ("treatment", ""), ("refer_to", ""), _negated=True
                        ),
                        name="consults_plan_says_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("biopsy_where", ""), models.Q(("biopsy__in", ["", "no"]), _negated=True), _connector="OR"
                        ),
                        name="consults_plan_where_needs_biopsy",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Bookmark",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("saved_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bookmarks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="bookmarks", to="consults.case"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("member", "case"), name="consults_bookmark_once")],
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("attached_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "accepted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accepted_attachments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "consent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="attachments", to="consent.consent"
                    ),
                ),
                (
                    "replaced",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="consent.consent",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="attachments", to="consults.case"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("case",),
                        name="consults_attachment_one_stands",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("accepted_at__isnull", True), ("accepted_by__isnull", True)),
                            models.Q(("accepted_at__isnull", False), ("accepted_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="consults_attachment_accepted_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AskedToSee",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="asked_to_see",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="asked_to_see", to="consults.case"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("case", "member", "day"), name="consults_asked_to_see_once_a_day")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["-released_at", "-case"], name="consults_listing_newest"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["answers", "-released_at", "-case"], name="consults_listing_fewest"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["group", "-released_at", "-case"], name="consults_listing_group"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                fields=["group", "answers", "-released_at", "-case"], name="consults_listing_group_fewest"
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["author", "-released_at", "-case"], name="consults_listing_author"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["region", "-released_at", "-case"], name="consults_listing_region"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["morphology", "-released_at", "-case"], name="consults_listing_morphology"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["pictures", "-released_at", "-case"], name="consults_listing_pictures"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["state", "kind", "-released_at", "-case"], name="consults_listing_state"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                condition=models.Q(("no_dermatologist", True)),
                fields=["-released_at", "-case"],
                name="consults_listing_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["-comments", "-released_at", "-case"], name="consults_listing_discussed"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                fields=["group", "-comments", "-released_at", "-case"], name="consults_listing_group_disc"
            ),
        ),
        migrations.RunPython(create_full_text, drop_full_text),
    ]
