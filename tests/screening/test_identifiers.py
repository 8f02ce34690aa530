"""What says who a patient is gets found; ordinary clinical prose passes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consults.findings import sentence
from screening import identifiers
from screening.identifiers import Kind
from tests.screening.harmless import PASSES

FOUND = [
    ("Write to ayse.yilmaz@example.com for the slides", Kind.EMAIL, "ayse.yilmaz@example.com"),
    ("mail me: j_doe (at) clinic.org", Kind.EMAIL, "j_doe (at) clinic.org"),
    ("see https://facebook.com/groups/derm/123", Kind.LINK, "https://facebook.com/groups/derm/123"),
    ("her blog is www.myskinstory.net", Kind.LINK, "www.myskinstory.net"),
    ("photos on instagram.com/someone", Kind.LINK, "instagram.com/someone"),
    ("she posts as @skin_diary", Kind.HANDLE, "@skin_diary"),
    ("call +90 532 123 45 67", Kind.PHONE, "+90 532 123 45 67"),
    ("reach him on 0532 123 45 67", Kind.PHONE, "0532 123 45 67"),
    ("tel: 212 555 12 12", Kind.PHONE, "tel: 212 555 12 12"),
    ("phone (415) 555-2671 after six", Kind.PHONE, "phone (415) 555-2671"),
    ("reachable at 020 7946 0958", Kind.PHONE, "020 7946 0958"),
    ("415-555-2670 after six", Kind.PHONE, "415-555-2670"),
    ("biopsied on 12/03/2024", Kind.DATE, "12/03/2024"),
    ("Excised 2024-03-12, margins clear", Kind.DATE, "2024-03-12"),
    ("seen on 3.11.23 and again later", Kind.DATE, "3.11.23"),
    ("first seen 12 March 2024", Kind.DATE, "12 March 2024"),
    ("started on the 5th of May", Kind.DATE, "5th of May"),
    ("rash since March 3rd, 2023", Kind.DATE, "March 3rd, 2023"),
    ("admitted Sep 14", Kind.DATE, "Sep 14"),
    ("drug begun in October 2022", Kind.DATE, "October 2022"),
    ("12 Mart'ta biyopsi yapıldı", Kind.DATE, "12 Mart"),
    ("3 Ağustos 2021 tarihinde başvurdu", Kind.DATE, "3 Ağustos 2021"),
    ("biopsy 12 march 2024", Kind.DATE, "12 march 2024"),
    ("last visit 03/2024", Kind.DATE, "03/2024"),
    ("born in 1954, farmer", Kind.DATE, "born in 1954"),
    ("DOB: 1.2.1960", Kind.DATE, "DOB: 1.2.1960"),
    ("MRN 12345", Kind.NUMBER, "MRN 12345"),
    ("accession S23-12345", Kind.NUMBER, "accession S23-12345"),
    ("slides S23-12345 attached", Kind.NUMBER, "S23-12345"),
    ("biopsy B-2023/1234 shows", Kind.NUMBER, "B-2023/1234"),
    ("path 23-S-12345", Kind.NUMBER, "23-S-12345"),
    ("record no: 44821", Kind.NUMBER, "record no: 44821"),
    ("dosya no 123456", Kind.NUMBER, "dosya no 123456"),
    ("protokol 88231", Kind.NUMBER, "protokol 88231"),
    ("kimlik 10000000146", Kind.NUMBER, "kimlik 10000000146"),
    ("hastanın numarası 100 000 001 46", Kind.NUMBER, "100 000 001 46"),
    ("NHS 943 476 5919", Kind.NUMBER, "NHS 943 476 5919"),
    ("listed as 943 476 5919 there", Kind.NUMBER, "943 476 5919"),
    ("barcode 123456789", Kind.NUMBER, "123456789"),
    ("SSN 078-05-1120", Kind.NUMBER, "SSN 078-05-1120"),
    ("his is 078-05-1120 there", Kind.NUMBER, "078-05-1120"),
    ("sticker AB1234567", Kind.NUMBER, "AB1234567"),
    ("Ali Demir isimli hasta", Kind.NAME, "Ali Demir isimli hasta"),
    ("34093 Fatih/İstanbul", Kind.ADDRESS, "34093 Fatih/İstanbul"),
    ("Mrs Smith came with a nodule", Kind.NAME, "Mrs Smith"),
    ("Mr. John Doe has psoriasis", Kind.NAME, "Mr. John Doe"),
    ("referred by Dr. Yılmaz", Kind.NAME, "Dr. Yılmaz"),
    ("Prof. Dr. Ayşe Kaya önerdi", Kind.NAME, "Prof. Dr. Ayşe Kaya"),
    ("Bayan Öztürk kaşıntıdan yakınıyor", Kind.NAME, "Bayan Öztürk"),
    ("Ayşe Hanım iki haftadır kaşınıyor", Kind.NAME, "Ayşe Hanım"),
    ("Mehmet Bey'in lezyonu", Kind.NAME, "Mehmet Bey'in"),
    ("The patient John Miller is a farmer", Kind.NAME, "patient John Miller"),
    ("a girl named Emma with vitiligo", Kind.NAME, "girl named Emma"),
    ("Name: Ali Demir", Kind.NAME, "Name: Ali Demir"),
    ("Ayşe Demir, 54 years old", Kind.NAME, "Ayşe Demir"),
    ("patient J.D. has a plaque", Kind.INITIALS, "J.D. "),
    ("AB, 54 y, with a scaly plaque", Kind.INITIALS, "AB"),
    ("J.D. is a farmer", Kind.INITIALS, "J.D. "),
    ("initials MK", Kind.INITIALS, "MK"),
    ("A 54-year-old woman with itch", Kind.AGE, "54-year-old"),
    ("a fifty-four-year-old farmer", Kind.AGE, "fifty-four-year-old"),
    ("54 y/o with a nodule", Kind.AGE, "54 y/o"),
    ("54 yaşında kadın", Kind.AGE, "54 yaşında"),
    ("a 3-month-old girl with a red nodule", Kind.AGE, "3-month-old girl"),
    ("aged 93", Kind.AGE, "aged 93"),
    ("at the age of 12", Kind.AGE, "at the age of 12"),
    ("54F with a pigmented lesion", Kind.AGE, "54F"),
    ("lives at 12 Baker Street", Kind.ADDRESS, "12 Baker Street"),
    ("from SW1A 1AA", Kind.ADDRESS, "SW1A 1AA"),
    ("Beverly Hills, CA 90210", Kind.ADDRESS, "CA 90210"),
    ("Atatürk Caddesi yakınında", Kind.ADDRESS, "Atatürk Caddesi"),
    ("wohnt Hauptstraße 12", Kind.ADDRESS, "Hauptstraße 12"),
    ("This is my aunt with a rash", Kind.RELATION, "my aunt"),
    ("our next-door neighbour asked me", Kind.RELATION, "our next-door neighbour"),
    ("komşumun kolundaki lezyon", Kind.RELATION, "komşumun"),
    # As records and other programs write it
    ("MRS SMITH came", Kind.NAME, "MRS SMITH"),
    ("Mrs SMITH came", Kind.NAME, "Mrs SMITH"),
    ("mrs smith came", Kind.NAME, "mrs smith"),
    ("seen by Prof.Dr.Ahmet Kaya", Kind.NAME, "Prof.Dr.Ahmet Kaya"),
    ("DR. YILMAZ önerdi", Kind.NAME, "DR. YILMAZ"),
    ("Sn. Ahmet KAYA", Kind.NAME, "Sn. Ahmet KAYA"),
    ("AYŞE HANIM iki haftadır kaşınıyor", Kind.NAME, "AYŞE HANIM"),
    ("Patient: AYŞE YILMAZ", Kind.NAME, "Patient: AYŞE YILMAZ"),
    ("HASTA: AYŞE YILMAZ", Kind.NAME, "HASTA: AYŞE YILMAZ"),
    ("Hasta Ayşe YILMAZ", Kind.NAME, "Hasta Ayşe YILMAZ"),
    ("Ayşe YILMAZ, 45 yaşındaydı", Kind.NAME, "Ayşe YILMAZ"),
    ("ADI SOYADI: AYŞE YILMAZ", Kind.NAME, "ADI SOYADI: AYŞE YILMAZ"),
    ("patient name: john doe", Kind.NAME, "patient name: john doe"),
    ("DOĞUM TARİHİ: 1.2.1960", Kind.DATE, "DOĞUM TARİHİ: 1.2.1960"),
    ("1954 doğumlu çiftçi", Kind.DATE, "1954 doğumlu"),
    ("born 1954, a farmer", Kind.DATE, "born 1954"),
    ("on 12–03–2024", Kind.DATE, "12–03–2024"),
    ("on 12 03 2024", Kind.DATE, "12 03 2024"),
    ("elli dört yaşında çiftçi", Kind.AGE, "elli dört yaşında"),
    ("a farmer aged fifty-four", Kind.AGE, "aged fifty-four"),
    ("ayse at hospital dot com", Kind.EMAIL, "ayse at hospital dot com"),
    # What looks as always and is written otherwise
    ("call 0532\u200b123\u200b45\u200b67", Kind.PHONE, "0532\u200b123\u200b45\u200b67"),
    ("on １２/０３/２０２４ again", Kind.DATE, "１２/０３/２０２４"),
    ("call ٠٥٣٢ ١٢٣ ٤٥ ٦٧", Kind.PHONE, "٠٥٣٢ ١٢٣ ٤٥ ٦٧"),
    ("on 12\u201103\u20112024", Kind.DATE, "12\u201103\u20112024"),
    ("on 12\u00ad/03/\u20602024", Kind.DATE, "12\u00ad/03/\u20602024"),
    ("Ays\u0327e Hanım geldi", Kind.NAME, "Ays\u0327e Hanım"),
    ("M\u200brs\u202fSmith", Kind.NAME, "M\u200brs\u202fSmith"),
    ("ayse＠example.com", Kind.EMAIL, "ayse＠example.com"),
]


@pytest.mark.parametrize(("text", "kind", "part"), FOUND, ids=[text for text, _, _ in FOUND])
def test_identifier_is_found(text: str, kind: Kind, part: str) -> None:
    assert (kind, part) in [(finding.kind, finding.text) for finding in identifiers.find(text)]


@pytest.mark.parametrize("text", PASSES)
def test_ordinary_prose_passes(text: str) -> None:
    assert [(finding.kind, finding.text) for finding in identifiers.find(text)] == []


def test_every_kind_is_tried_and_has_a_sentence() -> None:
    assert {kind for _, kind, _ in FOUND} == set(Kind)
    for text, _, _ in FOUND:
        for finding in identifiers.find(text):
            assert sentence(finding).endswith(".")
            assert finding.text not in sentence(finding)


def test_several_findings_come_in_order_without_overlap() -> None:
    text = "Mrs Smith, 54-year-old, MRN 12345, seen 12/03/2024, mail a@b.org"
    findings = identifiers.find(text)
    assert [finding.kind for finding in findings] == [Kind.NAME, Kind.AGE, Kind.NUMBER, Kind.DATE, Kind.EMAIL]


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("aZş0123456789 .,-/@()+:\nMrPDOB\u200b\u0327１"), max_size=200))
def test_findings_are_slices_of_the_text_and_do_not_overlap(text: str) -> None:
    reached = 0
    for finding in identifiers.find(text):
        assert reached <= finding.start < finding.end
        assert text[finding.start : finding.end] == finding.text
        reached = finding.end


@pytest.mark.parametrize(
    ("digits", "valid"),
    [
        # T.C. kimlik no
        ("10000000146", True),
        ("10000000147", False),
        ("10000000156", False),
        ("00000000146", False),
        ("1000000014", False),
        # NHS number
        ("9434765919", True),
        ("9434765918", False),
        ("9434765870", True),
        ("943476591", False),
        ("", False),
    ],
)
def test_check_digits_of_identity_numbers(digits: str, valid: bool) -> None:
    assert identifiers.is_identity_number(digits) is valid


@pytest.mark.parametrize(
    "text", ["1" * 20_000, "Aa " * 7_000, "a@" * 10_000, "12." * 7_000, "A." * 10_000, "1 " * 10_000, "a." * 10_000]
)
def test_hostile_length_does_not_stall(text: str) -> None:
    identifiers.find(text)
