"""Middleware that limits the size of requests."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render


class BodyLimitMiddleware:
    """Middleware that refuses requests whose Content-Length exceeds all our forms, before reading any of the body.

    Threat: somebody without an account fills the disk. To look for the CSRF token, Django first stores the files of
    a form on disk, whatever their size. Runs after authentication, because members may send more.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on, or return 413. Without a Content-Length Django reads no body at all."""
        announced = request.META.get("CONTENT_LENGTH") or "0"
        size = int(announced) if announced.isdecimal() else 0
        most = settings.BODY_MAX_BYTES
        if size > most and request.user.is_authenticated:
            most = settings.BODY_MAX_BYTES_SIGNED_IN
        if size > most:
            return render(request, "413.html", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return self.get_response(request)
