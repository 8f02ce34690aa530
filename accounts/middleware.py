"""Deny by default: signed in is not enough, a view opens to verified members or to whom it names."""

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import cast

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user, logout
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject
from django.utils.http import http_date

from accounts.access import may_enter
from accounts.membership.models import Member, Standing
from accounts.security.security_events import SIGNED_IN_AT
from accounts.security.session_store import SessionStore


class Sessions(SessionMiddleware):
    """Django's sessions, whose idle limit is put off once a minute instead of being written with every answer.

    Writes the time alone. Threat: a request that began before a hand-over and ends after it puts back what the session
    was, and the patient's device is the clinician's again.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Save what was changed; else renew what was read."""
        session = cast(SessionStore, request.session)
        renews = not session.modified and session.accessed and response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
        answer: HttpResponse = super().process_response(request, response)
        if renews and not session.is_empty() and session.renew():
            age = session.get_expiry_age()
            answer.set_cookie(
                settings.SESSION_COOKIE_NAME,
                session.session_key or "",
                max_age=age,
                expires=http_date(time.time() + age),
                domain=settings.SESSION_COOKIE_DOMAIN,
                path=settings.SESSION_COOKIE_PATH,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=settings.SESSION_COOKIE_HTTPONLY,
                samesite=settings.SESSION_COOKIE_SAMESITE,  # type: ignore[arg-type]
            )
        return answer


class MemberOfSession(AuthenticationMiddleware):
    """Django's, without a query: the member came with the session."""

    def process_request(self, request: HttpRequest) -> None:
        """Set `request.user`."""
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: member_of(request))  # type: ignore[assignment]


def member_of(request: HttpRequest) -> Member | AnonymousUser:
    """Who is signed in. What is unusual is left to Django: a changed password, a rotated secret."""
    if not hasattr(request, "_cached_user"):
        session = cast(SessionStore, request.session)
        kept = session.get(SESSION_KEY)  # reads the session, and with it the row
        member = session.member
        usual = (
            member is not None
            and str(member.pk) == kept
            and member.is_active
            and session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
            and constant_time_compare(session.get(HASH_SESSION_KEY, ""), member.get_session_auth_hash())
        )
        request._cached_user = member if usual else get_user(request)  # type: ignore[attr-defined]
    found: Member | AnonymousUser = request._cached_user  # type: ignore[attr-defined]
    return found


def passes(request: HttpRequest, member: Member, view: Callable[..., object]) -> bool:
    """Whether `VerifiedMembersOnly` would let this member into this view now."""
    return not _is_over(request) and may_enter(member, view)


class VerifiedMembersOnly:
    """Runs after LoginRequiredMiddleware, which has already turned away who is not signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; the decision needs the view and is taken in `process_view`."""
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., object],
        args: tuple[object, ...],
        kwargs: dict[str, object],
    ) -> HttpResponse | None:
        """None to let the request pass, else the page that says what to do next."""
        member = request.user
        if not isinstance(member, Member):
            return None
        is_public = not getattr(view, "login_required", True)
        if _is_over(request):
            logout(request)
            return None if is_public else redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))
        if member.standing in (Standing.SUSPENDED, Standing.ERASED):
            logout(request)
            return _refuse(request, "suspended")
        if is_public or may_enter(member, view):
            return None
        return _refuse(request, _why(member))


def _is_over(request: HttpRequest) -> bool:
    """Whether the session is older than the absolute limit; one without a beginning counts as old."""
    began = request.session.get(SIGNED_IN_AT)
    return not isinstance(began, int) or time.time() - began > settings.SESSION_ABSOLUTE_HOURS * 3600


def _why(member: Member) -> str:
    if member.is_verified:
        return "officer" if member.is_officer else "not_yours"
    return str(member.standing_today)


def _refuse(request: HttpRequest, why: str) -> HttpResponse:
    return render(request, "accounts/vetting/refused.html", {"why": why}, status=HTTPStatus.FORBIDDEN)
