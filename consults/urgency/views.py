"""Pages of urgency: the author's mark, the rota, and how long answers take."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import MemberRequest
from consults.cases.pages import explain_refusals, visible_case
from consults.exceptions import ChangeRefused
from consults.urgency import first_answers, marking, rota
from consults.urgency.forms import UrgencyForm
from consults.urgency.models import Volunteer
from consults.urgency.policy import may_volunteer
from core.permissions import require
from core.post_only import post_only
from vocabulary import terms


@require_http_methods(["GET", "HEAD", "POST"])
@explain_refusals
def urgency(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Mark an own open case as urgent."""
    found = visible_case(request, pk)
    require(request.user, "case.mark_urgent", found)
    left = marking.left_this_month(request.user)
    form = UrgencyForm(request.POST if request.method == "POST" else None, left=left)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            marking.mark(
                case=found,
                by=request.user,
                level=terms.Urgency(data["level"]),
                reason=terms.UrgencyReason(data["reason"]),
                words=data["words"],
            )
        except ChangeRefused as refused:
            form.add_error("level", refused.sentence)
        else:
            messages.success(
                request, _("Marked. Colleagues see it in the list, and are told sooner if nobody answers.")
            )
            return redirect("consults:case", pk=pk)
    context = {"case": found, "form": form}
    return render(request, "consults/urgency/mark.html", context, status=422 if form.errors else 200)


@post_only("consults:case")
@explain_refusals
def end_urgency(request: MemberRequest, pk: UUID) -> HttpResponse:
    """End the mark of an own case."""
    found = visible_case(request, pk)
    require(request.user, "case.mark_urgent", found)
    marking.take_back(case=found, by=request.user)
    messages.success(request, _("The case is not marked as urgent any more."))
    return redirect("consults:case", pk=pk)


@require_safe
def waiting_times(request: MemberRequest) -> HttpResponse:
    """Show how long cases wait for their first answer, and what happens with those that wait."""
    context = {"figure": first_answers.shown(), "shown_from": first_answers.SHOWN_FROM, "days": first_answers.DAYS}
    return render(request, "consults/urgency/times.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def rota_page(request: MemberRequest) -> HttpResponse:
    """Show the rota to a member, and put them on it or take them off."""
    member = request.user
    if request.method == "POST":
        try:
            if request.POST.get("on") == "1":
                rota.join(member=member)
                messages.success(request, _("Thank you. You are told of cases that wait, of a few a week at most."))
            else:
                rota.leave(member=member)
                messages.success(request, _("You are not on the rota any more."))
        except ChangeRefused as refused:
            messages.warning(request, refused.sentence)
        return redirect("consults:rota")
    place = Volunteer.objects.filter(member=member).first()
    context = {
        "place": place,
        "this_week": rota.told_this_week(place) if place else 0,
        "a_week": settings.RULES["rota_calls_a_week"],
        "may_volunteer": may_volunteer(member),
    }
    return render(request, "consults/urgency/rota.html", context)
