"""The pins of a case: a page of their own without scripts, and the part of the case page that the viewer fetches."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import MemberRequest
from consults.cases import gate
from consults.cases.models import Case
from consults.cases.pages import explain_refusals, visible_case
from consults.cases.presenters import ViewerPicture, visible_pictures
from consults.exceptions import ChangeRefused
from consults.pins import service
from consults.pins.forms import PinForm
from consults.pins.models import Pin
from consults.pins.presenters import drawn, pins_context
from core.permissions import allowed, allowed_actions, require
from core.post_only import post_only


@require_http_methods(["GET", "HEAD", "POST"])
@explain_refusals
def pins(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show the pins of a case with its pictures; put one on a picture."""
    found = visible_case(request, pk)
    require(request.user, "case.discuss", found)
    pictures = _pictures(request, found)
    if request.method != "POST":
        return _answer(request, found, pictures, form=PinForm(pictures=pictures))
    require(request.user, "case.pin", found)
    form = PinForm(request.POST, pictures=pictures)
    if form.is_valid():
        try:
            put = service.put(
                case=found,
                by=request.user,
                rendition_id=UUID(form.cleaned_data["rendition"]),
                place=form.cleaned_data["place"],
                text=form.cleaned_data["text"],
            )
        except ChangeRefused as refused:
            form.add_error("text", refused.sentence)
        else:
            if not _is_part(request):
                messages.success(request, _("Pin %(number)s is on the picture.") % {"number": put.number})
                return redirect("consults:pins", pk=pk)
            return _answer(request, found, pictures, form=PinForm(pictures=pictures), put=put)
    return _answer(request, found, pictures, form=form)


@post_only("consults:pins")
def remove_pin(request: MemberRequest, pk: UUID, number: int) -> HttpResponse:
    """Remove a pin; its number stays unused."""
    pin: Pin | None = allowed(request.user, "pin.view").filter(case=pk, number=number).first()
    if pin is None:
        raise Http404
    require(request.user, "pin.remove", pin)
    try:
        service.remove(pin=pin, by=request.user)
    except ChangeRefused as refused:
        messages.warning(request, refused.sentence)
    if not _is_part(request):
        return redirect("consults:pins", pk=pk)
    found = visible_case(request, pk)
    pictures = _pictures(request, found)
    return _answer(request, found, pictures, form=PinForm(pictures=pictures), removed=number)


def _is_part(request: MemberRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def _pictures(request: MemberRequest, found: Case) -> list[ViewerPicture]:
    return visible_pictures(found, member=request.user)


def _answer(
    request: MemberRequest,
    found: Case,
    pictures: list[ViewerPicture],
    *,
    form: PinForm,
    put: Pin | None = None,
    removed: int | None = None,
) -> HttpResponse:
    """Render the page, or its part for the viewer."""
    may_pin = "case.pin" in allowed_actions(request.user, found, "case.pin", alike=gate.asked_by(request.user))
    context: dict[str, Any] = {
        "case": found,
        "pictures": pictures,
        "pin_form": form,
        "put": put,
        "removed": removed,
        **pins_context(found, reader=request.user, pictures=pictures, may_pin=may_pin),
    }
    part = _is_part(request)
    if not part:
        context["pinned"] = drawn(context["pins"], pictures=pictures)
    template = "consults/pins/_pins.html" if part else "consults/pins/pins.html"
    return render(request, template, context, status=422 if form.errors else 200)
