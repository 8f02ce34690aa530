"""Pages for saving a case and for the list of saved cases."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.http import MemberRequest
from consults.browse import feed
from consults.cases.models import Case
from consults.cases.pages import explain_refusals
from consults.discussion import bookmarks
from consults.exceptions import ChangeRefused
from core.permissions import get_visible_or_404
from core.post_only import post_only


@post_only("consults:case")
@explain_refusals
def save(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Save or unsave the case; `saved` says which, so that a repeated request changes nothing."""
    found: Case = get_visible_or_404(request.user, "case.view", pk)
    wanted = bool(request.POST.get("saved"))
    try:
        if wanted:
            bookmarks.save(case=found, by=request.user)
        else:
            bookmarks.unsave(case=found, by=request.user)
    except ChangeRefused as refused:
        messages.warning(request, refused.sentence)
        back = reverse("consults:cases")
        return HttpResponseClientRedirect(back) if request.htmx else redirect(back)
    message = _("Saved. It is in your saved cases.") if wanted else _("No longer among your saved cases.")
    if request.htmx:
        return render(request, "consults/browse/_save.html", {"case": found, "is_saved": wanted, "message": message})
    messages.success(request, message)
    return redirect("consults:case", pk=pk)


@require_safe
def saved(request: MemberRequest) -> HttpResponse:
    """List the cases that this member saved and still may see; htmx requests further ones."""
    after = request.GET.get("after", "")
    page = feed.saved(member=request.user, after=after)
    context = {
        "page": page,
        "begins": not after,
        "next_href": f"?after={page.after}" if page.after else "",
        "list_href": reverse("consults:saved"),
    }
    more = request.htmx and request.htmx.target == "more"
    return render(request, f"consults/browse/{'_more' if more else 'saved'}.html", context)
