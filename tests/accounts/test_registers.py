"""Numbers of known registers: only what cannot be one is refused, and unknown registers accept anything."""

import pytest

from accounts.vetting.checking import registers

NPI, GMC, AHPRA = (
    "https://npiregistry.cms.hhs.gov/provider-view/1",
    "https://www.gmc-uk.org/doctors/1",
    "https://www.ahpra.gov.au/Registration/",
)


@pytest.mark.parametrize(
    ("url", "number", "malformed"),
    [
        (NPI, "1234567893", False),
        (NPI, "123-456-7893", False),
        (NPI, "1234567894", True),  # check digit
        (NPI, "3234567893", True),
        (NPI, "A12345", True),
        (GMC, "7000000", False),
        (GMC, "70 00 000", False),
        (GMC, "700000", True),
        ("https://gmc-uk.org/", "GP7000000", True),
        (AHPRA, "MED0001234567", False),
        (AHPRA, "med 0001 234 567", False),
        (AHPRA, "0001234567", True),
        ("https://register.example.org/", "1234567894", False),
        ("https://notgmc-uk.org/", "1", False),
        ("https://gmc-uk.org.example.org/", "1", False),
        ("not an address", "1", False),
    ],
)
def test_a_number_the_register_cannot_have_is_malformed(url: str, number: str, malformed: bool) -> None:
    assert registers.is_malformed(url=url, number=number) is malformed


@pytest.mark.parametrize(
    ("country", "number", "hinted"),
    [
        ("US", "1234567894", True),
        ("US", "1 234 567 894", True),
        ("US", "1234567893", False),
        ("US", "A-123456", False),  # a licence of a state
        ("US", "4301012345", False),
        ("TR", "1234567894", False),
    ],
)
def test_moderators_get_a_hint_about_a_number_like_a_mistyped_npi(country: str, number: str, hinted: bool) -> None:
    assert bool(registers.hint(country=country, number=number)) is hinted
