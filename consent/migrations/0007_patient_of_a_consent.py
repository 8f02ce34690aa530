"""Give every consent a random number for its patient, the same along a chain of replaced ones."""

from django.db import migrations, models

import core.ids
from consent.records import triggers


def number(apps, schema_editor):
    """Walk each chain from its end: whatever was replaced so far is taken for the same patient, as it was until now."""
    if schema_editor.connection.alias != "default":
        return
    consents = apps.get_model("consent", "Consent").objects
    successor = dict(consents.values_list("pk", "superseded_by"))
    patients = {}
    for pk in successor:
        walked = []
        while pk is not None and pk not in patients and pk not in walked:
            walked.append(pk)
            pk = successor[pk]
        patients |= dict.fromkeys(walked, patients.get(pk) or core.ids.new_id())
    for pk, patient in patients.items():
        consents.filter(pk=pk).update(patient=patient)


def create(apps, schema_editor):
    if schema_editor.connection.alias == "default":
        triggers.create(schema_editor.connection)


def drop(apps, schema_editor):
    if schema_editor.connection.alias == "default":
        triggers.drop(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("consent", "0006_signature_problem")]
    operations = [
        migrations.AddField("consent", "patient", models.UUIDField(null=True, editable=False)),
        migrations.RunPython(number, migrations.RunPython.noop),
        migrations.AlterField(
            "consent",
            "patient",
            models.UUIDField(
                default=core.ids.new_id,
                editable=False,
                db_index=True,
                help_text="A random number for the patient, derived from nothing.",
            ),
        ),
        migrations.RunPython(create, drop),
    ]
