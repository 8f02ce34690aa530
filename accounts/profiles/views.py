"""A member's own page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import open_to, without_factor
from accounts.http import SignedInRequest
from accounts.policy import applications_of, references_to_answer, rights
from accounts.vetting import decisions


@without_factor
@open_to("applicant", "member", "officer")
@require_safe
def me(request: SignedInRequest) -> HttpResponse:
    """Show profile, standing, rights, sign-in security, applications and open questions."""
    member = request.user
    return render(
        request,
        "accounts/profiles/me.html",
        {
            "member": member,
            "rights": rights(member),
            "applications": applications_of(member).order_by("-created_at"),
            "questions": references_to_answer(member).select_related("application__member"),
            "may_apply_again": decisions.may_apply_again(member),
        },
    )
