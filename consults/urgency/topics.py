"""The topics of a case, as interests of members (`vocabulary.interests`), from facts that every reader sees.

Nothing that is answered blind is read: a topic taken from the author's differential would tell it.
"""

from collections.abc import Collection
from typing import Final

from vocabulary import sites, terms
from vocabulary.interests import Subspecialty

DARKER_FROM: Final = 6  # of the ten tones of Monk
_BY_SITE: Final[dict[str, Subspecialty]] = {
    "scalp": Subspecialty.HAIR,
    "nails": Subspecialty.NAILS,
    "anogenital": Subspecialty.GENITAL,
    "oral": Subspecialty.ORAL,
}
_BY_KIND: Final[dict[str, Subspecialty]] = {
    terms.PictureKind.DERMOSCOPY: Subspecialty.DERMOSCOPY,
    terms.PictureKind.HISTOLOGY: Subspecialty.DERMATOPATHOLOGY,
}
_BY_HISTORY: Final[dict[str, Subspecialty]] = {
    terms.History.OCCUPATIONAL: Subspecialty.OCCUPATIONAL,
    terms.History.TRAVEL: Subspecialty.TROPICAL,
    terms.History.ANIMALS: Subspecialty.TROPICAL,
    terms.History.MELANOMA: Subspecialty.ONCOLOGY,
    terms.History.FAMILY_MELANOMA: Subspecialty.ONCOLOGY,
    terms.History.KERATINOCYTE_CANCER: Subspecialty.ONCOLOGY,
    terms.History.OTHER_CANCER: Subspecialty.ONCOLOGY,
    terms.History.NEW_DRUG: Subspecialty.HOSPITAL,
}
_BY_MORPHOLOGY: Final[dict[str, Subspecialty]] = {
    terms.Morphology.BULLA: Subspecialty.IMMUNODERMATOLOGY,
    terms.Morphology.VESICLE: Subspecialty.IMMUNODERMATOLOGY,
    terms.Morphology.NODULE: Subspecialty.ONCOLOGY,
}


def topics(
    *,
    site: str,
    age_band: str,
    monk: int | None,
    morphology: str,
    distribution: str,
    secondary: Collection[str],
    history: Collection[str],
    kinds: Collection[str],
) -> frozenset[str]:
    """Return the codes of the interests that a case with these facts belongs to."""
    found = {_BY_KIND[kind] for kind in kinds if kind in _BY_KIND}
    found |= {_BY_HISTORY[one] for one in history if one in _BY_HISTORY}
    if site:
        within = {site, *(up.code for up in sites.ancestors(site))}
        found |= {_BY_SITE[code] for code in within if code in _BY_SITE}
    if age_band and terms.AgeBand(age_band).is_child:
        found.add(Subspecialty.PAEDIATRIC)
    if monk is not None and monk >= DARKER_FROM:
        found.add(Subspecialty.SKIN_OF_COLOUR)
    if morphology in _BY_MORPHOLOGY:
        found.add(_BY_MORPHOLOGY[morphology])
    if distribution == terms.Distribution.PHOTO_EXPOSED:
        found.add(Subspecialty.PHOTODERMATOLOGY)
    if terms.Secondary.ULCER in secondary:
        found.add(Subspecialty.WOUNDS)
    return frozenset(one.value for one in found)
