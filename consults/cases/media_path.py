"""The short way of a picture through the middleware: a page shows two dozen of them."""

from collections.abc import Callable
from typing import cast
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.functional import cached_property

from accounts.http import MemberRequest
from accounts.middleware import member_of, passes
from accounts.models import Member
from accounts.security.session_store import SessionStore
from consults.cases.consenting.handover import state
from consults.cases.media import picture
from core.storage import StoreUnavailable

_NO_ID = UUID(int=0)


class PicturePath:
    """Sends a picture to a verified member with a session in their own hands; everything else goes the usual way.

    Runs inside whatever sets headers, and asks what the middleware behind it would: whose session, is it over, is the
    device handed over, is the member suspended, verified, no officer. It never refuses: what it does not send is asked
    once more behind all of the middleware, which says no in its own words. Reads the session and does not write it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The picture, or what the next handler says."""
        pk = self._asked_for(request)
        answer = _sent(request, pk) if pk is not None else None
        return self.get_response(request) if answer is None else answer

    @cached_property
    def _around(self) -> tuple[str, str]:
        """What stands before and behind the id in a picture's address."""
        before, _id, behind = reverse("consults:picture", args=[_NO_ID]).partition(str(_NO_ID))
        return before, behind

    def _asked_for(self, request: HttpRequest) -> UUID | None:
        path = request.path_info
        before, behind = self._around
        if request.method != "GET" or not (path.startswith(before) and path.endswith(behind)):
            return None
        words = path[len(before) : len(path) - len(behind)]
        try:
            pk = UUID(words)
        except ValueError:
            return None
        has_body = request.META.get("CONTENT_LENGTH") not in (None, "", "0")
        return None if has_body or str(pk) != words else pk


def _sent(request: HttpRequest, pk: UUID) -> HttpResponse | None:
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if not key:
        return None
    request.get_host()  # raises DisallowedHost
    request.session = SessionStore(key)
    member = member_of(request)
    if not isinstance(member, Member) or state.current(request) is not None or not passes(request, member, picture):
        return None
    request.user = member
    try:
        response = picture(cast(MemberRequest, request), pk)
    except (Http404, StoreUnavailable):
        return None
    response.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
    patch_vary_headers(response, ("Cookie",))
    return response
