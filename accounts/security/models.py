"""Sessions with a reference to their member."""

from importlib import import_module
from typing import ClassVar

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models


class Session(AbstractBaseSession):
    """Django's session with its member, so that one query finds both, and one deletes all sessions of a member."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="sessions")

    objects: ClassVar[BaseSessionManager] = BaseSessionManager()  # type: ignore[type-arg]

    class Meta(AbstractBaseSession.Meta):
        abstract = False

    def __str__(self) -> str:
        """Return a text without the key: whoever has the key is signed in."""
        return f"session of {self.member_id}"

    @classmethod
    def get_session_store_class(cls) -> type:
        """Return the store of these rows, which imports this module."""
        store: type = import_module(settings.SESSION_ENGINE).SessionStore
        return store
