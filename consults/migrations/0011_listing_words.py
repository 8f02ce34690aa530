"""Uncommon words get a mark for the search of beginnings: all listings are written anew afterwards (FILLED_AFTER)."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("consults", "0010_group_life")]
    operations: ClassVar = []
