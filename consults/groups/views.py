"""Pages of groups for members: which there are, joining, leaving, proposing one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import MemberRequest
from accounts.models import Member
from consults.exceptions import ChangeRefused
from consults.groups import admissions, founding, policy, running
from consults.groups.forms import ProposalForm, RefusalForm
from consults.groups.models import (
    ADMISSION_DAYS,
    Admission,
    AdmissionState,
    Group,
    GroupProposal,
    GroupRemoval,
    Membership,
    Purpose,
    Way,
)
from consults.groups.naming import NameRefused
from core.permissions import allowed, get_visible_or_404, require
from core.post_only import post_only

PAGE_ROWS: Final = 30
MOST_NEWS: Final = 20


@require_safe
def groups(request: MemberRequest) -> HttpResponse:
    """List what waits for an answer, one's own groups, and all those that one may know of."""
    member = request.user
    show = request.GET.get("show", "")
    purpose = request.GET.get("purpose", "")
    words = " ".join(request.GET.get("q", "").replace("\0", "").split())[:80]
    belongs = Membership.objects.filter(member=member).exists()
    mine = belongs if show not in ("mine", "all") else show == "mine"
    rows = allowed(member, "group.belong" if mine else "group.view")
    if purpose in Purpose.values:
        rows = rows.filter(purpose=purpose)
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(description__icontains=words))
    page = Paginator(_with_figures(rows, member), PAGE_ROWS).get_page(request.GET.get("page"))
    lately = timezone.now() - timedelta(days=ADMISSION_DAYS)
    asked = {"show": "mine" if mine else "all", "purpose": purpose, "q": words}
    context = {
        "invitations": _newest(allowed(member, "group_invitation.answer").select_related("group", "by")),
        "proposals": _newest(allowed(member, "group_proposal.view").select_related("by", "second")),
        "requests": _newest(
            Admission.objects.filter(member=member, way=Way.REQUEST)
            .filter(
                Q(state=AdmissionState.WAITING, expires_at__gt=timezone.now())
                | Q(state=AdmissionState.REFUSED, decided_at__gt=lately)
            )
            .select_related("group")
        ),
        "removals": _newest(GroupRemoval.objects.filter(member=member, at__gt=lately).select_related("group")),
        "page": page,
        "mine": mine,
        "purposes": Purpose.choices,
        "purpose": purpose,
        "words": words,
        "narrowed": bool(words or purpose),
        "query": urlencode({name: value for name, value in asked.items() if value}),
        "may_propose": policy.may_propose(member),
    }
    return render(request, "consults/groups/groups.html", context)


def _newest(rows: QuerySet[Admission] | QuerySet[GroupProposal] | QuerySet[GroupRemoval]) -> list[object]:
    return list(rows[:MOST_NEWS])


def _with_figures(rows: QuerySet[Group], member: Member) -> QuerySet[Group]:
    """Add to groups how many belong to them, this member's place, and how many requests wait for this member."""
    own = Membership.objects.filter(member=member, group=OuterRef("pk"))
    waiting = policy.requests_to_decide(member).filter(group=OuterRef("pk")).order_by().values("group")
    members = Membership.objects.filter(group=OuterRef("pk")).order_by().values("group")
    return rows.annotate(
        size=Coalesce(Subquery(members.annotate(n=Count("pk")).values("n")), 0),
        requests_waiting=Coalesce(Subquery(waiting.annotate(n=Count("pk")).values("n")), 0),
        belongs=Exists(own),
        moderates=Exists(own.filter(is_moderator=True)),
    ).order_by("name", "pk")


