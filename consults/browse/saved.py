"""Saving a case from its page, and the list of saved cases."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.http import MemberRequest
from consults.browse import feed
from consults.cases.pages import say_if_gone
from consults.discussion import bookmarks
from consults.exceptions import NotPossible
from consults.models import Case
from core.permissions import get_visible_or_404


@require_POST
@say_if_gone
def save(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Save the case, or let it go: `saved` says which, so that sending it twice is sending it once."""
    found: Case = get_visible_or_404(request.user, "case.view", pk)
    wanted = bool(request.POST.get("saved"))
    try:
        if wanted:
            bookmarks.save(case=found, by=request.user)
        else:
            bookmarks.let_go(case=found, by=request.user)
    except NotPossible as refused:
        messages.warning(request, refused.sentence)
        back = reverse("consults:cases")
        return HttpResponseClientRedirect(back) if request.htmx else redirect(back)
    told = _("Saved. It is in your saved cases.") if wanted else _("No longer among your saved cases.")
    if request.htmx:
        return render(request, "consults/browse/_save.html", {"case": found, "is_saved": wanted, "told": told})
    messages.success(request, told)
    return redirect("consults:case", pk=pk)


@require_safe
def saved(request: MemberRequest) -> HttpResponse:
    """Cards of what this member saved and still may see; htmx asks for the next ones."""
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
