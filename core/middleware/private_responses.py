"""Middleware that keeps responses out of caches and out of other sites."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}


class PrivateResponsesMiddleware:
    """Middleware that marks every response as private, error pages too.

    Threat: a shared cache or the back button of a borrowed computer shows a case. WhiteNoise serves static files
    in an outer middleware, so that they remain cacheable.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Add the headers; Cache-Control is `private, no-store` unless the view has set no-store."""
        response = self.get_response(request)
        if "no-store" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = "private, no-store"
        for name, value in HEADERS.items():
            response.setdefault(name, value)
        return response
