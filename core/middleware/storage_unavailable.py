"""The answer while the object store is away."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from core.storage import StoreUnavailable

RETRY_AFTER_SECONDS = 5


class StorageUnavailableMiddleware:
    """Whatever was asked for while the object store could not be reached: come back in a moment."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """503 instead of a fault of ours; None for every other exception."""
        if not isinstance(exception, StoreUnavailable):
            return None
        response = render(request, "500.html", status=503)
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response
