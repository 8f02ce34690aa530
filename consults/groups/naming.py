"""Names of groups: one spelling of each, none that pretends to be the site, none that names a person.

A patient's consent names a group by its name, so no two groups may look alike, and a name never changes.
"""

import unicodedata
from typing import Any, Final

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

from consults.exceptions import ChangeRefused
from consults.findings import sentences
from screening import identifiers
from vocabulary.folding import fold

LONGEST: Final = 80
_SHORTEST_KEY: Final = 2
# Whom a patient could take for somebody else than a group; both languages of the site.
_RESERVED: Final = """
    all members, all vetted members, all verified members, everybody, everyone, public, members, dermatologists,
    moderators, administrators, administration, admin, privacy officers, support, security, staff, system, rete, group,
    nobody, patients, tüm üyeler, tüm doğrulanmış üyeler, herkes, üyeler, dermatologlar, moderatörler, yöneticiler,
    yönetim, gizlilik sorumluları, destek, güvenlik, sistem, grup, hastalar
"""


class NameRefused(ChangeRefused):
    """A name that no group can have."""


def key_of(name: str) -> str:
    """Return what two names have in common that a reader could mistake for one another: letters and digits, folded.

    Names in other scripts than Latin are lower-cased only, because folding would leave nothing of them.
    """
    plain = unicodedata.normalize("NFKC", name).casefold()
    if all(_is_latin(letter) for letter in plain if letter.isalpha()):
        plain = fold(plain)
    return "".join(letter for letter in plain if letter.isalnum())[:LONGEST]


def tidy(name: str) -> str:
    """Return a name with single spaces and without invisible characters."""
    visible = (" " if unicodedata.category(sign) == "Cc" else sign for sign in unicodedata.normalize("NFC", name))
    return " ".join("".join(sign for sign in visible if unicodedata.category(sign) != "Cf").split())


def check(name: str) -> None:
    """Refuse a name that could identify a person, or be taken for something else. Raises NameRefused.

    Whether another group has it is refused in the same words (`refuse`): the name of a closed group is nobody's to find
    out by trying.
    """
    found = identifiers.find(name)
    if found:
        raise NameRefused(" ".join(sentences(found)))
    letters = [letter for letter in name if letter.isalpha()]
    mixed = any(map(_is_latin, letters)) and not all(map(_is_latin, letters))
    if mixed or len(key_of(name)) < _SHORTEST_KEY or key_of(name) in _reserved():
        raise refuse()


def refuse() -> NameRefused:
    """Return the one refusal for every name that is reserved, taken, or like another."""
    return NameRefused(_("This name cannot be used: it is reserved, or too much like another. Choose another one."))


def _reserved() -> set[str]:
    return {key_of(word.strip()) for word in (*_RESERVED.split(","), settings.SITE_NAME)}


def _is_latin(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith(("LATIN", "FULLWIDTH LATIN", "FEMININE", "MASCULINE"))


class NameKey(models.CharField):  # type: ignore[type-arg]
    """A column that holds `key_of` another one, however the row is saved, and that no form shows."""

    def __init__(self, *args: Any, of: str = "name", **kwargs: Any) -> None:
        """Take the name of the field that it follows."""
        self.of = of
        super().__init__(*args, **{"max_length": LONGEST, "editable": False} | kwargs)

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        """Give migrations the field that it follows."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, list(args), kwargs | {"of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """Compute the key."""
        key = key_of(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, key)
        return key
