"""Pages of the yearly check: the member's confirmation, the moderators' queue and one check."""

from urllib.parse import urlsplit

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import open_to
from accounts.exceptions import VettingError
from accounts.http import MemberRequest
from accounts.membership.yearly import service
from accounts.membership.yearly.forms import ConfirmForm, FindingForm
from accounts.membership.yearly.models import YearlyCheck
from accounts.policy import checks_to_decide
from accounts.security.security_events import confirms_identity
from core.permissions import get_visible_or_404

PAGE_ROWS = 50


@open_to("member")
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_year(request: MemberRequest) -> HttpResponse:
    """Take a member's word that nothing has changed."""
    member = request.user
    if not service.may_send(member):
        return redirect("accounts:membership")
    form = ConfirmForm(request.POST if request.method == "POST" else None, member=member)
    if request.method == "POST" and form.is_valid():
        try:
            service.send(member=member)
        except VettingError as error:
            messages.warning(request, error.sentence)
        else:
            messages.success(request, _("Thank you. A moderator looks your number up; we write to you."))
        return redirect("accounts:membership")
    context = {"form": form, "member": member, "application": service.application_of(member)}
    return render(request, "accounts/membership/confirm_year.html", context, status=422 if form.errors else 200)


@open_to("moderator")
@require_safe
def checks(request: MemberRequest) -> HttpResponse:
    """List the yearly checks that this moderator may decide, the most urgent first."""
    rows = checks_to_decide(request.user).select_related("member").order_by("target_on", "sent_at", "pk")
    page = Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page"))
    return render(request, "accounts/membership/checks.html", {"page": page})


@open_to("moderator")
@require_http_methods(["GET", "HEAD", "POST"])
@confirms_identity
def check(request: MemberRequest, pk: str) -> HttpResponse:
    """Show what the member confirmed beside their entry, and take the finding."""
    found: YearlyCheck = get_visible_or_404(request.user, "check.decide", pk)
    form = FindingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            service.decide(
                check=found,
                by=request.user,
                finding=form.cleaned_data["finding"],
                looked_up_on=form.cleaned_data["looked_up_on"],
            )
        except VettingError as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, _("Recorded. The member is told."))
            return redirect("accounts:checks")
    context = {
        "check": found,
        "application": found.application,
        "register_host": urlsplit(found.application.registry_url).hostname,
        "form": form,
    }
    return render(request, "accounts/membership/check.html", context, status=422 if form.errors else 200)
