"""Middleware that shows no case before a second factor is enrolled, and asks for one at each sign-in to an office."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.membership.models import Member
from accounts.security.factors import rules


def lacks_factor(request: HttpRequest, member: Member, view: Callable[..., object]) -> str:
    """Return what is missing for this view: rules.ENROL, rules.GIVE, or "". Denies by default.

    Public views and those marked `without_factor` (accounts.access) are open.
    """
    if getattr(view, "without_factor", False) or not getattr(view, "login_required", True):
        return ""
    return rules.missing(request, member)


class FactorMiddleware:
    """Middleware that refuses with the way to the missing factor; runs after VerifiedMembersMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on: `process_view` decides, because the decision needs the view."""
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., object],
        args: tuple[object, ...],
        kwargs: dict[str, object],
    ) -> HttpResponse | None:
        """Return None to let the request pass, else 403 with the next step."""
        member = request.user
        if not isinstance(member, Member):
            return None
        lacking = lacks_factor(request, member, view)
        if not lacking:
            return None
        if not request.accepts("text/html"):
            return HttpResponse(status=HTTPStatus.FORBIDDEN)
        context = {"lacking": lacking, "back": request.get_full_path() if request.method == "GET" else ""}
        return render(request, "accounts/factors/needed.html", context, status=HTTPStatus.FORBIDDEN)
