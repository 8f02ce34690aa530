"""Keys of saved searches and of cases: a search finds a case only if they have a key in common.

Pure. A search is looked up by what it is most choosy about, so that a new case is compared with few of them.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final
from uuid import UUID

from consults.browse.filters import Filters
from consults.following.models import LONGEST_KEY

ANY: Final = "*"
BEGINNING: Final = 3  # letters of a word: from so many on a word is taken for the beginning of one
# Facets whose values a case has or has not, those of the fewest cases first. The others change with time and reader.
CHOOSY: Final = (
    *("diagnosis", "group", "stain", "mode", "tag", "morphology", "site", "tone", "language", "picture"),
    *("kind", "status"),
)  # fmt: skip


def of_search(filters: Filters, *, texts: Iterable[Sequence[str]], diagnoses: Iterable[str]) -> set[str]:
    """Return the keys of a search. `texts` are its words, or the words of each name that will do instead."""
    for facet in CHOOSY:
        if values := filters.values_of(facet):
            return {_key(facet, value) for value in values}
    found = {_key("word", _choosiest(words)) for words in texts if words}
    found |= {_key("diagnosis", code) for code in diagnoses}
    return found or {ANY}


def of_case(pairs: Iterable[tuple[str, str]], *, group_id: UUID | None, words: Collection[str]) -> set[str]:
    """Return the keys of a case: of its values by facet, its group, and the beginnings of its words."""
    found = {_key(facet, value) for facet, value in pairs}
    found |= {_key("word", word) for word in words}
    if group_id is not None:
        found.add(_key("group", str(group_id)))
    return found | {ANY}


def _choosiest(words: Sequence[str]) -> str:
    return max(words, key=len)


def _key(facet: str, value: str) -> str:
    return f"{facet}:{value[:BEGINNING] if facet == 'word' else value}"[:LONGEST_KEY]
