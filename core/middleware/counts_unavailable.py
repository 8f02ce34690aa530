"""Middleware that answers while tries cannot be counted."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from core.counts import CountsUnavailable

RETRY_AFTER_SECONDS = 60


class CountsUnavailableMiddleware:
    """Middleware that turns CountsUnavailable into a temporary error.

    Closed, because a limit that cannot count is none. Whoever wants to stay open, as withdrawal does, catches it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return 503 with Retry-After while tries cannot be counted; None for every other exception."""
        if not isinstance(exception, CountsUnavailable):
            return None
        response = render(request, "503.html", status=503)
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response
