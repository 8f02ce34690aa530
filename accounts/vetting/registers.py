"""Registers whose numbers have a known form, so that a slip of the pen is seen before moderators look it up.

Most registers publish no form; their numbers pass. Only what cannot be a number of the register that the applicant
points at is refused; what merely reads like a mistyped one is a hint for the moderators.
"""

import re
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from stdnum import luhn

from accounts.vetting.models import comparable

# ISO 7812: an NPI is checked as the end of a card number that begins with 80 (health) and 840 (United States).
NPI_PREFIX = "80840"


def is_npi(number: str) -> bool:
    """Whether these are the ten digits of a National Provider Identifier, check digit included."""
    return bool(re.fullmatch(r"[12][0-9]{9}", number)) and luhn.is_valid(NPI_PREFIX + number)


def is_gmc(number: str) -> bool:
    """Whether these are the seven digits of a General Medical Council reference number; it has no check digit."""
    return bool(re.fullmatch(r"[0-9]{7}", number))


def is_ahpra(number: str) -> bool:
    """Whether this is a registration number of AHPRA: three letters for the profession and ten digits."""
    return bool(re.fullmatch(r"[a-z]{3}[0-9]{10}", number))


_BY_HOST = {"npiregistry.cms.hhs.gov": is_npi, "gmc-uk.org": is_gmc, "ahpra.gov.au": is_ahpra}


def is_malformed(*, url: str, number: str) -> bool:
    """Whether the register at this address cannot have such a number; False for a register that is not known."""
    host = (urlsplit(url).hostname or "").lower()
    return any(
        (host == known or host.endswith("." + known)) and not fits(comparable(number))
        for known, fits in _BY_HOST.items()
    )


def hint(*, country: str, number: str) -> str:
    """Return a sentence for the moderators about a number that reads like a mistyped one; "" for all others."""
    digits = comparable(number)
    if country == "US" and re.fullmatch(r"[12][0-9]{9}", digits) and not is_npi(digits):
        return _("The number reads like an NPI, but its check digit does not fit.")
    return ""
