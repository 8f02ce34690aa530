"""Publish the standard form in every language of the house, retire what came before, and fix published words."""

from django.db import migrations
from django.utils import timezone

from consent import text, triggers
from consent.form import digest_of


def publish(apps, schema_editor):
    if schema_editor.connection.alias != "default":
        return
    forms = apps.get_model("consent", "Form").objects
    for language, (title, words) in text.TEXTS.items():
        forms.get_or_create(
            code=text.CODE,
            version=text.VERSION,
            language=language,
            defaults={"title": title, "text": words, "sha256": digest_of(title=title, text=words)},
        )
    forms.filter(code=text.CODE, version__lt=text.VERSION, retired_at__isnull=True).update(retired_at=timezone.now())


def create(apps, schema_editor):
    if schema_editor.connection.alias == "default":
        triggers.create(schema_editor.connection)


def drop(apps, schema_editor):
    if schema_editor.connection.alias == "default":
        triggers.drop(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("consent", "0004_forms_in_pairs_and_more_routes")]
    operations = [
        migrations.RunPython(publish, migrations.RunPython.noop),
        migrations.RunPython(create, drop),
    ]
