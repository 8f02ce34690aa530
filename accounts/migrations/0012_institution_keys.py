"""Applications from before get the key of their institution: a moderator who works there does not decide."""

from django.db import migrations

from accounts.vetting.checking.institutions import institution_key


def fill(apps, schema_editor):
    applications = apps.get_model("accounts", "Application").objects
    for pk, institution in list(applications.filter(institution_key="").values_list("pk", "institution")):
        applications.filter(pk=pk).update(institution_key=institution_key(institution))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_vetting_desk")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
