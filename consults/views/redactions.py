"""Comments that may still describe what a patient took back, for moderators."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.audiences import open_to
from consults import redaction
from consults.cases.service import NotPossible
from consults.models import Redaction
from consults.views.http import MemberRequest
from core.policy import allowed, get_visible_or_404


@open_to("moderator")
@require_safe
def redactions(request: MemberRequest) -> HttpResponse:
    """The comments that wait for a look, longest waiting first."""
    waiting = allowed(request.user, "redaction.decide").select_related("comment__author", "comment__case")
    return render(request, "consults/review/redactions.html", {"waiting": waiting})


@open_to("moderator")
@require_POST
def decide_redaction(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Remove the words of a comment, or keep them."""
    found: Redaction = get_visible_or_404(request.user, "redaction.decide", pk)
    remove = request.POST.get("decision") == Redaction.Decision.REMOVED
    decision = Redaction.Decision.REMOVED if remove else Redaction.Decision.KEPT
    try:
        redaction.decide(redaction=found, by=request.user, decision=decision)
    except NotPossible as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("The comment was removed.") if remove else _("The comment stays."))
    return redirect("consults:redactions")
