"""Tags of a case: two tiers, of which none says what the diagnosis is.

Main tags name a branch ("dermpath"), topics a clinical area ("hair"). The author chooses them; a second reader reads
them. What names a disease is no tag of an open case: diagnoses become tags when a case closes, as codes of
`vocabulary.diagnoses`. A released code never changes its meaning. Topics that are also interests of members have the
same code (`vocabulary.interests`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from vocabulary import diagnoses, interests, terms
from vocabulary.folding import fold

MOST: Final = 5  # of one case
LANGUAGES: Final = ("en", "tr")


class Main(models.TextChoices):
    """Branches."""

    DERMATOLOGY = "dermatology", _("Dermatology")
    DERMPATH = "dermpath", _("Dermatopathology")
    PATHOLOGY = "pathology", _("Pathology without a clinical picture")
    DERMSURGERY = "dermsurgery", _("Dermatological procedures")
    VENEREOLOGY = "venereology", _("Venereology")


class Topic(models.TextChoices):
    """Clinical areas: where and in whom, or what one sees; never what it is."""

    PIGMENTED = "pigmented-lesions", _("Pigmented lesions")
    GROWTHS = "growths", _("Lumps and growths")
    INFLAMMATORY = "inflammatory", _("Rashes")
    BLISTERS = "blisters", _("Blisters and erosions")
    WOUNDS = "wounds", _("Wounds and leg ulcers")
    HAIR = "hair", _("Hair and scalp")
    NAILS = "nails", _("Nails")
    ORAL = "oral", _("Oral mucosa")
    GENITAL = "genital", _("Genital skin")
    ACRAL = "acral", _("Hands and feet")
    PAEDIATRIC = "paediatric", _("Children")
    OLD_AGE = "old-age", _("Old age")
    PREGNANCY = "pregnancy", _("Pregnancy")
    SKIN_OF_COLOUR = "skin-of-colour", _("Skin of colour")
    IMMUNOSUPPRESSED = "immunosuppressed", _("Immunosuppressed patients")
    OCCUPATIONAL = "occupational", _("Work")
    TRAVEL = "travel", _("Travel")
    DERMOSCOPY = "dermoscopy", _("Dermoscopy")
    SURGERY = "surgery", _("Surgery")
    LASER = "laser", _("Laser and energy devices")
    PHOTODERMATOLOGY = "photodermatology", _("Sun and light")
    HOSPITAL = "hospital", _("In hospital")


@dataclass(frozen=True, slots=True)
class Tag:
    """A suggestion: the facet and value of the cases page that it stands for, and what it is called."""

    facet: str
    value: str
    label: str
    note: str = ""

    @property
    def code(self) -> str:
        """Facet and value in one word, as a form sends them."""
        return f"{self.facet}:{self.value}"


@cache
def codes() -> tuple[str, ...]:
    """Return the codes that an author may choose, in order."""
    return (*Main.values, *Topic.values)


def label(code: str) -> str:
    """Return the name of a tag in the reader's language; the code itself when the list does not know it."""
    return str(_names().get(code, code))


@cache
def _names() -> dict[str, object]:
    return {**dict(Main.choices), **dict(Topic.choices)}


def topics_to_follow() -> tuple[str, ...]:
    """Return the codes that a member may follow: tags, subspecialties, groups of diagnoses (told when one closes)."""
    return tuple(dict.fromkeys((*codes(), *interests.Subspecialty.values, *interests.disease_groups())))


def name_of_topic(code: str) -> str:
    """Return what a topic to follow is called in the reader's language."""
    return label(code) if code in _names() else interests.label(code)


def groups_of(code: str) -> tuple[str, ...]:
    """Return a diagnosis and everything above it, nearest first; nothing for a code that the list does not know."""
    try:
        return (code, *(one.code for one in diagnoses.ancestors(code)))
    except diagnoses.UnknownDiagnosis:
        return ()


# --- Typed


def search(query: str, *, limit: int = 10, language: str = "en") -> list[Tag]:
    """Find tags, morphologies and diagnoses that somebody may mean by a query, with or without "#", best first.

    The list is the same for everybody and says nothing of any case.
    """
    folded = fold(query.lstrip("# ")[:100])
    if not folded or limit < 1:
        return []
    ranked: list[tuple[int, int, Tag]] = []
    for place, (facet, value, names, names_in) in enumerate(_searchable()):
        rank = _rank(folded, names)
        if rank is not None:
            ranked.append((rank, place, Tag(facet, value, names_in[language if language in names_in else "en"])))
    ranked.sort(key=lambda one: one[:2])
    tags = [tag for _rank_of_it, _place, tag in ranked[:limit]]
    closed = _("closed cases, and those that you have answered")
    for match in diagnoses.search(query.lstrip("# "), limit=limit - len(tags), language=language):
        tags.append(Tag("diagnosis", match.code, match.label, str(closed)))
    return tags


def _rank(folded: str, names: tuple[str, ...]) -> int | None:
    """Return 0 for a name, 1 for the beginning of one, 2 for the beginning of a word in one, else None."""
    if folded in names:
        return 0
    if any(name.startswith(folded) for name in names):
        return 1
    return 2 if any(f" {folded}" in name for name in names) else None


@lru_cache(maxsize=1000)
def meant_by(word: str) -> Tag | None:
    """Return the tag that "#word" names in any language: by code or by name; None for no tag."""
    folded = fold(word.lstrip("#"))
    for facet, value, names, names_in in _searchable():
        if folded and (folded in names or folded == fold(value) or folded.replace(" ", "") in _joined(names)):
            return Tag(facet, value, names_in["en"])
    for one in diagnoses.all():
        if folded and folded in (fold(one.code), fold(one.label), fold(one.turkish)):
            return Tag("diagnosis", one.code, one.label)
    return None


def _joined(names: tuple[str, ...]) -> set[str]:
    return {name.replace(" ", "") for name in names}


@cache
def _searchable() -> tuple[tuple[str, str, tuple[str, ...], dict[str, str]], ...]:
    """Every tag and morphology: facet, value, folded names, and its name in each language."""
    rows = [("tag", code, name) for code, name in _names().items()]
    rows += [("morphology", code, name) for code, name in terms.Morphology.choices if code != terms.Morphology.OTHER]
    found = []
    for facet, code, name in rows:
        names_in = {}
        for language in LANGUAGES:
            with translation.override(language):
                names_in[language] = str(name)
        names = dict.fromkeys(fold(text) for text in (code, *names_in.values()))
        found.append((facet, code, tuple(names), names_in))
    return tuple(found)
