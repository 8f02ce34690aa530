"""Middleware that answers while object storage is unavailable."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from core.storage import StorageUnavailable

RETRY_AFTER_SECONDS = 5


class StorageUnavailableMiddleware:
    """Middleware that turns StorageUnavailable into a temporary error."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return 503 with Retry-After while object storage is unavailable; None for every other exception."""
        if not isinstance(exception, StorageUnavailable):
            return None
        response = render(request, "500.html", status=503)
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response
