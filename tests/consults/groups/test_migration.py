"""What becomes of groups that were there before they had kinds and folded names."""

import importlib
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE, AFTER = [("consults", "0008_published_cases")], [("consults", "0010_group_life")]


@pytest.fixture
def at_the_time() -> Any:
    """Migrate back to before, and forward again whatever happens."""
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    yield executor.loader.project_state(BEFORE).apps
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.mark.service  # migrates a whole database there and back
@pytest.mark.django_db(transaction=True)
def test_groups_of_before_are_closed_and_keep_their_names(at_the_time: Any) -> None:
    old = at_the_time.get_model("consults", "Group").objects
    names = {"Skin of colour": "Rashes", "SKIN OF COLOR": "The same", "Nails": ""}
    for name, purpose in names.items():
        old.create(name=name, purpose=purpose)
    executor = MigrationExecutor(connection)
    executor.migrate(AFTER)
    rows = executor.loader.project_state(AFTER).apps.get_model("consults", "Group").objects.all()
    assert {row.name: row.description for row in rows} == names
    assert {(row.kind, row.purpose, row.ended_at) for row in rows} == {("closed", "other", None)}
    assert len({row.name_key for row in rows}) == len(names)
    assert {"skinofcolor", "nails"} <= {row.name_key for row in rows}


@pytest.mark.django_db
def test_keys_are_filled_in_the_order_of_the_ids() -> None:
    fill = importlib.import_module("consults.migrations.0009_group_names").fill_keys
    from consults.models import Group

    made = Group.objects.create(name="Hair")
    Group.objects.update(name_key="")
    fill(SimpleNamespace(get_model=lambda *_names: Group), None)
    assert Group.objects.get(pk=made.pk).name_key == "hair"
