"""The countries one can choose: the library's list and names, in the reader's language, without the uninhabited."""

import pytest
from django.utils.translation import override

from accounts.models import Application, Member
from accounts.vetting.forms import ClaimForm


def offered(language: str) -> dict[str, str]:
    with override(language):
        return {code: str(name) for code, name in ClaimForm().fields["country"].choices}


@pytest.mark.parametrize(
    ("language", "code", "name"),
    [
        ("en", "", "Choose…"),
        ("en", "TR", "Türkiye"),
        ("en", "DE", "Germany"),
        ("en", "CV", "Cape Verde"),
        ("tr", "", "Seçin…"),
        ("tr", "DE", "Almanya"),
        ("tr", "US", "Amerika Birleşik Devletleri"),
        ("tr", "SZ", "Esvatini"),
        ("tr", "NC", "Yeni Kaledonya"),
    ],
)
def test_countries_are_named_in_the_readers_language(language: str, code: str, name: str) -> None:
    assert offered(language)[code] == name


def test_countries_are_sorted_by_the_name_that_is_read() -> None:
    codes = list(offered("tr"))
    assert codes.index("DE") < codes.index("BE") < codes.index("TR")  # Almanya, Belçika, Türkiye
    codes = list(offered("en"))
    assert codes.index("BE") < codes.index("DE") < codes.index("TR")


@pytest.mark.parametrize(
    ("code", "accepted"), [("TR", True), ("AX", True), ("AQ", False), ("UM", False), ("TUR", False)]
)
def test_codes_of_two_letters_where_people_live_are_accepted(code: str, accepted: bool) -> None:
    assert ("country" not in ClaimForm({"country": code}).errors) is accepted


@pytest.mark.parametrize("model", [Member, Application])
def test_a_stored_code_knows_its_name(model: type[Member | Application]) -> None:
    row = model(country="DE")
    assert row.country == "DE"
    with override("tr"):
        assert row.country.name == "Almanya"
