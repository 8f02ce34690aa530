"""Steps of a supervision; they lead back to the page of one's membership."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.access import open_to
from accounts.exceptions import VettingError
from accounts.http import MemberRequest
from accounts.membership.models import Member
from accounts.membership.supervision import service
from accounts.membership.supervision.forms import SupervisorForm
from accounts.membership.supervision.models import Supervision
from core.permissions import get_visible_or_404
from core.post_only import post_only


@open_to("member")
@post_only("accounts:membership", keeps=(), at="supervision")
def ask_supervisor(request: MemberRequest) -> HttpResponse:
    """Ask a specialist to supervise this member."""
    form = SupervisorForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("accounts:membership")
    try:
        service.ask(resident=request.user, email=form.cleaned_data["email"])
    except VettingError as error:
        messages.error(request, error.sentence)
    else:
        messages.success(request, _("Asked. If a specialist here has this address, they get a mail."))
    return redirect("accounts:membership")


@open_to("member")
@post_only("accounts:membership", keeps=(), at="supervision")
def cancel_question(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Take an own question back."""
    found = Supervision.objects.filter(pk=pk, resident=request.user).first()
    if found is None:
        raise Http404
    try:
        service.cancel(question=found, by=request.user)
    except VettingError as error:
        messages.warning(request, error.sentence)
    else:
        messages.success(request, _("Taken back. You can ask somebody else."))
    return redirect("accounts:membership")


@open_to("member")
@post_only("accounts:membership", keeps=(), at="supervision")
def answer_question(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Take a supervision on, or refuse it."""
    found: Supervision = get_visible_or_404(request.user, "supervision.answer", pk)
    takes = request.POST.get("answer") == "yes"
    try:
        service.answer(question=found, by=request.user, takes=takes)
    except VettingError as error:
        messages.warning(request, error.sentence)
    else:
        messages.success(request, _("You supervise them now.") if takes else _("Refused. They are told."))
    return redirect("accounts:membership")


@open_to("member")
@post_only("accounts:membership", keeps=(), at="supervision")
def step_back(request: MemberRequest, pk: UUID) -> HttpResponse:
    """End the supervision of a member."""
    found: Member = get_visible_or_404(request.user, "supervision.end", pk)
    try:
        service.step_back(resident=found, by=request.user)
    except VettingError as error:
        messages.warning(request, error.sentence)
    else:
        messages.success(request, _("You have stepped back. They are told, and can ask somebody else."))
    return redirect("accounts:membership")
