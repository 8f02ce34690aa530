"""The cases page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.http import MemberRequest
from accounts.policy import rights
from consults.browse import feed, filters


@require_safe
def cases(request: MemberRequest) -> HttpResponse:
    """List the cases that this member may see, with facets; htmx requests the parts that change."""
    asked = filters.parse(request.GET)
    after = request.GET.get("after", "")
    page = feed.page(member=request.user, filters=asked, after=after)
    context = {
        "page": page,
        "filters": asked,
        "begins": not after,
        "next_href": asked.query_string(after=page.after) if page.after else "",
        "list_href": reverse("consults:cases"),
        "may_post": rights(request.user).post,
    }
    return render(request, f"consults/browse/{_template(request)}.html", context)


def _template(request: MemberRequest) -> str:
    htmx = request.htmx
    if not htmx or htmx.history_restore_request:
        return "cases"
    return "_more" if htmx.target == "more" else "_results"
