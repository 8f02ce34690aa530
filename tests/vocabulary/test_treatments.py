"""The list of treatments is whole, and a form can show it in both languages."""

import pytest

from vocabulary import treatments
from vocabulary.treatments import COLUMNS, InvalidVocabulary, UnknownTreatment

HEAD = "\t".join(COLUMNS)
CLASS = "creams\tCreams\tKremler\t"
AGENT = "cream\tCream\tKrem\tcreams"


def test_the_list_has_classes_with_agents_and_no_label_twice() -> None:
    found = treatments.all()
    assert sum(one.is_class for one in found) >= 25
    assert sum(not one.is_class for one in found) >= 150
    for names in ([one.label for one in found], [one.turkish for one in found]):
        assert len(set(names)) == len(names)
        assert all(name == name.strip() and name for name in names)


def test_an_agent_leads_to_its_class_and_a_class_to_itself() -> None:
    assert treatments.class_of("clobetasol") == "topical-corticosteroid"
    assert treatments.class_of("topical-corticosteroid") == "topical-corticosteroid"
    with pytest.raises(UnknownTreatment):
        treatments.class_of("snake-oil")


@pytest.mark.parametrize(("code", "known"), [("mohs", True), ("surgery", True), ("snake-oil", False), ("", False)])
def test_what_is_known(code: str, known: bool) -> None:
    assert treatments.is_known(code) is known


@pytest.mark.parametrize(
    ("language", "group", "first", "second"),
    [
        ("en", "Topical corticosteroid", "Topical corticosteroid: any", "Hydrocortisone (topical)"),
        ("tr", "Topikal kortikosteroid", "Topikal kortikosteroid: any", "Hidrokortizon (topikal)"),
    ],
)
def test_choices_begin_each_group_with_the_class(language: str, group: str, first: str, second: str) -> None:
    name, options = treatments.choices(language, any_of="%s: any")[0]
    assert (name, options[0], options[1]) == (
        group,
        ("topical-corticosteroid", first),
        ("hydrocortisone-topical", second),
    )


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([], "first line"),
        (["code\tlabel"], "first line"),
        ([HEAD, CLASS, AGENT, AGENT], "used twice"),
        ([HEAD, AGENT], "below its class"),
        ([HEAD, CLASS, AGENT.replace("Krem\t", "\t")], "two labels"),
        ([HEAD, CLASS, "cream\tCream"], "two labels"),
        ([HEAD, CLASS, AGENT.replace("cream\t", f"{'x' * 41}\t", 1)], "two labels"),
    ],
)
def test_a_broken_list_is_refused(rows: list[str], complaint: str) -> None:
    with pytest.raises(InvalidVocabulary, match=complaint):
        treatments.load(rows)
