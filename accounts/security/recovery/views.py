"""Pages of recoveries: asking, the link in the mail, and the decision of two moderators."""

from typing import Any

from allauth.decorators import rate_limit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import open_to
from accounts.exceptions import VettingError
from accounts.http import MemberRequest, bound_data
from accounts.policy import recoveries_to_decide
from accounts.security.recovery import service
from accounts.security.recovery.forms import LostForm, VoteForm
from accounts.security.recovery.link import recovery_of
from accounts.security.recovery.models import Recovery, RecoveryState
from accounts.security.security_events import confirms_identity
from accounts.vetting.models import Application
from core.permissions import get_visible_or_404


@login_not_required
@rate_limit(action="lost_factors")  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "HEAD", "POST"])
def lost(request: HttpRequest) -> HttpResponse:
    """Explain the way back, and take the address; the answer is the same for known and unknown ones."""
    form = LostForm(bound_data(request)[0])
    if request.method == "POST" and form.is_valid():
        service.ask(email=form.cleaned_data["email"])
        return redirect("accounts:lost_factors_asked")
    return render(request, "accounts/recovery/lost.html", {"form": form}, status=422 if form.errors else 200)


@login_not_required
@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    """Explain what happens next, in the same way to everybody."""
    return render(request, "accounts/recovery/asked.html")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm, follow or stop a recovery by a button, because mail scanners follow links."""
    found = recovery_of(token)
    if found is None:
        return render(request, "accounts/recovery/link.html", {"recovery": None}, status=404)
    if request.method == "POST":
        try:
            if request.POST.get("answer") == "stop":
                service.stop(found)
            elif request.POST.get("answer") == "mine":
                service.confirm_address(found)
        except VettingError as error:
            messages.warning(request, error.sentence)
        return redirect(request.path)
    return render(request, "accounts/recovery/link.html", {"recovery": found, "states": RecoveryState})


@open_to("moderator", "officer")
@require_safe
def queue(request: MemberRequest) -> HttpResponse:
    """List the recoveries that wait for this person's finding."""
    rows = recoveries_to_decide(request.user).select_related("member").order_by("confirmed_at", "pk")
    return render(request, "accounts/recovery/queue.html", {"recoveries": rows})


@open_to("moderator", "officer")
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: MemberRequest, pk: str) -> HttpResponse:
    """Show who asks and what the register is, and take this person's finding. No other finding is shown."""
    found: Recovery = get_visible_or_404(request.user, "recovery.read", pk)
    return _decide(request, found)


@confirms_identity
def _decide(request: MemberRequest, found: Recovery) -> HttpResponse:
    may_vote = recoveries_to_decide(request.user).filter(pk=found.pk).exists()
    form = VoteForm(bound_data(request)[0])
    if request.method == "POST" and form.is_valid():
        try:
            service.vote(
                recovery=found, by=request.user, way=form.cleaned_data["way"], doubt=form.cleaned_data["doubt"]
            )
        except VettingError as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, _said(found))
            return redirect("accounts:recoveries")
    context: dict[str, Any] = {
        "recovery": found,
        "latest": Application.objects.filter(member=found.member_id).order_by("-created_at").first(),
        "may_vote": may_vote,
        "form": form,
    }
    return render(request, "accounts/recovery/decide.html", context, status=422 if form.errors else 200)


def _said(found: Recovery) -> str:
    if found.state == RecoveryState.APPROVED:
        return _("Two have identified the member. It takes effect in 24 hours, unless the owner stops it.")
    if found.state == RecoveryState.REFUSED:
        return _("Refused. The account stays as it is; the mailbox is told.")
    return _("Your finding is recorded. A second person decides without seeing it.")
