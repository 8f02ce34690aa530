"""Data keys live in their own database and nothing else does."""

import pytest
from django.apps import apps
from django.db import connections

from core.models import DataKey
from core.routers import KeysRouter


def test_every_model_has_one_home() -> None:
    router = KeysRouter()
    for model in apps.get_models():
        home = "keys" if model is DataKey else "default"
        assert router.db_for_read(model) == router.db_for_write(model) == home
        assert router.allow_migrate(home, model._meta.app_label, model._meta.model_name)


@pytest.mark.django_db
def test_the_run_is_on_the_database_it_was_asked_for(pytestconfig: pytest.Config) -> None:
    vendor = {"sqlite": "sqlite", "postgres": "postgresql"}[pytestconfig.getoption("database")]
    assert {connections[alias].vendor for alias in ("default", "keys")} == {vendor}


@pytest.mark.django_db
def test_tables() -> None:
    assert "core_datakey" in connections["keys"].introspection.table_names()
    assert "core_datakey" not in connections["default"].introspection.table_names()
    assert set(connections["keys"].introspection.table_names()) <= {"core_datakey", "django_migrations"}
