"""What allauth asks us about signing in."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Member, normalise_email
from accounts.security import trusted_devices
from core import jobs

RESET = "accounts.reset"


class AccountAdapter(DefaultAccountAdapter):
    """Joining goes through an application only; no answer tells whether an address has an account."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is not right. Check both and try again."),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes and try again, or ask for a new password."),
        "enter_current_password": _("This is not your present password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: accounts are made by `accounts.vetting.applying.apply`."""
        return False

    def is_ajax(self, request: HttpRequest) -> bool:
        """Never: these pages have one answer, HTML."""
        return False

    def clean_email(self, email: str) -> str:
        """The address as it is stored."""
        return normalise_email(email)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Whose wrong passwords are counted together: an account's, but for browsers that signed in to it before.

        Allauth would put the visitor's Host header into it, and every made-up port would begin a count of its own.
        """
        email = normalise_email(str(credentials.get("email", "")))
        return f"{email}|{trusted_devices.mark_of(request, email=email)}"

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Applicants land on their application, everybody else at home."""
        member = request.user
        if isinstance(member, Member) and not member.is_verified:
            return reverse("accounts:application")
        home: str = super().get_login_redirect_url(request)
        return home

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to the page where the change began."""
        return reverse("accounts:me")

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        """The page for an account that is closed."""
        return render(request, "accounts/vetting/refused.html", {"why": "suspended"}, status=403)

    def send_password_reset_mail(self, user: AbstractBaseUser, email: str, context: dict[str, Any]) -> None:
        """Leave the mail to a job: a known address then answers as fast as an unknown one."""
        with transaction.atomic():
            jobs.enqueue(kind=RESET, subject=user.pk)
