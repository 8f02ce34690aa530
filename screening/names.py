"""Detection of words that could be a person's name without further context, to ask about and never to refuse.

No pattern distinguishes "Rosalind" from "Kaposi". The author is asked about each finding once, and it is highlighted
for the second reader. Findings are given names (English from zxcvbn's frequency lists, Turkish below) and two
capitalised words in a row; eponyms are recognised by the noun after them, a hyphen, or the vocabulary of diagnoses.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from screening import identifiers
from screening.normalise import normalise
from vocabulary.folding import fold

_TURKISH: Final = """
    abdullah adem ahmet akin alev ali alper altan arda arif arzu aslan asli asuman atilla aydin ayhan ayla aylin aynur
    ayse aysegul aysel aysun ayten aziz bahar baris basak bayram belgin berk berna betul beyza bilal birol bulent burak
    burcu busra cagla can canan cansu cem cemal cemile cengiz cetin ceyda cigdem damla deniz derya didem dilek dogan
    duygu ebru ece eda efe elif emel emin emine emre engin ercan erdal erdem erdogan eren ergun erhan erkan erol ersin
    ertugrul esin esma esra evren eylul ezgi fadime faruk fatih fatma fatos feride ferhat feyza fikret filiz firat
    funda furkan gamze gizem gokce gokhan gonca gonul gul gulay gulcan gulden guler gulsah gulsen gulten gunes habibe
    hacer hakan hale halil halime hamza handan hande hanife harun hasan hatice havva haydar hayriye huseyin hulya
    ibrahim ilhan ilker ilknur inci ipek irem ismail kaan kadir kadriye kamil kazim kemal kenan kerem koray kubra
    leyla levent mahmut mehmet melek melih melike meltem meral merve mert mesut metin mevlut mine muammer muhammet
    muharrem murat musa mustafa muzaffer nagihan naim nalan nazan nazli necati necla nermin neslihan nevin
    nihal nilay nilgun nilufer nuray nurcan nurdan nuri nursel oguz okan onur orhan osman ozan ozge ozgur ozlem pelin
    pinar rabia ramazan recep remzi ridvan sabri sadik safiye salih saliha sami seda sedat sefa selcuk selim selin
    selma sema semra seray serap serdar serhat serkan serpil sevda sevgi sevil sevim sevinc seyma sibel sinan songul
    suat sude suleyman sultan sule sukran sukru tahsin tamer tarik tayfun tolga tuba tugba tulay tuncay turgut turkan
    ufuk ugur umit umut vedat veli volkan yasemin yasin yavuz yeliz yigit yildiz yilmaz yunus yusuf zafer zehra zekiye
    zeliha zerrin zeynep zubeyde zuhal
"""
# Given names that are also medical or everyday words, or parts of eponyms.
_AMBIGUOUS_WORDS: Final = """
    addison amber april art august autumn bay can carol christian clark coral crystal daisy dale dawn deniz dolly drew
    earl eve faith fern flora frank gale gene gil ginger glenn grace grant guy hailey hazel heath herb holly hope iris
    ivory ivy jade june ken king lacy lance lane lewis lily lupe major mark marie may merle miles milo mina misty
    monroe olive opal pearl penny pepper ray reed rich rob robin rocky rose royal ruby rusty sage sandy scarlett
    september shade sherry skip star sterling stewart stone stormy summer sun tad tiny trinity turner tyson unna van
    velvet violet virgil wade wallace ward will winter wood woods yong ufuk umut inci ipek bahar baris gul
    sultan gunes yildiz damla melek sevgi onur ozgur
    new united north south east west los las san saint royal college university
"""
_EPONYM_NOUN_LIST: Final = """
    acne acrodermatitis angioma bodies body cancer carcinoma cell cells chancre classification criteria crust cyst
    dermatitis dermatosis disease diseases disorder eczema effect elastosis epithelioma erythema exanthem fasciitis
    fibroma fistula flap formula giant grade granuloma hypotrichosis ichthyosis index keratoderma keratosis lamp law
    lesion lesions level leukoplakia line lines list lupus lymphoma melanoma method microabscess naevi naevus nevi nevus
    nodes nodule nodules panniculitis papule papules patch pemphigoid pemphigus phenomenon phenotype plaque plaques
    poikiloderma porokeratosis procedure prurigo psoriasis purpura reaction ridge ridges rule sarcoma scale scheme score
    sign signs skala solution spots stage stain stains striae surgery syndrome tattoo technique test triad tumor tumors
    type ulcer urticaria vasculitis virus warts zone
    belirtisi boyasi bulgusu cizgileri cizgisi fenomeni granulomu hastaligi isareti karsinomu lambasi lenfomasi nevusu
    nodulu olcegi reaksiyonu sarkomu sendromu siniflamasi skalasi skoru testi tumoru ulseri evresi tipi
