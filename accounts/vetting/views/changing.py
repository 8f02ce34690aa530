"""The page on which a verified member applies for a change of profession, country or register."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import open_to
from accounts.exceptions import VettingError
from accounts.http import MemberRequest, bound_data
from accounts.vetting import changing
from accounts.vetting.forms import ClaimForm


@open_to("member")
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: MemberRequest) -> HttpResponse:
    """Show and take the claim of a member whose profession, country, institution or register has changed."""
    member = request.user
    initial = {"profession": member.profession, "institution": member.institution, "country": member.country}
    form = ClaimForm(*bound_data(request), member=member, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            changing.ask(member=member, claim=form.claim(), picture=form.cleaned_data.get("picture"))
        except VettingError as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, _("Your change is in. Two moderators read it; until then nothing changes."))
            return redirect("accounts:application")
    context = {"form": form, "changes": True}
    return render(request, "accounts/vetting/apply.html", context, status=422 if form.errors else 200)
