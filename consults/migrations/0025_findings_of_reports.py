"""Say of reports that were settled before there were findings what was found: hidden ones were right."""

from typing import Any

from django.db import migrations


def fill(apps: Any, _schema: Any) -> None:
    """Take what was not hidden for reported in good faith, so that nobody's reports weigh less from now on."""
    reports = apps.get_model("consults", "Report").objects.filter(finding="")
    reports.filter(hidden=True).update(finding="upheld")
    reports.filter(hidden=False).update(finding="mistaken")


class Migration(migrations.Migration):
    dependencies = [("consults", "0024_desk_and_rooms")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
