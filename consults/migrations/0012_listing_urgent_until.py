"""Until when the author of a case asks for a quick answer: on its listing, where lists are put in order by it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consults", "0011_listing_words")]

    operations = [
        migrations.AddField(
            model_name="listing",
            name="urgent_until",
            field=models.DateTimeField(help_text="Until when its author asks for a quick answer.", null=True),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                condition=models.Q(("urgent_until__isnull", False)),
                fields=["urgent_until"],
                name="consults_listing_urgent",
            ),
        ),
    ]
