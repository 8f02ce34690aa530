"""While a device is handed over, its session reaches the hand-over page and nothing else."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import Resolver404, ResolverMatch, resolve, reverse

from consults.cases.consenting.handover import state

PATIENT_PAGES = frozenset(("consults:hand_over", "consults:hand_back"))
PICTURE = "consults:picture"
SIGN_OUT = "account_logout"


class HandoverMiddleware:
    """Denies by default: every address, known or not, old or new, leads back to the patient's page.

    Threat: a patient, or whoever holds the clinician's phone, who types an address, goes back, reloads or opens
    another tab, and reads other people's cases. The mark is in the session on the server; nothing in the browser
    can lift it. Signing out is possible and ends the session with the hand-over.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on what belongs to the hand-over; answer everything else here."""
        handover = state.current(request)
        if handover is None:
            return self.get_response(request)
        try:
            match = resolve(request.path_info)
        except Resolver404:
            match = None
        if match is not None and _belongs(match, request, handover):
            return self.get_response(request)
        if match is not None and match.view_name == PICTURE:
            return HttpResponse(status=404)
        there = reverse("consults:hand_over")
        if request.headers.get("HX-Request") == "true":
            # A part of an older page in another tab: that tab leaves too.
            return HttpResponse(headers={"HX-Redirect": there})
        return redirect(there)


def _belongs(match: ResolverMatch, request: HttpRequest, handover: state.Handover) -> bool:
    if match.view_name == PICTURE:
        return handover.shows(match.kwargs["pk"])
    # The page that asks before signing out has the clinician's menus around it.
    return match.view_name in PATIENT_PAGES or (match.view_name == SIGN_OUT and request.method == "POST")
