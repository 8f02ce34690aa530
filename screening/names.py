"""Words that could be a person's name though nothing beside them says so: for a person to look at, never a refusal.

No pattern tells "Rosalind" from "Kaposi". What is listed here is asked about once, and the second reader sees it
marked. Known are given names (English from zxcvbn's frequency lists, Turkish below) and two words in a row that are
written as names are; eponyms pass by the noun that follows them, by a hyphen, or by the vocabulary of diagnoses.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from screening import identifiers, normalise
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
# Given names that are words of this trade or of every day, or parts of eponyms.
_WORDS_TOO: Final = """
    addison amber april art august autumn bay can carol christian clark coral crystal daisy dale dawn deniz dolly drew
    earl eve faith fern flora frank gale gene gil ginger glenn grace grant guy hailey hazel heath herb holly hope iris
    ivory ivy jade june ken king lacy lance lane lewis lily lupe major mark marie may merle miles milo mina misty
    monroe olive opal pearl penny pepper ray reed rich rob robin rocky rose royal ruby rusty sage sandy scarlett
    september shade sherry skip star sterling stewart stone stormy summer sun tad tiny trinity turner tyson unna van
    velvet violet virgil wade wallace ward will winter wood woods yong ufuk umut inci ipek bahar baris gul
    sultan gunes yildiz damla melek sevgi onur ozgur
    new united north south east west los las san saint royal college university
"""
_NOUN_LIST: Final = """
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
_NOUNS: Final = frozenset(map(fold, _NOUN_LIST.split()))
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]*)?")
_AS_A_NAME: Final = re.compile(r"[A-ZÇĞÖŞÜÄÉ](?:[a-zçğıöşüäéèñß]{2,}|[A-ZÇĞÖŞÜ]{3,})\Z")
_ENDS: Final = '.!?:;\n(“"•'
HEADING_SHARE: Final = 0.7


@dataclass(frozen=True, slots=True)
class Possible:
    """`text[start:end]` of what was looked at could name a person. Show it to its author, never log it."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    base: str  # without what follows an apostrophe
    begins: bool  # a sentence
    joined: bool  # by a hyphen to a neighbour

    @property
    def named(self) -> bool:
        return _AS_A_NAME.match(self.base) is not None and not self.joined and fold(self.base) not in _known()

    @property
    def given(self) -> bool:
        return self.named and not self.base.isupper() and fold(self.base) in _given()


def find(text: str) -> list[Possible]:
    """What could be a name, in order, without overlaps; [] when there is nothing to ask."""
    seen = normalise.read(text)
    words = list(_words(seen.text))
    found: list[Possible] = []
    at = 0
    while at < len(words):
        length = _length(words, at, seen.text)
        if length:
            start, end = seen.starts[words[at].start], seen.ends[words[at + length - 1].end - 1]
            found.append(Possible(start, end, text[start:end]))
        at += length or 1
    return found


def _length(words: list[_Word], at: int, text: str) -> int:
    """How many words from here on look like one name; 0 for none."""
    run = 0
    while run < 3 and at + run < len(words) and words[at + run].named and (not run or _adjacent(words, at + run, text)):
        run += 1
    if not run or _noun_follows(words, at + run, text):
        return 0
    if any(word.given for word in words[at : at + run]):
        return run
    return run if run > 1 and not words[at].begins and not _is_heading(words) else 0


def _adjacent(words: list[_Word], at: int, text: str) -> bool:
    return text[words[at - 1].end : words[at].start].isspace() and "\n" not in text[words[at - 1].end : words[at].start]


def _noun_follows(words: list[_Word], at: int, text: str) -> bool:
    follows = at < len(words) and text[words[at - 1].end : words[at].start].isspace()
    return follows and fold(words[at].base) in _NOUNS


def _is_heading(words: list[_Word]) -> bool:
    long = [word.base for word in words[1:] if len(word.base) > 3]
    return sum(word[0].isupper() for word in long) >= HEADING_SHARE * len(long)


def _words(text: str) -> Iterator[_Word]:
    for match in _WORD.finditer(text):
        start, end = match.span()
        before, after = text[:start].rstrip(" \t")[-1:], text[end : end + 1]
        yield _Word(
            start=start,
            end=end,
            base=re.split("['’]", match.group())[0],
            begins=not before or before in _ENDS,
            joined=text[start - 1 : start] in ("-", "–", "/") or after in ("-", "–", "/"),
        )


@cache
def _given() -> frozenset[str]:
    english = {*FREQUENCY_LISTS["female_names"], *FREQUENCY_LISTS["male_names"]}
    return frozenset(english | set(_TURKISH.split()))


@cache
def _known() -> frozenset[str]:
    return identifiers.not_names() | set(_WORDS_TOO.split())
