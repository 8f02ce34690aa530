"""Pages of concerns: for members who report mistreatment, and for the trusted persons who hear them."""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import MemberRequest
from accounts.models import Member
from consults.cases.models import Case
from consults.discussion.models import Comment
from consults.exceptions import ChangeRefused
from consults.moderation.concerns import policy, service
from consults.moderation.concerns.forms import ConcernAnswerForm, ConcernForm
from consults.moderation.concerns.models import Concern, ConcernState
from core.permissions import allowed, allowed_actions, get_visible_or_404
from core.post_only import post_only

MOST: Final = 50


@require_http_methods(["GET", "HEAD", "POST"])
def report_conduct(request: MemberRequest) -> HttpResponse:
    """Show and take a report of mistreatment; `case` and `comment` say where, for those who came from there."""
    case, comment = _place(request)
    named: Member | None = comment.author if comment else case.author if case else None
    form = ConcernForm(request.POST if request.method == "POST" else None, reporter=request.user, named=named)
    if request.method == "POST" and form.is_valid():
        try:
            service.raise_concern(
                by=request.user,
                kind=form.cleaned_data["kind"],
                words=form.cleaned_data["words"],
                about=form.about,
                case=case,
                comment=comment,
            )
        except ChangeRefused as refused:
            form.add_error("words", refused.sentence)
        else:
            messages.success(request, _("Thank you. Only a trusted person reads it. The answer appears here."))
            return redirect("consults:my_reports")
    return _form_page(request, form, case=case, comment=comment)


def concern_form(request: MemberRequest, *, case: Case, comment: Comment | None = None, words: str) -> HttpResponse:
    """Show the form to whoever reported a case or comment and chose mistreatment; what they wrote stays in it."""
    named = comment.author if comment else case.author
    form = ConcernForm(reporter=request.user, named=named, initial={"words": words})
    return _form_page(request, form, case=case, comment=comment)


def _form_page(
    request: MemberRequest, form: ConcernForm, *, case: Case | None, comment: Comment | None
) -> HttpResponse:
    where = {"comment": str(comment.pk)} if comment else {"case": str(case.pk)} if case else {}
    context = {
        "form": form,
        "action": reverse("consults:report_conduct") + (f"?{urlencode(where)}" if where else ""),
        "trusted": list(policy.trusted().exclude(pk=request.user.pk).order_by("name", "pk")[:MOST]),
    }
    return render(request, "consults/moderation/report_conduct.html", context, status=422 if form.errors else 200)


def _place(request: MemberRequest) -> tuple[Case | None, Comment | None]:
    """Return the case and comment of the address, if this member may report them. Raises Http404."""
    case_id, comment_id = request.GET.get("case", ""), request.GET.get("comment", "")
    if comment_id:
        comment: Comment = get_visible_or_404(request.user, "comment.report", comment_id)
        return comment.case, comment
    if case_id:
        case: Case = get_visible_or_404(request.user, "case.report", case_id)
        return case, None
    return None, None


@require_safe
def concerns(request: MemberRequest) -> HttpResponse:
    """List what waits for this trusted person, and what they have taken or closed."""
    if not request.user.may_hear_concerns:
        raise PermissionDenied
    rows = allowed(request.user, "concern.hear").select_related("about", "reporter")
    groups = [(state, [one for one in rows[: 2 * MOST] if one.state == state]) for state in ConcernState]
    return render(request, "consults/moderation/concerns.html", {"groups": groups})


@require_http_methods(["GET", "HEAD", "POST"])
def concern(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a concern to a trusted person; take it, leave it to another one, or close it."""
    if not request.user.may_hear_concerns:
        raise PermissionDenied
    found: Concern = get_visible_or_404(request.user, "concern.hear", pk)
    action = request.POST.get("action", "") if request.method == "POST" else ""
    form = ConcernAnswerForm(request.POST if action == "close" else None)
    try:
        if action == "take":
            service.take(concern=found, by=request.user)
            messages.success(request, _("It is yours. No other trusted person reads it now."))
            return redirect("consults:concern", pk=pk)
        if action == "give_back":
            service.give_back(concern=found, by=request.user)
            messages.success(request, _("Left to another trusted person."))
            return redirect("consults:concerns")
        if action == "close" and form.is_valid():
            service.close(concern=found, by=request.user, **form.cleaned_data)
            messages.success(request, _("Closed. The member reads your answer."))
            return redirect("consults:concerns")
    except ChangeRefused as refused:
        if not form.is_bound:
            messages.error(request, refused.sentence)
            return redirect("consults:concerns")
        form.add_error("answer", refused.sentence)
    may = allowed_actions(request.user, found, "concern.take", "concern.close")
    seen = allowed(request.user, "case.view").filter(pk=found.case_id).first() if found.case_id else None
    context = {
        "concern": found,
        "form": form,
        "may_take": "concern.take" in may,
        "may_close": "concern.close" in may,
        "case": seen,
        "comment": _comment(request, found) if seen else None,
    }
    return render(request, "consults/moderation/concern.html", context, status=422 if form.errors else 200)


def _comment(request: MemberRequest, found: Concern) -> Comment | None:
    """Return the comment, where its discussion is open to this trusted person: they are as blind as everybody."""
    if found.comment is None or found.comment.deleted_at is not None:
        return None
    is_open = allowed(request.user, "case.discuss").filter(pk=found.comment.case_id).exists()
    return found.comment if is_open else None


@post_only("consults:my_reports", keeps=())
def reopen_concern(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Ask another trusted person, as the member who reported."""
    found: Concern | None = allowed(request.user, "concern.own").filter(pk=pk).first()
    if found is None:
        raise Http404
    try:
        service.reopen(concern=found, by=request.user)
    except ChangeRefused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("Another trusted person looks at it."))
    return redirect("consults:my_reports")
