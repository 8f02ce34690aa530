"""The button “Add a follow-up” on an own published case."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.http import MemberRequest
from consults.cases.followup import service
from consults.cases.models import Case
from consults.cases.pages import explain_refusals
from core.permissions import get_visible_or_404, require
from core.post_only import post_only


@post_only("consults:case")
@explain_refusals
def add_followup(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Start a follow-up of an own case, or go on with the one that is begun; lead to its pictures."""
    case: Case = get_visible_or_404(request.user, "case.view", pk)
    require(request.user, "case.follow_up", case)
    addition = service.start(case=case, by=request.user)
    return redirect("consults:pictures", pk=addition.pk)
