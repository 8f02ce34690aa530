"""The page of a member's sessions, and how they are ended."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.access import open_to, without_factor
from accounts.http import SignedInRequest
from accounts.security import sessions
from core.post_only import post_only


@open_to("member", "officer", "applicant")
@without_factor
@require_safe
def show(request: SignedInRequest) -> HttpResponse:
    """List where the member is signed in."""
    found = sessions.open_sessions(request.user, this=request.session.session_key)
    return render(request, "accounts/security/sessions.html", {"sessions": found})


@open_to("member", "officer", "applicant")
@without_factor
@post_only("accounts:sessions", keeps=())
def end(request: SignedInRequest) -> HttpResponse:
    """End one session, or all others. Asks for no password: whoever finds a stranger's session must be quick."""
    if "all" in request.POST:
        ended = sessions.end_others(member=request.user, this=request.session.session_key)
        said = ngettext("%(n)d session was ended.", "%(n)d sessions were ended.", ended) % {"n": ended}
        messages.success(request, said if ended else _("There is no other session."))
    elif sessions.end_one(member=request.user, reference=request.POST.get("session", "")):
        messages.success(request, _("This session was ended."))
    else:
        messages.warning(request, _("There is no such session any more."))
    return redirect("accounts:sessions")
