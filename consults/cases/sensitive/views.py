"""“Show the pictures” of a sensitive case, and marking one's own or, as a moderator, another's."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.http import MemberRequest
from consults.cases.models import Case
from consults.cases.pages import explain_refusals
from consults.cases.sensitive import service
from consults.cases.sensitive.forms import MarkForm
from core.permissions import get_visible_or_404, require
from core.post_only import post_only


@post_only("consults:case")
@explain_refusals
def ask_to_see(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Open the pictures of this case to the member for today."""
    case: Case = get_visible_or_404(request.user, "case.view", pk)
    require(request.user, "case.ask_to_see", case)
    service.ask(case=case, by=request.user)
    return redirect("consults:case", pk=pk)


@post_only("consults:case")
@explain_refusals
def mark_sensitive(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Add classes to a published case."""
    case: Case = get_visible_or_404(request.user, "case.view", pk)
    require(request.user, "case.mark_sensitive", case)
    form = MarkForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose at least one."))
        return redirect("consults:case", pk=pk)
    service.mark(case=case, by=request.user, classes=form.cleaned_data["classes"])
    messages.success(request, _("Marked. From now on its pictures are shown only to those who ask for them."))
    return redirect("consults:case", pk=pk)
