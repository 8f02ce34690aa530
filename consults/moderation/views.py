"""Pages of moderation: report, hide, decide; and of changing an own comment."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import open_to
from accounts.http import MemberRequest
from consults import reporting
from consults.cases import gate, presenters
from consults.cases.gate.models import CaseHold
from consults.cases.models import Case
from consults.discussion import comments
from consults.discussion.models import Comment, CommentHold
from consults.discussion.policy import is_open_to
from consults.exceptions import ChangeRefused
from consults.groups.rooms.models import PostReport
from consults.hold_forms import FINDINGS, FindingForm, HideForm
from consults.moderation import automatic, hiding, policy, reports
from consults.moderation.concerns.models import ConcernState
from consults.moderation.concerns.views import concern_form
from consults.moderation.forms import MISTREATMENT, CommentTextForm, ReopenForm, ReportForm
from consults.moderation.models import Report
from core.permissions import allows, get_visible_or_404
from core.post_only import post_only
from imaging.models import Photo

MOST = 50  # of each kind on the page, the oldest first


# --- Members


@require_http_methods(["GET", "HEAD", "POST"])
def report_case(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show and take a report of a case or one of its pictures."""
    case: Case = get_visible_or_404(request.user, "case.report", pk)
    pictures = presenters.visible_pictures(case, member=request.user)
    form = ReportForm(request.POST if request.method == "POST" else None, pictures=pictures)
    if _is_mistreatment(form):
        return concern_form(request, case=case, words=form.data.get("words", ""))
    if request.method == "POST" and form.is_valid():
        about = form.cleaned_data["about"]
        photo = Photo.objects.get(pk=about) if about else None
        if _reported(request, form, case=case, photo=photo):
            return redirect("consults:my_reports")
    return _form_page(request, form, case=case, kind="report_case")


