"""Supervisors who were named and never said yes supervise nobody; they are asked on their own page."""

from django.db import migrations
from django.db.models import Exists, OuterRef


def ask_again(apps, schema_editor):
    references = apps.get_model("accounts", "Reference").objects.filter(
        kind="supervisor", member=OuterRef("supervisor"), application__member=OuterRef("pk")
    )
    residents = apps.get_model("accounts", "Member").objects.filter(supervisor__isnull=False)
    unasked = residents.filter(Exists(references.filter(answer__isnull=True)))
    for member in unasked.exclude(Exists(references.filter(answer=True))):
        member.supervisor = None
        member.save(update_fields=["supervisor"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_renewal_reminders")]

    operations = [migrations.RunPython(ask_again, migrations.RunPython.noop)]
