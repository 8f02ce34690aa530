"""Detection of identifiers of a patient in free text: a safety net, as authors are asked not to write any.

A finding blocks a case or a comment, so precision comes first: ordinary clinical prose must pass. Allowed on
purpose: years and decades alone ("since 2019", "the 1990s"), months without a day or year ("in June"), relative
time ("day 3"), age bands ("in her fifties", "aged 50-59"), links to the literature, PMIDs and DOIs, eponyms
("Sister Mary Joseph nodule"), and bare names without a title, an age or the word patient beside them, which no
pattern distinguishes from eponyms: `screening.names` asks about those.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from stdnum.gb import nhs
from stdnum.tr import tckimlik

from screening import colleagues
from screening.normalise import normalise
from vocabulary import diagnoses
from vocabulary.folding import fold


class Kind(StrEnum):
    """Kinds of identifiers."""

    EMAIL = "email"
    LINK = "link"
    HANDLE = "handle"
    PHONE = "phone"
    DATE = "date"
    NUMBER = "number"
    NAME = "name"
    INITIALS = "initials"
    AGE = "age"
    ADDRESS = "address"
    RELATION = "relation"


# What names the owner of somebody else's material, and may stand where an owner is asked for.
OF_AN_OWNER: Final = frozenset((Kind.NAME, Kind.LINK, Kind.HANDLE, Kind.EMAIL))


@dataclass(frozen=True, slots=True)
class Finding:
    """An identifier at `[start:end]` of the scanned text (characters, end exclusive).

    `text` may name a patient: show it to its author, never log it.
    """

    kind: Kind
    start: int
    end: int
    text: str


_CAP: Final = r"[A-ZÇĞİÖŞÜÄÉ][a-zçğıöşüäéèñß'’-]{1,24}"
_NAME: Final = rf"(?:{_CAP}|[A-ZÇĞİÖŞÜÄÉ]{{3,25}}(?![\w/+-]))"
_NAMES: Final = rf"{_NAME}(?:\s++{_NAME}){{0,2}}"
# Words in capitals are as often abbreviations as names; shorter ones would cause too many false alarms.
_LONG_NAME: Final = rf"(?:{_CAP}|[A-ZÇĞİÖŞÜÄÉ]{{4,25}}(?![\w/+-]))"
_YEAR: Final = r"(?:19|20)\d\d"
_DAY: Final = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH: Final = r"(?:0?[1-9]|1[0-2])"
_MONTHS_LONG: Final = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Ocak|Şubat|Mart|Nisan|Mayıs|Haziran|Temmuz|Ağustos|Eylül|Ekim|Kasım|Aralık)"
)
_MONTHS: Final = rf"(?:{_MONTHS_LONG}|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
_UNIT: Final = r"(?:%|mm|cm|µm|um|mg|g|kg|ml|mL|µg|mcg|J|mJ|nm|IU|U|units?|cells?|copies|ünite|x|×)"
_NO_UNIT: Final = rf"(?!\d|[.,]\d|\s?{_UNIT}(?![A-Za-z]))"
_OLD: Final = r"(?:y/o|yo|y\.o\.|y|yrs?[ -]old|years?[ -]old|year-old|yaş(?:ında\w{0,4})?)"
_STATES: Final = (
    r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]"
    r"|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])"
)
_LESION: Final = (
    r"(?:lesions?|plaques?|nodules?|papules?|patch(?:es)?|scars?|ulcers?|wounds?|n(?:a?e)v(?:us|i)|moles?|tattoos?|rash|"
    r"eruption|history|biops(?:y|ies)|specimens?|tumou?rs?|cysts?|graft|burns?|swelling|growth|problem|condition|dermatosis)"
)
_PERSON: Final = (
    r"(?:girl|boy|infant|baby|child|newborn|neonate|male|female|man|woman|patient|kız|erkek|bebek|çocuk|hasta)"
)
_KIN: Final = (
    r"(?:aunt|uncle|mother|father|mum|mom|dad|sister|brother|cousin|niece|nephew|wife|husband|partner|son|daughter|"
    r"grandmother|grandfather|mother-in-law|father-in-law|neighbou?r|landlord|landlady|hairdresser|boss|friend|teacher)"
)
_KIN_TR: Final = r"(?:komşum|teyzem|halam|amcam|dayım|annem|babam|eşim|kuzenim|oğlum|kızım|kardeşim|arkadaşım)"

_TENS: Final = r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
_ONES: Final = r"(?:one|two|three|four|five|six|seven|eight|nine)"
_TENS_TR: Final = r"(?:on|yirmi|otuz|kırk|elli|altmış|yetmiş|seksen|doksan)"
_ONES_TR: Final = r"(?:bir|iki|üç|dört|beş|altı|yedi|sekiz|dokuz)"

# Hosts of the literature, each with its subdomains: the only ones to which a text may link.
LITERATURE_HOSTS: Final = (
    "doi.org", "ncbi.nlm.nih.gov", "clinicaltrials.gov", "dermnetnz.org", "who.int", "cochranelibrary.com",
    "jamanetwork.com", "nejm.org", "thelancet.com", "bmj.com", "nature.com", "springer.com", "karger.com",
    "onlinelibrary.wiley.com", "academic.oup.com", "jaad.org", "sciencedirect.com", "bad.org.uk", "eadv.org", "aad.org",
    "isic-archive.com",
)  # fmt: skip
# A host ends where no further label follows: "doi.org.example.com" is somebody else's.
LITERATURE_HOST: Final = (
    rf"(?:[\w-]{{1,63}}\.){{0,4}}(?:{'|'.join(map(re.escape, LITERATURE_HOSTS))})(?![\w@-]|:\d|\.[\w-])"
)
# References to publications; the digits in such a link are not a patient's.
_LITERATURE: Final = re.compile(
    rf"(?<![\w.@-])(?:https?://)?{LITERATURE_HOST}(?:/\S*)?"
    r"|\b(?:PMID|PMCID|ISBN|ISSN)\s*+[:.]?\s*+(?:PMC)?\d[\dX-]*+|\bdoi\s*+[:.]?\s*+10\.\S+"
    r"|\b10\.\d{4,9}/\S+|\b(?:NCT|ISRCTN|PMC)\d+\b",
    re.IGNORECASE,
)


class _Rule(NamedTuple):
    kind: Kind
    pattern: re.Pattern[str]
    accepts: Callable[[re.Match[str]], bool] = lambda _found: True


@dataclass(frozen=True, slots=True)
class Known:
    """Names that are no patient's: see `screening.colleagues`. `addressed` are groups and roles after “@”."""

    colleagues: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    addressed: tuple[str, ...] = ()


