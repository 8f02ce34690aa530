"""Pages of an own case's outcome: closing with or without one, correcting it, the author's summary."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import MemberRequest
from consults.cases.models import CaseState
from consults.cases.pages import explain_refusals, visible_case
from consults.discussion import closing
from consults.discussion.forms import CloseForm
from consults.discussion.outcomes import corrections, solution
from consults.discussion.outcomes import summary as summaries
from consults.discussion.outcomes.forms import CorrectForm
from consults.exceptions import ChangeRefused
from core.permissions import allowed, require
from core.post_only import post_only


@require_http_methods(["GET", "POST"])
@explain_refusals
def close_case(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Close an own open case with its outcome."""
    found = visible_case(request, pk)
    if found.author_id == request.user.pk and found.state == CaseState.CLOSED:
        messages.info(request, _("The case is closed already."))
        return redirect("consults:case", pk=pk)
    require(request.user, "case.close", found)
    form = CloseForm(request.POST or None, instance=solution.as_outcome(found))
    if request.method == "POST" and form.is_valid():
        closing.close(case=found, by=request.user, outcome=form.save(commit=False))
        return _closed(request, pk, _("The case is closed. Everybody who sees it sees the outcome."))
    context = {"case": found, "form": form, "text": form["diagnosis_text"].value() or ""}
    return render(request, "consults/discussion/close.html", context, status=422 if form.errors else 200)


def _closed(request: MemberRequest, pk: UUID, sentence: str) -> HttpResponse:
    if not allowed(request.user, "case.view").filter(pk=pk).exists():
        messages.warning(request, _("The case is closed. Its consent ended with it: nobody sees it now."))
        return redirect("consults:mine")
    messages.success(request, sentence)
    return redirect("consults:case", pk=pk)


@post_only("consults:case", at="your-outcome")
@explain_refusals
def close_unresolved(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Close an own open case of which no outcome is to be expected."""
    found = visible_case(request, pk)
    require(request.user, "case.close", found)
    closing.close_unresolved(case=found, by=request.user)
    return _closed(request, pk, _("The case is closed without an outcome. Should one come, add it on this page."))


@require_http_methods(["GET", "POST"])
@explain_refusals
def correct(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Correct the outcome of an own closed case."""
    found = visible_case(request, pk)
    require(request.user, "case.correct", found)
    form = CorrectForm(request.POST or None, instance=found.outcome)
    if request.method == "POST" and form.is_valid():
        try:
            corrections.correct(case=found, by=request.user, correction=form.correction)
        except ChangeRefused as refused:
            messages.warning(request, refused.sentence)
        else:
            messages.success(
                request, _("The outcome is corrected. Those who answered are told; the former one is kept.")
            )
        return redirect("consults:case", pk=pk)
    context = {"case": found, "form": form, "text": form["diagnosis_text"].value() or ""}
    return render(request, "consults/discussion/correct.html", context, status=422 if form.errors else 200)


@require_safe
@explain_refusals
def summary(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Send the author the summary of an own case as PDF; after a withdrawal, say that there is none any more."""
    if not allowed(request.user, "case.summary").filter(pk=pk).exists():
        if allowed(request.user, "case.own").filter(pk=pk, released_at__isnull=False).exists():
            messages.warning(request, _("This case was withdrawn: there is no summary any more. Destroy older ones."))
            return redirect("consults:mine")
        require(request.user, "case.summary", visible_case(request, pk))
    data = summaries.summary_pdf(case_id=pk, by=request.user, language=get_language() or settings.LANGUAGE_CODE)
    headers = {"Content-Disposition": 'attachment; filename="case-summary.pdf"', "Cache-Control": "private, no-store"}
    return HttpResponse(data, content_type="application/pdf", headers=headers)
