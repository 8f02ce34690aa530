"""What the demo members say about themselves. Every paper and every house is invented."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cv:
    """A profile: words, codes, and lines (title or degree, house, from, until), the newest first."""

    about: str = ""
    interests: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    positions: tuple[tuple[str, str, int | None, int | None], ...] = ()
    trainings: tuple[tuple[str, str, int | None, int | None], ...] = ()
    publications: tuple[str, ...] = ()


PROFILES: dict[str, Cv] = {
    "poster": Cv(
        about="General dermatology by the sea. I ask more than I answer.",
        interests=("dermoscopy", "oncology", "papulosquamous"),
        languages=("tr", "en"),
        positions=(("Consultant", "Harbour Skin Clinic", 2016, None),),
        trainings=(("Specialist in dermatology", "Harbour University", 2009, 2014),),
    ),
    "colleague": Cv(
        about="I teach dermoscopy to residents and read what they find.",
        interests=("dermoscopy", "education", "melanocytic-tumour"),
        languages=("sv", "en", "de"),
        positions=(
            ("Head of the pigmented lesion clinic", "Northfield Hospital", 2018, None),
            ("Consultant", "Northfield Hospital", 2011, 2018),
        ),
        publications=("Lindqvist M. Ten lesions that taught us to wait. Invented Journal of Dermoscopy, 2021.",),
    ),
    "moderator": Cv(
        interests=("skin-of-colour", "tropical", "mycobacterial"), languages=("en", "fr"),
        trainings=(("Specialist in dermatology", "Volta Teaching Hospital", 2006, 2011),),
    ),
    "hana": Cv(interests=("dermatopathology", "lymphoma"), languages=("ja", "en")),
    "ruth": Cv(
        about="Inflammatory disease as it looks on the skin that most people have.",
        interests=("skin-of-colour", "paediatric", "lichenoid"),
        languages=("en", "yo", "ig"),
    ),
    "luca": Cv(interests=("surgery", "mohs", "keratinocyte-cancer"), languages=("it", "en")),
}  # fmt: skip
