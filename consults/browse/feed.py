"""The feed: filters, order, keyset pages, cards. The number of queries does not depend on the page's length."""

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
from consults.browse.facets import Facet, apply_filters, count_facets, with_badges, with_facet_values
from consults.browse.filters import Filters
from consults.browse.search import search
from consults.cases import gate
from consults.cases.models import Case, CaseState
from consults.discussion.models import Answer, AnswerKind, Bookmark
from imaging.models import Rendition

PAGE_SIZE: Final = 24
SAVED: Final = "saved"  # the order of saved cases: when they were saved
NEW_FOR: Final = timedelta(days=3)


@dataclass(frozen=True)
class Badge:
    """A short label on a card; `tone` is one of the tones of the style sheet."""

    text: str
    tone: str = ""
    icon: str = ""


@dataclass(frozen=True)
class CaseCard:
    """One case on the cases page, without anything from its answers."""

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

    cards: list[CaseCard]
    facets: list[Facet]
    total: int
    after: str


def page(*, member: Member, filters: Filters, after: str = "", size: int = PAGE_SIZE) -> Page:
    """Return a page of the cases that this member may see and that match the filters, from cursor `after` on.

    An invalid cursor starts from the beginning.
    """
    cases = with_facet_values(search(gate.visible_cases(member), member=member, words=filters.q), member=member)
    facets, total = count_facets(cases, filters=filters)
    found = list(
        _after_cursor(_in_order(apply_filters(cases, filters=filters), filters.sort), sort=filters.sort, after=after)[
            : size + 1
        ]
    )
    shown = found[:size]
    return Page(
        cards=cards(shown, member=member),
        facets=facets,
        total=total,
        after=_cursor(shown[-1], sort=filters.sort) if len(found) > size else "",
    )


def saved(*, member: Member, after: str = "", size: int = PAGE_SIZE) -> Page:
    """Return a page of the cases that this member saved and still may see, last saved first, from `after` on.

    Cases that are not visible now are left out without a trace; they are back when they are visible again.
    """
    mine = Bookmark.objects.filter(member=member)
    # Exists() asks the gate case by case; IN would evaluate it for all cases, however few were saved.
    visible = Exists(gate.visible_cases(member).filter(pk=OuterRef("pk")))
    cases = with_badges(Case.objects.filter(visible, pk__in=mine.values("case")), member=member).annotate(
        saved_at=Subquery(mine.filter(case=OuterRef("pk")).values("saved_at"))
    )
    found = list(_after_cursor(_in_order(cases, SAVED), sort=SAVED, after=after)[: size + 1])
    shown = found[:size]
    return Page(
        cards=cards(shown, member=member),
        facets=[],
        total=cases.count(),
        after=_cursor(shown[-1], sort=SAVED) if len(found) > size else "",
    )


def _time_field(sort: str) -> str:
    """Return the field that orders by time."""
    return "saved_at" if sort == SAVED else "released_at"


def _in_order(cases: QuerySet[Case], sort: str) -> QuerySet[Case]:
    given = (
        Answer.objects.filter(case=OuterRef("pk"), kind=AnswerKind.DIAGNOSIS)
        .order_by()
        .values("case")
        .annotate(n=Count("pk"))
        .values("n")
    )
    cases = cases.annotate(n_answers=Coalesce(Subquery(given, output_field=IntegerField()), 0))
    newest = (f"-{_time_field(sort)}", "-id")
    return cases.order_by(*(("n_answers", *newest) if sort == "fewest" else newest))


def _cursor(case: Case, *, sort: str) -> str:
    """Encode where a page ended: answers (for that order), time in µs since 1970, id."""
    moment: datetime = getattr(case, _time_field(sort))
    parts = [str((moment - _EPOCH) // timedelta(microseconds=1)), case.pk.hex]
    if sort == "fewest":
        parts.insert(0, str(case.n_answers))  # type: ignore[attr-defined]
    return "-".join(parts)


def _released_at(case: Case) -> datetime:
    """Return when a visible case was released; a database constraint guarantees that there is a time."""
    return case.released_at or case.created_at


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _after_cursor(cases: QuerySet[Case], *, sort: str, after: str) -> QuerySet[Case]:
    parts = after.split("-")
    if len(parts) != (3 if sort == "fewest" else 2):
        return cases
    try:
        *answers, micros = [int(part) for part in parts[:-1]]
        moment, pk = _EPOCH + timedelta(microseconds=micros), UUID(parts[-1])
    except (ValueError, OverflowError):
        return cases
    field = _time_field(sort)
    later = Q((f"{field}__lt", moment)) | Q((field, moment), pk__lt=pk)
    if answers:
        later = Q(n_answers__gt=answers[0]) | (Q(n_answers=answers[0]) & later)
    return cases.filter(later)


def cards(cases: Iterable[Case], *, member: Member) -> list[CaseCard]:
    """Return cards with the first thumbnail of cases from `_in_order(with_badges(...))`. One query."""
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


def _card(case: Case, *, thumbnail: Rendition | None, member: Member) -> CaseCard:
    site = case.get_site_display()
    kind = thumbnail.photo.placement.get_kind_display() if thumbnail else ""
    return CaseCard(
        pk=case.pk,
        href=reverse("consults:case", args=[case.pk]),
        title=case.title,
        site=site,
        age_band=case.get_age_band_display(),
        question=case.get_question_display(),
        answers=case.n_answers,  # type: ignore[attr-defined]
        posted=time_ago(_released_at(case)),
        badges=badges(case, member=member),
        thumbnail_href=reverse("consults:picture", args=[thumbnail.pk]) if thumbnail else "",
        thumbnail_alt=_("%(site)s, %(kind)s") % {"site": site, "kind": kind} if thumbnail else "",
    )


def time_ago(moment: datetime) -> str:
    """Return the time since a moment in its largest unit: "3 days ago"."""
    if timezone.now() - moment < timedelta(minutes=1):
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(moment, depth=1)}


def badges(case: Case, *, member: Member) -> list[Badge]:
    """Return the badges of a case that has the annotations of `with_badges`."""
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
