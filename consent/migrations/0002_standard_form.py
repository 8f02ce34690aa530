"""Publish the standard form in English; a later migration adds what was written since."""

from django.db import migrations

from consent import text
from consent.form import digest_of


def publish(apps, schema_editor):
    if schema_editor.connection.alias != "default":
        return
    title, words = text.TEXTS["en"]
    apps.get_model("consent", "Form").objects.get_or_create(
        code=text.CODE,
        version=text.VERSION,
        language="en",
        defaults={"title": title, "text": words, "sha256": digest_of(title=title, text=words)},
    )


class Migration(migrations.Migration):
    dependencies = [("consent", "0001_initial")]
    operations = [migrations.RunPython(publish, migrations.RunPython.noop)]
