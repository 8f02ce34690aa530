import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

STANDARDS = [
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
]


class Migration(migrations.Migration):
    dependencies = [("consults", "0015_listing_urgency")]

    operations = [
        migrations.AddField(
            model_name="case",
            name="solution",
            field=models.CharField(blank=True, max_length=60, verbose_name="final diagnosis"),
        ),
        migrations.AddField(
            model_name="case",
            name="solution_reference",
            field=models.CharField(blank=True, choices=STANDARDS, max_length=20, verbose_name="reference standard"),
        ),
        migrations.AddField(
            model_name="case",
            name="teaching_points",
            field=models.TextField(blank=True, max_length=2000, verbose_name="teaching points"),
        ),
        migrations.AlterField(
            model_name="outcome",
            name="diagnosis",
            field=models.CharField(blank=True, max_length=60, verbose_name="final diagnosis"),
        ),
        migrations.AlterField(
            model_name="outcome",
            name="reference",
            field=models.CharField(blank=True, choices=STANDARDS, max_length=20, verbose_name="reference standard"),
        ),
        migrations.AddConstraint(
            model_name="outcome",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("diagnosis", ""), ("reference", "")),
                    models.Q(models.Q(("diagnosis", ""), _negated=True), models.Q(("reference", ""), _negated=True)),
                    _connector="OR",
                ),
                name="consults_outcome_whole_or_none",
            ),
        ),
        migrations.CreateModel(
            name="OutcomeVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("diagnosis", models.CharField(blank=True, max_length=60)),
                ("reference", models.CharField(blank=True, choices=STANDARDS, max_length=20)),
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
    ]
