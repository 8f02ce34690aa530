"""Languages that people speak, by ISO 639 code, named in the reader's language.

Names are Django's, translated with it; those that it does not have are our own.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from django.conf.locale import LANG_INFO
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from vocabulary.folding import fold

MAX_CODE_LENGTH: Final = 3
_INVENTED: Final = frozenset(("ia", "io"))
_OURS: Final[dict[str, str | Promise]] = {
    "am": _("Amharic"),
    "fil": _("Filipino"),
    "gu": _("Gujarati"),
    "ha": _("Hausa"),
    "ku": _("Kurdish"),
    "lo": _("Lao"),
    "mg": _("Malagasy"),
    "mt": _("Maltese"),
    "om": _("Oromo"),
    "ps": _("Pashto"),
    "rw": _("Kinyarwanda"),
    "sd": _("Sindhi"),
    "si": _("Sinhala"),
    "so": _("Somali"),
    "ti": _("Tigrinya"),
    "xh": _("Xhosa"),
    "yo": _("Yoruba"),
    "zh": _("Chinese"),
    "zu": _("Zulu"),
}


@cache
def codes() -> tuple[str, ...]:
    """Return every code that may be chosen, without regional variants."""
    named = {code for code in LANG_INFO if len(code) <= MAX_CODE_LENGTH} - _INVENTED
    return tuple(sorted(named | _OURS.keys()))


def is_known(code: str) -> bool:
    """Whether a member may choose this code."""
    return code in codes()


def label(code: str) -> str:
    """Return a language's name in the reader's language; the code itself for an unknown one."""
    if code in _OURS:
        return str(_OURS[code])
    return gettext(LANG_INFO[code]["name"]) if is_known(code) else code


def choices() -> list[tuple[str, str]]:
    """Return (code, name) of every language, by name in the reader's language."""
    return list(_choices(get_language() or "en"))


@cache
def _choices(language: str) -> tuple[tuple[str, str], ...]:
    """Return the choices of one language of the site; the names are those of the active one, which is the same."""
    return tuple(sorted(((code, label(code)) for code in codes()), key=lambda choice: (fold(choice[1]), choice[0])))
