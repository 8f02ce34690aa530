"""Pages of moderating a room: reporting a post, hiding it, deciding as a second person, and what it said before."""

from typing import Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import MemberRequest
from consults import reporting
from consults.exceptions import ChangeRefused
from consults.groups.models import Group
from consults.groups.rooms import moderating
from consults.groups.rooms.models import Post, PostHold, PostReport
from consults.hold_forms import FINDINGS, FindingForm, HideForm
from core.permissions import allowed, allows, get_visible_or_404, require
from core.post_only import post_only

MOST: Final = 50


@require_http_methods(["GET", "HEAD", "POST"])
def post_report(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show and take a report of a post."""
    found: Post = get_visible_or_404(request.user, "post.view", pk)
    require(request.user, "post.report", found)
    form = HideForm(request.POST if request.method == "POST" else None)
    form.fields["words"].help_text = _("Moderators read this; the author never learns who reported. No names.")
    if request.method == "POST" and form.is_valid():
        try:
            moderating.report(post=found, by=request.user, **form.cleaned_data)
        except ChangeRefused as refused:
            form.add_error("words", refused.sentence)
        else:
            messages.success(
                request, _("Thank you. Nobody but the moderators learns that it was you. The answer appears here.")
            )
            return redirect("consults:my_reports")
    return _form_page(request, found, form, hides=False)


@require_http_methods(["GET", "HEAD", "POST"])
def post_hide(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Hide a post at once."""
    found: Post = get_visible_or_404(request.user, "post.view", pk)
    require(request.user, "post.hold", found)
    form = HideForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            moderating.hide(post=found, by=request.user, **form.cleaned_data)
        except ChangeRefused as refused:
            form.add_error("words", refused.sentence)
        else:
            messages.success(request, _("Hidden. The author is told, and a second moderator decides within a day."))
            return redirect("consults:room_desk", pk=found.group_id)
    return _form_page(request, found, form, hides=True)


def _form_page(request: MemberRequest, found: Post, form: forms.Form, *, hides: bool) -> HttpResponse:
    context = {
        "post": found,
        "group": found.group,
        "form": form,
        "hides": hides,
        "weighs": hides or reporting.weighs(request.user),
    }
    return render(request, "consults/groups/rooms/report.html", context, status=422 if form.errors else 200)


@require_safe
def room_desk(request: MemberRequest, pk: UUID) -> HttpResponse:
    """List what was reported and hidden in a room, what is due first at the top."""
    group: Group = get_visible_or_404(request.user, "room.enter", pk)
    require(request.user, "room.moderate", group)
    holds = allowed(request.user, "post_hold.view").filter(post__group=group).select_related("post__author")
    decidable = allowed(request.user, "post_hold.decide").filter(post__group=group).values_list("pk", flat=True)
    reports = allowed(request.user, "post_report.settle").filter(post__group=group).select_related("post__author")
    context = {
        "group": group,
        "holds": holds[:MOST],
        "to_decide": set(decidable[:MOST]),
        "reports": reports[:MOST],
        "findings": FINDINGS,
    }
    return render(request, "consults/groups/rooms/desk.html", context)


@post_only("consults:groups", keeps=())
def post_hold(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Take the decision of a second person about a hidden post."""
    found: PostHold = get_visible_or_404(request.user, "post_hold.view", pk)
    if not allows(request.user, "post_hold.decide", found):
        raise PermissionDenied
    confirm = request.POST.get("decision") == "confirm"
    form = FindingForm(request.POST)
    said = form.cleaned_data if form.is_valid() else {}
    try:
        moderating.decide_hold(hold=found, by=request.user, confirm=confirm, **said)
    except ChangeRefused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("It stays hidden.") if confirm else _("It is shown again. The author is told."))
    return redirect("consults:room_desk", pk=found.post.group_id)


@post_only("consults:groups", keeps=())
def dismiss_post_report(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Settle a report of a post without hiding it."""
    found: PostReport = get_visible_or_404(request.user, "post_report.settle", pk)
    form = FindingForm(request.POST)
    try:
        moderating.dismiss(report=found, by=request.user, **(form.cleaned_data if form.is_valid() else {}))
    except ChangeRefused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("Settled. Nothing was hidden."))
    return redirect("consults:room_desk", pk=found.post.group_id)


@require_safe
def post_history(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a moderator of the room what a post said before its author changed or deleted it."""
    found: Post = get_visible_or_404(request.user, "post.history", pk)
    context = {"post": found, "group": found.group, "versions": found.versions.all()[:MOST]}
    return render(request, "consults/groups/rooms/history.html", context)
