"""One's own page, and questions colleagues ask."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import service
from accounts.audiences import open_to
from accounts.errors import VettingError
from accounts.forms import VouchForm, sent
from accounts.models import Member, Reference
from accounts.policy import applications_of, references_to_answer, rights
from core.policy import get_visible_or_404


@open_to("applicant", "member", "officer")
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """Profile, standing, rights, sign-in security, applications, open questions."""
    member = cast(Member, request.user)
    return render(
        request,
        "accounts/me.html",
        {
            "member": member,
            "rights": rights(member),
            "applications": applications_of(member).order_by("-created_at"),
            "questions": references_to_answer(member).select_related("application__member"),
            "may_apply_again": service.may_apply_again(member),
        },
    )


@open_to("member")
@require_http_methods(["GET", "HEAD", "POST"])
def vouch(request: HttpRequest, pk: str) -> HttpResponse:
    """Answer whether one knows an applicant who named one."""
    reference: Reference = get_visible_or_404(request.user, "reference.answer", pk)
    form = VouchForm(*sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            service.answer(
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
        "accounts/vouch.html",
        {
            "form": form,
            "reference": reference,
            "applicant": reference.application.member,
        },
        status=422 if form.errors else 200,
    )
