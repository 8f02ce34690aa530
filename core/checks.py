"""System checks of the core app."""

from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from core.crypto import vault


@register()
def master_key_can_wrap(**kwargs: Any) -> list[CheckMessage]:
    """Refuse to start with a master key that cannot wrap data keys."""
    try:
        vault.master_key()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="core.E001")]
    return []
