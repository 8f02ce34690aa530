"""A permitted publication has a name; a representative signs by some authority."""

import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models


def name_the_older_ones(apps, schema_editor):
    """Consents from before there was a field for it: the name stands on the signed form alone."""
    if schema_editor.connection.alias == "default":
        uses = apps.get_model("consent", "ConsentUse").objects
        uses.filter(use="publication", publication="").update(publication="[…]")


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0006_consent_life"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="consentuse",
            name="publication",
            field=models.CharField(blank=True, help_text="Its name, for one named publication.", max_length=160),
        ),
        migrations.RunPython(name_the_older_ones, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "active"), _negated=True),
                    ("relation", "self"),
                    ("authority__gt", ""),
                    _connector="OR",
                ),
                name="consent_representative_has_authority",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentuse",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("publication__gt", ""), ("use", "publication")),
                    models.Q(models.Q(("use", "publication"), _negated=True), ("publication", "")),
                    _connector="OR",
                ),
                name="consent_publication_is_named",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentuse",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length("publication"), 160)
                ),
                name="consent_publication_is_short",
            ),
        ),
    ]
