"""The cases page: filters, order, pages by key, cards. A flat number of queries, however long the page.

Candidates come from listings; the gate is asked for those of one page (`_confirmed`), and nothing else is shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from accounts.models import Member
from consults.browse.counting import apply_filters, count
from consults.browse.facets import Facet, facets
from consults.browse.filters import Filters
from consults.browse.search import search
from consults.cases import gate
from consults.cases.gate import listing
from consults.cases.gate.models import Listing
from consults.cases.models import Case, CaseState
from consults.discussion.models import Answer, AnswerKind
from imaging.models import Rendition
from vocabulary import sites, terms

PAGE_SIZE: Final = 24
_KINDS: Final = dict(terms.PictureKind.choices)
_SITES: Final = {site.code: site.label for site in sites.all()}
SAVED: Final = "saved"  # the order of saved cases: when they were saved
MOST_ROUNDS: Final = 3  # reads of candidates for one page
ON_A_CARD: Final = (
    *("author", "state", "education_model", "simulated", "created_at", "released_at"),
    *("title", "site", "age_band", "question"),
)
NEW_FOR: Final = timedelta(days=3)


@dataclass(frozen=True)
class Badge:
    """A short mark on a card; `tone` is one of the tones of the style sheet."""

    text: str
    tone: str = ""
    icon: str = ""


@dataclass(frozen=True)
class CaseCard:
    """Summary of one case on the cases page. Nothing of what the answers say."""

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
    more: bool = False  # whether there are more than `total`


def page(*, member: Member, filters: Filters, after: str = "", size: int = PAGE_SIZE) -> Page:
    """Return the cases that this member may see and asked for, from cursor `after` on.

    A cursor that is not ours is taken for the beginning.
    """
    reach = listing.reach_of(member)
    if reach is None:
        return Page(cards=[], facets=[], total=0, after="")
    rows = search(listing.candidates(reach), reach=reach, words=filters.q)
    counts = count(rows, filters=filters, reach=reach)
    shown, after = _confirmed(
        apply_filters(rows, filters=filters, reach=reach), sort=filters.sort, member=member, after=after, size=size
    )
    return Page(
        cards=cards(shown, member=member),
        facets=facets(counts, filters=filters),
        total=counts.total,
        after=after,
        more=counts.more,
    )


def saved(*, member: Member, after: str = "", size: int = PAGE_SIZE) -> Page:
    """Return the cases that this member saved and still may see, the last saved first, from cursor `after` on.

    What they may not see now is left out without a trace, and is back when they may again.
    """
    reach = listing.reach_of(member)
    if reach is None:
        return Page(cards=[], facets=[], total=0, after="")
    mine = listing.candidates(reach).filter(case__bookmarks__member=member)
    rows = mine.annotate(saved_at=F("case__bookmarks__saved_at"))
    shown, after = _confirmed(rows, sort=SAVED, member=member, after=after, size=size)
    return Page(cards=cards(shown, member=member), facets=[], total=mine.exclude(listing.over()).count(), after=after)


def _confirmed(rows: QuerySet[Listing], *, sort: str, member: Member, after: str, size: int) -> tuple[list[Case], str]:
    """Return the next cases of these candidates that the gate confirms, and the cursor behind them ("" at the end).

    Asks again for what the gate did not confirm, a few times: a page may be short, and never shows too much.
    """
    confirmed: list[tuple[Listing, Case]] = []
    cursor = after
    for _round in range(MOST_ROUNDS):
        wanted = size + 1 - len(confirmed)
        found = list(_after_cursor(_in_order(rows, sort), sort=sort, after=cursor)[:wanted])
        cases = _visible(found, member=member)
        confirmed += [(row, cases[row.case_id]) for row in found if row.case_id in cases]
        if len(found) < wanted:
            return [case for _row, case in confirmed], ""
        cursor = _cursor(found[-1], sort=sort)
        if len(confirmed) > size:
            cursor = _cursor(confirmed[size - 1][0], sort=sort)
            break
    return [case for _row, case in confirmed[:size]], cursor


def _visible(rows: Iterable[Listing], *, member: Member) -> dict[UUID, Case]:
    """Return the cases of these listings that the gate lets this member see, with what badges and cards need."""
    listed = {row.case_id: row for row in rows}
    if not listed:
        return {}
    mine = Answer.objects.filter(case=OuterRef("pk"), member=member)
    cases = gate.visible_cases(member).filter(pk__in=listed).annotate(given=Subquery(mine.values("kind")[:1]))
    found: dict[UUID, Case] = {case.pk: case for case in cases.only(*ON_A_CARD)}
    for pk, case in found.items():
        case.n_answers = listed[pk].answers  # type: ignore[attr-defined]
        case.no_dermatologist = listed[pk].no_dermatologist  # type: ignore[attr-defined]
    return found


def _time_field(sort: str) -> str:
    """Return the field that orders by time."""
    return "saved_at" if sort == SAVED else "released_at"


def _in_order(rows: QuerySet[Listing], sort: str) -> QuerySet[Listing]:
    newest = (f"-{_time_field(sort)}", "-case")
    return rows.order_by(*(("answers", *newest) if sort == "fewest" else newest))


def _cursor(row: Listing, *, sort: str) -> str:
    """Where a page ended: answers (for that order), time in µs since 1970, the case's id."""
    moment: datetime = getattr(row, _time_field(sort))
    parts = [str((moment - _EPOCH) // timedelta(microseconds=1)), row.case_id.hex]
    if sort == "fewest":
        parts.insert(0, str(row.answers))
    return "-".join(parts)


def _released_at(case: Case) -> datetime:
    """When a visible case was released; the database sees to it that there is a time."""
    return case.released_at or case.created_at


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _after_cursor(rows: QuerySet[Listing], *, sort: str, after: str) -> QuerySet[Listing]:
    parts = after.split("-")
    if len(parts) != (3 if sort == "fewest" else 2):
        return rows
    try:
        *answers, micros = [int(part) for part in parts[:-1]]
        moment, pk = _EPOCH + timedelta(microseconds=micros), UUID(parts[-1])
    except (ValueError, OverflowError):
        return rows
    field = _time_field(sort)
    later = Q((f"{field}__lt", moment)) | Q((field, moment), case__lt=pk)
    # The first condition of each says less than the second, and is one that an index can begin at.
    if answers:
        later = Q(answers__gte=answers[0]) & (Q(answers__gt=answers[0]) | (Q(answers=answers[0]) & later))
    else:
        later = Q((f"{field}__lte", moment)) & later
    return rows.filter(later)


def cards(cases: Iterable[Case], *, member: Member) -> list[CaseCard]:
    """Cards of cases from `_confirmed`, each with its first picture's thumbnail. One query."""
    cases = list(cases)
    thumbnails: dict[UUID, tuple[UUID, str]] = {}  # by case: the rendition, and what kind of picture it is
    renditions = (
        gate.visible_renditions(member)
        .filter(name=Rendition.Name.THUMBNAIL, photo__placement__case__in=[case.pk for case in cases])
        .order_by("photo__placement__position", "photo__placement__id")
        .values_list("photo__placement__case", "pk", "photo__placement__kind")
    )
    for case_id, pk, kind in renditions:
        thumbnails.setdefault(case_id, (pk, kind))
    return [_card(case, thumbnail=thumbnails.get(case.pk), member=member) for case in cases]


def _card(case: Case, *, thumbnail: tuple[UUID, str] | None, member: Member) -> CaseCard:
    site = str(_SITES.get(case.site, case.site))  # get_site_display() goes through every choice, for each card
    pk, code = thumbnail or (None, "")
    kind = str(_KINDS.get(code, code))
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
        thumbnail_href=reverse("consults:picture", args=[pk]) if pk else "",
        thumbnail_alt=_("%(site)s, %(kind)s") % {"site": site, "kind": kind} if pk else "",
    )


def time_ago(moment: datetime) -> str:
    """Return how long ago, in the largest unit: "3 days ago"."""
    if timezone.now() - moment < timedelta(minutes=1):
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(moment, depth=1)}


def with_badges(cases: QuerySet[Case], *, member: Member) -> QuerySet[Case]:
    """Return the same cases with what badges need: `no_dermatologist`, `given`."""
    mine = Answer.objects.filter(case=OuterRef("pk"), member=member)
    by_dermatologist = Answer.objects.filter(case=OuterRef("pk"), kind=AnswerKind.DIAGNOSIS, is_dermatologist=True)
    waits = Q(state=CaseState.RELEASED) & ~Q(Exists(by_dermatologist))
    return cases.annotate(
        given=Subquery(mine.values("kind")[:1]),
        no_dermatologist=ExpressionWrapper(waits, output_field=BooleanField()),
    )


def badges(case: Case, *, member: Member) -> list[Badge]:
    """Badges of a case with the annotations of `with_badges`."""
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
