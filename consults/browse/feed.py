"""The cases page: filters, order, pages by key, cards. A flat number of queries, however long the page.

Candidates come from listings; the gate is asked for those of one page (`_confirmed`), and nothing else is shown.
"""

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
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
from consults.browse import orders
from consults.browse.counting import BOUND, Sample, apply_filters, count
from consults.browse.facets import Facet, facets
from consults.browse.filters import Filters
from consults.browse.orders import SAVED, Candidate
from consults.browse.search import Wanted, newest, wanted
from consults.cases import gate
from consults.cases.gate import full_text, listing
from consults.cases.gate.listing import Reach
from consults.cases.gate.models import Listing
from consults.cases.models import Case, CaseState
from consults.discussion.models import COUNTED, Answer, AnswerKind
from core.addresses import address
from core.prepared import Prepared
from core.rendered import rendered
from vocabulary import sites, terms

PAGE_SIZE: Final = 24
ROW: Final = PAGE_SIZE + 1  # one more tells whether there is a next page
MOST_ROUNDS: Final = 3  # reads of candidates for one page
ON_A_CARD: Final = (
    *("pk", "author_id", "state", "education_model", "simulated", "created_at", "released_at"),
    *("title", "site", "age_band", "question", "urgency", "urgent_until", "given", "thumbnail"),
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


def followed(*, member: Member, after: str = "", size: int = PAGE_SIZE) -> Page:
    """Return the cases that this member follows and still may see, the newest first, from cursor `after` on."""
    reach = listing.reach_of(member)
    if reach is None:
        return Page(cards=[], facets=[], total=0, after="")
    rows = listing.candidates(reach).filter(case__followings__member=member)
    shown, after = _confirmed(_of_rows([rows], sort="newest"), sort="newest", member=member, after=after, size=size)
    return Page(cards=[_card(case, member=member) for case in shown], facets=[], total=len(shown), after=after)


def cards_of(rows: Sequence[Candidate], *, member: Member, most: int) -> list[CaseCard]:
    """Return cards of the first of these candidates that the gate confirms, in their order. One query for `ROW`."""
    cases = _visible(rows[:ROW], member=member)
    return [_card(cases[row.case_id], member=member) for row in rows if row.case_id in cases][:most]


# --- One case: whether somebody would find it


def could_find(*, filters: Filters, listed: Listing) -> bool:
    """Whether this case matches words and filters, apart from what depends on the reader. One query at most."""
    anybody = replace(filters, chosen={**filters.chosen, "only": frozenset(), "diagnosis": frozenset()})
    nobody = Reach(member_id=UUID(int=0), groups={})
    asked = Wanted.of_words(filters.q) if filters.q else None
    return _matching(listed, filters=anybody, reach=nobody, asked=asked).exists()


def finds(*, member: Member, filters: Filters, listed: Listing) -> bool:
    """Whether this member's cases page would show this case for these words and filters now. Four queries at most."""
    reach = listing.reach_of(member)
    if reach is None:
        return False
    asked = wanted(filters.q, reach=reach) if filters.q else None
    mine = listing.candidates(reach).filter(pk=listed.pk)
    rows = _matching(listed, filters=filters, reach=reach, asked=asked)
    return rows.filter(pk__in=mine).exists() and gate.visible_cases(member).filter(pk=listed.case_id).exists()


def _matching(listed: Listing, *, filters: Filters, reach: Reach, asked: Wanted | None) -> QuerySet[Listing]:
    rows = apply_filters(Listing.objects.filter(pk=listed.pk), filters=filters, reach=reach)
    if asked is None:
        return rows
    fits = full_text.matching_of_few(asked.query(), least=listed.pk)
    return rows.filter(fits | Q(case__in=asked.own)) if asked.own else rows.filter(fits)


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


Fetch = Callable[[str, int], list[Candidate]]  # the cursor, and how many


def _of_rows(parts: Sequence[QuerySet[Listing]], *, sort: str) -> Fetch:
    """Return the candidates of these listings."""

    def fetch(after: str, most: int) -> list[Candidate]:
        return [Candidate(*row) for row in orders.first(parts, sort=sort, after=after, most=most)]

    return fetch


def _of_everything(parts: Sequence[QuerySet[Listing]], *, reach: Reach, sort: str) -> Fetch:
    """Return all candidates of a member; their first page is what is asked most of all, and a prepared query."""
    rest = _of_rows(parts, sort=sort)

    def fetch(after: str, most: int) -> list[Candidate]:
        if after or most > ROW or sort == "urgent":  # which depends on the minute
            return rest(after, most)

        def build(member_id: UUID, *groups: UUID) -> QuerySet[Listing, tuple[Any, ...]]:
            alike = replace(reach, member_id=member_id, groups=dict.fromkeys(groups, ""))
            return orders.first(listing.parts(alike), sort=sort, after="", most=ROW)

        key = (listing.days(), reach.everybody, reach.teaching, sort)
        rows = _CANDIDATES.rows(key, build, (reach.member_id, *reach.groups))
        return [Candidate(*row) for row in rows[:most]]

    return fetch


def _of_search(
    parts: Sequence[QuerySet[Listing]], *, asked: Wanted, sample: Sample, filters: Filters, reach: Reach
) -> Fetch:
    """Return the candidates that are looked for: of the sample that was counted, as far as it goes.

    In other orders than by time only the newest `BOUND` are put in order: nobody reads as far as that.
    """
    sort = filters.sort
    by_time = sort == "newest"
    names = (orders.time_field(sort), *orders.COLUMNS)
    known = [
        Candidate(row.released_at, row.case_id, row.answers, row.looks.no_dermatologist, row.comments, row.urgent_until)
        for row in sample.matching()
    ]

    def look(after: str, most: int) -> tuple[list[Candidate], bool]:
        rows = [apply_filters(part, filters=filters, reach=reach) for part in parts]
        rows = [orders.after_cursor(part, sort="newest", after=after) for part in rows]
        guessed_wrongly = sample.more and len(sample.found) < BOUND
        found, whole = newest(rows, asked=asked, names=names, most=most, everywhere=guessed_wrongly)
        return [Candidate(*row) for row in found], whole

    if not by_time:
        if sample.more and filters.count:
            known, _whole = look("", BOUND)
        known = orders.in_order(known, sort=sort)

    def fetch(after: str, most: int) -> list[Candidate]:
        if not by_time or not sample.more or not (filters.count or after):
            found = orders.behind(known, sort=sort, after=after)[:most]
            if len(found) == most or not by_time or not sample.more:
                return found
        return look(after, most)[0]

    return fetch


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
        cursor = orders.cursor(found[-1], sort=sort)
        if len(confirmed) > size:
            cursor = orders.cursor(confirmed[size - 1][0], sort=sort)
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
    urgency: str
    urgent_until: datetime | None
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
    mine = Answer.objects.filter(case=OuterRef("pk"), member=member.pk)
    by_dermatologist = Answer.objects.filter(case=OuterRef("pk"), kind__in=COUNTED, is_dermatologist=True)
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
    if open_ and case.urgency and case.urgent_until and case.urgent_until > timezone.now():
        today = case.urgency == terms.Urgency.TODAY
        found.append(Badge(_("Answer today"), "bad", "clock") if today else Badge(_("This week"), "warn", "clock"))
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
