"""Pages of groups, for administrators."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import open_to
from accounts.http import MemberRequest
from accounts.models import Member
from accounts.security.security_events import reauthenticated_recently
from consults.exceptions import ChangeRefused
from consults.groups import service
from consults.groups.forms import GroupForm, MemberForm
from consults.groups.models import Group
from core.permissions import allowed, get_visible_or_404

PAGE_ROWS = 50


@open_to("officer")
@require_http_methods(["GET", "HEAD", "POST"])
def groups(request: MemberRequest) -> HttpResponse:
    """List the groups; make one, after reauthentication."""
    if not request.user.is_staff:
        raise PermissionDenied
    form = GroupForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not reauthenticated_recently(request):
            return redirect_to_login(request.path, resolve_url("account_reauthenticate"))
        if form.is_valid():
            try:
                made = service.make(by=request.user, **form.cleaned_data)
            except ChangeRefused as refused:
                form.add_error("name", refused.sentence)
            else:
                messages.success(request, _("Made. Now say who belongs to it."))
                return redirect("consults:group", pk=made.pk)
    rows = allowed(request.user, "group.manage").annotate(size=Count("memberships")).order_by("name", "pk")
    page = Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page"))
    context = {"form": form, "page": page}
    return render(request, "consults/groups/groups.html", context, status=422 if form.errors else 200)


@open_to("officer")
@require_http_methods(["GET", "HEAD", "POST"])
def group(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show who belongs to a group; add or remove somebody, after reauthentication."""
    found: Group = get_visible_or_404(request.user, "group.manage", pk)
    form = MemberForm(request.POST if request.method == "POST" and "remove" not in request.POST else None)
    if request.method == "POST":
        if not reauthenticated_recently(request):
            return redirect_to_login(request.path, resolve_url("account_reauthenticate"))
        if "remove" in request.POST:
            return _removed(request, found)
        if form.is_valid():
            try:
                service.add(group=found, member=form.member, by=request.user)
            except ChangeRefused as refused:
                form.add_error("email", refused.sentence)
            else:
                messages.success(request, _("Added."))
                return redirect("consults:group", pk=pk)
    rows = found.memberships.select_related("member").order_by("member__name", "pk")
    page = Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page"))
    has_reader = found.members.filter(pk__in=Member.objects.moderators()).exists()
    context = {"form": form, "group": found, "page": page, "has_reader": has_reader}
    return render(request, "consults/groups/group.html", context, status=422 if form.errors else 200)


def _removed(request: MemberRequest, found: Group) -> HttpResponse:
    member = found.members.filter(pk=_uuid(request.POST["remove"])).first()
    try:
        if member is None:
            raise ChangeRefused(_("This person does not belong to the group any more."))
        service.remove(group=found, member=member, by=request.user)
    except ChangeRefused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("Removed."))
    return redirect("consults:group", pk=found.pk)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
