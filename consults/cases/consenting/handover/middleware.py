"""Middleware that restricts a session to the hand-over page while the device is handed over."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import Resolver404, ResolverMatch, resolve, reverse

from consults.cases.consenting.handover import state

PATIENT_PAGES = frozenset(("consults:hand_over", "consults:hand_back"))
PICTURE_VIEW = "consults:picture"
SIGN_OUT_VIEW = "account_logout"


class HandoverMiddleware:
    """Denies by default: every URL, known or not, old or new, leads back to the patient's page.

    Threat: a patient, or anybody else holding the clinician's phone, who types a URL, goes back, reloads or opens
    another tab, and reads other people's cases. The restriction is stored in the session on the server; nothing in the
    browser can lift it. Signing out is possible and ends the session with the hand-over.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on the requests of the hand-over; redirect or refuse all others."""
        handover = state.current(request)
        if handover is None:
            return self.get_response(request)
        try:
            match = resolve(request.path_info)
        except Resolver404:
            match = None
        if match is not None and _is_allowed(match, request, handover):
            return self.get_response(request)
        if match is not None and match.view_name == PICTURE_VIEW:
            return HttpResponse(status=404)
        there = reverse("consults:hand_over")
        if request.headers.get("HX-Request") == "true":
            # An htmx request of an older page in another tab: that tab is redirected as a whole.
            return HttpResponse(headers={"HX-Redirect": there})
        return redirect(there)


def _is_allowed(match: ResolverMatch, request: HttpRequest, handover: state.Handover) -> bool:
    if match.view_name == PICTURE_VIEW:
        return handover.shows(match.kwargs["pk"])
    # Only POST: the page that asks before signing out shows the clinician's menus.
    return match.view_name in PATIENT_PAGES or (match.view_name == SIGN_OUT_VIEW and request.method == "POST")
