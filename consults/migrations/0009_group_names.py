"""What a group says of itself, who knows of it, and a name that no other group has in another spelling.

Groups that were there are closed: until now nobody but their members knew of them.
"""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import consults.groups.naming
from consults.groups.naming import LONGEST, key_of


def fill_keys(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Write the key of each name; of two alike the later gets the end of its id, and both keep their names."""
    groups = apps.get_model("consults", "Group").objects
    taken: set[str] = set()
    for pk, name in groups.order_by("pk").values_list("pk", "name"):
        key = key_of(name)
        if key in taken:
            key = f"{key[: LONGEST - 12]}{pk.hex[-12:]}"
        taken.add(key)
        groups.filter(pk=pk).update(name_key=key)


class Migration(migrations.Migration):
    dependencies = [("consults", "0008_published_cases")]

    operations = [
        migrations.RenameField(model_name="group", old_name="purpose", new_name="description"),
        migrations.AlterField(
            model_name="group",
            name="description",
            field=models.TextField(blank=True, max_length=1000),
        ),
        migrations.AddField(
            model_name="group",
            name="name_key",
            field=consults.groups.naming.NameKey(default="", editable=False, max_length=80, of="name"),
            preserve_default=False,
        ),
        migrations.RunPython(fill_keys, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="group",
            name="name_key",
            field=consults.groups.naming.NameKey(editable=False, max_length=80, of="name", unique=True),
        ),
    ]
