"""Middleware that denies by default: a view admits verified members, or the audiences that it names."""

import time
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url

from accounts.access import may_enter
from accounts.membership.models import Member, Standing
from accounts.security.security_events import SIGNED_IN_AT


class VerifiedMembersMiddleware:
    """Middleware that admits a signed-in person to a view or refuses; runs after LoginRequiredMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on: `process_view` decides, because the decision needs the view."""
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., object],
        args: tuple[object, ...],
        kwargs: dict[str, object],
    ) -> HttpResponse | None:
        """Return None to let the request pass, else the page that tells the person their next step."""
        member = request.user
        if not isinstance(member, Member):
            return None
        is_public = not getattr(view, "login_required", True)
        if _has_expired(request):
            logout(request)
            return None if is_public else redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))
        if member.standing in (Standing.SUSPENDED, Standing.ERASED):
            logout(request)
            return _refuse(request, "suspended")
        if is_public or may_enter(member, view):
            return None
        return _refuse(request, _refusal_reason(member))


def _has_expired(request: HttpRequest) -> bool:
    """Whether the session is past its absolute limit, as one without a start time is."""
    began = request.session.get(SIGNED_IN_AT)
    return not isinstance(began, int) or time.time() - began > settings.SESSION_ABSOLUTE_HOURS * 3600


def _refusal_reason(member: Member) -> str:
    if member.is_verified:
        return "officer" if member.is_officer else "not_yours"
    return str(member.standing_today)


def _refuse(request: HttpRequest, why: str) -> HttpResponse:
    return render(request, "accounts/vetting/refused.html", {"why": why}, status=HTTPStatus.FORBIDDEN)
