"""Sessions with a reference to their member, and the mails about an account or that strangers can cause."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


class Session(AbstractBaseSession):
    """Django's session with its member, so that one query finds both, and one deletes all sessions of a member."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="sessions")
    # Written with the row, from what the sign-in put into the session: the list of sessions opens none of them.
    device = models.CharField(max_length=60, blank=True)
    network = models.CharField(max_length=50, blank=True, help_text="The sender's /24 or /48, no finer.")
    began_at = models.DateTimeField(null=True)

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

    @property
    def seen_at(self) -> datetime:
        """When it was last used, to the minute: the idle limit is counted from there."""
        return self.expire_date - timedelta(seconds=settings.SESSION_COOKIE_AGE)


class EndedSession(models.Model):
    """A session that somebody ended, until it would have run out: its browser is told to forget what it holds."""

    key = models.CharField(max_length=64, primary_key=True, help_text="Keyed hash of the session's key.")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        """Return a text without the key."""
        return f"session ended at {self.at:%Y-%m-%d %H:%M}"


class Change(models.TextChoices):
    """Changes of an account that its member is told by mail; the label is the sentence of the mail."""

    PASSWORD = "password", _("Your password was changed.")
    PASSWORD_RESET = "password_reset", _("Your password was changed by a link that was sent to you.")
    NEW_DEVICE = (
        "new_device",
        _("Somebody signed in to your account with a browser that had not been used for it before."),
    )
    ADDRESS = "address", _("The e-mail address of your account was changed.")
    ADDRESS_STOPPED = "address_stopped", _("The change of the e-mail address of your account was stopped.")
    FACTOR_ADDED = "factor_added", _("A passkey or an authenticator app was added to your account.")
    FACTOR_REMOVED = "factor_removed", _("A passkey or an authenticator app was removed from your account.")
    CODES_MADE = "codes_made", _("New recovery codes were made for your account; the old ones do not work any more.")
    CODE_USED = "code_used", _("Somebody signed in to your account with a recovery code.")
    EXPORT_ASKED = "export_asked", _("A copy of your data was asked for.")
    EXPORT_READY = "export_ready", _("The copy of your data is ready. It can be fetched for seven days.")
    LEAVING = "leaving", _("Your account will be erased in 14 days. Until then you can stop it.")
    LEAVING_SOON = "leaving_soon", _("Your account will be erased in 3 days. Until then you can stop it.")
    LEAVING_STOPPED = "leaving_stopped", _("Your account stays: the erasure was stopped.")
    LEFT = "left", _("Your account was erased. This is the last mail to you.")
    SUPERVISOR_LEFT = "supervisor_left", _("Your supervisor has left. Name another one, so that you can post again.")


class SecurityNotice(models.Model):
    """A mail to a member on a change of their account; deleted when it is sent."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="security_notices")
    what = models.CharField(max_length=20, help_text="One of Change.")
    to = models.EmailField(blank=True, help_text="A former address; empty: the member's own.")
    language = models.CharField(max_length=5, blank=True)
    device = models.CharField(max_length=60, blank=True)
    network = models.CharField(max_length=50, blank=True)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        """Return the id."""
        return str(self.pk)


class AddressChange(models.Model):
    """A change of a member's address that waits for both mailboxes; deleted when it is made, stopped or over."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="address_change")
    email = models.EmailField()
    asked_at = models.DateTimeField(default=timezone.now)
    old_confirmed_at = models.DateTimeField(null=True)
    new_confirmed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """Return the id."""
        return str(self.pk)


class MailSent(models.Model):
    """When an address was last sent a mail that a stranger can cause; the address itself is not kept."""

    key = models.CharField(max_length=64, primary_key=True, help_text="Keyed hash of the mail's kind and the address.")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        """Return a text without the key."""
        return f"mail sent at {self.at:%Y-%m-%d %H:%M}"
