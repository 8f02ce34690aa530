"""Pages of a group's members, and those of its moderators: inviting, removing, appointing, changing, closing down."""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import MemberRequest
from accounts.security.security_events import reauthenticated_recently
from consults.exceptions import ChangeRefused
from consults.groups import admissions, policy, running
from consults.groups.forms import ChangeForm, EndForm, MemberForm, RemovalForm
from consults.groups.models import Group, Membership, Way
from core.permissions import allowed_actions, allows, get_visible_or_404, require

PAGE_ROWS: Final = 50
_SHOWN: Final = ("released", "closed")  # states of the cases that members see


@require_http_methods(["GET", "HEAD", "POST"])
def members(request: MemberRequest, pk: UUID) -> HttpResponse:
    """List who belongs to a group and, for its moderators, who asks to or was invited; invite somebody."""
    group = _own_group(request, pk)
    moderates = allows(request.user, "group.moderate", group)
    if request.method == "POST":
        require(request.user, "group.moderate", group)
    form = MemberForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            admissions.invite(group=group, member=form.member, by=request.user)
        except ChangeRefused as refused:
            form.add_error("email", refused.sentence)
        else:
            messages.success(request, _("Invited. They have 30 days to answer."))
            return redirect("consults:group_members", pk=pk)
    waiting = policy.waiting_admissions().filter(group=group).select_related("member")
    rows = group.memberships.select_related("member").order_by("-is_moderator", "member__name", "pk")
    context = {
        "group": group,
        "moderates": moderates,
        "form": form if moderates else None,
        "requests": waiting.filter(way=Way.REQUEST)[:PAGE_ROWS] if moderates else [],
        "invitations": waiting.filter(way=Way.INVITATION)[:PAGE_ROWS] if moderates else [],
        "page": Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page")),
    }
    return render(request, "consults/groups/members.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def member(request: MemberRequest, pk: UUID, member: UUID) -> HttpResponse:
    """Remove a member with a reason, or make them a moderator of the group."""
    group = _own_group(request, pk)
    require(request.user, "group.moderate", group)
    place = Membership.objects.select_related("member").filter(group=group, member=member).first()
    if place is None:
        raise Http404
    appoints = request.POST.get("action") == "appoint"
    form = RemovalForm(request.POST if request.method == "POST" and not appoints else None)
    if request.method == "POST":
        try:
            if appoints:
                running.appoint(place=place, by=request.user)
                messages.success(request, _("Appointed: they moderate the group now."))
                return redirect("consults:group_members", pk=pk)
            if form.is_valid():
                running.remove(place=place, by=request.user, **form.cleaned_data)
                messages.success(request, _("Removed. They get a mail and read your reason."))
                return redirect("consults:group_members", pk=pk)
        except ChangeRefused as refused:
            messages.error(request, refused.sentence)
            return redirect("consults:group_members", pk=pk)
    may = allowed_actions(request.user, place, "group.remove", "group.appoint")
    context = {
        "group": group,
        "place": place,
        "form": form,
        "may_remove": "group.remove" in may,
        "may_appoint": "group.appoint" in may,
    }
    return render(request, "consults/groups/member.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Change what a group says of itself, who knows of it, and whether nurses see its cases."""
    group = _own_group(request, pk)
    require(request.user, "group.moderate", group)
    facts = {name: getattr(group, name) for name in ("purpose", "description", "kind", "open_to_nurses")}
    form = ChangeForm(
        request.POST if request.method == "POST" else None,
        initial=facts,
        was_open_to_nurses=group.open_to_nurses,
        nurses=group.members.filter(profession__in=policy.nurses()).count(),
        cases=group.cases.filter(state__in=_SHOWN).count(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            running.change(group=group, by=request.user, **{name: form.cleaned_data[name] for name in facts})
        except ChangeRefused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("Changed."))
            return redirect("consults:group", pk=pk)
    context = {"group": group, "form": form}
    return render(request, "consults/groups/change.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def end(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Close a group down, after reauthentication."""
    group = _own_group(request, pk)
    require(request.user, "group.moderate", group)
    form = EndForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not reauthenticated_recently(request):
            return redirect_to_login(request.path, resolve_url("account_reauthenticate"))
        if form.is_valid():
            try:
                running.end(group=group, by=request.user)
            except ChangeRefused as refused:
                form.add_error(None, refused.sentence)
            else:
                messages.success(request, _("Closed down. Members and authors are told."))
                return redirect("consults:groups")
    context = {"group": group, "form": form, "cases": group.cases.filter(state__in=_SHOWN).count()}
    return render(request, "consults/groups/end.html", context, status=422 if form.errors else 200)


def _own_group(request: MemberRequest, pk: UUID) -> Group:
    """Return a group to which this member belongs: 404 for one of which they may not know, 403 for another's."""
    found: Group = get_visible_or_404(request.user, "group.view", pk)
    require(request.user, "group.belong", found)
    return found
