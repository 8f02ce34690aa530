"""Pages of withdrawing a case at the patient's request, and of redactions after a withdrawal."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import open_to
from accounts.http import MemberRequest
from consent.withdrawal import preview_withdrawal
from consults.cases.models import Case
from consults.cases.pages import explain_refusals, visible_case
from consults.exceptions import ChangeRefused
from consults.withdrawal import hide, redaction
from consults.withdrawal.hide import withdraw
from consults.withdrawal.models import Redaction
from core.permissions import allowed, get_visible_or_404, require
from core.post_only import post_only

PAGE_ROWS = 50


@open_to("moderator")
@require_safe
def redactions(request: MemberRequest) -> HttpResponse:
    """List the comments that wait for a decision, longest waiting first."""
    found = allowed(request.user, "redaction.decide").select_related("comment__author", "comment__case")
    found = found.prefetch_related("comment__versions")
    page = Paginator(found, PAGE_ROWS).get_page(request.GET.get("page"))
    closed = redaction.open_redactions(request.user, opened=False).values("comment__case")
    context = {"page": page, "waiting": page, "closed": Case.objects.filter(pk__in=closed).order_by("pk")[:PAGE_ROWS]}
    return render(request, "consults/withdrawal/redactions.html", context)


@open_to("moderator")
@post_only("consults:redactions", keeps=())
def decide_redaction(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Remove or keep a listed comment."""
    found: Redaction = get_visible_or_404(request.user, "redaction.decide", pk)
    remove = request.POST.get("decision") == Redaction.Decision.REMOVED
    decision = Redaction.Decision.REMOVED if remove else Redaction.Decision.KEPT
    try:
        redaction.decide(redaction=found, by=request.user, decision=decision)
    except ChangeRefused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("The comment was removed.") if remove else _("The comment stays."))
    return redirect("consults:redactions")


@require_http_methods(["GET", "POST"])
@explain_refusals
def withdraw_case(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Withdraw the consent of an own case at the patient's request, whatever its state, after asking."""
    if not allowed(request.user, "case.withdraw").filter(pk=pk).exists():
        require(request.user, "case.withdraw", visible_case(request, pk))
    found: Case = get_visible_or_404(request.user, "case.withdraw", pk)
    unsure = request.method == "POST" and not request.POST.get("asked")
    if request.method == "POST" and not unsure:
        if found.consent_id is None:
            hide.take_down(case=found, by=request.user)
            messages.success(request, _("Taken down. Nobody sees it any more, and it is being destroyed."))
            return redirect("consults:mine")
        made = withdraw(case=found, by=request.user)
        messages.success(request, _("Withdrawn. Nobody sees it any more. Print the certificate for the patient."))
        return redirect("consent:withdrawn", pk=made.pk)
    held = preview_withdrawal(consent=found.consent) if found.consent else hide.count_effects_of_case(found)
    context = {"case": found, "unsure": unsure, "effects": held}
    return render(request, "consults/withdrawal/withdraw.html", context, status=422 if unsure else 200)
