"""Applications from before the keys of institutions get theirs."""

from collections.abc import Callable
from importlib import import_module

import pytest
from django.apps import apps

from accounts.models import Application

fill = import_module("accounts.migrations.0012_institution_keys").fill


@pytest.mark.django_db
def test_applications_from_before_get_the_key_of_their_institution(applied: Callable[..., Application]) -> None:
    applied()
    Application.objects.update(institution_key="")
    fill(apps, None)
    assert Application.objects.get().institution_key == "hospital lake"