@require_http_methods(["GET", "HEAD", "POST"])
def report_comment(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show and take a report of a comment."""
    comment: Comment = get_visible_or_404(request.user, "comment.report", pk)
    form = ReportForm(request.POST if request.method == "POST" else None)
    if _is_mistreatment(form):
        return concern_form(request, case=comment.case, comment=comment, words=form.data.get("words", ""))
    if request.method == "POST" and form.is_valid() and _reported(request, form, case=comment.case, comment=comment):
        return redirect("consults:my_reports")
    return _form_page(request, form, case=comment.case, comment=comment, kind="report_comment")


def _is_mistreatment(form: ReportForm) -> bool:
    return form.is_bound and form.data.get("reason") == MISTREATMENT


def _reported(
    request: MemberRequest,
    form: ReportForm,
    *,
    case: Case,
    comment: Comment | None = None,
    photo: Photo | None = None,
) -> bool:
    data = form.cleaned_data
    try:
        made = reports.report(
            by=request.user, case=case, comment=comment, photo=photo, reason=data["reason"], words=data["words"]
        )
    except ChangeRefused as refused:
        form.add_error("words", refused.sentence)
        return False
    thanks = _("Thank you. Nobody but the moderators learns that it was you. The answer appears here.")
    if automatic.is_hidden(made):
        thanks = _("It is hidden from now on, until a moderator has looked at it.") + " " + thanks
    messages.success(request, thanks)
    return True


@require_safe
def my_reports(request: MemberRequest) -> HttpResponse:
    """List what this member has reported, and what became of it, without saying what it was about."""
    member = request.user
    own = [
        *Report.objects.filter(reporter=member).order_by("-made_at")[:MOST],
        *PostReport.objects.filter(reporter=member).order_by("-made_at")[:MOST],
    ]
    concerns = list(member.concerns.order_by("-made_at")[:MOST])
    context = {
        "reports": sorted(own, key=lambda one: one.made_at, reverse=True)[:MOST],
        "concerns": concerns,
        "may_ask_again": {one.pk for one in concerns if one.state == ConcernState.CLOSED and not one.reopened_at},
        "weighs": reporting.weighs(member),
    }
    return render(request, "consults/moderation/my_reports.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_comment(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Change or delete an own comment."""
    comment: Comment = get_visible_or_404(request.user, "comment.change", pk)
    form = CommentTextForm(request.POST if request.method == "POST" else None, initial={"text": comment.text})
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("delete"):
                comments.delete(comment=comment, by=request.user)
                messages.success(request, _("Deleted. Its place in the discussion stays."))
            else:
                chosen = form.cleaned_data["chosen"]
                comments.edit(comment=comment, by=request.user, text=form.cleaned_data["text"], chosen=chosen)
                messages.success(request, _("Changed. Colleagues see that you changed it."))
        except ChangeRefused as refused:
            form.add_error("text", refused.sentence)
        else:
            return redirect("consults:case", pk=comment.case_id)
    return _form_page(request, form, case=comment.case, comment=comment, kind="edit_comment")


# --- Moderators


@open_to("moderator")
@require_http_methods(["GET", "HEAD", "POST"])
def hide_case(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Hide a case at once."""
    case: Case = get_visible_or_404(request.user, "case.hold", pk)
    form = HideForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _hidden(request, form, partial(hiding.hide_case, case=case)):
        return redirect("consults:moderation")
    return _form_page(request, form, case=case, kind="hide_case")


@open_to("moderator")
@require_http_methods(["GET", "HEAD", "POST"])
def hide_comment(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Hide a comment at once."""
    comment: Comment = get_visible_or_404(request.user, "comment.hold", pk)
    form = HideForm(request.POST if request.method == "POST" else None)
    hide = partial(hiding.hide_comment, comment=comment)
    if request.method == "POST" and form.is_valid() and _hidden(request, form, hide):
        return redirect("consults:case", pk=comment.case_id)
    return _form_page(request, form, case=comment.case, comment=comment, kind="hide_comment")


def _hidden(request: MemberRequest, form: HideForm, hide: Callable[..., object]) -> bool:
    try:
        hide(by=request.user, **form.cleaned_data)
    except ChangeRefused as refused:
        form.add_error("words", refused.sentence)
        return False
    messages.success(request, _("Hidden. The author is told, and a second moderator decides within a day."))
    return True


def _form_page(
    request: MemberRequest,
    form: HideForm | CommentTextForm,
    *,
    case: Case,
    kind: str,
    comment: Comment | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "case": case, "comment": comment, "kind": kind}
    if isinstance(form, ReportForm):
        context["weighs"] = reporting.weighs(request.user)
    return render(request, "consults/moderation/form.html", context, status=422 if form.errors else 200)


@open_to("moderator")
@require_safe
def moderation(request: MemberRequest) -> HttpResponse:
    """List what was hidden and reported, the oldest first; of closed discussions only that something waits there."""
    member = request.user
    case_holds = policy.case_holds(member).select_related("case", "by")
    comment_holds = policy.comment_holds(member).select_related("comment__case", "comment__author", "by")
    waiting = policy.reports(member).select_related("case", "comment__author", "photo")
    settled = policy.reports_to_reopen(member).select_related("case", "settled_by").order_by("-settled_at")
    mine = set(policy.case_holds_to_decide(member).values_list("pk", flat=True)[: 2 * MOST])
    mine |= set(policy.comment_holds_to_decide(member).values_list("pk", flat=True)[: 2 * MOST])
    closed_reports = policy.reports(member, opened=False).select_related("case")
    closed_holds = policy.comment_holds(member, opened=False).select_related("comment__case")
    found = list(waiting[:MOST])
    opened = set(
        Case.objects.filter(is_open_to(member), pk__in=[one.case_id for one in found]).values_list("pk", flat=True)
    )
    held = {one.case_id for one in case_holds}
    closed = {one.case_id: one.case for one in closed_reports[:MOST]}
    closed |= {one.comment.case_id: one.comment.case for one in closed_holds[:MOST]}
    context: dict[str, Any] = {
        "case_holds": case_holds[:MOST],
        "comment_holds": comment_holds[:MOST],
        "reports": [
            {"report": one, "words": one.words if one.case_id in opened else "", "held": one.case_id in held}
            for one in found
        ],
        "closed": list(closed.values()),
        "settled": settled[:MOST],
        "to_decide": mine,
        "findings": FINDINGS,
        "in_time": reporting.punctuality(),
    }
    return render(request, "consults/moderation/queue.html", context)


@open_to("moderator")
@require_http_methods(["GET", "HEAD", "POST"])
def case_hold(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a hidden case to a moderator, and take the decision of a second one."""
    found: CaseHold = get_visible_or_404(request.user, "case_hold.view", pk)
    if request.method == "POST":
        return _decided(request, found)
    case = found.case
    pictures = presenters.viewer_pictures(case, renditions=gate.servable_renditions(request.user), with_additions=True)
    labels = {picture.photo_id: picture.label for picture in pictures}
    is_open = Case.objects.filter(is_open_to(request.user), pk=case.pk).exists()
    waiting = Report.objects.filter(case=case, comment=None, hidden=None).order_by("made_at")[:MOST]
    context = {
        "hold": found,
        "case": case,
        "pictures": pictures,
        "reported": [
            {
                "about": labels.get(one.photo_id, _("A picture")) if one.photo_id else _("The whole case"),
                "reason": one.get_reason_display(),
                "words": one.words if is_open else "",
            }
            for one in waiting
        ],
        "withheld": not is_open and any(one.words for one in waiting),
        "facts": presenters.facts(case),
        "line": presenters.summary_line(case),
        "may_decide": allows(request.user, "case_hold.decide", found),
        "findings": FINDINGS,
    }
    return render(request, "consults/moderation/case_hold.html", context)


@open_to("moderator")
@post_only("consults:moderation", keeps=())
def comment_hold(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Take the decision of a second moderator about a hidden comment."""
    found: CommentHold = get_visible_or_404(request.user, "comment_hold.decide", pk)
    return _decided(request, found)


def _decided(request: MemberRequest, hold: CaseHold | CommentHold) -> HttpResponse:
    confirm = request.POST.get("decision") == "confirm"
    form = FindingForm(request.POST)
    said = form.cleaned_data if form.is_valid() else {}
    try:
        if isinstance(hold, CaseHold):
            hiding.decide_case(hold=hold, by=request.user, confirm=confirm, **said)
        else:
            hiding.decide_comment(hold=hold, by=request.user, confirm=confirm, **said)
    except ChangeRefused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("It stays hidden.") if confirm else _("It is shown again. The author is told."))
    return redirect("consults:moderation")


@open_to("moderator")
@post_only("consults:moderation", keeps=())
def dismiss_report(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Settle a report without hiding anything."""
    found: Report = get_visible_or_404(request.user, "report.settle", pk)
    form = FindingForm(request.POST)
    try:
        reports.dismiss(report=found, by=request.user, **(form.cleaned_data if form.is_valid() else {}))
    except ChangeRefused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("Settled. Nothing was hidden."))
    return redirect("consults:moderation")


@open_to("moderator")
@post_only("consults:moderation", keeps=())
def reopen_report(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Take another moderator's answer to a report back, with a reason."""
    found: Report = get_visible_or_404(request.user, "report.reopen", pk)
    form = ReopenForm(request.POST)
    try:
        reports.reopen(report=found, by=request.user, words=form.cleaned_data["words"] if form.is_valid() else "")
    except ChangeRefused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("It waits again."))
    return redirect("consults:moderation")


@require_safe
def comment_history(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show what a comment said before its author changed it; to moderators also before it was deleted."""
    found: Comment = get_visible_or_404(request.user, "comment.history", pk)
    context = {"comment": found, "case": found.case, "versions": found.versions.all()[:MOST]}
    return render(request, "consults/moderation/history.html", context)
