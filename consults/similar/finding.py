"""Similar cases of a case: among the latest that this member may see, of the same region or morphology."""

from typing import Any, Final

from accounts.models import Member
from consults.browse import feed
from consults.browse.feed import CaseCard
from consults.browse.orders import COLUMNS, Candidate
from consults.browse.search import ORDER
from consults.cases.gate import listing
from consults.cases.gate.models import Listing
from consults.cases.models import Case
from consults.similar import scoring

COMPARED: Final = 1000  # cases, the latest
SHOWN: Final = 6
_FEATURES: Final = ("text__words", "region", "morphology", "vector__data", "language")


def similar_cases(*, case: Case, member: Member) -> list[CaseCard]:
    """Return cards of the cases most like this one, the most similar first. For a case of `case.discuss` only.

    Four queries, however many cases there are. The words of listings are those of every reader of a case, and the gate
    confirms each that is shown.
    """
    reach = listing.reach_of(member)
    mine = Listing.objects.filter(case=case.pk).values_list(*_FEATURES).first()
    if reach is None or mine is None:
        return []
    one = _features(mine)
    rows = [part.exclude(case=case.pk) for part in listing.parts(reach)]
    alike = [
        part.filter(**{field: value})
        for part in rows
        for field, value in (("region", one.region), ("morphology", one.morphology))
        if value
    ]
    if not alike:
        return []
    found = list(listing.first(alike, order=ORDER, most=COMPARED).values_list("released_at", *COLUMNS, *_FEATURES))
    at = len(COLUMNS) + 1
    each = scoring.scores(one, [_features(row[at:]) for row in found])
    best = sorted(zip(each, found, strict=True), key=lambda scored: scored[0], reverse=True)
    likely = [Candidate(*row[:at]) for score, row in best[: feed.ROW] if score >= scoring.LEAST]
    return feed.cards_of(likely, member=member, most=SHOWN)


def _features(row: tuple[Any, ...]) -> scoring.Features:
    words, region, morphology, vector, language = row
    return scoring.features(words=words or "", region=region, morphology=morphology, vector=vector, language=language)
