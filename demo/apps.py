"""App configuration."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demo community, set up by `manage.py demo`."""

    name = "demo"
