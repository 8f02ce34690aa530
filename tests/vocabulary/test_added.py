"""Diagnoses that are added while the site runs: known everywhere from then on, and read again by whoever lacks one."""

from collections.abc import Iterator

import pytest

from screening import identifiers
from vocabulary import diagnoses
from vocabulary.diagnoses import Diagnosis, Nature, UnknownDiagnosis

WOODEN = Diagnosis(
    code="x-wooden-skin",
    label="Wooden skin of Zork",
    icd10="L98.9",
    nature=Nature.MALIGNANT,
    parent="bcc",
    synonyms=(),
    turkish="Tahta deri",
)


@pytest.fixture
def added() -> Iterator[list[Diagnosis]]:
    """What the source returns; nothing of it is left behind."""
    rows: list[Diagnosis] = []
    before = diagnoses._Added.source
    diagnoses.read_added_from(lambda: rows)
    diagnoses.read_added()
    yield rows
    rows.clear()
    diagnoses.read_added()
    diagnoses._Added.source = before


def test_an_added_diagnosis_is_one_like_all_others(added: list[Diagnosis]) -> None:
    added.append(WOODEN)
    diagnoses.read_added()

    assert diagnoses.get(WOODEN.code) == WOODEN
    assert diagnoses.is_answerable(WOODEN.code)
    assert diagnoses.is_malignant(WOODEN.code)
    assert diagnoses.same_branch(WOODEN.code, "bcc-nodular")
    assert [one.code for one in diagnoses.search("wooden sk")] == [WOODEN.code]
    assert [one.code for one in diagnoses.search("tahta", language="tr")] == [WOODEN.code]
    assert [one.code for one in diagnoses.meant_by("Tahta deri", limit=3)] == [WOODEN.code]


def test_a_code_that_another_process_added_is_read_when_it_is_met(added: list[Diagnosis]) -> None:
    assert not diagnoses.is_answerable(WOODEN.code)
    added.append(WOODEN)
    assert diagnoses.is_answerable(WOODEN.code)


def test_a_code_of_the_list_asks_no_source(added: list[Diagnosis]) -> None:
    diagnoses.read_added_from(lambda: pytest.fail("asked"))
    assert diagnoses.get("bcc").code == "bcc"
    assert not diagnoses.is_answerable("nothing")
    diagnoses.read_added_from(lambda: added)


def test_an_unknown_added_code_stays_unknown(added: list[Diagnosis]) -> None:
    with pytest.raises(UnknownDiagnosis):
        diagnoses.get("x-nothing")


def test_what_is_derived_from_all_names_follows(added: list[Diagnosis]) -> None:
    before = diagnoses.edition()
    diagnoses.read_added()
    assert diagnoses.edition() == before  # nothing new
    assert "zork" not in identifiers.not_names()
    added.append(WOODEN)
    diagnoses.read_added()
    assert diagnoses.edition() == before + 1
    assert "zork" in identifiers.not_names()


def test_the_list_itself_has_no_added_code() -> None:
    head = "\t".join(diagnoses.COLUMNS)
    with pytest.raises(diagnoses.InvalidVocabulary, match="not a code"):
        diagnoses.load([head, "x-root\tRoot\tL98.9\tother\t\t\tKök"])