NOBODY: Final = Known()


def find(text: str, *, known: Known = NOBODY) -> list[Finding]:
    """Find everything in a text that could identify a patient, in order, without overlaps; [] if nothing."""
    normal = normalise(text)
    allowed = [found.span() for found in _LITERATURE.finditer(normal.text)]
    candidates = sorted(_candidates(normal.text), key=lambda one: (one[1], -one[2]))
    findings: list[Finding] = []
    reached = link = 0
    for kind, first, last in candidates:
        while link < len(allowed) and allowed[link][1] <= first:
            link += 1  # candidates come in order, so no later one needs it either
        if first < reached or (link < len(allowed) and _is_reference(kind, first, last, *allowed[link])):
            continue
        if known is not NOBODY and _is_known(kind, normal.text, first, last, known):
            continue
        start, end = normal.starts[first], normal.ends[last - 1]
        findings.append(Finding(kind=kind, start=start, end=end, text=text[start:end]))
        reached = last
    return findings


_REST_OF_WORD: Final = re.compile(r"(?<=[\w'’-])[\w'’-]{0,40}")  # of a name that no rule writes: O'Brien, McLeod


def _is_reference(kind: Kind, first: int, last: int, start: int, end: int) -> bool:
    """Whether what was found is part of a reference. A link is one only as a whole: no other may carry one in it."""
    if kind in (Kind.LINK, Kind.EMAIL):
        return start <= first and last <= end
    return start < last


def _is_known(kind: Kind, text: str, first: int, last: int, known: Known) -> bool:
    if kind == Kind.HANDLE:
        people = (*known.colleagues, *known.authors)
        return colleagues.is_named(text, first, people=people, titles=known.addressed)
    if kind != Kind.NAME:
        return False
    whole = _REST_OF_WORD.match(text, last)
    stretch = text[first : whole.end() if whole else last]
    return colleagues.is_explained(stretch, colleagues=known.colleagues, authors=known.authors, plain=not_names())


def is_identity_number(digits: str) -> bool:
    """Whether the check digits are valid for a T.C. kimlik no (eleven digits) or an NHS number (ten)."""
    return tckimlik.is_valid(digits) or nhs.is_valid(digits)


