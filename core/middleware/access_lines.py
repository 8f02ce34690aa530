"""Middleware that notes each request for investigations, and who was refused."""

import logging
import time
from collections.abc import Callable
from http import HTTPStatus

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core import access_lines, refusals
from core.logs import NO_ROUTE, route_of

REFUSED = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
logger = logging.getLogger(__name__)


class AccessLinesMiddleware:
    """Middleware around all others but static files: it sees every answer that this site gives."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the answer; a line that cannot be written is an error in the log and keeps nobody waiting."""
        began = time.perf_counter()
        response = self.get_response(request)
        member = getattr(request, "_cached_user", None)  # nobody is looked up for the line alone
        pk = getattr(member, "pk", None)
        try:
            access_lines.write(
                address=_address(request),
                method=request.method or "",
                route=_route(request),
                status=response.status_code,
                took_ms=1000 * (time.perf_counter() - began),
                member=str(pk or ""),
            )
            if pk is not None and response.status_code in REFUSED:
                refusals.note(member_id=pk)
        except (OSError, DatabaseError) as error:
            logger.error("an access line could not be written: %s", type(error).__name__)
        return response


def _route(request: HttpRequest) -> str:
    """Return the route's name: as Django has just found it; found here for what never reached a view of its own."""
    match = request.resolver_match
    return (match.view_name or NO_ROUTE) if match is not None else route_of(request.path_info)


def _address(request: HttpRequest) -> str:
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:  # a proxy that does not say
        return ""
