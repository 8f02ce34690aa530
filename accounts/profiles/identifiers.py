"""Identifiers of people and publications as members write them: ORCID iD, DOI, PubMed id. Nothing is looked up."""

import re
from typing import Final
from urllib.parse import quote, unquote

from stdnum.iso7064 import mod_11_2

_ORCID: Final = re.compile(
    r"(?:https?://(?:www\.)?orcid\.org/|orcid(?:\.org/|:)?\s*)?([0-9X-]{16,19})/?", re.IGNORECASE
)
_DOI: Final = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:?\s*)?(10\.[0-9]{4,9}/[!-~]+)", re.IGNORECASE)
_PMID: Final = re.compile(
    r"(?:https?://(?:pubmed\.ncbi\.nlm\.nih\.gov|(?:www\.)?ncbi\.nlm\.nih\.gov/pubmed)/|PMID:?\s*)?([1-9][0-9]{0,7})/?",
    re.IGNORECASE,
)
LONGEST_DOI: Final = 200


class NotAnIdentifier(ValueError):
    """Words that are no identifier of the kind that was asked for."""


def orcid(written: str) -> str:
    """Return an ORCID iD as 0000-0000-0000-0000 from its digits or address.

    Raises NotAnIdentifier; a digit that is wrong or in the wrong place is found (ISO 7064 mod 11-2).
    """
    found = _ORCID.fullmatch(written.strip())
    digits = found[1].replace("-", "").upper() if found else ""
    if not re.fullmatch(r"[0-9]{15}[0-9X]", digits) or not mod_11_2.is_valid(digits):
        raise NotAnIdentifier(written)
    return "-".join(digits[at : at + 4] for at in range(0, 16, 4))


def publication(written: str) -> tuple[str, str]:
    """Return (DOI, "") or ("", PubMed id) from a number or an address. Raises NotAnIdentifier for anything else."""
    words = written.strip()
    if found := _PMID.fullmatch(words):
        return "", found[1]
    if "doi.org/" in words.lower():
        words = unquote(words)
    found = _DOI.fullmatch(words)
    if found is None or len(found[1]) > LONGEST_DOI:
        raise NotAnIdentifier(written)
    return found[1].rstrip(".,;").lower(), ""


def doi_address(doi: str) -> str:
    """Return the address under which a DOI is found."""
    return f"https://doi.org/{quote(doi, safe='/()')}"


def pubmed_address(pmid: str) -> str:
    """Return the address of a publication in PubMed."""
    return f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"


def orcid_address(number: str) -> str:
    """Return the address of an ORCID record."""
    return f"https://orcid.org/{number}"
