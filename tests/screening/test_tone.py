"""Hints about tone: what is found, and what a clinic writes without offence."""

import importlib.metadata
from pathlib import Path

import pytest

from screening import tone
from screening.tone import Tone
from vocabulary import diagnoses

PROFANITY, DISCRIMINATION = Tone.PROFANITY, Tone.DISCRIMINATION


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("What a load of bullshit.", [PROFANITY]),
        ("SHIT, again", [PROFANITY]),
        ("you are fucking wrong", [PROFANITY]),
        ("These shitheads never biopsy", [PROFANITY]),
        ("Bu ne orospuluk", [PROFANITY]),
        ("Şerefsizler yine yanlış", [PROFANITY]),
        ("ŞEREFSİZ", [PROFANITY]),
        ("siktir git", [PROFANITY]),
        ("göt gibi", [PROFANITY]),
        ("piç", [PROFANITY]),
        ("the faggots of this ward", [DISCRIMINATION]),
        ("ibneler", [DISCRIMINATION]),
        ("İbnelerin işi", [DISCRIMINATION]),
        ("fucking faggots", [PROFANITY, DISCRIMINATION]),
    ],
)
def test_what_gets_a_hint(text: str, found: list[Tone]) -> None:
    assert tone.find(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Perianal plaque, anal canal free; pubic hair normal.",
        "Penis, vagina, anus and clitoris without lesions; semen analysis normal.",
        "Kötü huylu değil, iyi huylu.",
        "En sık görülen lezyon; sıklıkla kaşıntılı, sık tekrarlar.",
        "Siklik nötropeni, siklosporin, siklofosfamid",
        "Prick test negative, the needle pricked twice.",
        "Growth retardation, spastic paraparesis.",
        "Meme başında ekzema, amfoterisin, ama ağrısız.",
        "Lezyon kaybol, kaşar peyniri yedikten sonra.",
        "Maymun çiçeği, domuz gribi, kansız alan.",
        "I got it. He got better; the cocktail was massive.",
        "Screw fixation, knobs of granulation, erythematous rimming.",
        "As a rule of thumb; class, assess, mass, bass.",
        "Malign melanom, mal perforans",
        "Dick and Hooker et al.",
        "Sakallı erkek, salyangoz izi, picatura",
    ],
)
def test_what_a_clinic_writes_gets_none(text: str) -> None:
    assert tone.find(text) == []


def test_no_name_of_a_diagnosis_gets_a_hint() -> None:
    names = [name for one in diagnoses.all() for name in (one.label, one.turkish, *one.synonyms)]
    assert [name for name in names if tone.find(name)] == []


def test_a_missing_or_changed_list_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tone._dictionary.cache_clear()
    monkeypatch.setattr(tone, "DISTRIBUTION", "no-such-package")
    with pytest.raises(tone.WordsMissing):
        tone._dictionary("tr")
    monkeypatch.setattr(tone, "DISTRIBUTION", "terlik")
    monkeypatch.setattr(tone, "SHA256", {"tr": "0" * 64})
    with pytest.raises(tone.WordsMissing):
        tone._dictionary("tr")
    assert importlib.metadata.version("terlik") == "0.1.0"
