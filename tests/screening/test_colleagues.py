"""Colleagues are no patients: names of the audience after “@” or a doctor's title, and of whoever takes part."""

import pytest

from screening import colleagues, identifiers
from screening.identifiers import Kind, Known

KNOWN = Known(
    colleagues=("Leyla Soydan", "Ali Can Öz", "Prof. Dr. Mehmet Kaya", "Jean-Luc O'Brien", "Mary Clark"),
    authors=("Ayşe Yılmaz",),
    addressed=("dermatologists", "residents", "Tumour board"),
)
ALLOWED = [
    "Dr Soydan, I agree.",
    "Dr. Soydan's point is good",
    "Dr Soydan'ın önerisi doğru",
    "Dr. Soydan’a katılıyorum",
    "I agree with Dr. Leyla Soydan.",
    "Doç. Soydan haklı",
    "Doç. Dr. Leyla Soydan'dan sonra",
    "Prof. Dr. Leyla Soydan",
    "Uzm. Dr. L. Soydan önerdi",
    "Op. Dr. Soydan'la konuştum",
    "Prof. Kaya would excise",
    "Prof. Mehmet Kaya'nın yazdığı",
    "As Dr Öz says",
    "Dr. Ali Öz and Dr. Soydan agree",
    "DR. SOYDAN'IN görüşü",
    "Dr. O'Brien is right",
    "Dr Jean-Luc O'Brien is right",
    "Dr Mary Clark asks for a biopsy",
    "Professor Clark has a point",
    "Dr Soydan Melanoma should be excluded first",
    "@Leyla Soydan please look",
    "@Leyla ne dersin?",
    "@Soydan, agreed",
    "@leyla soydan",
    "@Leyla Soydan'ın fikri nedir",
    "@Leyla Soydan’s view",
    "ask @Dr. Leyla Soydan",
    "(@Jean-Luc O'Brien)",
    "@O'Brien: excise",
    "@Ali Can Öz",
    "@Ali Öz'e soralım",
    "@dermatologists please",
    "@residents, what do you see?",
    "@Tumour board",
    "@tumour board, any ideas?",
    "@Leyla Soydan @Ali Can Öz both",
    "Ayşe Hanım'a katılıyorum",
    "Ayşe Hanım haklı",
    "Mrs Yılmaz is right",
    "Sayın Yılmaz, teşekkürler",
    "@Ayşe, katılıyorum",
    "Dr Yılmaz'ın dediği gibi",
]
FOUND = [
    ("Dr. Yıldırım saw her", Kind.NAME),
    ("Dr Soydan Demir saw her", Kind.NAME),
    ("Dr. Leyla Demir", Kind.NAME),
    ("Dr Demir'in hastası", Kind.NAME),
    ("Mrs Soydan came with a nodule", Kind.NAME),
    ("Leyla Hanım geldi", Kind.NAME),
    ("Bay Kaya has psoriasis", Kind.NAME),
    ("Sayın Soydan", Kind.NAME),
    ("Patient Leyla Soydan", Kind.NAME),
    ("Patient: Ayşe Yılmaz", Kind.NAME),
    ("Leyla Soydan isimli hasta", Kind.NAME),
    ("Ayşe Yılmaz, 45 yo", Kind.NAME),
    ("her name is Leyla", Kind.NAME),
    ("Mr. John Doe has psoriasis", Kind.NAME),
    ("Dr S. has seen Mrs Miller", Kind.NAME),
    ("@Fatma Demir please look", Kind.HANDLE),
    ("@Leyla Kaya", Kind.HANDLE),
    ("@Kaya Soydan", Kind.HANDLE),
    ("she posts as @skin_diary", Kind.HANDLE),
    ("@leylasoydan", Kind.HANDLE),
    ("@Leyla_Soydan", Kind.HANDLE),
    ("@Soydana katılıyorum", Kind.HANDLE),
    ("@Şule ne dersin", Kind.HANDLE),
    ("@İrem Hanım", Kind.HANDLE),
    ("@Tumour conference", Kind.HANDLE),
    ("@nurses", Kind.HANDLE),
    ("@dermatologist", Kind.HANDLE),
    ("write to leyla.soydan@clinic.org", Kind.EMAIL),
]


