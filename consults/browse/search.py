"""Search over visible cases: the author's text, coded fields, diagnoses by any of their names.

Threat: a hit in the working differential or the outcome of a case that a member still has to answer blind would give
the answer away; both are searched only where the member may read them.
"""

from collections.abc import Iterable
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.functional import Promise

from accounts.models import Member
from consults.cases.models import Case
from consults.discussion import policy
from consults.discussion.models import Outcome
from vocabulary import diagnoses, sites, terms

MAX_WORDS: Final = 6
MAX_DIAGNOSES: Final = 5
MIN_LABEL_PREFIX: Final = 3  # letters a word needs to match the beginning of a label
MIN_NAME_IN_TEXT: Final = 4  # shorter names ("AK", "PG") occur inside other words

_CODED: Final[tuple[tuple[str, tuple[tuple[str, str | Promise], ...]], ...]] = tuple(
    (name, tuple((value, label) for value, label in choices.choices))
    for name, choices in (
        ("morphology", terms.Morphology),
        ("arrangement", terms.Arrangement),
        ("distribution", terms.Distribution),
        ("question", terms.Question),
        ("course", terms.Course),
        ("kind", terms.CaseKind),
        ("sex", terms.Sex),
    )
)
# Lists of codes are stored as JSON; a code is searched with its quotation marks.
_LISTS: Final[tuple[tuple[str, tuple[tuple[str, str | Promise], ...]], ...]] = tuple(
    (name, tuple((value, label) for value, label in choices.choices))
    for name, choices in (("secondary", terms.Secondary), ("symptoms", terms.Symptom), ("history", terms.History))
)


def search(cases: QuerySet[Case], *, member: Member, words: str) -> QuerySet[Case]:
    """Filter cases to those that contain every word, or the whole as the name of a diagnosis."""
    if not words:
        return cases
    cases = cases.annotate(
        differential_text=Cast("differential", TextField()),
        **{f"{name}_text": Cast(name, TextField()) for name, _choices in _LISTS},
    )
    each = Q()
    for word in words.split()[:MAX_WORDS]:
        each &= _word_matches(word)
    return cases.filter(each | _diagnosis_matches(words, member=member))


def _word_matches(word: str) -> Q:
    found = Q(title__icontains=word) | Q(note__icontains=word)
    found |= Q(site__in=_matching_sites(word))
    for name, choices in _CODED:
        if codes := _matching_codes(word, choices):
            found |= Q(**{f"{name}__in": codes})
    for name, choices in _LISTS:
        found |= _any(Q(**{f"{name}_text__contains": f'"{code}"'}) for code in _matching_codes(word, choices))
    return found


def _matching_codes(word: str, choices: Iterable[tuple[str, str | Promise]]) -> list[str]:
    """Return the codes whose label has a word with this prefix."""
    wanted = word.casefold()
    if len(wanted) < MIN_LABEL_PREFIX:
        return []
    return [code for code, label in choices if any(part.startswith(wanted) for part in _split_words(str(label)))]


def _split_words(label: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in label.casefold()).split()


def _matching_sites(word: str) -> set[str]:
    matching = _matching_codes(word, [(site.code, site.label) for site in sites.all()])
    return {below for code in matching for below in sites.within(code)}


def _diagnosis_matches(words: str, *, member: Member) -> Q:
    found = Q(pk__in=[])
    concepts = [diagnoses.get(match.code) for match in diagnoses.search(words, limit=MAX_DIAGNOSES)]
    for concept in concepts:
        for name in (concept.label, concept.turkish, *concept.synonyms):
            if len(name) >= MIN_NAME_IN_TEXT:
                found |= Q(title__icontains=name) | Q(note__icontains=name)
    if not concepts:
        return found
    codes = _with_descendants({concept.code for concept in concepts})
    readable = Q(pk__in=policy.discussions(member).values("pk"))
    in_differential = _any(Q(differential_text__contains=f'"{code}"') for code in codes)
    in_outcome = Q(Exists(Outcome.objects.filter(case=OuterRef("pk"), diagnosis__in=codes)))
    return found | (readable & (in_differential | in_outcome))


def _with_descendants(codes: set[str]) -> list[str]:
    """Return these diagnoses and all their descendants."""
    return [
        one.code for one in diagnoses.all() if codes & {one.code, *(up.code for up in diagnoses.ancestors(one.code))}
    ]


def _any(conditions: Iterable[Q]) -> Q:
    either = Q(pk__in=[])
    for condition in conditions:
        either |= condition
    return either
