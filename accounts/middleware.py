"""Middleware that denies by default: a view admits verified members, or the audiences that it names."""

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
from accounts.membership.suspension import appeals
from accounts.security import trusted_devices
from accounts.security.factors.middleware import lacks_factor
from accounts.security.session_store import SIGNED_IN_AT, SessionStore

CLEARS_CACHE = '"cache"'
CLEARS_ALL = '"cache", "storage"'


class SessionsMiddleware(SessionMiddleware):
    """Django's sessions; the idle limit is extended once a minute, not saved with every response.

    Writes only the time. Threat: a request that began before a hand-over and ends after it restores the old session,
    and the patient's device is the clinician's again.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Save a changed session; extend one that was only read; have the browser of an ended one forget it all.

        One that merely ran out keeps what was typed and not sent (static/core/unsent.js), for when its member is back.
        """
        session = cast(SessionStore, request.session)
        renews = not session.modified and session.accessed and response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
        answer: HttpResponse = super().process_response(request, response)
        if renews:
            prolong(session, answer)
        if request.COOKIES.get(settings.SESSION_COOKIE_NAME) and session.is_empty():
            answer.setdefault("Clear-Site-Data", CLEARS_ALL if session.was_ended else CLEARS_CACHE)
        trusted_devices.set_if_asked(request, answer)
        return answer


def prolong(session: SessionStore, answer: HttpResponse) -> None:
    """Extend the idle limit of a session that was read, once a minute at most, and that of the browser's cookie."""
    if not session.renew():
        return
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


class SessionMemberMiddleware(AuthenticationMiddleware):
    """Django's authentication without a query of its own: the member was read with the session."""

    def process_request(self, request: HttpRequest) -> None:
        """Set `request.user`."""
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: member_of(request))  # type: ignore[assignment]


def member_of(request: HttpRequest) -> Member | AnonymousUser:
    """Return the signed-in member. Django handles the unusual: a changed password, a rotated secret."""
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
    """Whether the middleware would admit this member to this view now: their session, standing and second factor."""
    return not _has_expired(request) and may_enter(member, view) and not lacks_factor(request, member, view)


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
            request.session.was_ended = True  # type: ignore[attr-defined]
            return _refuse(request, "suspended", **appeals.facts_of(member))
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


def _refuse(request: HttpRequest, why: str, **facts: object) -> HttpResponse:
    return render(request, "accounts/vetting/refused.html", {"why": why, **facts}, status=HTTPStatus.FORBIDDEN)
