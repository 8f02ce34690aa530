"""Registers whose numbers have a known format, to catch typing errors before moderators look a number up.

Most registers publish no format; their numbers pass. A number is refused only if the register that the applicant
names cannot have issued it; one that merely looks mistyped gives a hint to the moderators.
"""

import re
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from stdnum import luhn

from accounts.vetting.models import comparable

# ISO 7812: the check digit of an NPI is that of a card number with the prefix 80 (health) 840 (United States).
NPI_PREFIX = "80840"


def is_npi(number: str) -> bool:
    """Whether this is a National Provider Identifier: ten digits with a valid check digit."""
    return bool(re.fullmatch(r"[12][0-9]{9}", number)) and luhn.is_valid(NPI_PREFIX + number)


def is_gmc(number: str) -> bool:
    """Whether this is a General Medical Council reference number: seven digits, no check digit."""
    return bool(re.fullmatch(r"[0-9]{7}", number))


def is_ahpra(number: str) -> bool:
    """Whether this is an AHPRA registration number: three letters for the profession, then ten digits."""
    return bool(re.fullmatch(r"[a-z]{3}[0-9]{10}", number))


_BY_HOST = {"npiregistry.cms.hhs.gov": is_npi, "gmc-uk.org": is_gmc, "ahpra.gov.au": is_ahpra}


def is_malformed(*, url: str, number: str) -> bool:
    """Whether the register at this address cannot have issued this number; False for unknown registers."""
    host = (urlsplit(url).hostname or "").lower()
    return any(
        (host == known or host.endswith("." + known)) and not fits(comparable(number))
        for known, fits in _BY_HOST.items()
    )


def hint(*, country: str, number: str) -> str:
    """Return a sentence for the moderators about a number that looks mistyped; "" for all others."""
    digits = comparable(number)
    if country == "US" and re.fullmatch(r"[12][0-9]{9}", digits) and not is_npi(digits):
        return _("The number reads like an NPI, but its check digit does not fit.")
    return ""
