"""Which forms have arrived, so that the tab forgets what it kept of them."""

import pytest
from django.conf import settings
from django.contrib import messages
from django.contrib.messages.storage.base import BaseStorage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.test import RequestFactory

from core.middleware.arrived_input import ArrivedInputMiddleware

NUMBER = "0123456789abcdef0123456789abcdef"


def cookie_after(response: HttpResponse, *, level: int = 0, number: str = NUMBER, method: str = "post") -> str:
    request = getattr(RequestFactory(), method)("/", {"unsent": number})

    def view(request: HttpRequest) -> HttpResponse:
        request._messages = BaseStorage(request)  # type: ignore[attr-defined]
        if level:
            messages.add_message(request, level, "A sentence.")
        return response

    answer = ArrivedInputMiddleware(view)(request)
    name = settings.ARRIVED_COOKIE_NAME
    return answer.cookies[name].value if name in answer.cookies else ""


@pytest.mark.parametrize(
    ("response", "level", "arrived"),
    [
        (redirect("/cases/"), 0, True),
        (redirect("/cases/"), messages.SUCCESS, True),
        (redirect("/cases/"), messages.INFO, True),
        (HttpResponse("the code"), 0, True),
        (redirect("/cases/"), messages.WARNING, False),
        (redirect("/cases/"), messages.ERROR, False),
        (redirect("/sign-in/?next=/cases/"), 0, False),
        (redirect("/password/confirm/?next=/exports/"), 0, False),
        *((HttpResponse(status=status), 0, False) for status in (400, 403, 404, 405, 409, 422, 429, 500, 503)),
    ],
)
def test_what_has_arrived(response: HttpResponse, level: int, arrived: bool) -> None:
    assert cookie_after(response, level=level) == (NUMBER if arrived else "")


@pytest.mark.parametrize("number", ["", "a" * 33, "a;b", "ä", "<b>"])
def test_a_forged_number_is_not_repeated(number: str) -> None:
    assert cookie_after(redirect("/cases/"), number=number) == ""


def test_a_get_says_nothing() -> None:
    assert cookie_after(HttpResponse("a page"), method="get") == ""
