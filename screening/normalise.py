"""A text as an eye reads it, for rules that look for numbers and names.

Threat: a date with a zero-width space in it, a phone number in full-width digits, a name of letter and loose accent:
copied out of a hospital's PDF or put there on purpose, they look as always and match nothing.
"""

import unicodedata
from dataclasses import dataclass

_HYPHENS = "\u2010\u2011\u2012"
_FULL_WIDTH = 0xFEE0  # from "!" to its wide form


@dataclass(frozen=True, slots=True)
class Legible:
    """`text` as it is read; character i of it stands at `starts[i]:ends[i]` of what was written."""

    text: str
    starts: list[int]
    ends: list[int]


def read(written: str) -> Legible:
    """What is read: without signs that nobody sees, accents on their letters, digits and signs in their plain form."""
    signs: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    while at < len(written):
        start, at = at, at + 1
        while at < len(written) and unicodedata.combining(written[at]):
            at += 1
        for sign in unicodedata.normalize("NFC", written[start:at]):
            if unicodedata.category(sign) == "Cf":
                continue
            signs.append(_plain(sign))
            starts.append(start)
            ends.append(at)
    return Legible("".join(signs), starts, ends)


def _plain(sign: str) -> str:
    """One character for one character."""
    if sign.isascii():
        return sign
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    if "\uff01" <= sign <= "\uff5e":
        return chr(ord(sign) - _FULL_WIDTH)
    if sign in _HYPHENS:
        return "-"
    if sign == "İ":  # the rules' "i" is no small form of it
        return "I"
    return " " if unicodedata.category(sign) == "Zs" else sign