@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: MemberRequest) -> HttpResponse:
    """Propose a group to a second specialist."""
    if not policy.may_propose(request.user):
        raise PermissionDenied
    form = ProposalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            founding.propose(by=request.user, **form.cleaned_data)
        except NameRefused as refused:
            form.add_error("name", refused.sentence)
        except ChangeRefused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("Proposed. The group is there as soon as the second specialist confirms it."))
            return redirect("consults:groups")
    return render(request, "consults/groups/new.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def proposal(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a proposal; confirm or refuse it as the second specialist, or take one's own back."""
    found: GroupProposal = get_visible_or_404(request.user, "group_proposal.view", pk)
    if request.method != "POST":
        context = {"proposal": found, "is_mine": found.by_id == request.user.pk}
        return render(request, "consults/groups/proposal.html", context)
    action = request.POST.get("action", "")
    if action not in ("take_back", "confirm", "refuse"):
        return redirect("consults:group_proposal", pk=pk)
    try:
        if action == "take_back":
            require(request.user, "group_proposal.take_back", found)
            founding.take_back_proposal(proposal=found, by=request.user)
            return _told(request, _("Taken back."))
        made = founding.answer_proposal(proposal=found, by=request.user, confirm=action == "confirm")
    except ChangeRefused as refused:
        messages.error(request, refused.sentence)
        return redirect("consults:groups")
    if made is None:
        return _told(request, _("Refused. Whoever proposed it is told."))
    messages.success(request, _("The group is there. Invite members, a moderator of the site among them."))
    return redirect("consults:group", pk=made.pk)


def _told(request: MemberRequest, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("consults:groups")


@require_http_methods(["GET", "HEAD", "POST"])
def admission(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a request or an invitation to whoever answers it or may take it back, and do so."""
    member = request.user
    answers = allowed(member, "group_admission.answer").filter(pk=pk).first()
    takes_back = allowed(member, "group_admission.take_back").filter(pk=pk).first()
    found: Admission | None = answers or takes_back
    if found is None:
        raise Http404
    action = request.POST.get("action", "")
    is_refused_request = action == "refuse" and found.way == Way.REQUEST
    form = RefusalForm(request.POST if is_refused_request else None)
    if request.method == "POST" and action not in ("accept", "refuse", "take_back"):
        return redirect("consults:group_admission", pk=pk)
    if request.method == "POST":
        try:
            if action == "accept":
                admissions.accept(admission=found, by=member)
                messages.success(request, _("Joined: the group's cases are open from now on."))
                return redirect("consults:group", pk=found.group_id)
            if action == "take_back":
                admissions.take_back(admission=found, by=member)
                return _told(request, _("Taken back."))
            if not is_refused_request:
                admissions.refuse(admission=found, by=member)
                return _told(request, _("Declined."))
            if form.is_valid():
                admissions.refuse(admission=found, by=member, **form.cleaned_data)
                messages.success(request, _("Not accepted. The member reads your reason."))
                return redirect("consults:group_members", pk=found.group_id)
        except ChangeRefused as refused:
            if not form.is_bound:
                messages.error(request, refused.sentence)
                return redirect("consults:groups")
            form.add_error(None, refused.sentence)
    context = {"admission": found, "answers": answers is not None, "form": form}
    return render(request, "consults/groups/admission.html", context, status=422 if form.errors else 200)


@post_only("consults:group")
def join(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Ask to join an open group."""

    def ask(group: Group) -> str:
        require(request.user, "group.request", group)
        admissions.request(group=group, by=request.user)
        return _("Asked. Its moderators answer, and you get a mail.")

    return _done(request, pk, ask, leads_to="consults:group")


@post_only("consults:group")
def leave(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Leave a group."""

    def go(group: Group) -> str:
        require(request.user, "group.belong", group)
        running.leave(group=group, by=request.user)
        return _("You have left the group. Its cases are closed to you.")

    return _done(request, pk, go, leads_to="")


@post_only("consults:group")
def step_back(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Stop moderating a group."""

    def step(group: Group) -> str:
        require(request.user, "group.moderate", group)
        running.step_back(group=group, by=request.user)
        return _("You do not moderate the group any more. You still belong to it.")

    return _done(request, pk, step, leads_to="consults:group")


def _done(request: MemberRequest, pk: UUID, act: Callable[[Group], str], *, leads_to: str) -> HttpResponse:
    """Act on a group that this member may know of, and lead to a page; to the group's own after a refusal."""
    found: Group = get_visible_or_404(request.user, "group.view", pk)
    try:
        messages.success(request, act(found))
    except ChangeRefused as refused:
        messages.error(request, refused.sentence)
        return redirect("consults:group", pk=pk)
    return redirect(leads_to, pk=pk) if leads_to else redirect("consults:groups")
