import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consults", "0020_pins"),
    ]

    operations = [
        migrations.AddField(
            model_name="casephoto",
            name="um_per_px",
            field=models.FloatField(
                blank=True,
                help_text="If the scanner or the camera states it: a scale bar is drawn from it.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(0.01),
                    django.core.validators.MaxValueValidator(100.0),
                ],
                verbose_name="micrometres per pixel",
            ),
        ),
        migrations.AddConstraint(
            model_name="casephoto",
            constraint=models.CheckConstraint(
                condition=models.Q(("um_per_px__isnull", True), ("um_per_px__gt", 0), _connector="OR"),
                name="consults_casephoto_scale",
            ),
        ),
    ]
