"""The adapter through which allauth.mfa asks about factors: encryption, names, and the site that passkeys are for."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.security.factors import secret_text


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets are sealed; a passkey belongs to the address of the site, whatever Host header came with a request."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("This is not right. Try again, or use another way."),
    }

    def encrypt(self, text: str) -> str:
        """Return the secret sealed under a data key of its own."""
        return secret_text.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret. Raises vault.Tampered, vault.KeyDestroyed."""
        return secret_text.unseal(encrypted_text)

    def get_totp_issuer(self) -> str:
        """Return the name under which an authenticator app lists the account."""
        return str(settings.SITE_NAME)

    def _get_site_name(self) -> str:
        return str(settings.SITE_NAME)

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        """Return the name that the form for a new passkey begins with."""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("Passkey %(number)d") % {"number": number}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return the site that passkeys are for: the host of RETE_SITE_ADDRESS, on one machine that of the request."""
        return {"id": passkey_host(), "name": str(settings.SITE_NAME)}

    def get_public_key_credential_user_entity(self, user: AbstractBaseUser) -> dict[str, Any]:
        """Return the account as the member's own device lists it."""
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return entity | {"name": getattr(user, "email", ""), "display_name": getattr(user, "name", "")}


def passkey_host() -> str:
    """Return the host name that passkeys belong to."""
    if settings.EMBEDDED:
        return str(context.request.get_host()).rpartition("@")[2].partition(":")[0]
    return urlsplit(settings.SITE_ADDRESS).hostname or ""
