import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.ids
import vocabulary.sites


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("consent", "0001_initial"),
        ("imaging", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Group",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80, unique=True)),
                ("purpose", models.CharField(blank=True, max_length=200)),
                (
                    "open_to_nurses",
                    models.BooleanField(default=False, help_text="Nurses and physician assistants may see its cases."),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
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
                    "removal",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="removed_cases",
                        to="consent.removal",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="consults.group",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(choices=[("diagnosis", "Diagnosis"), ("read_only", "Read only")], max_length=10),
                ),
                ("counted_as", models.CharField(blank=True, max_length=10)),
                ("is_dermatologist", models.BooleanField(default=False)),
                ("answered_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answers", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="consults.case"
                    ),
                ),
            ],
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
            },
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("text", models.TextField(max_length=3000, verbose_name="comment")),
                ("written_at", models.DateTimeField(default=django.utils.timezone.now)),
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
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
        ),
        migrations.AddField(
            model_name="group",
            name="members",
            field=models.ManyToManyField(
                related_name="consult_groups", through="consults.Membership", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.CreateModel(
            name="Outcome",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("diagnosis", models.CharField(max_length=60, verbose_name="final diagnosis")),
                (
                    "reference",
                    models.CharField(
                        choices=[
                            ("histopathology", "Histopathology"),
                            ("serial-imaging", "Unchanged on serial imaging"),
                            ("expert-consensus", "Expert consensus"),
                            ("confocal", "Confocal microscopy and consensus"),
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
        ),
        migrations.CreateModel(
            name="Revision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("suggestions", models.JSONField(help_text="[[rank, code, confidence], …] as they were.")),
                ("revised_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "answer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="revisions", to="consults.answer"
                    ),
                ),
            ],
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
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.UniqueConstraint(fields=("case", "member"), name="consults_answer_once"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["state", "-released_at", "-id"], name="consults_case_feed"),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["released", "closed"]), _negated=True),
                    ("consent__isnull", False),
                    ("education_model", True),
                    ("histology_exempt", True),
                    _connector="OR",
                ),
                name="consults_case_published_has_a_basis",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("histology_exempt", False), ("consent__isnull", True), _connector="OR"),
                name="consults_case_exempt_or_consent",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["released", "closed"]), _negated=True),
                    ("released_at__isnull", False),
                    _connector="OR",
                ),
                name="consults_case_published_has_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(fields=("group", "member"), name="consults_membership_once"),
        ),
        migrations.AddConstraint(
            model_name="redaction",
            constraint=models.UniqueConstraint(
                condition=models.Q(("decision", "")), fields=("comment", "reason"), name="consults_redaction_open_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="redaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("decided_by__isnull", True), ("decision", "")),
                    models.Q(("decision__gt", ""), ("decided_at__isnull", False), ("decided_by__isnull", False)),
                    _connector="OR",
                ),
                name="consults_redaction_decided_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("basis", "consent"), ("consent__isnull", False)),
                    models.Q(("basis__in", ["education_model", "histology"]), ("consent__isnull", True)),
                    _connector="OR",
                ),
                name="consults_release_needs_consent",
            ),
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.CheckConstraint(
                condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")), name="consults_release_names_bytes"
            ),
        ),
        migrations.AddConstraint(
            model_name="secondread",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decision", "sent_back"), _negated=True), ("reason__gt", ""), _connector="OR"
                ),
                name="consults_sent_back_with_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="mark",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("height__gte", 0),
                    ("width__gte", 0),
                    ("x__gte", 0),
                    ("y__gte", 0),
                    (
                        "x__lte",
                        django.db.models.expressions.CombinedExpression(models.Value(1.000001), "-", models.F("width")),
                    ),
                    (
                        "y__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.Value(1.000001), "-", models.F("height")
                        ),
                    ),
                ),
                name="consults_mark_on_its_picture",
            ),
        ),
        migrations.AddConstraint(
            model_name="suggestion",
            constraint=models.UniqueConstraint(fields=("answer", "rank"), name="consults_suggestion_rank_once"),
        ),
        migrations.AddConstraint(
            model_name="suggestion",
            constraint=models.UniqueConstraint(fields=("answer", "code"), name="consults_suggestion_code_once"),
        ),
        migrations.AddConstraint(
            model_name="suggestion",
            constraint=models.CheckConstraint(
                condition=models.Q(("rank__gte", 1), ("rank__lte", 3)), name="consults_suggestion_at_most_three"
            ),
        ),
        migrations.AddConstraint(
            model_name="withdrawalnotice",
            constraint=models.UniqueConstraint(fields=("case", "member"), name="consults_withdrawal_notice_once"),
        ),
    ]
