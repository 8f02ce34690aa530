"""Publish version 3 of the standard form, one text for each reader, and retire the versions before it."""

from django.db import migrations
from django.utils import timezone

from consent.forms import standard_form
from consent.models import digest_of


def publish(apps, schema_editor):
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
        earlier = forms.filter(code=code, version__lt=standard_form.VERSION, retired_at__isnull=True)
        earlier.filter(published_at__isnull=False).update(retired_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("consent", "0003_submission_once")]
    operations = [migrations.RunPython(publish, migrations.RunPython.noop)]
