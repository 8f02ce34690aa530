"""The page on which a colleague vouches for an applicant."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import open_to
from accounts.exceptions import VettingError
from accounts.http import MemberRequest, bound_data
from accounts.vetting import decisions
from accounts.vetting.forms import VouchForm
from accounts.vetting.models import Reference
from core.permissions import get_visible_or_404


@open_to("member")
@require_http_methods(["GET", "HEAD", "POST"])
def vouch(request: MemberRequest, pk: str) -> HttpResponse:
    """Show and take the question whether the member knows an applicant who named them."""
    reference: Reference = get_visible_or_404(request.user, "reference.answer", pk)
    form = VouchForm(*bound_data(request))
    if request.method == "POST" and form.is_valid():
        try:
            decisions.answer(
                reference=reference,
                by=request.user,
                vouches=form.cleaned_data["answer"] == "yes",
            )
        except VettingError as error:
            messages.error(request, error.sentence)
        else:
            messages.success(
                request,
                _("Thank you. The moderators see your answer, the applicant does not."),
            )
        return redirect("accounts:me")
    return render(
        request,
        "accounts/vetting/vouch.html",
        {
            "form": form,
            "reference": reference,
            "applicant": reference.application.member,
        },
        status=422 if form.errors else 200,
    )
