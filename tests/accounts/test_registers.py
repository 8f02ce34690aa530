"""Numbers of known registers: only what cannot be one is refused, and unknown registers accept anything."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django_countries import countries

from accounts.models import Application, Member
from accounts.vetting.checking import registers
from accounts.vetting.checking.numbers import FORMS
from tests.packages import ROOT

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
    ("country", "profession", "number", "verdict"),
    [
        ("US", "dermatologist", "1234567893", "check_digit"),
        ("US", "dermatologist", "1 234 567 893", "check_digit"),
        ("US", "dermatologist", "1234567894", "wrong_digit"),
        ("US", "dermatologist", "A-123456", "unknown"),  # a licence of a state
        ("US", "nurse", "1234567893", "check_digit"),
        ("GB", "dermatologist", "70 00 000", "form"),
        ("GB", "dermatologist", "700000", "wrong_form"),
        ("GB", "nurse", "98I1393E", "form"),
        ("GB", "nurse", "7000000", "wrong_form"),
        ("GB", "student", "700000", "unknown"),  # listed by their faculty
        ("AU", "dermatologist", "MED0001234567", "form"),
        ("FR", "dermatologist", "10005173140", "check_digit"),
        ("FR", "dermatologist", "10005173141", "wrong_digit"),
        ("PL", "dermatologist", "5425740", "check_digit"),
        ("PL", "dermatologist", "5425741", "wrong_digit"),
        ("PL", "dermatologist", "54257", "wrong_form"),
        ("DE", "dermatologist", "123456620", "check_digit"),
        ("DE", "dermatologist", "123456720", "wrong_digit"),
        ("DE", "dermatologist", "80276 0012345678", "form"),
        ("DE", "dermatologist", "17/4", "unknown"),
        ("CH", "dermatologist", "7601000000002", "check_digit"),
        ("CH", "dermatologist", "7601000000003", "wrong_digit"),
        ("NL", "dermatologist", "19012345601", "form"),
        ("NL", "dermatologist", "1901234", "wrong_form"),
        ("TR", "dermatologist", "10000000146", "personal"),
        ("TR", "dermatologist", "10000000147", "unknown"),
        ("TR", "dermatologist", "123456", "unknown"),
        ("ES", "dermatologist", "54362315K", "personal"),
        ("ES", "dermatologist", "282812345", "form"),
        ("SE", "dermatologist", "8803200016", "personal"),
        ("XX", "dermatologist", "1", "unknown"),
    ],
)
def test_the_form_of_a_number(country: str, profession: str, number: str, verdict: str) -> None:
    finding = registers.examine_number(country=country, profession=profession, number=number)
    assert finding.verdict == verdict
    assert finding.sentence.endswith(".")
    assert finding.is_doubtful is (verdict in ("wrong_digit", "wrong_form", "personal"))


@pytest.mark.parametrize("register", registers.REGISTERS, ids=lambda one: f"{one.country}-{one.host}")
def test_every_register_is_a_country_s_own_page(register: registers.Register) -> None:
    assert register.country in countries
    assert register.address.startswith("https://")
    assert set(register.forms) <= set(FORMS)
    assert register.professions
    assert register.has(register.address)
    assert (not register.entry) or "{number}" in register.entry


@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_some_register_s_and_stands_in_the_docs(name: str) -> None:
    assert any(name in register.forms for register in registers.REGISTERS)
    assert f"| {FORMS[name].name} |" in (ROOT / "docs" / "vetting.md").read_text()


@pytest.mark.parametrize(
    ("country", "number", "address"),
    [
        ("GB", "70 00 000", "https://www.gmc-uk.org/registrants/7000000"),
        ("GB", "../../x", "https://www.gmc-uk.org/registration-and-licensing/our-registers"),
        ("US", "1234567893", "https://npiregistry.cms.hhs.gov/provider-view/1234567893"),
        ("US", "1234567894", "https://npiregistry.cms.hhs.gov/"),
        ("NL", "19012345601", "https://www.bigregister.nl/"),
    ],
)
def test_the_link_leads_to_the_entry_of_a_number_that_can_be_one(country: str, number: str, address: str) -> None:
    first = registers.registers_of(country=country, profession="dermatologist")[0]
    assert first.address_of(number) == address


def test_nurses_and_doctors_have_registers_of_their_own() -> None:
    def hosts(profession: str) -> set[str]:
        return {one.host for one in registers.registers_of(country="GB", profession=profession)}

    assert hosts("nurse") == {"nmc.org.uk"}
    assert hosts("physician") == {"gmc-uk.org"}
    assert hosts("student") == set()


@pytest.mark.django_db
def test_the_page_links_the_register_and_not_only_what_was_typed(
    applied: Callable[..., Application], mod1: Member, sign_in: Callable[[object], Client]
) -> None:
    application = applied(country="GB", registry_number="7000000", registry_url="https://register.example.org/")
    page = sign_in(mod1).get(reverse("accounts:decide", args=[application.pk])).content.decode()
    assert 'href="https://www.gmc-uk.org/registrants/7000000"' in page
    assert 'href="https://register.example.org/"' in page
    assert "not one of the registers above" in page
    assert "The number has the right form (GMC); there is no check digit." in page
