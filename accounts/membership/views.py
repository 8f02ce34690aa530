"""The page of one's own membership: since when and until when, what is due, supervision, offices, probation."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import open_to, without_factor
from accounts.appointments.models import OfficeTerm
from accounts.http import SignedInRequest
from accounts.membership.models import Member, Verification
from accounts.membership.probation import probation_of
from accounts.membership.supervision import service as supervision
from accounts.membership.supervision.forms import SupervisorForm
from accounts.membership.yearly import service as yearly
from accounts.policy import needs_supervisor, questions_to_supervise, rights, supervised_members
from accounts.vetting import changing
from accounts.vetting.applying import may_apply_again
from accounts.vetting.models import OPEN

MOST = 100


@open_to("applicant", "member", "officer")
@without_factor
@require_safe
def membership(request: SignedInRequest) -> HttpResponse:
    """Show the timeline of the membership, and every step that is open to the member."""
    member = request.user
    asks = needs_supervisor(member)
    context = {
        "member": member,
        "verification": Verification.objects.filter(pk=member.pk).first(),
        "kind_due": yearly.kind_due(member),
        "may_confirm": yearly.may_send(member),
        "waiting": yearly.waiting(member),
        "may_apply_again": may_apply_again(member),
        "applies": member.applications.filter(state__in=OPEN).exists(),
        "may_change": changing.may_ask(member),
        "probation": probation_of(member) if rights(member).post else None,
        "offices": OfficeTerm.objects.filter(member=member).order_by("office"),
        **_supervision(member, asks=asks),
    }
    return render(request, "accounts/membership/membership.html", context)


def _supervision(member: Member, *, asks: bool) -> dict[str, object]:
    """Return who supervises this member, whom they supervise, and the questions in between."""
    return {
        "needs_supervisor": asks,
        "question": supervision.open_question(member) if asks else None,
        "supervisor_form": SupervisorForm() if asks else None,
        "asked": questions_to_supervise(member).select_related("resident").order_by("asked_at")[:MOST],
        "residents": supervised_members(member).order_by("name", "pk")[:MOST],
    }
