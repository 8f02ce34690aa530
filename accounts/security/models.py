"""Sessions with a reference to their member, and the mails that strangers can cause."""

from typing import ClassVar

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils import timezone
from django.utils.module_loading import import_string


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
        """Return the store of these rows."""
        store: type = import_string(f"{settings.SESSION_ENGINE}.SessionStore")  # by name: the store imports this model
        return store


class MailSent(models.Model):
    """When an address was last sent a mail that a stranger can cause; the address itself is not kept."""

    key = models.CharField(max_length=64, primary_key=True, help_text="Keyed hash of the mail's kind and the address.")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        """Return a text without the key."""
        return f"mail sent at {self.at:%Y-%m-%d %H:%M}"
