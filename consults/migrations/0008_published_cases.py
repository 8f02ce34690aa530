"""An index of published and withdrawn cases, in the order of the consent audit."""

from django.db import migrations, models
from django.db.models.functions import Coalesce


class Migration(migrations.Migration):
    dependencies = [("consults", "0007_waiting_cases")]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                Coalesce("released_at", "created_at").desc(),
                models.F("id").desc(),
                condition=models.Q(("released_at__isnull", False), ("state", "withdrawn"), _connector="OR"),
                name="consults_case_published",
            ),
        ),
    ]
