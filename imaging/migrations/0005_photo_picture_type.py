from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("imaging", "0004_choose_frames")]

    operations = [
        migrations.AddField(
            model_name="photo",
            name="picture_type",
            field=models.CharField(
                blank=True,
                default="",
                help_text="As its owner stated it, until then as the engine guessed it; or empty.",
                max_length=12,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="photo",
            name="type_stated",
            field=models.BooleanField(default=False),
        ),
    ]
