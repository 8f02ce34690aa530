"""Pages on the standing of members, for moderators and officers."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_safe,
)

from accounts.access import open_to
from accounts.exceptions import VettingError
from accounts.http import MemberRequest, bound_data
from accounts.membership import lifecycle
from accounts.membership.forms import StandingForm
from accounts.membership.models import Member, Standing
from accounts.policy import suspendable_members
from accounts.security.security_events import confirms_identity
from core.permissions import get_visible_or_404


@open_to("moderator", "officer")
@require_safe
def members(request: MemberRequest) -> HttpResponse:
    """List members by name or address, to suspend or reinstate one."""
    rows = suspendable_members(request.user).order_by("name", "pk")
    words = request.GET.get("q", "").replace("\x00", "").strip()[:150]
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(email__icontains=words) | Q(institution__icontains=words))
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    return render(
        request, "accounts/membership/members.html", {"page": page, "words": words, "query": urlencode({"q": words})}
    )


@open_to("moderator", "officer")
@require_http_methods(["GET", "HEAD", "POST"])
@confirms_identity
def member_standing(request: MemberRequest, pk: str) -> HttpResponse:
    """Suspend or reinstate one member."""
    found: Member = get_visible_or_404(request.user, "member.suspend", pk)
    is_suspended = found.standing == Standing.SUSPENDED
    form = StandingForm(*bound_data(request))
    if request.method == "POST" and form.is_valid():
        step = lifecycle.reinstate if is_suspended else lifecycle.suspend
        try:
            step(
                member=found,
                by=request.user,
                reason=form.cleaned_data["reason"],
            )
        except VettingError as error:
            form.add_error(None, error.sentence)
        else:
            done = _("The suspension is over.") if is_suspended else _("Suspended. Their sessions are closed.")
            messages.success(request, done)
            return redirect("accounts:members")
    return render(
        request,
        "accounts/membership/member_standing.html",
        {"form": form, "found": found, "is_suspended": is_suspended},
        status=422 if form.errors else 200,
    )
