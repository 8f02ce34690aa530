"""Search over the listings a member may see: words of the author, coded facts, diagnoses by any of their names.

A working differential, and an outcome, are searched only where this member may read them: a hit in a case
that is still to be answered blind would give the answer away.
"""

from collections.abc import Iterable
from typing import Final

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from consults.cases.gate import full_text
from consults.cases.gate.listing import Reach
from consults.cases.gate.models import Listing
from consults.cases.models import Case, CaseState
from consults.discussion.models import Answer
from vocabulary import diagnoses

MAX_WORDS: Final = 6
MAX_DIAGNOSES: Final = 5
LEAST_IN_TEXT: Final = 4  # shorter names ("AK", "PG") are other things in a text
MOST_OF_ONES_OWN: Final = 200  # open cases, the newest, whose differential one may read


def search(rows: QuerySet[Listing], *, reach: Reach, words: str) -> QuerySet[Listing]:
    """Return the listings that match: every word somewhere, or the whole as the name of a diagnosis."""
    if not words:
        return rows
    concepts = diagnoses.meant_by(words, limit=MAX_DIAGNOSES)
    codes = _with_descendants({concept.code for concept in concepts})
    names = [
        full_text.tokens(name)
        for concept in concepts
        for name in (concept.label, concept.turkish, *concept.synonyms)
        if len(name) >= LEAST_IN_TEXT
    ]
    found = full_text.matching(
        full_text.query(words=full_text.tokens(" ".join(words.split()[:MAX_WORDS])), names=names, diagnoses=codes)
    )
    if codes and (own := _readable_and_open(reach, codes)):
        found |= Q(case__in=own)
    return rows.filter(found)


def _readable_and_open(reach: Reach, codes: Iterable[str]) -> list[object]:
    """Open cases, one's own or answered, whose working differential names one of these: two reads of one's own rows."""
    fits = Q(pk__in=[])
    for code in codes:  # stored as JSON, where a code stands in quotation marks
        fits |= Q(differential_text__contains=f'"{code}"')
    cases = (
        Case.objects.filter(state=CaseState.RELEASED)
        .annotate(differential_text=Cast("differential", TextField()))
        .filter(fits)
        .order_by("-released_at")
        .values_list("pk", flat=True)
    )
    answered = Answer.objects.filter(member=reach.member_id, case__state=CaseState.RELEASED).values("case")
    own = cases.filter(author=reach.member_id)[:MOST_OF_ONES_OWN]
    return [*own, *cases.filter(pk__in=answered)[:MOST_OF_ONES_OWN]]


def _with_descendants(codes: set[str]) -> list[str]:
    """These diagnoses and every finer one below them."""
    return [
        one.code for one in diagnoses.all() if codes & {one.code, *(up.code for up in diagnoses.ancestors(one.code))}
    ]
