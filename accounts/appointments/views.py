"""The administrators' page: who holds which office, who is missing, and appointments by two."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import open_to
from accounts.appointments import missing, service
from accounts.appointments.forms import AppointmentForm
from accounts.appointments.models import Appointment, AppointmentState, Office, OfficeTerm
from accounts.exceptions import VettingError
from accounts.http import MemberRequest, bound_data
from accounts.membership.models import Member
from accounts.policy import appointments, appointments_to_confirm
from accounts.security.security_events import reauthenticated_recently
from core.permissions import get_visible_or_404
from core.post_only import post_only

MOST = 100


@open_to("officer")
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: MemberRequest) -> HttpResponse:
    """Show who holds an office and who is missing; take a proposal, after reauthentication."""
    if not request.user.is_staff:
        raise PermissionDenied
    form = AppointmentForm(bound_data(request)[0])
    if request.method == "POST":
        if not reauthenticated_recently(request):
            return redirect_to_login(request.path, resolve_url("account_reauthenticate"))
        if form.is_valid():
            try:
                made = service.propose(
                    member=form.member,
                    office=form.cleaned_data["office"],
                    takes=form.takes_office,
                    renews=form.renews,
                    by=request.user,
                )
            except VettingError as error:
                form.add_error(None, error.sentence)
            else:
                messages.success(request, _said(made))
                return redirect("accounts:people")
    confirmable = set(appointments_to_confirm(request.user).values_list("pk", flat=True))
    waiting = appointments(request.user).select_related("member", "proposed_by")[:MOST]
    context = {
        "form": form,
        "missing": missing.notes(),
        "waiting": [{"appointment": one, "may_confirm": one.pk in confirmable} for one in waiting],
        "offices": _offices(),
        "confirmed_identity": reauthenticated_recently(request),
    }
    return render(request, "accounts/appointments/people.html", context, status=422 if form.errors else 200)


def _offices() -> list[tuple[str, list[dict[str, Any]]]]:
    """Return who holds each office, with their term."""
    verified = Member.objects.verified()
    held = [
        (Office.ADMINISTRATOR, verified.filter(is_staff=True)),
        (Office.MODERATOR, Member.objects.moderators()),
        (Office.OFFICER, verified.filter(is_privacy_officer=True)),
        (Office.TRUSTED, verified.filter(is_trusted_person=True)),
    ]
    found = [(office, list(members.order_by("name", "pk")[:MOST])) for office, members in held]
    ids = {member.pk for _office, members in found for member in members}
    known = {(term.member_id, term.office): term for term in OfficeTerm.objects.filter(member__in=ids)}
    return [
        (str(office.label), [{"member": one, "term": known.get((one.pk, str(office)))} for one in members])
        for office, members in found
    ]


def _said(made: Appointment) -> str:
    if made.state == AppointmentState.DONE:
        return _("Done: you are the only administrator.")
    return _("Proposed. Another administrator confirms it on this page.")


@open_to("officer")
@post_only("accounts:people", keeps=())
def decide(request: MemberRequest, pk: str) -> HttpResponse:
    """Confirm or refuse what another administrator proposed, after reauthentication."""
    confirm = request.POST.get("decision") == "confirm"
    action = "appointment.confirm" if confirm else "appointment.refuse"
    found: Appointment = get_visible_or_404(request.user, action, pk)
    if not reauthenticated_recently(request):
        return redirect_to_login(resolve_url("accounts:people"), resolve_url("account_reauthenticate"))
    try:
        service.decide(appointment=found, by=request.user, confirm=confirm)
    except VettingError as error:
        messages.warning(request, error.sentence)
    else:
        messages.success(request, _("In force.") if confirm else _("Refused."))
    return redirect("accounts:people")
