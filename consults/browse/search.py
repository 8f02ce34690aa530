"""Search over the listings a member may see: words of the author, coded facts, diagnoses by any of their names.

A working differential, and an outcome, are searched only where this member may read them: a hit in a case
that is still to be answered blind would give the answer away.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Expression, Max, Min, QuerySet
from django.utils import timezone

from consults.cases.gate import full_text, listing
from consults.cases.gate.listing import Reach
from consults.cases.gate.models import Listing
from consults.cases.models import Case, CaseState
from consults.discussion.models import Answer
from core.unions import all_of
from vocabulary import diagnoses

MAX_WORDS: Final = 6
MAX_DIAGNOSES: Final = 5
LEAST_IN_TEXT: Final = 4  # shorter names ("AK", "PG") are other things in a text
MOST_OF_ONES_OWN: Final = 200  # open cases whose differential one may read
LATEST: Final = 1000  # listings among which is looked first
LEAST_TO_GUESS: Final = 2  # hits among these from which follows how common the words are
LONGEST: Final = timedelta(days=365 * 50)
ORDER: Final = ("-released_at", "-case")


@dataclass(frozen=True)
class Wanted:
    """What to look for: words or names or diagnoses, or one of the open cases whose differential one may read."""

    words: Sequence[str] = ()
    names: Sequence[Sequence[str]] = ()
    diagnoses: Sequence[str] = ()
    own: Sequence[UUID] = ()

    @classmethod
    def of_words(cls, words: str) -> "Wanted":
        """Return what words mean to every reader: all of them, or the whole as the name of a diagnosis. No query."""
        concepts = diagnoses.meant_by(words, limit=MAX_DIAGNOSES)
        return cls(
            words=full_text.tokens(" ".join(words.split()[:MAX_WORDS])),
            names=[
                full_text.tokens(name)
                for concept in concepts
                for name in (concept.label, concept.turkish, *concept.synonyms)
                if len(name) >= LEAST_IN_TEXT
            ],
            diagnoses=_with_descendants(frozenset(concept.code for concept in concepts)),
        )

    def query(self, released: Iterable[str] = ()) -> str:
        """Return the query of the full-text index."""
        return full_text.query(words=self.words, names=self.names, diagnoses=self.diagnoses, released=released)


def wanted(words: str, *, reach: Reach) -> Wanted:
    """Return what a member means, and which open cases they may know to fit. One query at most."""
    meant = Wanted.of_words(words)
    return replace(meant, own=_readable_and_open(reach, meant.diagnoses)) if meant.diagnoses else meant


Row = tuple[Any, ...]


def newest(
    parts: Sequence[QuerySet[Listing]],
    *,
    asked: Wanted | None,
    names: Sequence[str],
    most: int,
    exactly: bool = True,
    everywhere: bool = False,
    **annotations: Expression,
) -> tuple[list[Row], bool]:
    """Return the newest `most` listings that match, and whether these are all.

    Not `exactly`: perhaps fewer though there are more, but the newest, when the first look guessed wrongly. With
    `everywhere` there is no first look, because it has done so.

    `names` are the columns, of which the first two are `released_at` and `case_id`. Common words are found among the
    latest listings. From how common they are there follows how far back to look for rarer ones; very rare ones are
    looked for everywhere. So the work does not grow with the number of cases. Five queries at most, usually two.
    """

    def read(rows: Sequence[QuerySet[Listing]]) -> list[Row]:
        return list(listing.first(rows, order=ORDER, most=most).annotate(**annotations).values_list(*names))

    if asked is None:
        found = read(parts)
        return found, len(found) < most
    if everywhere:
        found = read([part.filter(full_text.matching(asked.query())) for part in parts])
        whole = len(found) < most
    else:
        found, whole = _in_words(parts, asked=asked, read=read, most=most, exactly=exactly)
    if asked.own:
        of_own = read([part.filter(case__in=asked.own) for part in parts])
        found = _in_order({*found, *of_own})
        whole = whole and len(found) < most
    return found[:most], whole


def _in_words(
    parts: Sequence[QuerySet[Listing]],
    *,
    asked: Wanted,
    read: Callable[[Sequence[QuerySet[Listing]]], list[Row]],
    most: int,
    exactly: bool,
) -> tuple[list[Row], bool]:
    latest = listing.first(parts, order=ORDER, most=LATEST).values("pk", "released_at")
    near = latest.aggregate(n=Count("pk"), least=Min("pk"), since=Min("released_at"), until=Max("released_at"))
    if not near["n"]:
        return [], True
    fits = full_text.matching_of_few(asked.query(), least=near["least"])
    found = read([part.filter(fits, released_at__gte=near["since"]) for part in parts])
    if near["n"] < LATEST or len(found) == most:
        return found, len(found) < most
    start = _start_for(most, hits=len(found), since=near["since"], until=near["until"])
    if start is not None:
        # A word for the time stands for all of a day, month or year: the condition keeps out what is before the start.
        fits = full_text.matching(asked.query(full_text.words_of_time(start, timezone.now())))
        found = read([part.filter(fits, released_at__gte=start) for part in parts])
        if len(found) == most or not exactly:
            return found, False
    fits = full_text.matching(asked.query())
    found = read([part.filter(fits) for part in parts])
    return found, len(found) < most


def _start_for(most: int, *, hits: int, since: datetime, until: datetime) -> datetime | None:
    """Return since when there are about twice as many as `most`, given the `hits` in a time; None for ever.

    Counted from the end of that time and not from now: the longer nothing was released, the further back it would go.
    """
    if hits < LEAST_TO_GUESS:
        return None
    age = 2 * (until - since) * (most / hits)
    return until - age if age < LONGEST else None


def _in_order(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=lambda row: (row[0], row[1].hex), reverse=True)


def _readable_and_open(reach: Reach, codes: Iterable[str]) -> list[UUID]:
    """Open cases, one's own or answered, whose working differential names one of these. One query.

    Of the latest that one released and the latest that one answered, so many each.
    """
    own = Listing.objects.filter(author=reach.member_id, state=CaseState.RELEASED).order_by("-released_at", "-case")
    answered = Answer.objects.filter(member=reach.member_id).order_by("-answered_at")
    recent = all_of(*(rows.values("case")[:MOST_OF_ONES_OWN] for rows in (own, answered)))
    named = set(codes)
    rows = Case.objects.filter(pk__in=recent, state=CaseState.RELEASED).values_list("pk", "differential")
    return [pk for pk, differential in rows if not named.isdisjoint(differential)]


@lru_cache(maxsize=1000)
def _with_descendants(codes: frozenset[str]) -> list[str]:
    """These diagnoses and every finer one below them."""
    return [
        one.code for one in diagnoses.all() if codes & {one.code, *(up.code for up in diagnoses.ancestors(one.code))}
    ]