"""
_EPONYM_NOUNS: Final = frozenset(map(fold, _EPONYM_NOUN_LIST.split()))
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]*)?")
_CAPITALISED: Final = re.compile(r"\A[A-ZÇĞÖŞÜÄÉ](?:[a-zçğıöşüäéèñß]{2,}+|[A-ZÇĞÖŞÜ]{3,}+)\Z")
_SENTENCE_ENDS: Final = '.!?:;\n(“"•'
HEADING_SHARE: Final = 0.7


@dataclass(frozen=True, slots=True)
class PossibleName:
    """A possible name at `[start:end]` of the scanned text. Show `text` to its author, never log it."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    base: str  # up to an apostrophe
    starts_sentence: bool
    hyphenated: bool  # joined to a neighbour

    @property
    def may_be_name(self) -> bool:
        return _CAPITALISED.match(self.base) is not None and not self.hyphenated and fold(self.base) not in _not_names()

    @property
    def is_given_name(self) -> bool:
        return self.may_be_name and not self.base.isupper() and fold(self.base) in _given_names()


def find(text: str) -> list[PossibleName]:
    """Find possible names, in order, without overlaps; [] if there are none."""
    normal = normalise(text)
    words = list(_words(normal.text))
    heading = _is_heading(words)
    found: list[PossibleName] = []
    at = 0
    while at < len(words):
        length = _name_length(words, at, normal.text, heading=heading)
        if length:
            start, end = normal.starts[words[at].start], normal.ends[words[at + length - 1].end - 1]
            found.append(PossibleName(start, end, text[start:end]))
        at += length or 1
    return found


def _name_length(words: list[_Word], at: int, text: str, *, heading: bool) -> int:
    """Count the words from `at` on that look like one name; 0 for none."""
    run = 0
    last = min(at + 3, len(words))
    while at + run < last and words[at + run].may_be_name and (not run or _adjacent(words, at + run, text)):
        run += 1
    if not run or _noun_follows(words, at + run, text):
        return 0
    if any(word.is_given_name for word in words[at : at + run]):
        return run
    return run if run > 1 and not words[at].starts_sentence and not heading else 0


def _adjacent(words: list[_Word], at: int, text: str) -> bool:
    return text[words[at - 1].end : words[at].start].isspace() and "\n" not in text[words[at - 1].end : words[at].start]


def _noun_follows(words: list[_Word], at: int, text: str) -> bool:
    follows = at < len(words) and text[words[at - 1].end : words[at].start].isspace()
    return follows and fold(words[at].base) in _EPONYM_NOUNS


def _is_heading(words: list[_Word]) -> bool:
    long = [word.base for word in words[1:] if len(word.base) > 3]
    return sum(word[0].isupper() for word in long) >= HEADING_SHARE * len(long)


def _words(text: str) -> Iterator[_Word]:
    for match in _WORD.finditer(text):
        start, end = match.span()
        before, after = _sign_before(text, start), text[end : end + 1]
        yield _Word(
            start=start,
            end=end,
            base=re.split("['’]", match.group())[0],
            starts_sentence=not before or before in _SENTENCE_ENDS,
            hyphenated=text[start - 1 : start] in ("-", "–", "/") or after in ("-", "–", "/"),
        )


def _sign_before(text: str, start: int) -> str:
    """Return the last sign before `start` that is no space; "" at the beginning. Reads the gap alone, not the text."""
    while start > 0 and text[start - 1] in " \t":
        start -= 1
    return text[start - 1 : start] if start else ""


@cache
def _given_names() -> frozenset[str]:
    english = {*FREQUENCY_LISTS["female_names"], *FREQUENCY_LISTS["male_names"]}
    return frozenset(english | set(_TURKISH.split()))


def _not_names() -> frozenset[str]:
    return _with_ambiguous(identifiers.not_names())


@lru_cache(maxsize=1)
def _with_ambiguous(words: frozenset[str]) -> frozenset[str]:
    return words | set(_AMBIGUOUS_WORDS.split())
