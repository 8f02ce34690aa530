"""Discovery of modules that apps may have by convention: `policy`, `navigation`, `script_words`."""

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

from django.apps import apps
from django.utils.module_loading import module_has_submodule


def app_modules(name: str) -> Iterator[tuple[str, ModuleType]]:
    """Import `<app>.<name>` of every installed app that has one; yield the app's name beside it."""
    for app in apps.get_app_configs():
        if app.module is not None and module_has_submodule(app.module, name):
            yield app.name, import_module(f"{app.name}.{name}")
