"""The page of one group: what it is, who moderates it, how one joins or leaves; for its members its newest cases."""

from typing import Final
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.http import MemberRequest
from accounts.models import Member
from accounts.policy import Scope, rights
from consults.browse import feed
from consults.browse.filters import Filters
from consults.following.models import Following
from consults.groups import policy
from consults.groups.models import Group, Membership, Way, moderating
from consults.groups.rooms import presenters
from core.permissions import allowed_actions, get_visible_or_404

NEWEST: Final = 6
MOST_NAMES: Final = 20


@require_safe
def group(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a group that this member may know of; its cases to its members alone."""
    member = request.user
    found: Group = get_visible_or_404(member, "group.view", pk)
    place = Membership.objects.filter(group=found, member=member).first()
    may = allowed_actions(member, found, "group.request", "group.moderate", "room.enter", "room.moderate")
    waiting = policy.waiting_admissions().filter(group=found)
    moderates = "group.moderate" in may
    places = moderating().filter(group=found).select_related("member").order_by("member__name", "pk")
    only = Filters(chosen={"group": frozenset((str(found.pk),))})
    context = {
        "group": found,
        "place": place,
        "size": found.memberships.count(),
        "moderators": [place.member for place in places[:MOST_NAMES]],
        "may_request": "group.request" in may,
        "moderates": moderates,
        "own_admission": None if place else waiting.filter(member=member).first(),
        "requests_waiting": waiting.filter(way=Way.REQUEST).count() if moderates else 0,
        "is_followed": Following.objects.filter(group=found, member=member).exists() if place else False,
        "has_reader": not moderates or found.members.filter(pk__in=Member.objects.moderators()).exists(),
        "shut_to_nurses": rights(member).see_cases == Scope.OPTED_IN and not found.open_to_nurses,
        "cards": feed.page(member=member, filters=only, size=NEWEST).cards if place else [],
        "may_enter": "room.enter" in may,
        "moderates_room": "room.moderate" in may,
        "on_board": presenters.newest(found, reader=member) if "room.enter" in may else [],
        "cases_href": reverse("consults:cases") + only.query_string(),
    }
    return render(request, "consults/groups/group.html", context)
