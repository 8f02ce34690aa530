"""The bell: how much is unread, the pages of notices, and what is read."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Member
from accounts.security import session_store
from core.nested import Counted
from notifications.notices import hooks
from notifications.notices.kinds import Kind
from notifications.notices.models import Notice
from notifications.notices.wording import sentence, words_of

MOST_COUNTED: Final = 9  # more are "9+"
ON_A_PAGE: Final = 30
_ATTRIBUTE: Final = "unread_notices"  # of a member who came with the session


def _unread(member: Member | OuterRef) -> QuerySet[Notice]:
    return Notice.objects.filter(member=member, read_at=None).order_by()[: MOST_COUNTED + 1]


def count_unread(member: Member) -> int:
    """Count unread notices, to one more than MOST_COUNTED. One query, of an index that holds unread ones alone."""
    return _unread(member).count()


def read_along_with_sessions() -> None:
    """Have the count read with every session, so that no page pays a query for the bell."""
    session_store.read_along(_ATTRIBUTE, Counted(_unread(OuterRef("member")).values("pk")))


def in_words(unread: int) -> str:
    """Return a count as the bell shows it: "3", "9+", and "" for none."""
    return f"{MOST_COUNTED}+" if unread > MOST_COUNTED else str(unread or "")


def unread_of(request: HttpRequest) -> str:
    """Return the count for the bell of a page, "" for nobody. No query where the member came with the session."""
    member = getattr(request, "user", None)
    if not getattr(member, "is_authenticated", False):
        return ""
    known = getattr(member, _ATTRIBUTE, None)
    return in_words(count_unread(cast("Member", member)) if known is None else known)


@dataclass(frozen=True)
class Shown:
    """A notice as the page shows it."""

    pk: UUID
    icon: str
    sentence: str
    title: str
    at: datetime
    is_unread: bool


@dataclass(frozen=True)
class Page:
    """A page of notices, the newest first; `older` is where the next one begins, "" at the end."""

    rows: list[Shown]
    older: str


def page(member: Member, *, before: str = "", kind: str = "") -> Page:
    """Return a page of the notices that the member may open now. Two queries, one more where some are lost.

    What the member may not open any more is not shown, and not counted from now on.
    """
    mine = Notice.objects.filter(member=member).order_by("-at", "-id")
    if kind in Kind.values:
        mine = mine.filter(kind=kind)
    found = list(mine.filter(_after(before))[: ON_A_PAGE + 1])
    has_more, found = len(found) > ON_A_PAGE, found[:ON_A_PAGE]
    titles = titles_of(member, found)
    open_ones = [one for one in found if one.case_id is None or one.case_id in titles]
    _set_aside(found, open_ones)
    rows = [_shown(one, titles) for one in open_ones]
    return Page(rows=rows, older=f"{found[-1].at.isoformat()}_{found[-1].pk.hex}" if has_more else "")


def _after(before: str) -> Q:
    """Return the condition for what follows a place that a page named; all for anything that is no such place."""
    moment, _sign, pk = before.partition("_")
    try:
        at, last = datetime.fromisoformat(moment), UUID(pk)
    except ValueError:
        return Q()
    if at.tzinfo is None:
        return Q()
    return Q(at__lt=at) | Q(at=at, id__lt=last)


def _shown(notice: Notice, titles: Mapping[UUID, str]) -> Shown:
    return Shown(
        pk=notice.pk,
        icon=words_of(notice.kind).icon,
        sentence=sentence(notice.kind, notice.count),
        title=titles.get(notice.case_id, "") if notice.case_id else "",
        at=notice.at,
        is_unread=notice.read_at is None,
    )


def titles_of(member: Member, notices: Iterable[Notice]) -> Mapping[UUID, str]:
    """Return the cases that these notices are about and the member may open now, each with its title. One query."""
    case_ids = {one.case_id for one in notices if one.case_id is not None}
    return hooks.may_open.get()(member, case_ids) if case_ids else {}


def openable(member: Member, notices: Collection[Notice]) -> list[Notice]:
    """Return those of these notices whose case the member may open now, and those about no case. One query."""
    titles = titles_of(member, notices)
    return [one for one in notices if one.case_id is None or one.case_id in titles]


def _set_aside(found: list[Notice], open_ones: list[Notice]) -> None:
    """Count no more what may not be opened: the audience may have changed, or a moderator may have hidden it."""
    lost = {one.pk for one in found if one.read_at is None} - {one.pk for one in open_ones}
    if lost:
        Notice.objects.filter(pk__in=lost, read_at=None).update(read_at=timezone.now())


def own(member: object) -> QuerySet[Notice]:
    """Return the notices of this member."""
    return Notice.objects.filter(member=getattr(member, "pk", None))


def read(*, notices: QuerySet[Notice]) -> int:
    """Mark these notices as read; return how many were not."""
    return notices.filter(read_at=None).update(read_at=timezone.now())