def _candidates(text: str) -> Iterator[tuple[Kind, int, int]]:
    for rule in _RULES:
        for found in rule.pattern.finditer(text):
            if rule.accepts(found):
                part = "it" if "it" in rule.pattern.groupindex else 0
                yield rule.kind, found.start(part), found.end(part)


def _is_identity_number(found: re.Match[str]) -> bool:
    return is_identity_number(re.sub(r"\D", "", found.group()))


def _has_day_and_month(found: re.Match[str]) -> bool:
    return min(int(found["first"]), int(found["second"])) <= 12


def _is_person_name(found: re.Match[str]) -> bool:
    words = found["name"].split()
    return not any(fold(word) in not_names() for word in words)


def _is_not_abbreviation(found: re.Match[str]) -> bool:
    return fold(found["letters"]) not in _ABBREVIATIONS | _diagnosis_names()


_ABBREVIATIONS: Final = frozenset(
    {"he", "pas", "gms", "ihc", "dif", "hiv", "hbv", "hcv", "copd", "ht", "htn", "bp", "ana", "crp", "esr", "ct", "mri"}
)
_PLAIN_WORD_LIST: Final = """
    a an and any as at by care case clinical complaint complains consent consented denied denies did education
    feels female for from from global gave given had has have he her history his in information is it leaflet
    male man new no noticed of old on or our presented presenting presents received refused remains reported
    reports safety satisfaction she since skin started stopped supports taking the their this to under was
    who whose will with without woman years young bu bir su o yeni yasli genc orta kadin erkek hasta sayin
    fitzpatrick monk breslow clark type level stage day week month assessment health quality outcome outcomes
    mary joseph koebner nikolsky auspitz wickham gottron hutchinson darier lesions plaque plaques papules nodules
    annular linear solitary multiple acute chronic severe mild
"""
_PLAIN_WORDS: Final = frozenset(_PLAIN_WORD_LIST.split())


def _diagnosis_names() -> frozenset[str]:
    return _names_of(diagnoses.edition())


@lru_cache(maxsize=1)
def _names_of(_edition: int) -> frozenset[str]:
    """Return the folded names of all diagnoses, read again when one was added."""
    return frozenset(fold(name) for one in diagnoses.all() for name in (one.label, one.turkish, *one.synonyms))


def not_names() -> frozenset[str]:
    """Return folded words that do not start a name: plain words, and every word in names of diagnoses."""
    return _not_names(diagnoses.edition())


@lru_cache(maxsize=1)
def _not_names(_edition: int) -> frozenset[str]:
    return _PLAIN_WORDS | {word for name in _diagnosis_names() for word in name.split()}


