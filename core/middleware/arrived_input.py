"""Middleware that tells the page when what was typed has arrived."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.contrib.messages import WARNING
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.urls import reverse

FIELD = "unsent"  # the number that static/core/unsent.js gives to what it keeps of a form
SECONDS = 60


class ArrivedInputMiddleware:
    """Middleware that answers an accepted form with the number of what its tab still keeps of it, to be forgotten.

    Refused is what was answered with an error, with a warning, or with a way to sign in: the tab then puts back what
    was typed. Only the server knows which; a page that follows a redirect cannot tell.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on; set the cookie for an accepted form that names its number."""
        response = self.get_response(request)
        if request.method == "POST" and _is_accepted(request, response):
            number = request.POST.get(FIELD, "")
            if number.isalnum() and number.isascii() and len(number) <= 32:
                response.set_cookie(
                    settings.ARRIVED_COOKIE_NAME,
                    number,
                    max_age=SECONDS,
                    secure=settings.SESSION_COOKIE_SECURE,
                    samesite="Lax",
                )
        return response


def _is_accepted(request: HttpRequest, response: HttpResponseBase) -> bool:
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        return False
    asks_who = (resolve_url(settings.LOGIN_URL), reverse("account_reauthenticate"))
    if response.get("Location", "").partition("?")[0] in asks_who:
        return False
    told = getattr(getattr(request, "_messages", None), "_queued_messages", ())
    return all(message.level < WARNING for message in told)
