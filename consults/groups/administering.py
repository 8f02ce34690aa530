"""Pages of groups for administrators: making one, and filling, handing over or closing one without a moderator.

Of a closed group that has a moderator they learn nothing; of no group do they see a case.
"""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import open_to
from accounts.http import MemberRequest
from accounts.models import Member
from accounts.security.security_events import reauthenticated_recently
from consults.exceptions import ChangeRefused
from consults.groups import founding, policy, running
from consults.groups.forms import GroupForm, MemberForm
from consults.groups.models import Group, Membership, moderating
from consults.groups.naming import NameRefused
from core.permissions import allowed, allowed_actions, get_visible_or_404

PAGE_ROWS: Final = 50


@open_to("officer")
@require_http_methods(["GET", "HEAD", "POST"])
def groups(request: MemberRequest) -> HttpResponse:
    """List the groups, those without a moderator first; make one, after reauthentication."""
    if not request.user.is_staff:
        raise PermissionDenied
    form = GroupForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not reauthenticated_recently(request):
            return redirect_to_login(request.path, resolve_url("account_reauthenticate"))
        if form.is_valid():
            try:
                made = founding.make(by=request.user, **form.cleaned_data)
            except NameRefused as refused:
                form.add_error("name", refused.sentence)
            except ChangeRefused as refused:
                form.add_error("description", refused.sentence)
            else:
                messages.success(request, _("Made. Now say who belongs to it, and who moderates it."))
                return redirect("consults:managed_group", pk=made.pk)
    rows = (
        allowed(request.user, "group.manage")
        .annotate(size=Count("memberships"), has_moderator=Exists(moderating().filter(group=OuterRef("pk"))))
        .order_by("has_moderator", "name", "pk")
    )
    page = Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page"))
    context = {"form": form, "page": page}
    return render(request, "consults/groups/managed_groups.html", context, status=422 if form.errors else 200)


@open_to("officer")
@require_http_methods(["GET", "HEAD", "POST"])
def group(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a group; while it has no moderator, add members, hand it over, or close it down, after reauthentication."""
    found: Group = get_visible_or_404(request.user, "group.manage", pk)
    action = request.POST.get("action", "")
    form = MemberForm(request.POST if action == "add" else None)
    if request.method == "POST":
        if not reauthenticated_recently(request):
            return redirect_to_login(request.path, resolve_url("account_reauthenticate"))
        try:
            if action == "end":
                running.end(group=found, by=request.user)
                messages.success(request, _("Closed down. Members and authors are told."))
                return redirect("consults:managed_groups")
            if action == "hand_over":
                _hand_over(request, found)
                return redirect("consults:managed_groups")
            if form.is_valid():
                running.add(group=found, member=form.member, by=request.user)
                messages.success(request, _("Added."))
                return redirect("consults:managed_group", pk=pk)
        except ChangeRefused as refused:
            if not form.is_bound:
                messages.error(request, refused.sentence)
                return redirect("consults:managed_group", pk=pk)
            form.add_error("email", refused.sentence)
    may = allowed_actions(request.user, found, "group.rescue", "group.fill")
    rows = found.memberships.select_related("member").order_by("-is_moderator", "member__name", "pk")
    context = {
        "form": form,
        "group": found,
        # Who belongs to a group that has a moderator is the group's own affair.
        "page": Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page")) if "group.rescue" in may else None,
        "has_reader": found.members.filter(pk__in=Member.objects.moderators()).exists(),
        "able": policy.moderating_professions(),
        "may_rescue": "group.rescue" in may,
        "may_fill": "group.fill" in may,
    }
    return render(request, "consults/groups/managed_group.html", context, status=422 if form.errors else 200)


def _hand_over(request: MemberRequest, found: Group) -> None:
    place = Membership.objects.filter(group=found, member=_uuid(request.POST.get("member", ""))).first()
    if place is None:
        raise ChangeRefused(_("This person does not belong to the group any more."))
    running.hand_over(place=place, by=request.user)
    messages.success(request, _("Handed over. They moderate the group now and can appoint others."))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
