"""The lists are whole, and a search finds what a doctor means."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vocabulary import diagnoses, sites, terms
from vocabulary.diagnoses import COLUMNS, InvalidVocabulary, Nature, UnknownDiagnosis
from vocabulary.folding import fold

HEAD = "\t".join(COLUMNS)
ROOT = "root\tRoot\tL98.9\tother\t\t\tKök"
LEAF = "leaf\tLeaf\tL98.9\tbenign\troot\tleaflet|blade\tYaprak"
CODES = [diagnosis.code for diagnosis in diagnoses.all()]


def test_list_is_large_and_every_nature_occurs() -> None:
    answerable = [diagnosis for diagnosis in diagnoses.all() if not diagnosis.is_heading]
    assert len(answerable) >= 350
    assert {diagnosis.nature for diagnosis in answerable} == set(Nature)


def test_no_diagnosis_repeats_a_synonym_and_none_is_blank() -> None:
    for diagnosis in diagnoses.all():
        names = [name.casefold() for name in (diagnosis.label, *diagnosis.synonyms)]
        assert len(set(names)) == len(names), diagnosis.code
        assert all(name == name.strip() and name for name in names), diagnosis.code


def test_a_well_formed_list_loads() -> None:
    found = diagnoses.load([HEAD, ROOT, LEAF])
    assert found["leaf"].synonyms == ("leaflet", "blade")
    assert found["leaf"].nature is Nature.BENIGN


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (["code\tlabel"], "first line"),
        ([], "first line"),
        ([HEAD, ROOT, LEAF, LEAF], "leaf: the code is used twice"),
        ([HEAD, LEAF], "leaf: its parent root does not exist"),
        ([HEAD, LEAF.replace("\troot\t", "\tleaf\t")], "circle"),
        ([HEAD, ROOT.replace("other\t\t", "other\tleaf\t"), LEAF], "circle"),
        ([HEAD, ROOT, LEAF.replace("benign", "nice")], "not a nature"),
        ([HEAD, ROOT, LEAF.replace("L98.9", "L9")], "not an ICD-10 code"),
        ([HEAD, ROOT, LEAF.replace("leaf\tLeaf", "Leaf 1\tLeaf")], "not a code"),
        ([HEAD, ROOT, LEAF.replace("leaf\tLeaf", f"{'x' * 41}\tLeaf")], "not a code"),
        ([HEAD, ROOT, LEAF.replace("\tLeaf\t", "\t\t")], "a label is missing"),
        ([HEAD, ROOT, LEAF.replace("\tYaprak", "\t")], "a label is missing"),
        ([HEAD, ROOT, LEAF.replace("\tLeaf\t", "\tRoot\t")], "Root: the label is used twice"),
        ([HEAD, ROOT, LEAF.replace("\tYaprak", "\tKök")], "tr:Kök: the label is used twice"),
        ([HEAD, ROOT, LEAF + "\tmore"], "8 columns"),
    ],
)
def test_a_broken_list_is_refused(rows: list[str], complaint: str) -> None:
    with pytest.raises(InvalidVocabulary, match=complaint):
        diagnoses.load(rows)


@pytest.mark.parametrize("ask", [diagnoses.get, diagnoses.ancestors, diagnoses.is_malignant])
def test_an_unknown_code_is_refused(ask) -> None:
    with pytest.raises(UnknownDiagnosis):
        ask("no-such-code")


@pytest.mark.parametrize(
    ("code", "answerable"), [("bcc", True), ("bcc-nodular", True), ("keratinocyte-cancer", False), ("nothing", False)]
)
def test_headings_are_no_answers(code: str, answerable: bool) -> None:
    assert diagnoses.is_answerable(code) is answerable


@pytest.mark.parametrize(
    ("code", "malignant"),
    [
        ("bcc-nodular", True),
        ("melanoma-in-situ", True),
        ("scc-in-situ", True),
        ("mycosis-fungoides", True),
        ("dfsp", True),
        ("merkel-cell-carcinoma", True),
        ("actinic-keratosis", False),
        ("spitz-atypical", False),
        ("naevus-dysplastic", False),
        ("psoriasis", False),
        ("gorlin", False),
    ],
)
def test_what_counts_as_malignant(code: str, malignant: bool) -> None:
    assert diagnoses.is_malignant(code) is malignant


def test_ancestors_run_up_to_the_heading() -> None:
    assert [one.code for one in diagnoses.ancestors("bcc-nodular")] == ["bcc", "keratinocyte-cancer"]
    assert diagnoses.ancestors("keratinocyte-cancer") == ()


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("bcc", "bcc", True),
        ("bcc-nodular", "bcc", True),
        ("bcc-nodular", "bcc-superficial", True),
        ("erythroplasia-queyrat", "scc-in-situ", True),
        ("bcc", "scc", False),
        ("naevus", "melanoma", False),
        ("melanoma-nodular", "naevus-spitz", False),
        ("atopic-dermatitis", "psoriasis", False),
    ],
)
def test_same_branch(first: str, second: str, same: bool) -> None:
    assert diagnoses.same_branch(first, second) is same
    assert diagnoses.same_branch(second, first) is same


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("BCC", "bcc"),
        ("bcc", "bcc"),
        ("rodent ulcer", "bcc"),
        ("nodular bcc", "bcc-nodular"),
        ("melanoma", "melanoma"),
        ("melonoma", "melanoma"),
        ("Spitz nevus", "naevus-spitz"),
        ("spitz naevus", "naevus-spitz"),
        ("mole", "naevus"),
        ("psoriasis", "psoriasis"),
        ("psorasis", "psoriasis"),
        ("sedef", ""),
        ("eczema", "atopic-dermatitis"),
        ("atopic eczema", "atopic-dermatitis"),
        ("Atopik dermatit", "atopic-dermatitis"),
        ("shingles", "herpes-zoster"),
        ("zona", "herpes-zoster"),
        ("pytiriasis rosea", "pityriasis-rosea"),
        ("rosea pityriasis", "pityriasis-rosea"),
        ("behcet", "behcet"),
        ("BEHÇET", "behcet"),
        ("Sezary", "sezary-syndrome"),
        ("bowen's disease", "scc-in-situ"),
        ("seborrheic keratosis", "seborrhoeic-keratosis"),
        ("seborrhoeic keratosis", "seborrhoeic-keratosis"),
        ("SK", "seborrhoeic-keratosis"),
        ("tumor glomus", "glomus-tumour"),
        ("nail fungus", "onychomycosis"),
        ("uyuz", "scabies"),
        ("UYUZ", "scabies"),
        ("kaşıntı", "pruritus"),
        ("dermatofibrma", "dermatofibroma"),
        ("hidraden sup", "hidradenitis-suppurativa"),
        ("leucocytoclastic", "vasculitis-leukocytoclastic"),
        ("xyzzy", ""),
        ("   ", ""),
        ("!?", ""),
    ],
)
def test_search_puts_first_what_is_meant(query: str, code: str) -> None:
    assert next((match.code for match in diagnoses.search(query)), "") == code


def test_an_ambiguous_abbreviation_offers_both() -> None:
    assert {match.code for match in diagnoses.search("PG", limit=2)} == {"pyogenic-granuloma", "pyoderma-gangrenosum"}


def test_the_note_tells_which_name_was_found() -> None:
    assert diagnoses.search("rodent ulcer")[0].note == "rodent ulcer"
    assert diagnoses.search("basal cell carcinoma")[0].note == ""


@pytest.mark.parametrize(
    ("language", "label"), [("en", "Scabies"), ("tr", "Uyuz"), ("tr-TR", "Uyuz"), ("de", "Scabies")]
)
def test_labels_follow_the_language(language: str, label: str) -> None:
    assert diagnoses.search("scabies", language=language)[0].label == label


def test_search_keeps_to_the_limit_and_leaves_headings_out() -> None:
    assert len(diagnoses.search("tumour", limit=4)) == 4
    assert diagnoses.search("bcc", limit=0) == []
    assert all(diagnoses.is_answerable(match.code) for match in diagnoses.search("disease", limit=500))


@settings(deadline=None)
@given(st.sampled_from([code for code in CODES if diagnoses.is_answerable(code)]), st.data())
def test_every_name_finds_its_diagnosis(code: str, data: st.DataObject) -> None:
    one = diagnoses.get(code)
    name = data.draw(st.sampled_from([one.label, one.turkish, *one.synonyms]))
    assert code in [match.code for match in diagnoses.search(name, limit=5)]


@pytest.mark.parametrize(
    ("written", "other"),
    [
        ("naevus", "nevus"),
        ("haemangioma", "Hemangioma"),
        ("seborrhoeic", "seborrheic"),
        ("tumour", "tumor"),
        ("localised", "localized"),
        ("leucocytoclastic", "leukocytoclastic"),
        ("follicle centre lymphoma", "follicle center lymphoma"),
        ("Behçet", "behcet"),
        ("KAŞINTI", "kasinti"),
        ("Sézary", "Sezary"),
        ("Bowen's", "bowen"),
        ("Ki-67", "ki 67"),
    ],
)
def test_spellings_of_one_word_fold_alike(written: str, other: str) -> None:
    assert fold(written) == fold(other)


@pytest.mark.parametrize(("first", "second"), [("CD30", "CD30+"), ("scc", "bcc"), ("lp", "lpp")])
def test_different_words_stay_different(first: str, second: str) -> None:
    assert fold(first) != fold(second)


def test_sites_hang_together() -> None:
    codes = [site.code for site in sites.all()]
    assert len(set(codes)) == len(codes)
    assert max(len(code) for code in codes) <= sites.MAX_CODE_LENGTH
    assert all(site.parent in codes for site in sites.all() if site.parent)


@pytest.mark.parametrize(
    ("code", "has_eyes"),
    [
        *(
            (code, True)
            for code in ("head-neck", "scalp", "face", "eyelid", "forehead", "nose", "cheek", "ear", "neck")
        ),
        *((code, True) for code in ("lip", "oral", "generalised")),
        *((code, False) for code in ("trunk", "hand", "sole", "nails", "anogenital")),
    ],
)
def test_sites_that_may_show_eyes(code: str, has_eyes: bool) -> None:
    assert sites.get(code).has_eyes is has_eyes


def test_site_ancestors_and_descendants() -> None:
    assert [site.code for site in sites.ancestors("eyelid")] == ["face", "head-neck"]
    assert {"face", "eyelid"} <= sites.within("head-neck")
    assert sites.within("eyelid") == {"eyelid"}
    with pytest.raises(sites.UnknownSite):
        sites.within("nowhere")


def test_site_choices_hold_every_site_once_under_its_group() -> None:
    grouped = sites.choices()
    offered = [code for _, members in grouped for code, _ in members]
    assert sorted(offered) == sorted(site.code for site in sites.all())
    for _, members in grouped:
        top = members[0][0]
        assert all(code in sites.within(top) for code, _ in members)


@pytest.mark.parametrize(
    ("band", "is_child"),
    [
        (terms.AgeBand.UNDER_1, True),
        (terms.AgeBand.FROM_13, True),
        (terms.AgeBand.FROM_18, False),
        (terms.AgeBand.FROM_85, False),
    ],
)
def test_children_are_below_eighteen(band: terms.AgeBand, is_child: bool) -> None:
    assert band.is_child is is_child


def test_confidence_rises_and_is_never_certain() -> None:
    stated = [confidence.probability for confidence in terms.Confidence]
    assert stated == sorted(set(stated))
    assert stated[0] > 0
    assert stated[-1] < 1


def test_monk_has_ten_and_fitzpatrick_six() -> None:
    assert terms.Monk.values == list(range(1, 11))
    assert terms.Fitzpatrick.values == ["I", "II", "III", "IV", "V", "VI"]
