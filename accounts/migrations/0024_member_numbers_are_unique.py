from django.db import migrations, models

import accounts.membership.numbers


class Migration(migrations.Migration):
    dependencies = [("accounts", "0023_member_numbers")]

    operations = [
        migrations.AlterField(
            model_name="member",
            name="number",
            field=models.CharField(
                default=accounts.membership.numbers.new_number,
                editable=False,
                max_length=8,
                unique=True,
                verbose_name="number",
            ),
        ),
    ]
