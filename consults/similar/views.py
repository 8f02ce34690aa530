"""The page of similar cases, and the part of the case page that is loaded after it."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import MemberRequest
from consults.cases.pages import explain_refusals, visible_case
from consults.similar.finding import similar_cases
from core.permissions import require


@require_safe
@explain_refusals
def similar(request: MemberRequest, pk: UUID) -> HttpResponse:
    """List similar cases, to those to whom the discussion is open: before an answer they would lead to it."""
    found = visible_case(request, pk)
    require(request.user, "case.discuss", found)
    context = {"case": found, "cards": similar_cases(case=found, member=request.user)}
    part = request.htmx and not request.htmx.history_restore_request
    template = "consults/similar/_cases.html" if part else "consults/similar/similar.html"
    return render(request, template, context)
