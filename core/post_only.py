"""Views that take POST only, and the page to which each of them leads whoever comes by GET."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

View = Callable[..., HttpResponseBase]


def post_only(leads_to: str, *, keeps: tuple[str, ...] = ("pk",), at: str = "") -> Callable[[View], View]:
    """Take POST only, and answer GET by leading to the page `leads_to`.

    A browser comes by GET after signing in, after a change of language, and by reloading. `keeps` names the arguments
    of the address that the page's address has too; `at` is the place on that page. What may be seen there is that
    page's own decision: this one looks at no row.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method == "POST":
                return view(request, *args, **kwargs)
            if request.method not in ("GET", "HEAD"):
                return HttpResponseNotAllowed(("GET", "HEAD", "POST"))
            page = reverse(leads_to, kwargs={name: kwargs[name] for name in keeps})
            return redirect(f"{page}#{at}" if at else page)

        answer.leads_to = leads_to  # type: ignore[attr-defined]
        return answer

    return mark
