"""Saved searches: kept, and matched with a case as the cases page of their member would at that moment."""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import Member
from consults.browse import feed, filters
from consults.browse.filters import Filters
from consults.browse.search import Wanted
from consults.cases.gate import listing_counts, listing_marks
from consults.cases.gate.models import Listing
from consults.exceptions import ChangeRefused
from consults.findings import sentences
from consults.following import keys
from consults.following.models import LONGEST_QUERY, SavedSearch, SearchKey
from consults.following.service import lock_member
from screening import identifiers

BATCH: Final = 200  # saved searches
MOST: Final = 5000  # that are compared with one case; those behind them are not told


@transaction.atomic
def save(*, query: QueryDict, by: Member) -> SavedSearch:
    """Keep a search; one that is kept already is returned as it is. Raises ChangeRefused.

    Threat: somebody looks for a patient by name, and the name stays. It is screened as any other text.
    """
    asked = filters.parse(query)
    if not asked.narrows:
        raise ChangeRefused(_("Search for something or choose a filter first, then save the search."))
    if found := identifiers.find(asked.q):
        raise ChangeRefused(" ".join(sentences(found)))
    text = asked.query_string().removeprefix("?")
    if len(text) > LONGEST_QUERY:
        raise ChangeRefused(_("These are more filters than a saved search can hold. Take some away."))
    lock_member(by)
    mine = SavedSearch.objects.filter(member=by)
    known = mine.filter(query=text).first()
    if known is not None:
        return known
    most = int(settings.RULES["saved_searches"])
    if mine.count() >= most:
        raise ChangeRefused(
            _("You have saved %(most)d searches, which is the most there may be. Delete one first.") % {"most": most}
        )
    kept = SavedSearch.objects.create(member=by, query=text)
    SearchKey.objects.bulk_create(SearchKey(search=kept, key=key) for key in sorted(_keys(asked)))
    return kept


def _keys(asked: Filters) -> set[str]:
    looked_for = Wanted.of_words(asked.q) if asked.q else Wanted()
    return keys.of_search(asked, texts=[looked_for.words, *looked_for.names], diagnoses=looked_for.diagnoses)


def filters_of(search: SavedSearch) -> Filters:
    """Return what a saved search asks for; what the vocabulary no longer knows is left out."""
    return filters.parse(QueryDict(search.query))


# --- Matched


def found_by(found: Listing, *, closed_only: bool) -> set[UUID]:
    """Return the members who want to be told, and whose saved search finds this case on their own cases page now.

    With `closed_only`, only searches that an open case cannot match for those who have not answered it: they look for a
    diagnosis or for closed cases. The others were told when it was released. Never the author.
    """
    told: set[UUID] = set()
    fits: dict[str, bool] = {}
    for search in _candidates(found):
        asked = filters_of(search)
        if closed_only and not _looks_for_closed(asked):
            continue
        if search.member_id in told or not asked.narrows:
            continue
        # What depends on no reader is asked once for all who look for the same.
        if search.query not in fits:
            fits[search.query] = feed.could_find(filters=asked, listed=found)
        if fits[search.query] and feed.finds(member=search.member, filters=asked, listed=found):
            told.add(search.member_id)
    return told


def _looks_for_closed(asked: Filters) -> bool:
    return bool(asked.values_of("diagnosis")) or asked.values_of("status") == {"closed"}


def _candidates(found: Listing) -> Iterator[SavedSearch]:
    """Return searches that have a key in common with a case, in batches."""
    words = [word for word in found.text.words.split() if not word.startswith("+")] if hasattr(found, "text") else []
    marks = listing_marks.marks_of(found, found.case)
    pairs = {*listing_counts.values(found), *((facet, value) for facet, value in marks if facet in filters.FACETS)}
    shared = keys.of_case(pairs, group_id=found.group_id, words=words)
    matching = Q(keys__key__in=shared, tells=True) & ~Q(member=found.author_id)
    ids = SavedSearch.objects.filter(matching).order_by("pk").values_list("pk", flat=True).distinct()[:MOST]
    found_ids = list(ids)
    for at in range(0, len(found_ids), BATCH):
        some = found_ids[at : at + BATCH]
        yield from SavedSearch.objects.filter(pk__in=some).select_related("member").order_by("pk")
