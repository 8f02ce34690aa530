"""Note of a case that a patient was ever asked about it, and of a second read what was accepted."""

from django.db import migrations, models


def note(apps, schema_editor):
    """Take it from the consents that stand, and from the log for those that do not stand any more."""
    if schema_editor.connection.alias != "default":
        return
    cases, events = apps.get_model("consults", "Case").objects, apps.get_model("audit", "Event").objects
    told = events.filter(subject_type="case", verb__in=("case.consent_attached", "case.refused"))
    stands = models.Q(consent__isnull=False)
    cases.filter(stands | models.Q(pk__in=told.values("subject_id"))).update(patient_asked=True)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("consults", "0004_attachments")]
    operations = [
        migrations.AddField(
            "case",
            "patient_asked",
            models.BooleanField(
                default=False, editable=False, help_text="A consent in any status, a draft too, has stood here."
            ),
        ),
        migrations.AddField(
            "secondread",
            "accepted",
            models.JSONField(default=list, help_text="What the reader was told in words and accepted, by code."),
        ),
        migrations.RunPython(note, migrations.RunPython.noop),
        migrations.AddConstraint(
            "case",
            models.CheckConstraint(
                name="consults_case_consent_was_noted",
                condition=models.Q(("consent__isnull", True), ("patient_asked", True), _connector="OR"),
            ),
        ),
    ]
