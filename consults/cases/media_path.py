"""Middleware that sends pictures early, past the middleware that they do not need: a page shows two dozen of them."""

from collections.abc import Callable
from typing import cast
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from accounts.http import MemberRequest
from accounts.middleware import member_of, passes, prolong
from accounts.models import Member
from accounts.security.session_store import SessionStore
from consults.cases.consenting.handover import state
from consults.cases.media import picture
from core.addresses import around
from core.storage import StorageUnavailable


class PicturePathMiddleware:
    """Middleware that sends a picture to a verified member whose device is not handed over; passes on the rest.

    Runs after the middleware that sets headers, and checks what the later middleware would: the member of the session,
    its end, a handed-over device, a suspended or unverified member, an officer. It never refuses: a request that it
    does not answer passes all middleware, which refuses in its own words. Looking at pictures is use of the site: the
    session's idle limit is extended as by any page, once a minute.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the picture, or the response of the next handler."""
        pk = self._requested_id(request)
        response = _send(request, pk) if pk is not None else None
        return self.get_response(request) if response is None else response

    def _requested_id(self, request: HttpRequest) -> UUID | None:
        path = request.path_info
        before, after = around("consults:picture")
        if request.method != "GET" or not (path.startswith(before) and path.endswith(after)):
            return None
        words = path[len(before) : len(path) - len(after)]
        try:
            pk = UUID(words)
        except ValueError:
            return None
        has_body = request.META.get("CONTENT_LENGTH") not in (None, "", "0")
        return None if has_body or str(pk) != words else pk


def _send(request: HttpRequest, pk: UUID) -> HttpResponse | None:
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if not key:
        return None
    request.get_host()  # raises DisallowedHost
    session = request.session = SessionStore(key)
    member = member_of(request)
    if not isinstance(member, Member) or state.current(request) is not None or not passes(request, member, picture):
        return None
    request.user = member
    try:
        response = picture(cast(MemberRequest, request), pk)
    except (Http404, StorageUnavailable):
        return None
    response.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
    patch_vary_headers(response, ("Cookie",))
    prolong(session, response)
    return response
