"""Messages to the next page: in a cookie with the same protection as the others, in the session when they are long."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class _Cookie(CookieStorage):
    """Django's, under a name that no other host and no plain connection can set."""

    cookie_name = settings.MESSAGES_COOKIE_NAME


class Storage(FallbackStorage):
    """Django's, with that cookie."""

    storage_classes = (_Cookie, SessionStorage)
