"""A password that was chosen before the address was confirmed lets nobody in any more; "new password" makes another."""

from django.contrib.auth.hashers import make_password
from django.db import migrations


def forget(apps, schema_editor):
    applicants = apps.get_model("accounts", "Member").objects.filter(standing="applicant")
    unconfirmed = applicants.exclude(applications__address_confirmed_at__isnull=False)
    for member in unconfirmed.filter(applications__isnull=False).distinct():
        member.password = make_password(None)
        member.save(update_fields=["password"])
        member.sessions.all().delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_drafts_and_mails")]

    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
