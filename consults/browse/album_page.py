"""An album of closed teaching cases in a group's room: each reader sees those cases that the gate shows them."""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import MemberRequest
from accounts.models import Member
from audit.record import record
from consults.browse import feed
from consults.cases import gate
from consults.cases.models import Case, CaseState
from consults.exceptions import ChangeRefused
from consults.groups.models import Group
from consults.groups.rooms.models import MOST_IN_ALBUM, AlbumCase, Post
from consults.groups.rooms.views import post_page
from core.permissions import allows, get_visible_or_404
from core.post_only import post_only
from vocabulary import terms

MOST_OFFERED: Final = 50


@require_safe
def album(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show an album; its author and the moderators of the room add cases, remove and move them."""
    found: Post = get_visible_or_404(request.user, "album.view", pk)
    page = Paginator(found.places.values_list("case", flat=True), feed.PAGE_SIZE).get_page(request.GET.get("page"))
    may_fill = allows(request.user, "post.fill", found)
    return post_page(
        request,
        found,
        cards=feed.cards(member=request.user, ids=list(page)),
        page=page,
        may_fill=may_fill,
        offered=_offered(request.user, album=found) if may_fill else [],
    )


@post_only("consults:album")
def album_cases(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Add a case to an album, remove it, or move it one place up."""
    found: Post = get_visible_or_404(request.user, "album.view", pk)
    action, case_id = request.POST.get("action", ""), _uuid(request.POST.get("case", ""))
    try:
        if action == "add":
            add(album=found, by=request.user, case_id=case_id)
        elif action == "remove":
            remove(album=found, by=request.user, case_id=case_id)
        elif action == "up":
            move_up(album=found, by=request.user, case_id=case_id)
    except ChangeRefused as refused:
        messages.error(request, refused.sentence)
    return redirect("consults:album", pk=pk)


def _offered(member: Member, *, album: Post) -> list[tuple[str, str]]:
    """Return ids and titles of the newest cases that could be added."""
    rows = cases_to_add(member, group=album.group).exclude(album_places__album=album)
    return [
        (str(pk), title) for pk, title in rows.order_by("-released_at", "-pk").values_list("pk", "title")[:MOST_OFFERED]
    ]


def cases_to_add(member: Member, *, group: Group) -> QuerySet[Case]:
    """Return the closed teaching cases of a group's audience that this member sees: the group's, and everybody's."""
    seen = gate.visible_cases(member).filter(kind=terms.CaseKind.TEACHING, state=CaseState.CLOSED)
    return seen.filter(Q(group=group) | Q(group=None))


@transaction.atomic
def add(*, album: Post, by: Member, case_id: UUID | None) -> None:
    """Add a case at the end; one that is there stays where it is. Raises ChangeRefused."""
    locked = _lock(album, by)
    case = cases_to_add(by, group=locked.group).filter(pk=case_id).first() if case_id else None
    if case is None:
        raise ChangeRefused(_("Choose a closed teaching case that this group sees."))
    last = locked.places.aggregate(last=Max("position"))["last"] or 0
    if locked.places.count() >= MOST_IN_ALBUM:
        raise ChangeRefused(_("An album holds 100 cases. Begin another one."))
    AlbumCase.objects.get_or_create(album=locked, case=case, defaults={"position": last + 1})
    record(verb="album.changed", actor=by, subject=("post", locked.pk), case=str(case.pk), added=True)


@transaction.atomic
def remove(*, album: Post, by: Member, case_id: UUID | None) -> None:
    """Take a case out of an album. Raises ChangeRefused."""
    locked = _lock(album, by)
    gone, _rows = locked.places.filter(case=case_id).delete()
    if gone:
        record(verb="album.changed", actor=by, subject=("post", locked.pk), case=str(case_id), added=False)


@transaction.atomic
def move_up(*, album: Post, by: Member, case_id: UUID | None) -> None:
    """Put a case before the one that stands before it. Raises ChangeRefused."""
    locked = _lock(album, by)
    rows = list(locked.places.order_by("position", "id"))
    at = next((number for number, row in enumerate(rows) if row.case_id == case_id), 0)
    if at:
        rows[at - 1], rows[at] = rows[at], rows[at - 1]
        for position, row in enumerate(rows, start=1):
            row.position = position
        AlbumCase.objects.bulk_update(rows, ["position"])


def _lock(album: Post, by: Member) -> Post:
    locked = Post.objects.select_for_update(of=("self",)).get(pk=album.pk)
    if not allows(by, "post.fill", locked):
        raise ChangeRefused(_("Its author and the moderators of the group order this album."))
    return locked


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