@pytest.mark.parametrize("text", ALLOWED)
def test_colleagues_are_no_finding(text: str) -> None:
    assert identifiers.find(text, known=KNOWN) == []


@pytest.mark.parametrize(("text", "kind"), FOUND)
def test_everybody_else_still_is(text: str, kind: Kind) -> None:
    assert kind in {finding.kind for finding in identifiers.find(text, known=KNOWN)}


@pytest.mark.parametrize("text", [text for text in ALLOWED if ("@" in text or "Dr" in text) and "@O'" not in text])
def test_without_names_they_are_findings(text: str) -> None:
    assert identifiers.find(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("https://doi.org.example.com/10.1000/x", Kind.LINK),
        ("https://example.com/?u=https://doi.org/10.1000/x", Kind.LINK),
        ("https://somebody@doi.org/10.1000/x", Kind.LINK),
        ("https://example.com/doi.org/10.1000/x", Kind.LINK),
        ("evil-doi.org/10", Kind.LINK),
        ("doi.org:8080/x", Kind.LINK),
    ],
)
def test_a_link_with_a_reference_in_it_is_no_reference(text: str, kind: Kind) -> None:
    assert kind in {finding.kind for finding in identifiers.find(text)}


@pytest.mark.parametrize(
    "text",
    [
        "see https://doi.org/10.1016/S0140-6736(20)30183-5.",
        "doi.org: the number is 10.1000/182",
        "https://pubmed.ncbi.nlm.nih.gov/12345678/",
        "https://clinicaltrials.gov/study/NCT01234567",
        "https://www.nejm.org/doi/full/10.1056/NEJMoa1234567",
        "https://link.springer.com/article/10.1007/s00403",
    ],
)
def test_the_literature_is_open(text: str) -> None:
    assert identifiers.find(text) == []


@pytest.mark.parametrize(
    ("text", "name", "written"),
    [
        ("@Leyla Soydan please", "Leyla Soydan", "Leyla Soydan"),
        ("@Leyla Soydan'ın", "Leyla Soydan", "Leyla Soydan"),
        ("@Leyla please", "Leyla Soydan", "Leyla"),
        ("@Leyla Kaya please", "Leyla Soydan", None),
        ("@Leyla Soydan Kaya", "Leyla Soydan", "Leyla Soydan"),
        ("@L. Soydan.", "Leyla Soydan", "L. Soydan"),
        ("@Leyla S", "Leyla Soydan", None),
        ("@Ali Öz", "Ali Can Öz", "Ali Öz"),
        ("@Kaya.", "Prof. Dr. Mehmet Kaya", "Kaya"),
        ("@Mehmet\nKaya", "Mehmet Kaya", "Mehmet"),  # a name stands on one line
    ],
)
def test_how_far_a_name_reaches(text: str, name: str, written: str | None) -> None:
    call = colleagues.calls(text)[0]
    end = colleagues.end_of_name(call, name)

    assert (text[call.start : end] if end else None) == written


def test_places_are_found_in_order() -> None:
    found = colleagues.calls("Dr. Soydan and @Ali, not a@b or @ 5; Op. Dr. Öz")

    assert [(call.after_sign, call.words[0][1]) for call in found] == [(False, "Soydan"), (True, "Ali"), (False, "Öz")]


@pytest.mark.parametrize("sign", ["@", "Dr. ", "@Ali ", "Dr " * 5, "@" * 3, "a@", "Op."])
def test_long_texts_take_no_longer_for_it(sign: str) -> None:
    text = sign * (20_000 // len(sign))

    assert len(colleagues.calls(text)) <= len(text)
    identifiers.find(text[:3000], known=KNOWN)
