"""Pages of the change of an e-mail address."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import open_to, without_factor
from accounts.exceptions import VettingError
from accounts.http import SignedInRequest, bound_data
from accounts.security import address, trusted_devices
from accounts.security.security_events import reauthenticated_recently
from core.post_only import post_only


class AddressForm(forms.Form):
    """The new address."""

    email = forms.EmailField(
        label=gettext_lazy("New e-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        error_messages={"required": gettext_lazy("Write the new address.")},
    )


@open_to("member", "officer", "applicant")
@without_factor
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: SignedInRequest) -> HttpResponse:
    """Take the new address, after reauthentication."""
    form = AddressForm(bound_data(request)[0])
    if request.method == "POST":
        if not reauthenticated_recently(request):
            return redirect_to_login(resolve_url("accounts:address"), resolve_url("account_reauthenticate"))
        if form.is_valid():
            try:
                address.ask(member=request.user, email=form.cleaned_data["email"])
            except VettingError as error:
                form.add_error("email", error.sentence)
            else:
                messages.success(request, _("A link goes to both addresses. Open both within the hour."))
                return redirect("accounts:address")
    context = {
        "form": form,
        "waiting": address.waiting(request.user),
        "confirmed_identity": reauthenticated_recently(request),
    }
    return render(request, "accounts/security/address.html", context, status=422 if form.errors else 200)


@open_to("member", "officer", "applicant")
@without_factor
@post_only("accounts:address", keeps=())
def stop(request: SignedInRequest) -> HttpResponse:
    """Stop the change that waits."""
    found = address.waiting(request.user)
    if found is not None:
        address.stop(change=found)
    messages.success(request, _("Your address stays as it is."))
    return redirect("accounts:address")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Show what a link in a mail is about; confirm or stop the change by a button, which no mail scanner presses."""
    try:
        found, side = address.open_link(token)
    except address.BadLink:
        return _say(request, "over", status=404)
    if request.method != "POST":
        return _say(request, "asks", side=side, email=found.email)
    if request.POST.get("answer") == "stop":
        address.stop(change=found)
        return _say(request, "stopped")
    is_mine = request.user.pk == found.member_id
    try:
        made = address.confirm(change=found, side=side, this=request.session.session_key if is_mine else None)
    except address.BadLink:
        return _say(request, "over", status=404)
    except VettingError as error:
        return _say(request, "refused", status=422, sentence=error.sentence)
    if made and is_mine:
        trusted_devices.remember_with_answer(request, email=found.email)
    return _say(request, "made" if made else "waits", side=side)


def _say(request: HttpRequest, what: str, *, status: int = 200, **context: Any) -> HttpResponse:
    return render(request, "accounts/security/address_link.html", {"what": what, **context}, status=status)
