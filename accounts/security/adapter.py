"""The adapter through which allauth asks about sign-in."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.membership.models import Member, normalise_email
from accounts.security import trusted_devices
from accounts.security.factors import rules


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in without sign-up: accounts come from applications, and no answer reveals whether an address has one."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is not right. Check both and try again."),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes and try again, or ask for a new password."),
        "enter_current_password": _("This is not your present password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: accounts are created by `accounts.vetting.joining`."""
        return False

    def is_ajax(self, request: HttpRequest) -> bool:
        """Return False: these pages answer with HTML only."""
        return False

    def clean_email(self, email: str) -> str:
        """Return the address as it is stored."""
        return normalise_email(email)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Return the key to count wrong passwords under: the account, and the browser if it signed in to it before.

        Allauth would include the visitor's Host header, and every invented port would start a new count.
        """
        email = normalise_email(str(credentials.get("email", "")))
        return f"{email}|{trusted_devices.device_token(request, email=email)}"

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return the application for anybody not verified, the factors for who has none, else the home page."""
        member = request.user
        if isinstance(member, Member) and not member.is_verified:
            return reverse("accounts:application")
        if isinstance(member, Member) and rules.missing(request, member) == rules.ENROL:
            return reverse("accounts:me_security")
        home: str = super().get_login_redirect_url(request)
        return home

    def get_reauthentication_methods(self, user: AbstractBaseUser | AnonymousUser) -> list[dict[str, Any]]:
        """Return our one page, which asks for a factor, or for the password of somebody who has none."""
        if not user.is_authenticated:
            return []
        return [{"id": "reauthenticate", "description": "", "url": reverse("account_reauthenticate")}]

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Return the page from which the change started."""
        return reverse("accounts:me")

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        """Render the page of a closed account."""
        return render(request, "accounts/vetting/refused.html", {"why": "suspended"}, status=403)
