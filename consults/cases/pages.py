"""Shared parts of the pages of one case: finding it, and explaining why it is gone or a change is refused."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.http import MemberRequest
from consults.cases.models import Case
from consults.exceptions import ChangeRefused
from core.permissions import allowed

CaseView = Callable[[MemberRequest, UUID], HttpResponse]


def explain_refusals(view: CaseView) -> CaseView:
    """Render the page "this case is gone" instead of a bare 404: it may have been withdrawn a moment ago.

    Show the sentence of a ChangeRefused on the page of the case.

    Threat: a page that distinguishes "withdrawn" from "never existed" reveals that a case existed.
    """

    @wraps(view)
    def page(request: MemberRequest, pk: UUID) -> HttpResponse:
        try:
            return view(request, pk)
        except Http404:
            return render(request, "consults/cases/gone.html", status=404)
        except ChangeRefused as refused:
            messages.warning(request, refused.sentence)
            return redirect("consults:case", pk=pk)

    return page


def visible_case(request: MemberRequest, pk: UUID) -> Case:
    """Return a case visible to this member now, with author, group and outcome. Raises Http404."""
    rows = allowed(request.user, "case.view").select_related("author", "group", "outcome")
    found: Case | None = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
