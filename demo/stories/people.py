"""The demo members and their groups: description, kind, and members, of whom the first two moderate the group."""

from __future__ import annotations

from demo.stories.schema import Person

PEOPLE: tuple[Person, ...] = (
    Person("poster", "Dr Leyla Soydan", "dermatologist", "Harbour Skin Clinic", "TR"),
    Person("colleague", "Dr Marta Lindqvist", "dermatologist", "Northfield Hospital", "SE"),
    Person("moderator", "Dr Ama Boateng", "dermatologist", "Volta Teaching Hospital", "GH", "moderator"),
    Person("moderator2", "Dr Hugo Ferreira", "dermatopathologist", "Tagus Pathology", "PT", "moderator"),
    Person("officer", "Ines Keller", "", "Rete", "CH", "officer"),
    Person("applicant", "Dr Tomás Vidal", "dermatologist", "Clínica del Valle", "ES", "applicant"),
    Person("hana", "Dr Hana Mizuno", "dermatopathologist", "Minato Laboratory", "JP"),
    Person("omar", "Dr Omar Haddad", "dermatologist", "Cedar Skin Centre", "LB"),
    Person("ruth", "Dr Ruth Okafor", "dermatologist", "Lagoon Hospital", "NG"),
    Person("piet", "Dr Piet van Dam", "physician", "Duinzicht Practice", "NL"),
    Person("aisha", "Dr Aisha Rahman", "resident", "Northfield Hospital", "SE"),
    Person("luca", "Dr Luca Moretti", "dermatologist", "Ospedale del Lago", "IT"),
)

GROUPS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "Pigmented lesions": (
        "Dermoscopy and histology of pigmented lesions",
        "open",
        ("poster", "colleague", "moderator", "moderator2", "hana", "omar", "luca"),
    ),
    "Skin of colour": (
        "Inflammatory disease as it looks on darker skin",
        "invited",
        ("poster", "colleague", "moderator", "moderator2", "ruth", "omar", "aisha"),
    ),
}
