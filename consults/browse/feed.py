"""The cases page: filters, order, pages by key, cards. A flat number of queries, however long the page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from accounts.models import Member
from consults.browse.facets import Facet, badged, count, described, narrowed
from consults.browse.filters import Filters
from consults.browse.search import search
from consults.cases import gate
from consults.models import Answer, AnswerKind, Bookmark, Case, CaseState
from imaging.models import Rendition

PAGE_SIZE: Final = 24
SAVED: Final = "saved"  # the order of saved cases: when they were saved
NEW_FOR: Final = timedelta(days=3)


@dataclass(frozen=True)
class Badge:
    """A short mark on a card; `tone` is one of the tones of the style sheet."""

    text: str
    tone: str = ""
    icon: str = ""


@dataclass(frozen=True)
class Card:
    """What the cases page says about one case. Nothing of what the answers say."""

    pk: UUID
    href: str
    title: str
    site: str
    age_band: str
    question: str
    answers: int
    posted: str
    badges: list[Badge]
    thumbnail_href: str = ""
    thumbnail_alt: str = ""


@dataclass(frozen=True)
class Page:
    """One page of cards, the facets beside them, and the cursor of the next page ("" at the end)."""

    cards: list[Card]
    facets: list[Facet]
    total: int
    after: str


def page(*, member: Member, filters: Filters, after: str = "", size: int = PAGE_SIZE) -> Page:
    """The cases that this member may see and asked for, from cursor `after` on.

    A cursor that is not ours is taken for the beginning.
    """
    cases = described(search(gate.visible_cases(member), member=member, words=filters.q), member=member)
    facets, total = count(cases, filters=filters)
    found = list(
        _from(_ordered(narrowed(cases, filters=filters), filters.sort), sort=filters.sort, after=after)[: size + 1]
    )
    shown = found[:size]
    return Page(
        cards=cards(shown, member=member),
        facets=facets,
        total=total,
        after=_cursor(shown[-1], sort=filters.sort) if len(found) > size else "",
    )


def saved(*, member: Member, after: str = "", size: int = PAGE_SIZE) -> Page:
    """The cases that this member saved and still may see, the last saved first, from cursor `after` on.

    What they may not see now is left out without a trace, and is back when they may again.
    """
    mine = Bookmark.objects.filter(member=member)
    # The gate is asked case by case: as a list it would be read from its beginning, however few were saved.
    visible = Exists(gate.visible_cases(member).filter(pk=OuterRef("pk")))
    cases = badged(Case.objects.filter(visible, pk__in=mine.values("case")), member=member).annotate(
        saved_at=Subquery(mine.filter(case=OuterRef("pk")).values("saved_at"))
    )
    found = list(_from(_ordered(cases, SAVED), sort=SAVED, after=after)[: size + 1])
    shown = found[:size]
    return Page(
        cards=cards(shown, member=member),
        facets=[],
        total=cases.count(),
        after=_cursor(shown[-1], sort=SAVED) if len(found) > size else "",
    )


def _moment(sort: str) -> str:
    """The field that orders by time."""
    return "saved_at" if sort == SAVED else "released_at"


def _ordered(cases: QuerySet[Case], sort: str) -> QuerySet[Case]:
    given = (
        Answer.objects.filter(case=OuterRef("pk"), kind=AnswerKind.DIAGNOSIS)
        .order_by()
        .values("case")
        .annotate(n=Count("pk"))
        .values("n")
    )
    cases = cases.annotate(n_answers=Coalesce(Subquery(given, output_field=IntegerField()), 0))
    newest = (f"-{_moment(sort)}", "-id")
    return cases.order_by(*(("n_answers", *newest) if sort == "fewest" else newest))


def _cursor(case: Case, *, sort: str) -> str:
    """Where a page ended: answers (for that order), time in µs since 1970, id."""
    moment: datetime = getattr(case, _moment(sort))
    parts = [str((moment - _EPOCH) // timedelta(microseconds=1)), case.pk.hex]
    if sort == "fewest":
        parts.insert(0, str(case.n_answers))  # type: ignore[attr-defined]
    return "-".join(parts)


def _released_at(case: Case) -> datetime:
    """When a visible case was released; the database sees to it that there is a time."""
    return case.released_at or case.created_at


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _from(cases: QuerySet[Case], *, sort: str, after: str) -> QuerySet[Case]:
    parts = after.split("-")
    if len(parts) != (3 if sort == "fewest" else 2):
        return cases
    try:
        *answers, micros = [int(part) for part in parts[:-1]]
        moment, pk = _EPOCH + timedelta(microseconds=micros), UUID(parts[-1])
    except (ValueError, OverflowError):
        return cases
    field = _moment(sort)
    later = Q((f"{field}__lt", moment)) | Q((field, moment), pk__lt=pk)
    if answers:
        later = Q(n_answers__gt=answers[0]) | (Q(n_answers=answers[0]) & later)
    return cases.filter(later)


def cards(cases: Iterable[Case], *, member: Member) -> list[Card]:
    """Cards of cases from `_ordered(badged(...))`, each with its first picture's thumbnail. One query."""
    cases = list(cases)
    thumbnails: dict[UUID, Rendition] = {}
    renditions = (
        gate.visible_renditions(member)
        .filter(name=Rendition.Name.THUMBNAIL, photo__placement__case__in=[case.pk for case in cases])
        .select_related("photo__placement")
        .order_by("photo__placement__position", "photo__placement__id")
    )
    for rendition in renditions:
        thumbnails.setdefault(rendition.photo.placement.case_id, rendition)
    return [_card(case, thumbnail=thumbnails.get(case.pk), member=member) for case in cases]


def _card(case: Case, *, thumbnail: Rendition | None, member: Member) -> Card:
    site = case.get_site_display()
    kind = thumbnail.photo.placement.get_kind_display() if thumbnail else ""
    return Card(
        pk=case.pk,
        href=reverse("consults:case", args=[case.pk]),
        title=case.title,
        site=site,
        age_band=case.get_age_band_display(),
        question=case.get_question_display(),
        answers=case.n_answers,  # type: ignore[attr-defined]
        posted=ago(_released_at(case)),
        badges=badges(case, member=member),
        thumbnail_href=reverse("consults:picture", args=[thumbnail.pk]) if thumbnail else "",
        thumbnail_alt=_("%(site)s, %(kind)s") % {"site": site, "kind": kind} if thumbnail else "",
    )


def ago(moment: datetime) -> str:
    """How long ago, in the largest unit: "3 days ago"."""
    if timezone.now() - moment < timedelta(minutes=1):
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(moment, depth=1)}


def badges(case: Case, *, member: Member) -> list[Badge]:
    """Badges of a case that carries the annotations of `badged`."""
    open_ = case.state == CaseState.RELEASED
    found = [Badge(_("Open"), "accent") if open_ else Badge(_("Closed"), icon="lock")]
    if open_ and timezone.now() - _released_at(case) < NEW_FOR:
        found.append(Badge(_("New"), "good"))
    if case.no_dermatologist:  # type: ignore[attr-defined]
        found.append(Badge(_("No dermatologist yet"), "warn"))
    if case.author_id == member.pk:
        found.append(Badge(_("Yours"), icon="person"))
    elif case.given:  # type: ignore[attr-defined]
        read_only = case.given == AnswerKind.READ_ONLY  # type: ignore[attr-defined]
        found.append(Badge(_("Read by you") if read_only else _("Answered by you"), icon="check"))
    if case.education_model:
        found.append(Badge(_("Education model")))
    if case.simulated:
        found.append(Badge(_("Simulated")))
    return found
