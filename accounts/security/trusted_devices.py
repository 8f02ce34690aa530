"""Browsers that signed in before, so that a stranger's wrong passwords do not shut a member out.

Threat: whoever knows an address tries passwords until the limit of the account is reached, again and again, and
its owner cannot get in. A browser that signed in to the account before has a limit of its own. The cookie says
nothing of whose account it was; stolen, it gives five more tries in five minutes and nothing else.
"""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac

MOST = 4  # accounts that share a browser; the one longest not used goes first
KEPT_FOR = timedelta(days=180)


def mark_of(request: HttpRequest, *, email: str) -> str:
    """The mark that this browser carries of having signed in with the address; "" for none."""
    return next((mark for mark in _marks(request) if constant_time_compare(mark, _mark(mark[:_LENGTH], email))), "")


def remember(request: HttpRequest, response: HttpResponse, *, email: str) -> None:
    """Have the browser keep a mark of a sign-in that has just succeeded."""
    known = mark_of(request, email=email)
    others = [mark for mark in _marks(request) if mark != known]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        ".".join([known or _mark(get_random_string(_LENGTH), email), *others][:MOST]),
        max_age=KEPT_FOR,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


_LENGTH = 22


def _mark(start: str, email: str) -> str:
    return start + salted_hmac("accounts.security.trusted_devices", f"{start}|{email}", algorithm="sha256").hexdigest()


def _marks(request: HttpRequest) -> list[str]:
    return [mark for mark in request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "").split(".") if mark][:MOST]
