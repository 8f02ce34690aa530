"""Words that colleagues may read as profanity or as discrimination, in English and Turkish. For a hint, never a block.

The words are data of the package `terlik` (MIT), read and never imported. They are compared word by word and letter by
letter: "sık" (often) is another word than it is without its dot, and what clinicians write is left out, whatever it
means elsewhere. Whoever wants to get around it can; it reminds those who are angry.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import re
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from vocabulary import diagnoses

DISTRIBUTION: Final = "terlik"
SHA256: Final = {
    "tr": "e83a97b38c553227cd20c2b5688939fda6037fb30b4964e9fd063a125a9a641c",
    "en": "51347d5b6694b82012ff0fd2f1fb573423b9e81f1479017e9ffbd767b91c2243",
}
SHORTEST: Final = 4  # letters; shorter words are abbreviations and syllables of other languages
_SHORT: Final = frozenset({"piç", "göt"})  # no abbreviation and no other word
_LOW: Final = "low"  # severity: "sersem", "ezik", "screw" and the like are everyday words
# Parts of the body, practices, instruments, animals, names and everyday words that a clinic writes without offence.
_CLINICAL_WORDS: Final = """
    anal anus anuses ass asses bestiality bollock breast butthole buttholes buttcheek buttcheeks clit clitoris
    clits cock cocks coon coons cum cunnilingus dago dick dicks dyke ejaculate ejaculating ejaculation fag fags
    fellatio fisted fisting homo homos hooker hookers incest incestuous knob knobs masturbate masturbates
    masturbating masturbation mofo nig nonce nonces nymphomaniac orgasm orgasmic orgasms orgies orgy paedophile
    pedophile pedophiles penis penises pervert perverted polack polacks polak poon porn porno pornographic
    pornography prick pricked pricking pricks quim rape raped rapes raping rapist rapists redskin redskins
    retardation rimming scissoring screw semen shag slag slags slagging sodomise sodomised sodomize sodomized
    spastic spastics spic spics spunk threesome tit tits vagina vaginal vaginas wop alçak alçaklar alık arsız
    asılası bok boka boklar boklari boklu boktan boku domuz dol dolunu döl dümenci eşek fahişe fuhuş fırıldak
    gömerler gömülesi hapiyedin hınzır kansız kaşar kaybol kesilesi kerhane maymun meme öküz rezil serseri
    soysuz sürtük taşak tasak tassak vefasız yakılası yıkık yüzsüz yarak
"""
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_CLINICAL: Final = frozenset(_WORD.findall(_CLINICAL_WORDS))
_ENGLISH_ENDINGS: Final = ("s", "es", "ed", "er", "ers", "ing")
_MOST_SUFFIXES: Final = 3


class Tone(StrEnum):
    """How a word may be read."""

    PROFANITY = "profanity"
    DISCRIMINATION = "discrimination"


class WordsMissing(Exception):
    """The package with the words is not installed, or not the one that was looked at."""


def find(text: str) -> list[Tone]:
    """Return how words of this text may be read, each once, in the order of the text."""
    found: dict[Tone, None] = {}
    for match in _WORD.finditer(text):
        for part in re.split(r"['’-]", match.group()):
            tone = _tone_of(part)
            if tone is not None:
                found[tone] = None
    return list(found)


def _tone_of(word: str) -> Tone | None:
    known = _known()
    for spelt in {_lower_in_turkish(word), word.casefold()}:
        if spelt in _CLINICAL or spelt in _of_vocabulary():
            return None
        if spelt in known:
            return known[spelt]
    return _inflected(_lower_in_turkish(word))


def _inflected(word: str) -> Tone | None:
    """Return the tone of a Turkish stem with up to three endings; None for another word."""
    for length in range(len(word) - 1, SHORTEST - 1, -1):
        tone = _stems().get(word[:length])
        if tone is not None and _are_suffixes(word[length:], _MOST_SUFFIXES):
            return tone
    return None


def _are_suffixes(rest: str, most: int) -> bool:
    if not rest:
        return True
    ends = (end for end in range(1, len(rest) + 1) if rest[:end] in _suffixes())
    return most > 0 and any(_are_suffixes(rest[end:], most - 1) for end in ends)


def _lower_in_turkish(word: str) -> str:
    return word.replace("İ", "i").replace("I", "ı").casefold()


@cache
def _known() -> dict[str, Tone]:
    """Return every word that counts as it stands, with its tone."""
    words: dict[str, Tone] = {}
    for language in SHA256:
        for entry in _dictionary(language)["entries"]:
            for word in _forms(entry, language):
                words.setdefault(word, _tone(entry))
    return words


def _forms(entry: dict[str, Any], language: str) -> list[str]:
    if entry["severity"] == _LOW:
        return []
    forms = [form for form in (entry["root"], *entry["variants"]) if form not in _CLINICAL]
    if language == "en":
        plurals = [form + "s" for form in forms]
        forms += plurals + [entry["root"] + ending for ending in _ENGLISH_ENDINGS if entry["suffixable"]]
    return [form for form in forms if (len(form) >= SHORTEST or form in _SHORT) and form not in _CLINICAL]


@cache
def _stems() -> dict[str, Tone]:
    """Return the Turkish stems that take endings."""
    found = {}
    for entry in _dictionary("tr")["entries"]:
        root = entry["root"]
        if entry["suffixable"] and entry["severity"] != _LOW and len(root) >= SHORTEST and root not in _CLINICAL:
            found[root] = _tone(entry)
    return found


@cache
def _suffixes() -> frozenset[str]:
    return frozenset(_dictionary("tr")["suffixes"])


@cache
def _of_vocabulary() -> frozenset[str]:
    """Return every word of the diagnoses' names, in both languages."""
    names = (name for one in diagnoses.all() for name in (one.label, one.turkish, *one.synonyms))
    return frozenset(_lower_in_turkish(word) for name in names for word in _WORD.findall(name))


def _tone(entry: dict[str, Any]) -> Tone:
    return Tone.DISCRIMINATION if entry["category"] == "slur" else Tone.PROFANITY


@cache
def _dictionary(language: str) -> dict[str, Any]:
    """Return the package's words in a language. Raises WordsMissing."""
    try:
        at = importlib.metadata.distribution(DISTRIBUTION).locate_file(f"terlik/lang/{language}/dictionary.json")
        data = Path(str(at)).read_bytes()
    except (importlib.metadata.PackageNotFoundError, OSError) as error:
        raise WordsMissing(DISTRIBUTION) from error
    if hashlib.sha256(data).hexdigest() != SHA256[language]:
        raise WordsMissing(language)
    found: dict[str, Any] = json.loads(data)
    return found
