"""Whoever signs reads a text of their own: the patient, a guardian, or who speaks for the patient."""

import re

import pytest

from accounts.models import Member
from consent.forms import publishing, standard_form
from consent.forms.publishing import REQUIRED, Text, current_forms, for_all_readers, for_reader
from consent.forms.readers import Reader, base_code, code_for, reader_in, reader_of
from consent.models import SIGNERS, Capacity, Form, Relation

pytestmark = pytest.mark.django_db
PATIENT, GUARDIAN, REPRESENTATIVE = Reader.PATIENT, Reader.GUARDIAN, Reader.REPRESENTATIVE
OWN = {language: Text(f"Own form {language}", "Words.\n\n" + "\n".join(["- One."] * 6)) for language in ("en", "tr")}


@pytest.mark.parametrize(
    ("capacity", "relation", "reader"),
    [
        (Capacity.CAPABLE, Relation.SELF, PATIENT),
        (Capacity.SUPPORTED, Relation.SELF, PATIENT),
        (Capacity.CHILD, Relation.GUARDIAN, GUARDIAN),
        (Capacity.CHILD, Relation.REPRESENTATIVE, REPRESENTATIVE),
        (Capacity.LACKS, Relation.GUARDIAN, REPRESENTATIVE),
        (Capacity.LACKS, Relation.REPRESENTATIVE, REPRESENTATIVE),
        (Capacity.DECEASED, Relation.NEXT_OF_KIN, REPRESENTATIVE),
        (Capacity.DECEASED, Relation.REPRESENTATIVE, REPRESENTATIVE),
    ],
)
def test_who_reads_what(capacity: Capacity, relation: Relation, reader: Reader) -> None:
    assert relation in SIGNERS[capacity]
    assert reader_of(capacity=capacity, relation=relation) == reader


def test_the_table_above_has_every_signer() -> None:
    assert sum(len(relations) for relations in SIGNERS.values()) == 8


@pytest.mark.parametrize("reader", Reader)
def test_a_code_names_its_reader(reader: Reader) -> None:
    code = code_for("harbour", reader)
    assert (base_code(code), reader_in(code)) == ("harbour", reader)
    assert code_for(code_for("harbour", GUARDIAN), reader) == code


@pytest.mark.parametrize("reader", [GUARDIAN, REPRESENTATIVE])
def test_nobody_reads_of_themselves_who_speaks_for_another(reader: Reader) -> None:
    title, words = standard_form.ALL_TEXTS[code_for(standard_form.CODE, reader)]["en"]
    about = {GUARDIAN: "your child", REPRESENTATIVE: "the person you speak for"}[reader]
    assert f"pictures of {about}" in title
    own = (
        r"\b(of|about|treats|recognises|protect) you\b",
        r"\byour (skin|eyes|name|health|care|exact|record|pictures|clinician)",
    )
    assert not re.search("|".join(own), f"{title} {words}", re.IGNORECASE)


@pytest.mark.parametrize("code", standard_form.ALL_TEXTS)
def test_every_text_says_the_same_in_the_terms_of_the_pages(code: str) -> None:
    texts = standard_form.ALL_TEXTS[code]
    assert publishing.problems_of({language: Text(*text) for language, text in texts.items()}) == {}
    shapes = {
        (len(form.paragraphs), len(form.statements)) for form in (Form(text=text) for _title, text in texts.values())
    }
    assert shapes == {(5, 8)}
    turkish = " ".join(texts["tr"])
    assert all(term in turkish for term in ("onam belge", "geri çekme kod", "açık rıza", "moderatör"))
    assert not any(term in turkish for term in ("alındı", "geri alma kod", "denetçi"))
    assert all(term in texts["en"][1] for term in ("Research means", "Access from other countries means"))


def test_patients_forms_are_offered_and_the_readers_text_is_found() -> None:
    assert {form.code for form in current_forms()} == {standard_form.CODE}
    for form in current_forms():
        for reader in Reader:
            text = for_reader(form, reader)
            assert (text.code, text.language) == (code_for(form.code, reader), form.language)
            assert for_reader(text, PATIENT) == form
    ((base, texts), _turkish) = for_all_readers(current_forms())
    assert {reader: text.code for reader, text in texts.items()} == {
        reader: code_for(base.code, reader) for reader in Reader
    }


@pytest.mark.parametrize(
    ("has_own", "retired", "found"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_a_clinics_own_form(officer: Member, has_own: bool, retired: bool, found: bool) -> None:
    base = _published("harbour", officer)
    if has_own:
        guardian = _published("harbour-guardian", officer, suffix=" for guardians")
        if retired:
            publishing.retire(form=guardian, by=officer)
    text = for_reader(base, GUARDIAN)
    assert (reader_in(text.code) == GUARDIAN) is found
    assert current_forms().filter(code__startswith="harbour").count() == 2


def _published(code: str, by: Member, *, suffix: str = "") -> Form:
    texts = {language: Text(text.title + suffix, text.text) for language, text in OWN.items()}
    made = publishing.create_draft(code=code, texts=texts, by=by)
    publishing.publish(form=made, confirmed=REQUIRED, by=by)
    made.refresh_from_db()
    return made
