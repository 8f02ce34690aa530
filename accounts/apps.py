"""The accounts app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Members and vetting. Policy and jobs are found by core."""

    name = "accounts"
    verbose_name = _("Members")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect what listens to sign-ins."""
        from accounts.security import security_events  # noqa: F401 - importing connects the receivers
