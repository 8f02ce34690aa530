"""The accounts app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Members and vetting."""

    name = "accounts"
    verbose_name = _("Members")
    default_auto_field = "django.db.models.BigAutoField"
