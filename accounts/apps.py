"""Configuration of the accounts app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Members and vetting. Core discovers the policy and the jobs."""

    name = "accounts"
    verbose_name = _("Members")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the receivers of sign-in and of what an erased member leaves."""
        from accounts.leaving import rooms
        from accounts.leaving.erasure import OWN_ROOM
        from accounts.membership import erasure, language  # noqa: F401 - importing connects the receivers
        from accounts.profiles import receivers  # noqa: F401
        from accounts.security import security_events  # noqa: F401
        from accounts.security.factors import changes, enrolment  # noqa: F401
        from accounts.security.recovery import service  # noqa: F401

        rooms.add("accounts", OWN_ROOM)
