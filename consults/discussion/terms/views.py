"""Pages of moderators about proposed terms."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import open_to
from accounts.http import MemberRequest
from consults.discussion.presenters import diagnosis_name
from consults.discussion.terms import deciding, policy
from consults.discussion.terms.forms import AcceptForm, MapForm, RefuseForm
from consults.discussion.terms.models import ProposedTerm, WhyNot
from consults.exceptions import ChangeRefused
from core.permissions import get_visible_or_404
from vocabulary import diagnoses

MOST = 50  # on the page, the oldest first
NEAR = 5


@open_to("moderator")
@require_safe
def proposed_terms(request: MemberRequest) -> HttpResponse:
    """List the proposals that this moderator may decide, oldest first; of others only how many wait."""
    context = {
        "proposals": policy.to_decide(request.user).order_by("made_at", "id")[:MOST],
        "closed": policy.closed_to(request.user).count(),
    }
    return render(request, "consults/discussion/terms/list.html", context)


@open_to("moderator")
@require_http_methods(["GET", "HEAD", "POST"])
def proposed_term(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a proposal without its case or author, and take a decision: added, meant, or not added."""
    found: ProposedTerm = get_visible_or_404(request.user, "term.decide", pk)
    posted = request.POST if request.method == "POST" else None
    action = request.POST.get("action", "") if posted is not None else ""
    diagnoses.read_added()  # before names are compared with those that colleagues added
    forms: dict[str, Any] = {
        "accept": AcceptForm(posted if action == "accept" else None, proposal=found),
        "map": MapForm(posted if action == "map" else None),
        "refuse": RefuseForm(posted if action == "refuse" else None),
    }
    if action in forms and forms[action].is_valid():
        try:
            _decide(action, forms[action], found, request)
        except ChangeRefused as refused:
            messages.warning(request, refused.sentence)
        else:
            messages.success(request, _("Decided. The member is told."))
        return redirect("consults:proposed_terms")
    context = {
        "proposal": found,
        "parent": diagnosis_name(found.parent) if found.parent else "",
        "near": diagnoses.search(found.text, limit=NEAR, language=found.language),
        "accept_form": forms["accept"],
        "map_form": forms["map"],
        "refuse_form": forms["refuse"],
    }
    return render(request, "consults/discussion/terms/decide.html", context, status=200 if posted is None else 422)


def _decide(action: str, form: Any, found: ProposedTerm, request: MemberRequest) -> None:
    if action == "accept":
        deciding.accept(proposal=found, by=request.user, term=form.term)
    elif action == "map":
        deciding.map_to(proposal=found, by=request.user, code=form.cleaned_data["code"])
    else:
        data = form.cleaned_data
        deciding.refuse(proposal=found, by=request.user, why_not=WhyNot(data["why_not"]), words=data["words"])
