"""Publish the standard form."""

from django.db import migrations

from consent import text
from consent.models import digest_of


def publish(apps, schema_editor):
    if schema_editor.connection.alias != "default":
        return
    form = apps.get_model("consent", "Form")
    form.objects.get_or_create(
        code=text.CODE,
        version=text.VERSION,
        language=text.LANGUAGE,
        defaults={
            "title": text.TITLE,
            "text": text.TEXT,
            "sha256": digest_of(title=text.TITLE, text=text.TEXT),
        },
    )


class Migration(migrations.Migration):
    dependencies = [("consent", "0001_initial")]
    operations = [migrations.RunPython(publish, migrations.RunPython.noop)]
