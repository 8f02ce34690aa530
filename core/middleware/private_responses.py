"""Headers that keep pages out of caches and out of other sites; how much may be sent to us."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}


class PrivateResponsesMiddleware:
    """Marks every response, error pages too, as one person's own.

    Threat: a shared cache or the back button of a borrowed computer showing a case. Static files are
    answered by whitenoise further out and stay cacheable.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request; `private, no-store` unless the view already said no-store."""
        response = self.get_response(request)
        if "no-store" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = "private, no-store"
        for name, value in HEADERS.items():
            response.setdefault(name, value)
        return response
