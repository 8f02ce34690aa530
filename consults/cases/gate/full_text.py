"""Full text of listings: the words, and the index over them in SQLite (FTS5) and Postgres (tsvector, GIN).

Words are folded here (`vocabulary.folding`) and only split by the database, so that both find the same. A document
holds what every reader of the case may read: title, note, the years of the age band, the names of coded facts in both
languages. The diagnoses of a closed case are in it as codes; those of an open one are not, because they are answered
blind.

Whoever looks for "plaq" means every word that begins so. An index finds beginnings by reading all that it has under
each, which for a word of most documents is most of the index. So what is looked for is each common word that begins so,
whole, and the beginning among uncommon words alone, which stand in the document once more with a mark.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, Final

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL
from django.utils import translation

from consults.cases.gate.models import Listing, ListingText
from consults.cases.models import CaseState
from core.triggers import Triggers
from vocabulary import common_words, sites, terms
from vocabulary.folding import fold

LANGUAGES: Final = ("en", "tr")
# Words for the time of release, which make the search of a long time ago as cheap as that of last week. No text has
# them, because `tokens` takes the plus away from the beginning of a word that is looked for.
_UNITS: Final = (_DAY := "%Y%m%d", _MONTH := "%Y%m", _YEAR := "%Y")
MOST_WORDS_OF_TIME: Final = 45
LEAST_TO_COMPLETE: Final = 3  # letters from which a word is taken for the beginning of one
_UNCOMMON: Final = "++"  # before a word that is looked for by its beginning; no word that is looked for has it

_CODED: Final[dict[str, Any]] = {
    "morphology": terms.Morphology,
    "arrangement": terms.Arrangement,
    "distribution": terms.Distribution,
    "question": terms.Question,
    "course": terms.Course,
    "kind": terms.CaseKind,
    "sex": terms.Sex,
}
_LISTS: Final[dict[str, Any]] = {
    "secondary": terms.Secondary,
    "symptoms": terms.Symptom,
    "history": terms.History,
}

TABLE: Final = "consults_listingtext"
INDEX: Final = "consults_listingtext_index"

# `detail=none` keeps which document has a word and not where: smaller, and all that is asked.
_SQLITE: Final = (
    [
        f"CREATE VIRTUAL TABLE {INDEX} USING fts5(words, content='{TABLE}', content_rowid='listing_id', detail=none, "
        "tokenize=\"unicode61 remove_diacritics 0 tokenchars '+'\")",
        f"CREATE TRIGGER {TABLE}_added AFTER INSERT ON {TABLE} "
        f"BEGIN INSERT INTO {INDEX}(rowid, words) VALUES (NEW.listing_id, NEW.words); END",
        f"CREATE TRIGGER {TABLE}_removed AFTER DELETE ON {TABLE} "
        f"BEGIN INSERT INTO {INDEX}({INDEX}, rowid, words) VALUES ('delete', OLD.listing_id, OLD.words); END",
        f"CREATE TRIGGER {TABLE}_changed AFTER UPDATE ON {TABLE} "
        f"BEGIN INSERT INTO {INDEX}({INDEX}, rowid, words) VALUES ('delete', OLD.listing_id, OLD.words); "
        f"INSERT INTO {INDEX}(rowid, words) VALUES (NEW.listing_id, NEW.words); END",
    ],
    [
        *(f"DROP TRIGGER IF EXISTS {TABLE}_{what}" for what in ("added", "removed", "changed")),
        f"DROP TABLE IF EXISTS {INDEX}",
    ],
)
_POSTGRES: Final = (
    [
        f"ALTER TABLE {TABLE} ADD COLUMN lexemes tsvector "
        "GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED",
        f"CREATE INDEX {INDEX} ON {TABLE} USING gin (lexemes)",
    ],
    [f"ALTER TABLE {TABLE} DROP COLUMN IF EXISTS lexemes"],
)
INDEXES: Final = Triggers(sqlite=_SQLITE, postgresql=_POSTGRES)


# --- Written


def write(listings: Sequence[Listing]) -> int:
    """Keep the words of these listings, each with its case at hand; return how many were new or had changed."""
    wanted = {listing.pk: words_of(listing.case) for listing in listings}
    known = dict(ListingText.objects.filter(listing__in=wanted).values_list("listing", "words"))
    new = [ListingText(listing_id=pk, words=words) for pk, words in wanted.items() if pk not in known]
    changed = [ListingText(listing_id=pk, words=words) for pk, words in wanted.items() if known.get(pk, words) != words]
    ListingText.objects.bulk_create(new)
    if changed:
        ListingText.objects.bulk_update(changed, ["words"])
    return len(new) + len(changed)


def words_of(case: Any) -> str:
    """Return the document of a listable case: folded words, each once. `diagnosis` is its outcome's code, if any."""
    words = {*fold(case.title).split(), *fold(case.note).split()}
    for name, choices in _CODED.items():
        words |= _names(choices, getattr(case, name))
    for name, choices in _LISTS.items():
        for code in getattr(case, name):
            words |= _names(choices, code)
    if case.site:
        words |= _names_of_site(case.site)
    words |= _years_of(case.age_band)
    words |= {f"{_UNCOMMON}{word}" for word in words - _common() if len(word) >= LEAST_TO_COMPLETE}
    if case.state == CaseState.CLOSED:
        words |= {word_of_diagnosis(code) for code in (*case.differential, case.diagnosis) if code}
    if case.released_at:
        words |= {f"+{case.released_at.astimezone(UTC):{unit}}" for unit in _UNITS}
    return " ".join(sorted(words))


