"""Questions that colleagues are asked about an applicant."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import open_to
from accounts.exceptions import VettingError
from accounts.fields import sent
from accounts.models import Member, Reference
from accounts.vetting import decisions
from accounts.vetting.forms import VouchForm
from core.permissions import get_visible_or_404


@open_to("member")
@require_http_methods(["GET", "HEAD", "POST"])
def vouch(request: HttpRequest, pk: str) -> HttpResponse:
    """Answer whether one knows an applicant who named one."""
    reference: Reference = get_visible_or_404(request.user, "reference.answer", pk)
    form = VouchForm(*sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            decisions.answer(
                reference=reference,
                by=cast(Member, request.user),
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
