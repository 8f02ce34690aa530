"""The page that closes a case with its outcome."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import MemberRequest
from consults.cases.models import CaseState
from consults.cases.pages import explain_refusals, visible_case
from consults.discussion.closing import close
from consults.discussion.forms import CloseForm
from core.permissions import allowed, require


@require_http_methods(["GET", "POST"])
@explain_refusals
def close_case(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Close an own open case with its outcome."""
    found = visible_case(request, pk)
    if found.author_id == request.user.pk and found.state == CaseState.CLOSED:
        messages.info(request, _("The case is closed already."))
        return redirect("consults:case", pk=pk)
    require(request.user, "case.close", found)
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        close(case=found, by=request.user, outcome=form.save(commit=False))
        if not allowed(request.user, "case.view").filter(pk=pk).exists():
            messages.warning(request, _("The case is closed. Its consent ended with it: nobody sees it now."))
            return redirect("consults:mine")
        messages.success(request, _("The case is closed. Everybody who sees it sees the outcome."))
        return redirect("consults:case", pk=pk)
    context = {"case": found, "form": form, "text": form["diagnosis_text"].value() or ""}
    return render(request, "consults/discussion/close.html", context, status=422 if form.errors else 200)
