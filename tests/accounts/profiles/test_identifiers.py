"""What members write to name themselves and their publications, and what is made of it."""

import pytest

from accounts.profiles import identifiers
from accounts.profiles.identifiers import NotAnIdentifier

CARBERRY = "0000-0002-1825-0097"  # ORCID's own example


@pytest.mark.parametrize(
    "written",
    [
        CARBERRY,
        "0000000218250097",
        f"https://orcid.org/{CARBERRY}",
        f"http://www.orcid.org/{CARBERRY}/",
        f"orcid.org/{CARBERRY}",
        f" ORCID: {CARBERRY} ",
    ],
)
def test_an_orcid_id_is_recognised(written: str) -> None:
    assert identifiers.orcid(written) == CARBERRY


def test_the_check_digit_may_be_x() -> None:
    assert identifiers.orcid("0000-0002-1694-233x") == "0000-0002-1694-233X"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "0000-0002-1825-0098",  # a wrong check digit
        "0000-0002-1852-0097",  # two digits exchanged
        "0000-0002-1825-009",
        "0000-0002-1825-00977",
        "0000-000X-1825-0097",
        "https://elsewhere.example/0000-0002-1825-0097",
        "javascript:0000-0002-1825-0097",
        "٠٠٠٠-٠٠٠٢-١٨٢٥-٠٠٩٧",  # digits of another script
    ],
)
def test_anything_else_is_no_orcid_id(written: str) -> None:
    with pytest.raises(NotAnIdentifier):
        identifiers.orcid(written)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("10.1001/jamadermatol.2020.0001", ("10.1001/jamadermatol.2020.0001", "")),
        ("https://doi.org/10.1111/BJD.12345", ("10.1111/bjd.12345", "")),
        ("http://dx.doi.org/10.1111/bjd.12345", ("10.1111/bjd.12345", "")),
        ("doi: 10.1111/bjd.12345.", ("10.1111/bjd.12345", "")),
        ("https://doi.org/10.1002/(SICI)1097-0142%2819990901%29", ("10.1002/(sici)1097-0142(19990901)", "")),
        ("31995121", ("", "31995121")),
        ("PMID: 31995121", ("", "31995121")),
        ("pmid31995121", ("", "31995121")),
        ("https://pubmed.ncbi.nlm.nih.gov/31995121/", ("", "31995121")),
        ("https://www.ncbi.nlm.nih.gov/pubmed/31995121", ("", "31995121")),
    ],
)
def test_a_publication_is_recognised(written: str, found: tuple[str, str]) -> None:
    assert identifiers.publication(written) == found


@pytest.mark.parametrize(
    "written",
    [
        "", "PMID 0123", "123456789", "10.1", "10.1001", "11.1001/x", "Lee A. JAAD 2020", "10.1001/with space",
        "https://elsewhere.example/10.1001/x", "javascript:10.1001/x", "10.1001/" + "x" * 200, "10.1001/é",
    ],
)  # fmt: skip
def test_anything_else_is_no_publication(written: str) -> None:
    with pytest.raises(NotAnIdentifier):
        identifiers.publication(written)


def test_links_lead_only_to_the_three_registries() -> None:
    doi, _pmid = identifiers.publication('10.1001/x"><script>alert(1)</script>')
    assert identifiers.doi_address(doi) == "https://doi.org/10.1001/x%22%3E%3Cscript%3Ealert(1)%3C/script%3E"
    assert identifiers.pubmed_address("31995121") == "https://pubmed.ncbi.nlm.nih.gov/31995121/"
    assert identifiers.orcid_address(CARBERRY) == f"https://orcid.org/{CARBERRY}"
