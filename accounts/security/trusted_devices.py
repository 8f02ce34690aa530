"""Browsers that signed in before, so that a stranger's wrong passwords do not lock a member out.

Threat: somebody who knows an address keeps trying passwords until the account's limit is reached, and its owner
cannot sign in. A browser that signed in to the account before has a limit of its own. The cookie does not reveal
the account; stolen, it gives five more tries in five minutes and nothing else.
"""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac

MAX_ACCOUNTS = 4  # that share a browser; the least recently used one is dropped first
MAX_AGE = timedelta(days=180)


def device_token(request: HttpRequest, *, email: str) -> str:
    """Return the token of this browser for an address that it signed in with before; "" for none."""
    return next(
        (token for token in _tokens(request) if constant_time_compare(token, _signed_token(token[:_LENGTH], email))), ""
    )


def remember(request: HttpRequest, response: HttpResponse, *, email: str) -> None:
    """Set a cookie that recognises this browser after a successful sign-in."""
    known = device_token(request, email=email)
    others = [token for token in _tokens(request) if token != known]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        ".".join([known or _signed_token(get_random_string(_LENGTH), email), *others][:MAX_ACCOUNTS]),
        max_age=MAX_AGE,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


def remember_with_answer(request: HttpRequest, *, email: str) -> None:
    """Have the answer to this request remember the browser, whichever page signed the member in."""
    request.remembers_device_of = email  # type: ignore[attr-defined]


def set_if_asked(request: HttpRequest, response: HttpResponse) -> None:
    """Set the cookie when `remember_with_answer` was called for this request."""
    email = getattr(request, "remembers_device_of", "")
    if email:
        remember(request, response, email=email)


_LENGTH = 22


def _signed_token(start: str, email: str) -> str:
    return start + salted_hmac("accounts.security.trusted_devices", f"{start}|{email}", algorithm="sha256").hexdigest()


def _tokens(request: HttpRequest) -> list[str]:
    return [token for token in request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "").split(".") if token][:MAX_ACCOUNTS]
