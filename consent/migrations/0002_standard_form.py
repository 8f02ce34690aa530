"""Publish the standard form in every language of the site, and create the triggers that protect published text."""

from django.db import migrations

from consent.forms import standard_form, triggers
from consent.models import digest_of


def publish(apps, schema_editor):
    if schema_editor.connection.alias != "default":
        return
    forms = apps.get_model("consent", "Form").objects
    for language, (title, words) in standard_form.TEXTS.items():
        forms.get_or_create(
            code=standard_form.CODE,
            version=standard_form.VERSION,
            language=language,
            defaults={"title": title, "text": words, "sha256": digest_of(title=title, text=words)},
        )


def create(apps, schema_editor):
    if schema_editor.connection.alias == "default":
        triggers.create(schema_editor.connection)


def drop(apps, schema_editor):
    if schema_editor.connection.alias == "default":
        triggers.drop(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("consent", "0001_initial")]
    operations = [
        migrations.RunPython(publish, migrations.RunPython.noop),
        migrations.RunPython(create, drop),
    ]
