"""Normalisation of text to what a reader sees, for rules that search for numbers and names.

Threat: a date with a zero-width space, a phone number in full-width digits, a name with combining accents. Copied
from a hospital's PDF or written on purpose, they look normal and match no rule.
"""

import unicodedata
from dataclasses import dataclass

_HYPHENS = "\u2010\u2011\u2012"
_LONGEST_SIGN = 16  # a letter and its accents; to put thousands in order, Unicode's rule compares each with each
_FULL_WIDTH = 0xFEE0  # from "!" to its wide form


@dataclass(frozen=True, slots=True)
class NormalisedText:
    """A normalised `text`, whose character i comes from `starts[i]:ends[i]` of the original."""

    text: str
    starts: list[int]
    ends: list[int]


def normalise(written: str) -> NormalisedText:
    """Remove invisible characters, compose accents, and replace digits and signs by their plain forms."""
    signs: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    while at < len(written):
        start, at = at, at + 1
        while at < len(written) and at - start < _LONGEST_SIGN and unicodedata.combining(written[at]):
            at += 1
        for sign in unicodedata.normalize("NFC", written[start:at]):
            if unicodedata.category(sign) == "Cf":
                continue
            signs.append(_plain(sign))
            starts.append(start)
            ends.append(at)
    return NormalisedText("".join(signs), starts, ends)


def _plain(sign: str) -> str:
    """Replace one character by exactly one."""
    if sign.isascii():
        return sign
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    if "\uff01" <= sign <= "\uff5e":
        return chr(ord(sign) - _FULL_WIDTH)
    if sign in _HYPHENS:
        return "-"
    if sign == "İ":  # "i", as in the rules, is not its lower case
        return "I"
    return " " if unicodedata.category(sign) == "Zs" else sign