def words_of_time(start: datetime, end: datetime) -> list[str]:
    """Return words of which every document released between these times has one, in days, months or years (UTC)."""
    first, last = start.astimezone(UTC).date(), end.astimezone(UTC).date()
    if (last - first).days < MOST_WORDS_OF_TIME:
        return [f"+{first + timedelta(days=n):{_DAY}}" for n in range((last - first).days + 1)]
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    if len(months) <= MOST_WORDS_OF_TIME:
        return [f"+{date(month // 12, month % 12 + 1, 1):{_MONTH}}" for month in months]
    return [f"+{date(year, 1, 1):{_YEAR}}" for year in range(first.year, last.year + 1)]


def word_of_diagnosis(code: str) -> str:
    """Return the word that stands for a diagnosis in the documents of closed cases."""
    return f"dx{code.replace('-', '')}"


@cache
def _common() -> frozenset[str]:
    """Return the words that many documents have: the names of coded facts, and those of `vocabulary.common_words`."""
    coded = [_names(choices, code) for choices in (*_CODED.values(), *_LISTS.values()) for code in choices.values]
    return common_words.words().union(*coded, *(_names_of_site(site.code) for site in sites.all()))


@lru_cache(maxsize=1000)
def _completed(start: str) -> tuple[str, ...]:
    """Return the common words that begin so, this one left out."""
    return tuple(sorted(word for word in _common() if word.startswith(start) and word != start))


@cache
def _names(choices: Any, code: str) -> frozenset[str]:
    label = dict(choices.choices).get(code)
    return frozenset(_in_each_language(label)) if label and code else frozenset()


@cache
def _names_of_site(code: str) -> frozenset[str]:
    """Return the words of a site: its own names and those of the sites that it lies in."""
    labels = [site.label for site in (sites.get(code), *sites.ancestors(code))]
    return frozenset(word for label in labels for word in _in_each_language(label))


@cache
def _years_of(band: str) -> frozenset[str]:
    """Return every age in a band, in years: who types "54" finds what is listed under 50–59."""
    first, _dash, last = band.partition("-")
    return frozenset(str(age) for age in range(int(first or 1), int(last or first or 0) + 1))  # of "", none


def _in_each_language(label: object) -> Iterator[str]:
    for language in LANGUAGES:
        with translation.override(language):
            yield from fold(str(label)).split()


# --- Asked


def query(
    *,
    words: Sequence[str],
    names: Iterable[Sequence[str]] = (),
    diagnoses: Iterable[str] = (),
    released: Iterable[str] = (),
) -> str:
    """Return what to look for, in the database's own language; "" when there is nothing that could be found.

    All of `words`, each perhaps only begun; or all words of one of the `names`; or one of the `diagnoses` (codes).
    With one of the words `released` (`words_of_time`), if there are any.
    """
    both, either = (" & ", " | ") if connection.vendor == "postgresql" else (" AND ", " OR ")
    begun = [f"({either.join(_begun(word))})" for word in words]
    each = [begun] if begun else []
    each += [[_term(word) for word in name] for name in names if name]
    each += [[_term(word_of_diagnosis(code))] for code in diagnoses]
    found = either.join(f"({both.join(one)})" for one in each)
    times = either.join(map(_term, released))
    return f"({found}){both}({times})" if found and times else found


def _begun(word: str) -> list[str]:
    """Return the terms for a word that is perhaps only begun."""
    if len(word) < LEAST_TO_COMPLETE:
        return [_term(word)]
    uncommon = _term(f"{_UNCOMMON}{word}") + (":*" if connection.vendor == "postgresql" else "*")
    return [*map(_term, (word, *_completed(word))), uncommon]


def _term(word: str) -> str:
    return f"'{word}'" if connection.vendor == "postgresql" else f'"{word}"'


def tokens(text: str) -> list[str]:
    """Return the words to look for in a text; folding leaves letters, digits and "+"."""
    return [word for word in (word.lstrip("+") for word in fold(text).split()) if word]


def matching_of_few(asked: str, *, least: int) -> Q:
    """Return the same for a query that reads few listings, all with ids of at least `least`.

    Postgres then looks into each one's words; it would look up all documents with a common word otherwise.
    """
    if not asked:
        return Q(pk__in=[])
    if connection.vendor == "postgresql":
        # OFFSET keeps it from being turned into a join.
        one = (
            f"EXISTS (SELECT 1 FROM {TABLE} WHERE listing_id = consults_listing.id AND lexemes @@ %s::tsquery OFFSET 0)"
        )
        return Q(RawSQL(one, [asked], output_field=BooleanField()))
    return Q(pk__in=RawSQL(f"SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH %s AND rowid >= %s", [asked, least]))


def matching(asked: str) -> Q:
    """Return the listings whose words fit a `query`; for words that are rare where it looks.

    Postgres takes the beginning of a word for common, and would walk through all listings: an array is made first.
    """
    if not asked:
        return Q(pk__in=[])
    if connection.vendor == "postgresql":
        found = f"SELECT unnest(ARRAY(SELECT listing_id FROM {TABLE} WHERE lexemes @@ %s::tsquery))"
        return Q(pk__in=RawSQL(found, [asked]))
    return Q(pk__in=RawSQL(f"SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH %s", [asked]))


# --- Forgotten


def forget(connection: BaseDatabaseWrapper) -> None:
    """Rewrite SQLite's index, so that words of removed listings are gone from the file as well.

    FTS5 only marks them as removed before. Postgres removes them with its own VACUUM (docs/operations.md).
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {INDEX}({INDEX}) VALUES ('optimize')")