def _compile(pattern: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile(pattern, flags)


_I: Final = re.IGNORECASE
_RULES: Final = (
    _Rule(Kind.EMAIL, _compile(r"[\w.+-]{1,64}\s?(?:@|[\[(](?:at|@)[\])])\s?[\w-]{1,63}(?:\.[\w-]{2,63})+", _I)),
    _Rule(Kind.EMAIL, _compile(r"\b[\w.+-]{2,64}\s++at\s++[\w-]{2,63}\s++dot\s++(?:com|org|net|edu|tr|uk)\b", _I)),
    _Rule(Kind.LINK, _compile(r"(?:https?://|\bwww\.)[^\s<>\"]+", _I)),
    _Rule(
        Kind.LINK,
        _compile(
            r"(?<![\w@.])[a-z0-9][a-z0-9-]{1,62}(?:\.[a-z0-9-]{2,63})*\.(?:com|org|net|edu|gov|tr|uk|io)\b(?:/\S*)?", _I
        ),
    ),
    _Rule(Kind.HANDLE, _compile(r"(?<![\w.@/])@[^\W\d][\w.]{2,30}")),
    # Comes before phone numbers: a valid check digit decides between the two.
    _Rule(Kind.NUMBER, _compile(r"(?<![\w.])\d(?:[ -]?\d){9,10}(?![\w]|[.,]\d)"), _is_identity_number),
    # Phones: international, Turkish mobile, North American, trunk zero, or any digits after the word.
    _Rule(Kind.PHONE, _compile(r"(?<![\w.])(?:\+|00)[1-9][\d\s().-]{7,18}\d\b")),
    _Rule(Kind.PHONE, _compile(r"(?<![\w.])\(?0?5\d{2}\)?[\s.-]?\d{3}[\s.-]?\d{2}[\s.-]?\d{2}\b")),
    _Rule(Kind.PHONE, _compile(r"(?<![\w.])\(?[2-9]\d{2}\)?[\s.-]\d{3}[\s.-]\d{4}\b" + _NO_UNIT)),
    _Rule(Kind.PHONE, _compile(r"(?<![\w.])\(?0\d{2,4}\)?[\s-]\d{3,4}[\s-]?\d{3,4}\b" + _NO_UNIT)),
    _Rule(
        Kind.PHONE,
        _compile(
            r"\b(?:tel|telephone|phone|mobile|gsm|whatsapp|telefon|cep)\b\.?\s*+"
            r"(?:no|number)?\s*+[:.]?\s*+[+(]?\d[\d\s()-]{4,24}\d",
            _I,
        ),
    ),
    _Rule(Kind.DATE, _compile(rf"(?<![\w.,/-]){_YEAR}(?P<by>[-–/.]){_MONTH}(?P=by){_DAY}(?![\w]|[./-]\d)")),
    _Rule(
        Kind.DATE,
        _compile(
            rf"(?<![\w.,/-])(?P<first>{_DAY})(?P<by>\s?[./–-]\s?)(?P<second>{_DAY})(?P=by){_YEAR}(?![\w]|[./-]\d)"
        ),
        _has_day_and_month,
    ),
    _Rule(
        Kind.DATE,
        _compile(rf"(?<![\w.,/-])(?P<first>{_DAY})(?P<by>[./])(?P<second>{_DAY})(?P=by)\d\d\b(?![./-]\d){_NO_UNIT}"),
        _has_day_and_month,
    ),
    _Rule(Kind.DATE, _compile(rf"(?<![\w.,/-])(?:0[1-9]|[12]\d|3[01])\s(?:0[1-9]|1[0-2])\s{_YEAR}(?!\w)")),
    _Rule(Kind.DATE, _compile(rf"(?<![\w.,/-])(?:0[1-9]|1[0-2])[/-]{_YEAR}\b(?![./-]\d){_NO_UNIT}")),
    _Rule(
        Kind.DATE,
        _compile(
            rf"(?<![\w.,/-]){_DAY}(?:st|nd|rd|th|\.)?(?:\s++of)?[\s-]++{_MONTHS}(?:\b|(?<=\.))(?:,?[\s-]++(?:{_YEAR}|'?\d\d\b))?"
            r"(?!\s++(?:be|have|also|not|represent|occur|help|need|show|well))"
        ),
    ),
    _Rule(
        Kind.DATE,
        _compile(
            rf"\b{_MONTHS}\s++{_DAY}(?:st|nd|rd|th)?\b{_NO_UNIT}(?![-–/]\d)(?!\s++(?:{_LESION}|weeks?|months?|days?|years?))(?:,?\s++{_YEAR})?"
        ),
    ),
    _Rule(Kind.DATE, _compile(rf"\b{_MONTHS},?\s++(?:of\s++)?{_YEAR}\b")),
    _Rule(Kind.DATE, _compile(rf"\b{_DAY}\s++{_MONTHS_LONG}\s++{_YEAR}\b", _I)),
    _Rule(
        Kind.DATE,
        _compile(
            rf"\b(?:born(?:\s++(?:in|on))?|dob|d\.o\.b\.|date\s++of\s++birth|doğum\s++(?:tarihi|yılı))\s*+[:.]?\s*+(?:{_CAP}\s++)?\d[\d./-]*|\b{_YEAR}\s++doğumlu",
            _I,
        ),
    ),
    _Rule(Kind.NUMBER, _compile(r"(?<![\w.,])\d{7,}(?!\w)" + _NO_UNIT)),
    _Rule(Kind.NUMBER, _compile(r"(?<![\w.-])\d{3}-\d{2}-\d{4}(?![\w-])")),
    _Rule(
        Kind.NUMBER,
        _compile(
            r"\b(?:MRN|NHS|SSN|TCKN|T\.?C\.?|URN|hospital\s++(?:no|number|id)|accession|passport|pasaport|protokol|kimlik|dosya"
            r"|(?:record|chart|file|case|patient|specimen|biopsy|slide|lab|insurance|policy|hasta|protocol)\s*+(?:no|number|nr|id|numarası|#))"
            r"\s*+(?:no|number|nr|id|numarası)?\s*+[.:#]{0,2}\s*+[A-Z]{0,4}-?\d[\d/ -]{2,}\d\b",
            _I,
        ),
    ),
    # Accession numbers of laboratories: S23-12345, H2023/1234, B-2023-1234, 23-S-12345.
    _Rule(Kind.NUMBER, _compile(r"(?<![\w-])[A-Z]{1,4}[- ]?(?:20)?\d{2}[-/]\d{3,7}(?![\w%-])" + _NO_UNIT)),
    _Rule(Kind.NUMBER, _compile(r"(?<![\w-])\d{2}-?[A-Z]{1,2}-?\d{4,7}(?!\w)")),
    _Rule(Kind.NUMBER, _compile(r"(?<![\w-])[A-Z]{1,3}-?\d{6,}(?!\w)")),
    _Rule(
        Kind.NAME,
        _compile(
            rf"\b(?:[Mm]rs?|MRS|Ms|Miss|Mx|[Dd]r|DR(?=\.)|[Pp]rof|PROF|Professor|Doctor|Nurse|Sister|Bay|Bayan|BAYAN|[Ss]ayın|SAYIN|Sn|Doç"
            rf"|Uzm|Herr|Frau|Mme)\b(?:\.\s*+|\s++)(?:(?:Dr|Prof|DR)(?:\.\s*+|\s++))?(?P<name>(?:[A-Z]\.\s*+)?{_NAMES})"
        ),
        lambda found: not found.group().startswith("Sister Mary Joseph"),
    ),
    _Rule(Kind.NAME, _compile(r"\b(?:mrs|bayan)\s++[^\W\d_]{2,25}\b", _I)),
    _Rule(
        Kind.NAME,
        _compile(rf"\b(?P<name>{_NAME})\s++(?:[Hh]anım|[Hh]anim|HANIM|[Bb]ey|BEY)(?:['’]\w+)?\b"),
        _is_person_name,
    ),
    _Rule(
        Kind.NAME,
        _compile(
            rf"\b(?:(?:[Pp]atient|[Pp]t|[Hh]asta(?:mız)?|[Cc]lient)\b[:,]?\s++|(?:PATIENT|HASTA)\s*+:\s*+)"
            rf"(?P<name>{_LONG_NAME}\s++{_LONG_NAME})"
        ),
        _is_person_name,
    ),
    _Rule(
        Kind.NAME,
        _compile(
            r"\b(?:patient(?:['’]s)?\s++name|surname|hasta(?:nın)?\s++adı|adı\s++soyadı|soyadı)\s*+[:=]\s*+[^\W\d_]{2,25}(?:\s++[^\W\d_]{2,25})?",
            _I,
        ),
    ),
    _Rule(
        Kind.NAME,
        _compile(
            rf"\b(?:(?i:patient|girl|boy|man|woman|lady|child)\s++(?:named|called)|[Hh](?:er|is)\s++name\s++is|(?i:patient(?:['’]s)?\s++name|name|surname|adı(?:\s++soyadı)?|isim|soyadı)\s*+[:=])\s*+(?P<name>{_NAMES})"
        ),
    ),
    _Rule(
        Kind.NAME,
        _compile(rf"\b(?P<name>{_LONG_NAME}\s++{_LONG_NAME})(?=,?\s++\(?\d{{1,3}}[ -]?{_OLD}(?!\w))"),
        _is_person_name,
    ),
    _Rule(Kind.NAME, _compile(rf"\b(?P<name>{_NAMES})\s++(?:adlı|isimli)\s++hasta"), _is_person_name),
    _Rule(
        Kind.INITIALS,
        _compile(
            r"\b(?:[Pp]atient|[Pp]t|[Hh]asta|[Cc]lient|[Ii]nitials)\b\.?[:,]?\s++(?:is\s++|are\s++)?(?P<it>(?:[A-ZÇĞİÖŞÜ]\.\s?){2,3})"
        ),
    ),
    _Rule(Kind.INITIALS, _compile(r"\b[Ii]nitials\b[:,]?\s++(?:are\s++)?(?P<it>[A-ZÇĞİÖŞÜ]{2,3})\b")),
    _Rule(
        Kind.INITIALS,
        _compile(
            rf"(?<!\w)(?P<it>(?:[A-ZÇĞİÖŞÜ]\.\s?){{2,3}}),?\s*+(?:\(?\d{{1,3}}[ -]?(?:{_OLD}|[MF])(?!\w)|is\s++an?\b)"
        ),
    ),
    _Rule(
        Kind.INITIALS,
        _compile(
            r"(?:^|(?<=[.;:(\n])|(?<=[.;:(]\s))(?P<it>(?P<letters>[A-ZÇĞİÖŞÜ]{2,3})),?\s++"
            rf"\(?\d{{1,3}}[ -]?(?:{_OLD}|[MF])(?!\w)",
            re.MULTILINE,
        ),
        _is_not_abbreviation,
    ),
    _Rule(
        Kind.AGE,
        _compile(
            rf"(?<![\w.,/–-])\d{{1,3}}[\s-]*+(?:years?|yrs?)[\s-]++old\b(?!\s++(?:[a-z]+\s++)?{_LESION}\b)(?!\s++(?:and|or)\s++(?:over|older|above))",
            _I,
        ),
    ),
    _Rule(Kind.AGE, _compile(r"(?<![\w.,/–-])\d{1,3}[\s-]?(?:y/o|yo|y\.o\.|yaşında\w{0,4})(?!\w)", _I)),
    _Rule(
        Kind.AGE,
        _compile(
            rf"(?<![\w.,/–-])\d{{1,2}}[\s-]*+(?:months?|weeks?|days?|mo|wk)[\s-]++old\s++(?:\w+\s++)?{_PERSON}\b", _I
        ),
    ),
    _Rule(Kind.AGE, _compile(rf"\b{_TENS}(?:[\s-]++{_ONES})?[\s-]++years?[\s-]++old\b(?!\s++{_LESION})", _I)),
    _Rule(Kind.AGE, _compile(rf"\baged\s++{_TENS}(?:[\s-]++{_ONES})?\b(?!\s*+(?:[-–+/]|to\b|(?:and|or)\b|s\b))", _I)),
    _Rule(Kind.AGE, _compile(rf"\b{_TENS_TR}(?:\s++{_ONES_TR})?\s++yaşında\w{{0,4}}\b", _I)),
    _Rule(
        Kind.AGE,
        _compile(
            r"\b(?:aged|(?:patient['’]s|her|his|their)\s++age(?:\s++is)?|age\s*+:|at\s++(?:the\s++)?age\s++(?:of\s++)?|yaşı?\s*+:)\s*+\d{1,3}\b(?!\s*+(?:[-–+/]|to\b|years?\s++(?:and|or)\b|(?:and|or)\s++(?:over|older|above|more|younger|under)|%|s\b))",
            _I,
        ),
    ),
    _Rule(
        Kind.AGE,
        _compile(
            r"(?:^|(?<=[.;:\n])|(?<=[.;:]\s)|(?<=\b[Aa]\s)|(?<=\b[Aa]n\s))\d{2}\s?[MF]\b(?![-/]|\s++catheter)",
            re.MULTILINE,
        ),
    ),
    _Rule(
        Kind.ADDRESS,
        _compile(
            rf"\b\d{{1,4}}[A-Za-z]?,?\s++(?:{_CAP}\s++){{1,3}}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Close|Court|Boulevard|Blvd|Square|Crescent|Terrace|Gardens)\b"
        ),
    ),
    _Rule(
        Kind.ADDRESS,
        _compile(
            rf"\b(?:{_CAP}|\d{{1,4}}\.?)(?:\s++{_CAP}){{0,2}}\s++(?:Mahallesi|Mah\.|Sokak|Sokağı|Sok\.|Sk\.|Caddesi|Cad\.|Cd\.|Bulvarı|Apartmanı|Apt\.|Sitesi)"
        ),
    ),
    _Rule(Kind.ADDRESS, _compile(r"\b[A-ZÄÖÜ][a-zäöüß]+(?:straße|strasse|gasse)\s++\d{1,4}\b")),
    _Rule(Kind.ADDRESS, _compile(r"\b(?:[A-Z]{1,2}\d[A-Z\d]?)\s\d[ABD-HJLNP-UW-Z]{2}\b")),
    _Rule(Kind.ADDRESS, _compile(rf"\b{_STATES}\s++\d{{5}}(?:-\d{{4}})?\b")),
    _Rule(Kind.ADDRESS, _compile(rf"\b\d{{5}}\s++{_CAP}\s?/\s?{_CAP}")),
    _Rule(Kind.RELATION, _compile(rf"\b(?:my|our)\s++(?:own\s++|late\s++|elderly\s++|next-door\s++)?{_KIN}\b", _I)),
    _Rule(Kind.RELATION, _compile(rf"\b{_KIN_TR}(?:un|ün|in|ın|da|de|a|e)?\b", _I)),
)
