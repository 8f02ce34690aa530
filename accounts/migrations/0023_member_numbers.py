"""Every member gets a number of their own, which pages draw over pictures."""

from django.db import migrations, models

import accounts.membership.numbers


def fill(apps, schema_editor):
    members = apps.get_model("accounts", "Member").objects
    given = set(members.exclude(number=None).values_list("number", flat=True))
    for pk in list(members.filter(number=None).values_list("pk", flat=True)):
        number = accounts.membership.numbers.new_number()
        while number in given:
            number = accounts.membership.numbers.new_number()
        given.add(number)
        members.filter(pk=pk).update(number=number)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0022_suspensions_stay_without_a_name")]

    operations = [
        migrations.AddField(
            model_name="member",
            name="number",
            field=models.CharField(max_length=8, null=True, editable=False, verbose_name="number"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
