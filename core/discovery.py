"""Discovery of modules that apps may have by convention: `policy`, `navigation`, `script_words`."""

from functools import cache
from importlib import import_module
from types import ModuleType

from django.apps import apps
from django.utils.module_loading import module_has_submodule


@cache
def app_modules(name: str) -> tuple[tuple[str, ModuleType], ...]:
    """Import `<app>.<name>` of every installed app that has one; return them, each with the app's name before it.

    Looked for once: that reads the disk, and every page needs the navigation.
    """
    return tuple(
        (app.name, import_module(f"{app.name}.{name}"))
        for app in apps.get_app_configs()
        if app.module is not None and module_has_submodule(app.module, name)
    )
