"""Middleware that refuses requests announced as larger than any of our forms."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render


class BodyLimitMiddleware:
    """Refuses what is announced as larger than any of our forms, before a byte of it is read.

    Threat: somebody without an account who fills the disk. Django keeps the files of a form on disk while it looks
    for the token against forgery in it, however large they are. Runs after the one who asks is known.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on, or 413. Without a Content-Length nothing of the body is read at all."""
        announced = request.META.get("CONTENT_LENGTH") or "0"
        size = int(announced) if announced.isdecimal() else 0
        most = settings.BODY_MAX_BYTES
        if size > most and request.user.is_authenticated:
            most = settings.BODY_MAX_BYTES_SIGNED_IN
        if size > most:
            return render(request, "413.html", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return self.get_response(request)
