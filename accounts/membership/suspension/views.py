"""Pages of suspensions: for those who impose, lift and answer, and the suspended member's own."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import open_to
from accounts.exceptions import VettingError
from accounts.http import MemberRequest
from accounts.membership import lifecycle
from accounts.membership.models import Member, Standing
from accounts.membership.suspension import appeals
from accounts.membership.suspension.forms import AppealForm, LiftForm, SuspendForm, UpholdForm
from accounts.policy import suspendable_members, suspensions_to_answer
from accounts.security.security_events import confirms_identity
from core import permissions
from core.paging import window
from core.permissions import get_visible_or_404

MOST_APPEALS = 50
MEMBERS_ON_A_PAGE = 50


@open_to("moderator", "officer")
@require_safe
def members(request: MemberRequest) -> HttpResponse:
    """List members by name or address, to suspend one or lift a suspension, after the appeals that wait."""
    rows = suspendable_members(request.user).order_by("name", "pk")
    words = request.GET.get("q", "").replace("\x00", "").strip()[:150]
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(email__icontains=words) | Q(institution__icontains=words))

    def read(first: int, most: int) -> list[Member]:
        return list(rows[first : first + most])

    page = window(read, asked=request.GET.get("page"), size=MEMBERS_ON_A_PAGE)
    waiting = suspensions_to_answer(request.user).select_related("member").order_by("appealed_at", "pk")
    context = {
        "page": page,
        "words": words,
        "query": urlencode({"q": words}),
        "appeals": waiting[:MOST_APPEALS],
    }
    return render(request, "accounts/membership/members.html", context)


@open_to("moderator", "officer")
@require_http_methods(["GET", "HEAD", "POST"])
@confirms_identity
def member_standing(request: MemberRequest, pk: str) -> HttpResponse:
    """Suspend one member, lift their suspension, or uphold it on appeal."""
    found: Member = get_visible_or_404(request.user, "member.suspend", pk)
    if found.standing == Standing.SUSPENDED:
        return _suspended(request, found)
    form = SuspendForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            lifecycle.suspend(member=found, by=request.user, **form.cleaned_data)
        except VettingError as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, _("Suspended. Their sessions are closed, and they are told why."))
            return redirect("accounts:members")
    return _page(request, {"form": form, "found": found, "is_suspended": False})


def _suspended(request: MemberRequest, found: Member) -> HttpResponse:
    """Show the suspension in force, and take the decision to lift or to uphold it."""
    member, now = request.user, appeals.current(found)
    upholds = request.method == "POST" and request.POST.get("decision") == "uphold"
    may_answer = now is not None and permissions.allows(member, "suspension.answer", now)
    lift = LiftForm(request.POST if request.method == "POST" and not upholds else None, prefix="lift")
    uphold = UpholdForm(request.POST if upholds else None, prefix="uphold")
    form: Form = uphold if upholds else lift
    if request.method == "POST" and form.is_valid():
        try:
            if upholds and now is not None:
                appeals.uphold(suspension=now, by=member, **form.cleaned_data)
            else:
                lifecycle.reinstate(member=found, by=member, **lift.cleaned_data)
        except VettingError as error:
            form.add_error(None, error.sentence)
        else:
            done = _("The suspension stays in force. The member is told.") if upholds else _("The suspension is over.")
            messages.success(request, done)
            return redirect("accounts:members")
    context = {
        "form": form,
        "lift": lift,
        "uphold": uphold,
        "found": found,
        "is_suspended": True,
        "suspension": now,
        "may_lift": permissions.allows(member, "member.reinstate", found),
        "may_answer": may_answer,
    }
    return _page(request, context)


def _page(request: MemberRequest, context: dict[str, Any]) -> HttpResponse:
    errors = context["form"].errors
    return render(request, "accounts/membership/member_standing.html", context, status=422 if errors else 200)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def suspension(request: HttpRequest, token: str) -> HttpResponse:
    """Show a suspended member why, since when and whom to write to; take their appeal. They cannot sign in."""
    found = appeals.suspension_of(token)
    if found is None:
        return render(request, "accounts/membership/suspension_over.html", status=404)
    form = AppealForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            appeals.appeal(suspension=found, statement=form.cleaned_data["statement"])
        except VettingError as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, _("Your appeal is in. Somebody who took no part in the suspension reads it."))
            return redirect("accounts:suspension", token=token)
    context = {"form": form, "suspension": found, "write_to": settings.APPEALS_ADDRESS}
    return render(request, "accounts/membership/suspension.html", context, status=422 if form.errors else 200)
