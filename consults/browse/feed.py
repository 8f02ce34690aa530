"""The cases page: filters, order, pages by key, cards. A flat number of queries, however long the page.

Candidates come from listings; the gate is asked for those of one page (`_confirmed`), and nothing else is shown.
"""

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.models import Member
from consults.browse.counting import BOUND, Sample, apply_filters, count
from consults.browse.facets import Facet, facets
from consults.browse.filters import Filters
from consults.browse.search import Wanted, newest, wanted
from consults.cases import gate
from consults.cases.gate import listing
from consults.cases.gate.listing import Reach
from consults.cases.gate.models import Listing
from consults.cases.models import Case, CaseState
from consults.discussion.models import Answer, AnswerKind
from core.addresses import address
from core.prepared import Prepared
from core.rendered import rendered
from vocabulary import sites, terms

PAGE_SIZE: Final = 24
ROW: Final = PAGE_SIZE + 1  # one more tells whether there is a next page
SAVED: Final = "saved"  # the order of saved cases: when they were saved
MOST_ROUNDS: Final = 3  # reads of candidates for one page
ON_A_CARD: Final = (
    *("pk", "author_id", "state", "education_model", "simulated", "created_at", "released_at"),
    *("title", "site", "age_band", "question", "given", "thumbnail"),
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
    answered: str
    posted: str
    badges: tuple[Badge, ...]
    thumbnail_href: str = ""
    thumbnail_alt: str = ""

    @property
    def html(self) -> SafeString:
        """The card as it stands on a page."""
        return rendered("partials/case_card.html", "card", self)


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
    asked = wanted(filters.q, reach=reach) if filters.q else None
    parts = listing.parts(reach)
    counts = count(parts, filters=filters, reach=reach, asked=asked)
    if asked is not None and isinstance(counts, Sample):
        fetch = _of_search(parts, asked=asked, sample=counts, filters=filters, reach=reach)
    elif filters.narrows:
        fetch = _of_rows([apply_filters(part, filters=filters, reach=reach) for part in parts], sort=filters.sort)
    else:
        fetch = _of_everything(parts, reach=reach, sort=filters.sort)
    shown, after = _confirmed(fetch, sort=filters.sort, member=member, after=after, size=size)
    return Page(
        cards=[_card(case, member=member) for case in shown],
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
    shown, after = _confirmed(_of_rows([rows], sort=SAVED), sort=SAVED, member=member, after=after, size=size)
    return Page(
        cards=[_card(case, member=member) for case in shown],
        facets=[],
        total=mine.exclude(listing.over()).count(),
        after=after,
    )


def cards(*, member: Member, ids: Sequence[UUID]) -> list[CaseCard]:
    """Return the cards of those of these cases that this member may see, in this order. Flat for a page of them."""
    reach = listing.reach_of(member)
    if reach is None or not ids:
        return []
    rows = listing.candidates(reach).filter(case__in=ids)
    found = rows.values_list("released_at", "case_id", "answers", "no_dermatologist")
    shown = _visible([Candidate(*row) for row in found], member=member)
    return [_card(shown[pk], member=member) for pk in ids if pk in shown]


# --- Candidates, from a cursor on


class Candidate(NamedTuple):
    """A listing, by what it is ordered and counted."""

    at: datetime  # released, or saved
    case_id: UUID
    answers: int
    no_dermatologist: bool


Fetch = Callable[[str, int], list[Candidate]]  # the cursor, and how many


def _of_rows(parts: Sequence[QuerySet[Listing]], *, sort: str) -> Fetch:
    """Return the candidates of these listings."""

    def fetch(after: str, most: int) -> list[Candidate]:
        rows = [_after_cursor(part, sort=sort, after=after) for part in parts]
        return [Candidate(*row) for row in _columns(listing.first(rows, order=_order(sort), most=most), sort)]

    return fetch


def _of_everything(parts: Sequence[QuerySet[Listing]], *, reach: Reach, sort: str) -> Fetch:
    """Return all candidates of a member; their first page is what is asked most of all, and a prepared query."""
    rest = _of_rows(parts, sort=sort)

    def fetch(after: str, most: int) -> list[Candidate]:
        if after or most > ROW:
            return rest(after, most)

        def build(member_id: UUID, *groups: UUID) -> QuerySet[Listing, tuple[Any, ...]]:
            alike = replace(reach, member_id=member_id, groups=dict.fromkeys(groups, ""))
            return _columns(listing.first(listing.parts(alike), order=_order(sort), most=ROW), sort)

        key = (listing.days(), reach.everybody, reach.teaching, sort)
        rows = _CANDIDATES.rows(key, build, (reach.member_id, *reach.groups))
        return [Candidate(*row) for row in rows[:most]]

    return fetch


def _of_search(
    parts: Sequence[QuerySet[Listing]], *, asked: Wanted, sample: Sample, filters: Filters, reach: Reach
) -> Fetch:
    """Return the candidates that are looked for: of the sample that was counted, as far as it goes.

    By fewest answers only the newest `BOUND` are put in order: nobody reads as far as that.
    """
    sort = filters.sort
    names = ("released_at", "case_id", "answers", "no_dermatologist")
    known = [
        Candidate(row.released_at, row.case_id, row.answers, row.looks.no_dermatologist) for row in sample.matching()
    ]

    def look(after: str, most: int) -> tuple[list[Candidate], bool]:
        rows = [apply_filters(part, filters=filters, reach=reach) for part in parts]
        rows = [_after_cursor(part, sort=sort, after=after) for part in rows]
        guessed_wrongly = sample.more and len(sample.found) < BOUND
        found, whole = newest(rows, asked=asked, names=names, most=most, everywhere=guessed_wrongly)
        return [Candidate(*row) for row in found], whole

    if sort == "fewest":
        if sample.more and filters.count:
            known, _whole = look("", BOUND)
        known.sort(key=lambda row: (-row.answers, row.at, row.case_id.hex), reverse=True)

    def fetch(after: str, most: int) -> list[Candidate]:
        if sort == "fewest" or not sample.more or not (filters.count or after):
            found = _behind(known, sort=sort, after=after)[:most]
            if len(found) == most or sort == "fewest" or not sample.more:
                return found
        return look(after, most)[0]

    return fetch


def _columns(rows: QuerySet[Listing], sort: str) -> QuerySet[Listing, tuple[Any, ...]]:
    return rows.values_list(_time_field(sort), "case_id", "answers", "no_dermatologist")


def _confirmed(fetch: Fetch, *, sort: str, member: Member, after: str, size: int) -> tuple[list["Shown"], str]:
    """Return the next cases of these candidates that the gate confirms, and the cursor behind them ("" at the end).

    Asks again for what the gate did not confirm, a few times: a page may be short, and never shows too much.
    """
    confirmed: list[tuple[Candidate, Shown]] = []
    cursor = after
    for _round in range(MOST_ROUNDS):
        most = size + 1 - len(confirmed)
        found = fetch(cursor, most)
        cases = _visible(found, member=member)
        confirmed += [(row, cases[row.case_id]) for row in found if row.case_id in cases]
        if len(found) < most:
            return [case for _row, case in confirmed], ""
        cursor = _cursor(found[-1], sort=sort)
        if len(confirmed) > size:
            cursor = _cursor(confirmed[size - 1][0], sort=sort)
            break
    return [case for _row, case in confirmed[:size]], cursor


class Shown(NamedTuple):
    """A case that the gate lets this member see, with what badges and cards need."""

    pk: UUID
    author_id: UUID
    state: str
    education_model: bool
    simulated: bool
    created_at: datetime
    released_at: datetime | None
    title: str
    site: str
    age_band: str
    question: str
    given: str | None
    thumbnail: dict[str, str] | None
    answers: int
    no_dermatologist: bool


def _visible(rows: Iterable[Candidate], *, member: Member) -> dict[UUID, Shown]:
    """Return the cases of these candidates that the gate lets this member see."""

    def build(member_id: UUID, *cases: UUID) -> QuerySet[Case, tuple[Any, ...]]:
        stand_in = copy(member)
        stand_in.pk = member_id
        mine = Answer.objects.filter(case=OuterRef("pk"), member=member_id)
        seen = gate.visible_cases_with_thumbnails(stand_in).filter(pk__in=cases)
        return seen.order_by().annotate(given=Subquery(mine.values("kind")[:1])).values_list(*ON_A_CARD)

    listed = {row.case_id: row for row in rows}
    ids = list(listed)
    found = {}
    for at in range(0, len(ids), ROW):
        some = ids[at : at + ROW]
        some += some[:1] * (ROW - len(some))  # always as many, so that it is always the same query
        for row in _CASES.rows(gate.asked_by(member), build, (member.pk, *some)):
            listing_ = listed[row[0]]
            found[row[0]] = Shown._make((*row, listing_.answers, listing_.no_dermatologist))
    return found


_CANDIDATES: Final = Prepared()
_CASES: Final = Prepared()


# --- Order and cursors


def _time_field(sort: str) -> str:
    """Return the field that orders by time."""
    return "saved_at" if sort == SAVED else "released_at"


def _order(sort: str) -> tuple[str, ...]:
    by_time = (f"-{_time_field(sort)}", "-case")
    return ("answers", *by_time) if sort == "fewest" else by_time


def _cursor(row: Candidate, *, sort: str) -> str:
    """Where a page ended: answers (for that order), time in µs since 1970, the case's id."""
    parts = [str((row.at - _EPOCH) // timedelta(microseconds=1)), row.case_id.hex]
    if sort == "fewest":
        parts.insert(0, str(row.answers))
    return "-".join(parts)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _place(after: str, *, sort: str) -> tuple[int, datetime, UUID] | None:
    """Return what a cursor says: answers (0 in other orders), time, id; None for one that is not ours."""
    parts = after.split("-")
    if len(parts) != (3 if sort == "fewest" else 2):
        return None
    try:
        *answers, micros = [int(part) for part in parts[:-1]]
        return (answers or [0])[0], _EPOCH + timedelta(microseconds=micros), UUID(parts[-1])
    except (ValueError, OverflowError):
        return None


def _behind(rows: list[Candidate], *, sort: str, after: str) -> list[Candidate]:
    """Return the rows behind a cursor; they are in order."""
    place = _place(after, sort=sort)
    if place is None:
        return rows
    answers, moment, pk = place
    fewest = sort == "fewest"
    here = (-answers if fewest else 0, moment, pk.hex)
    return [row for row in rows if (-row.answers if fewest else 0, row.at, row.case_id.hex) < here]


def _after_cursor(rows: QuerySet[Listing], *, sort: str, after: str) -> QuerySet[Listing]:
    place = _place(after, sort=sort)
    if place is None:
        return rows
    answers, moment, pk = place
    field = _time_field(sort)
    later = Q((f"{field}__lt", moment)) | Q((field, moment), case__lt=pk)
    # The first condition of each says less than the second, and is one that an index can begin at.
    if sort == "fewest":
        later = Q(answers__gte=answers) & (Q(answers__gt=answers) | (Q(answers=answers) & later))
    else:
        later = Q((f"{field}__lte", moment)) & later
    return rows.filter(later)


# --- Cards


def _card(case: Shown, *, member: Member) -> CaseCard:
    names = _names(get_language() or "")
    site = names["site", case.site]
    picture = case.thumbnail
    return CaseCard(
        pk=case.pk,
        href=address("consults:case", case.pk),
        title=case.title,
        site=site,
        age_band=names["age_band", case.age_band],
        question=names["question", case.question],
        answers=case.answers,
        answered=ngettext("%(count)s answer", "%(count)s answers", case.answers) % {"count": case.answers},
        posted=time_ago(_released_at(case)),
        badges=tuple(badges(case, member=member)),
        thumbnail_href=address("consults:picture", UUID(picture["id"])) if picture else "",
        thumbnail_alt=_("%(site)s, %(kind)s") % {"site": site, "kind": names["picture", picture["kind"]]}
        if picture
        else "",
    )


class _Names(dict[tuple[str, str], str]):
    """Names by field and code; what has none stands for itself."""

    def __missing__(self, key: tuple[str, str]) -> str:
        return key[1]


@cache
def _names(_language: str) -> _Names:
    """Return the names of what stands on cards, in the language that is active: a hundred a page."""
    fields: dict[str, Iterable[tuple[str, Any]]] = {
        "site": ((site.code, site.label) for site in sites.all()),
        "age_band": terms.AgeBand.choices,
        "question": terms.Question.choices,
        "picture": terms.PictureKind.choices,
    }
    return _Names({(field, code): str(label) for field, choices in fields.items() for code, label in choices})


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


def _released_at(case: Case | Shown) -> datetime:
    """When a visible case was released; the database sees to it that there is a time."""
    return case.released_at or case.created_at


def badges(case: Any, *, member: Member) -> list[Badge]:
    """Badges of a case that is shown, or that has the annotations of `with_badges`."""
    open_ = case.state == CaseState.RELEASED
    found = [Badge(_("Open"), "accent") if open_ else Badge(_("Closed"), icon="lock")]
    if open_ and timezone.now() - _released_at(case) < NEW_FOR:
        found.append(Badge(_("New"), "good"))
    if case.no_dermatologist:
        found.append(Badge(_("No dermatologist yet"), "warn"))
    if case.author_id == member.pk:
        found.append(Badge(_("Yours"), icon="person"))
    elif case.given:
        read_only = case.given == AnswerKind.READ_ONLY
        found.append(Badge(_("Read by you") if read_only else _("Answered by you"), icon="check"))
    if case.education_model:
        found.append(Badge(_("Education model")))
    if case.simulated:
        found.append(Badge(_("Simulated")))
    return found
