"""The page of one picture at full size, under the mark of whoever looks: the file itself carries none."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import MemberRequest
from consults.cases.pages import visible_case
from consults.cases.presenters import visible_pictures


@require_safe
def full_picture(request: MemberRequest, pk: UUID, photo_pk: UUID) -> HttpResponse:
    """Show one picture of a visible case at full size; 404 for any other."""
    try:
        found = visible_case(request, pk)
    except Http404:
        return render(request, "consults/cases/gone.html", status=404)
    pictures = visible_pictures(found, member=request.user)
    at = next((index for index, picture in enumerate(pictures) if picture.photo_id == photo_pk), None)
    if at is None:
        return render(request, "consults/cases/gone.html", status=404)
    context = {
        "case": found,
        "picture": pictures[at],
        "before": pictures[at - 1] if at else None,
        "after": pictures[at + 1] if at + 1 < len(pictures) else None,
    }
    return render(request, "consults/browse/picture.html", context)
