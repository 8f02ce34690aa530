"""Middleware that limits the length of texts before anything reads them."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

LONGEST_NAME = 100  # characters of a field's name
LONGEST_TEXT = 50_000  # characters of a field; forms say what is too long from 20,000 on, and keep what was typed
LONGEST_ADDRESS = 4_000  # characters of path and query string together
LONGEST_JSON = 512 * 1024  # bytes: two hundred masks and four thousand points take less
# A drawing travels as text; `consent.records.signatures` reads no more of it.
LONG_FIELDS = {"signature": 720_000}
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
BYTES = "application/octet-stream"  # a piece of an upload, which has a limit of its own


class TextLimitMiddleware:
    """Middleware that refuses an address, a field or a JSON body longer than anything the site asks for.

    Threat: a text so long that reading it keeps a process busy. Forms and views have limits of their own; this one
    holds for what a view reads without a form, and for what somebody forgets. Runs behind the CSRF check.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """Return 413 for a text that is too long; None for every other request."""
        if _is_short(request):
            return None
        return render(request, "413.html", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def _is_short(request: HttpRequest) -> bool:
    if len(request.path_info) + len(request.META.get("QUERY_STRING", "")) > LONGEST_ADDRESS:
        return False
    if request.content_type in FORMS:
        return all(
            len(name) <= LONGEST_NAME and len(value) <= LONG_FIELDS.get(name, LONGEST_TEXT)
            for name, values in request.POST.lists()
            for value in values
        )
    announced = request.META.get("CONTENT_LENGTH") or "0"
    size = int(announced) if announced.isdecimal() else 0
    if request.content_type in ("", BYTES) or size <= LONGEST_JSON:
        return True
    if size <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        request.read(size)  # else the connection is reset, and the refusal never arrives
    return False
