"""Pages of following and of saved searches, and the buttons that lead there."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import MemberRequest
from consults.browse import feed
from consults.browse.facets import names_of
from consults.cases.models import Case
from consults.cases.pages import explain_refusals
from consults.exceptions import ChangeRefused
from consults.following import searches, service
from consults.following.models import SavedSearch
from consults.groups.models import Group
from core.permissions import allowed, get_visible_or_404, require
from core.post_only import post_only
from vocabulary import interests, tags

GROUPS_SHOWN: Final = 100


@dataclass(frozen=True)
class TopicChoice:
    """A topic on the page, and whether it is followed."""

    code: str
    label: str
    on: bool


@require_safe
def following(request: MemberRequest) -> HttpResponse:
    """List the topics, groups and cases that this member follows; of cases, those that they may see now."""
    after = request.GET.get("after", "")
    mine = allowed(request.user, "following.end")
    chosen = set(mine.exclude(topic="").values_list("topic", flat=True))
    groups = allowed(request.user, "group.follow").filter(followings__member=request.user)
    page = feed.followed(member=request.user, after=after)
    context = {
        "sections": _sections(chosen),
        "groups": groups.order_by("name")[:GROUPS_SHOWN],
        "page": page,
        "begins": not after,
        "next_href": f"?after={page.after}" if page.after else "",
        "list_href": reverse("consults:following"),
    }
    more = request.htmx and request.htmx.target == "more"
    return render(request, "consults/browse/_more.html" if more else "consults/following/following.html", context)


def _sections(chosen: set[str]) -> list[tuple[str, list[TopicChoice]]]:
    sections = [
        (_("Tags of cases"), tags.codes()),
        (_("Fields"), [code for code in interests.Subspecialty.values if code not in tags.codes()]),
        (_("Diseases: told when a case closes with one of them"), interests.disease_groups()),
    ]
    return [
        (title, [TopicChoice(code, tags.name_of_topic(code), code in chosen) for code in codes])
        for title, codes in sections
    ]


@post_only("consults:following", keeps=())
def choose_topics(request: MemberRequest) -> HttpResponse:
    """Follow the topics that are ticked."""
    service.choose_topics(topics=request.POST.getlist("topic"), by=request.user)
    messages.success(request, _("Saved. You are told of new cases with these topics, as you chose for notices."))
    return redirect("consults:following")


@post_only("consults:case")
@explain_refusals
def follow_case(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Follow a case or stop; `follow` says which, so that a repeated request changes nothing."""
    found: Case = get_visible_or_404(request.user, "case.view", pk)
    require(request.user, "case.follow", found)
    if request.POST.get("follow") == "1":
        service.follow_case(case=found, by=request.user)
        messages.success(request, _("You follow this case. Only you see that."))
    else:
        service.stop(case=found, by=request.user)
        messages.success(request, _("You do not follow this case any more."))
    return redirect("consults:case", pk=pk)


@post_only("consults:group")
def follow_group(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Follow a group of one's own, or stop."""
    found: Group = get_visible_or_404(request.user, "group.view", pk)
    require(request.user, "group.follow", found)
    try:
        if request.POST.get("follow") == "1":
            service.follow_group(group=found, by=request.user)
            messages.success(request, _("You are told of new cases in this group."))
        else:
            service.stop(group=found, by=request.user)
            messages.success(request, _("You are not told of this group's cases any more."))
    except ChangeRefused as refused:
        messages.warning(request, refused.sentence)
    return redirect("consults:group", pk=pk)


# --- Saved searches


@dataclass(frozen=True)
class SearchRow:
    """A saved search in words, and where it leads."""

    pk: UUID
    words: str
    href: str
    tells: bool


@require_safe
def saved_searches(request: MemberRequest) -> HttpResponse:
    """List the searches that this member saved, the newest first."""
    kept = allowed(request.user, "search.change").order_by("-saved_at", "pk")
    return render(request, "consults/following/searches.html", {"rows": [_row(search) for search in kept]})


def _row(search: SavedSearch) -> SearchRow:
    asked = searches.filters_of(search)
    parts = [f"“{asked.q}”"] if asked.q else []
    parts += names_of(asked)
    return SearchRow(
        pk=search.pk,
        words=" · ".join(parts) or _("All cases"),
        href=reverse("consults:cases") + asked.query_string(),
        tells=search.tells,
    )


@post_only("consults:searches", keeps=())
def save_search(request: MemberRequest) -> HttpResponse:
    """Keep the words and filters that the page was made for."""
    try:
        searches.save(query=_asked(request), by=request.user)
    except ChangeRefused as refused:
        messages.warning(request, refused.sentence)
        return redirect("consults:cases")
    messages.success(request, _("The search is saved. You are told when a new case matches it."))
    return redirect("consults:searches")


def _asked(request: MemberRequest) -> QueryDict:
    asked = request.POST.copy()
    asked.pop("csrfmiddlewaretoken", None)
    return asked


@post_only("consults:searches", keeps=())
def change_search(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Switch the notices of a saved search on or off, or delete it."""
    found: SavedSearch = get_visible_or_404(request.user, "search.change", pk)
    if request.POST.get("delete"):
        found.delete()
        messages.success(request, _("The saved search is deleted."))
    else:
        SavedSearch.objects.filter(pk=found.pk).update(tells=request.POST.get("tells") == "1")
    return redirect("consults:searches")
