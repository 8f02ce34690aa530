"""Words that could name a person are asked about; eponyms and ordinary prose are not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Member
from consults import exceptions
from consults.cases.authoring import drafts, name_checks
from consults.cases.review import second_read
from consults.models import Case, CaseState
from screening import names as bare_names
from tests.consults import reading
from tests.matrix import journey
from tests.screening.harmless import PASSES

NAMES = [
    ("Emma noticed a growing nodule", ["Emma"]),
    ("The lesion bothers Emma when she walks", ["Emma"]),
    ("Em\u200bma noticed it", ["Em\u200bma"]),
    ("Fatma iki haftadır kaşınıyor", ["Fatma"]),
    ("Then Ayşe applied clobetasol", ["Then Ayşe"]),
    ("Ayşe'nin sol kolundaki lezyon", ["Ayşe'nin"]),
    ("Mehmet YILMAZ geldi, lezyonu büyümüş", ["Mehmet YILMAZ"]),
    ("I saw Zeliha Korkmaz last week", ["Zeliha Korkmaz"]),
    ("Rosalind Franklin came back with a rash", ["Rosalind Franklin"]),
    ("Brought by her husband Gerald", ["Gerald"]),
    ("Discussed with Nguyen Thi in the clinic", ["Nguyen Thi"]),
    ("This is Klaus Bauer, a farmer", ["Klaus Bauer"]),
    ("Jennifer's mother has the same", ["Jennifer's"]),
    ("Annular Plaques On The Trunk Of Emma", ["Emma"]),
    ("James and Patricia both itch", ["James", "Patricia"]),
]
EPONYMS = """
Bowen disease of the shin, slowly growing
Bowen's disease versus superficial basal cell carcinoma
Kaposi sarcoma in a patient with HIV
Classic Kaposi sarcoma of the foot
Is this Sweet syndrome or Behçet disease?
Sweet's syndrome with a positive pathergy test
Mohs surgery was declined
After Mohs surgery the margins were clear
Kindler syndrome, Gorlin syndrome and Gardner syndrome were discussed
Hailey-Hailey disease of the groin
Hailey Hailey disease of the groin
Darier disease with nail changes
Positive Nikolsky sign, negative Auspitz sign
Wickham striae on the buccal mucosa
Gottron papules over the knuckles
Paget disease of the nipple, extramammary Paget disease
Merkel cell carcinoma of the cheek
Spitz nevus versus Reed nevus
Clark level III, Breslow 1.2 mm
Fitzpatrick type II, Monk 3
Koebner phenomenon after a scratch
Henoch-Schönlein purpura; Stevens-Johnson syndrome
Lyell syndrome after allopurinol
Gianotti-Crosti syndrome in a toddler
Pautrier microabscess in the epidermis
Civatte bodies and Kamino bodies
Grover disease after fever
Kyrle disease, Degos disease and Favre-Racouchot syndrome
Melkersson-Rosenthal syndrome with granulomatous cheilitis
Majocchi granuloma after topical steroids
Schamberg disease, Gougerot-Blum purpura
Dowling-Degos disease
Sister Mary Joseph nodule of the umbilicus
Beau lines and Muehrcke lines on the nails
Hutchinson sign of the nail, Hutchinson freckle
Kerion, Wood lamp negative
Wood's lamp examination was negative
Marjolin ulcer in an old burn scar
Sézary syndrome with erythroderma
Riehl melanosis after cosmetics
Becker nevus with hair
Ota nevus or Ito nevus
Unna-Thost keratoderma
Netherton syndrome and Papillon-Lefèvre syndrome
Dermatofibrosarcoma, Darier-Ferrand tumour
Jessner infiltrate versus lupus tumidus
Gram stain and Giemsa stain negative; Ziehl-Neelsen stain positive
Treated with Elidel, Protopic and Dermovate
Started Dupixent, then Cosentyx; Otezla failed
Langerhans cells and Birbeck granules
Blaschko lines on the trunk
Langer lines run across it
Touton giant cells and Reed-Sternberg cells
Addison disease was excluded, Cushing syndrome too
Leser-Trélat sign with many seborrhoeic keratoses
Bazex syndrome, Muir-Torre syndrome, Cowden syndrome
Kaposi sarkomu ve Bowen hastalığı ayırıcı tanıda
Behçet hastalığı, Sweet sendromu
Darier belirtisi pozitif, Nikolsky negatif
Hasta Ankara dışından geldi
Travelled in Southeast Asia and South America
She worked in New York and in Istanbul
COVID-19 vaccine by Pfizer two weeks before
Possible Rowell syndrome in Lupus
Rose spots on the trunk, Iris lesions on the palms
Mark the borders before excision
May be Lichen planus or Lupus erythematosus
Amber coloured crust, Violet plaques, Olive skin
Will it respond to Methotrexate?
Congo red stain, Pearls at the border
The Dermatology Life Quality Index is 18
World Health Organization classification
American Joint Committee on Cancer stage II
Dear colleagues, Thank you for your help
Many thanks, I agree with the diagnosis
As Ackerman and Weedon write, this is a variant
German measles and Rocky Mountain spotted fever
""".strip().splitlines()


@pytest.mark.parametrize(("text", "found"), NAMES)
def test_what_could_be_a_name_is_asked_about(text: str, found: list[str]) -> None:
    assert [possible.text for possible in bare_names.find(text)] == found


@pytest.mark.parametrize("text", [*EPONYMS, *PASSES])
def test_eponyms_and_ordinary_prose_are_not_asked_about(text: str) -> None:
    assert bare_names.find(text) == []


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("EmaZşİ ’'-.\n\u200b\u0327"), max_size=120))
def test_what_is_found_is_a_slice_of_the_text(text: str) -> None:
    reached = 0
    for found in bare_names.find(text):
        assert reached <= found.start < found.end
        assert text[found.start : found.end] == found.text
        reached = found.end


@pytest.mark.parametrize("text", ["Aab " * 7_000, "A" * 20_000, "Emma-" * 4_000, "' " * 10_000])
def test_hostile_length_does_not_stall(text: str) -> None:
    bare_names.find(text)


# --- What becomes of it


@pytest.fixture
def draft(alice: Member) -> Case:
    return reading.case(alice, state=CaseState.DRAFT, note="A plaque that bothers Emma. Emma itches.")


def test_the_author_says_once_that_nobody_is_named(draft: Case, alice: Member) -> None:
    assert name_checks.possible_names(draft) == ["Emma"]
    draft.pictures.update(caption="Brought by Gerald")
    for said in ((), ("Emma",), ("Emma", "Gerard")):
        with pytest.raises(exceptions.ChangeRefused):
            drafts.submit(case=draft, by=alice, no_names=said)
    drafts.submit(case=draft, by=alice, no_names=("Emma", "Gerald"))
    assert Case.objects.get().state == CaseState.SUBMITTED


def test_the_page_asks_and_the_second_reader_sees_it_marked(draft: Case, alice: Member) -> None:
    client, at = journey.client_of(alice), f"/cases/{draft.pk}/check/"
    page = client.get(at).content.decode()
    assert "Could one of these be a person" in page
    assert '<mark class="found">Emma</mark>' in page
    for sent in ({}, {"name": "Emma"}, {"no_names": "yes"}):
        assert "Look at the words that could be a name" in client.post(at, sent, follow=True).content.decode()
    client.post(at, {"name": "Emma", "no_names": "yes"})
    draft.refresh_from_db()
    assert draft.state == CaseState.SUBMITTED
    note = next(field for field in second_read.screened_texts(draft) if field.name == "Clinical note")
    assert [passage.text for passage in note.passages if passage.sentence] == ["Emma", "Emma"]
    assert note.sentences == ["This could be a person's name. Its author says that it is not."]


def test_without_such_words_nothing_is_asked(alice: Member) -> None:
    draft = reading.case(alice, state=CaseState.DRAFT)
    assert "no_names" not in journey.client_of(alice).get(f"/cases/{draft.pk}/check/").content.decode()
    drafts.submit(case=draft, by=alice)
