"""An index of the cases that wait for a second read, in the order of the queue."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consults", "0006_listing_orders")]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("state", "submitted")),
                fields=["submitted_at", "id"],
                name="consults_case_waiting",
            ),
        ),
    ]
