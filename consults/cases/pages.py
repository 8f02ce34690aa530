"""What the pages of one case share: finding it, and saying in peace that it is gone."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.http import MemberRequest
from consults.exceptions import NotPossible
from consults.models import Case
from core.permissions import allowed

CaseView = Callable[[MemberRequest, UUID], HttpResponse]


def say_if_gone(view: CaseView) -> CaseView:
    """Render the page "this case is gone" instead of a bare 404: it may have been withdrawn a moment ago.

    What a rule forbids is said on the page of the case.

    Threat: a page that tells "withdrawn" from "never was" tells that there was something.
    """

    @wraps(view)
    def page(request: MemberRequest, pk: UUID) -> HttpResponse:
        try:
            return view(request, pk)
        except Http404:
            return render(request, "consults/cases/gone.html", status=404)
        except NotPossible as refused:
            messages.warning(request, refused.sentence)
            return redirect("consults:case", pk=pk)

    return page


def visible_case(request: MemberRequest, pk: UUID) -> Case:
    """Return a case that this member may see now, with author, group and outcome. Raises Http404."""
    rows = allowed(request.user, "case.view").select_related("author", "group", "outcome")
    found: Case | None = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
