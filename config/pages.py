"""Public pages, and the CSRF token that open pages renew."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from django.views.i18n import set_language

from accounts.access import open_to, without_factor
from accounts.membership.language import write_in
from core.navigation import navigation
from core.post_only import post_only


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Explain what Rete is, or redirect a signed-in person to their first place in the navigation."""
    places = navigation(request)
    return redirect(places[0].href) if places else render(request, "public/home.html")


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Explain what data is stored, where, and for how long."""
    return render(request, "public/privacy.html")


@login_not_required
@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """Show the terms that a member agrees to."""
    return render(request, "public/terms.html")


@login_not_required
@post_only("home", keeps=())
def language(request: HttpRequest) -> HttpResponse:
    """Remember the chosen language in a cookie, and for the member's mails; go back to `next`."""
    answer = set_language(request)
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and chosen in dict(settings.LANGUAGES):
        write_in(member=request.user, language=chosen)
    return answer


@without_factor
@open_to("member", "officer", "applicant")
@require_safe
def token(request: HttpRequest) -> HttpResponse:
    """Return the session's CSRF token, for a page that was open while its member signed in again in another tab.

    Threat: another site reads it. It cannot: no other origin may read or embed our responses. The member's id lets
    the page check that it is still the same person.
    """
    return JsonResponse({"token": get_token(request), "member": str(request.user.pk)})
