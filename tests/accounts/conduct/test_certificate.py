"""The certificate as PDF, who gets it, and its check by anybody who holds it."""

import shutil
import subprocess
import uuid
from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse

from accounts.conduct import certificate
from accounts.models import ConductResult, Member
from core.permissions import allowed
from tests import factories
from tests.accounts.conduct.walking import pass_module
from tests.services import missing

pytestmark = pytest.mark.django_db
SignIn = Callable[[object], Client]
NAME = "Dr. Şükrü Işık Çağrı Göğüş"


@pytest.fixture
def result(db: None) -> ConductResult:
    """A result of somebody with every Turkish letter in the name."""
    return pass_module(factories.member(name=NAME, conduct_until=None))


def pages(pdf: bytes) -> list[str]:
    """The words of each page, as another program reads them."""
    if shutil.which("pdftotext") is None:
        missing("pdftotext (poppler-utils)")
    text = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True).stdout
    return [" ".join(page.split()) for page in text.decode().split("\f")[:-1]]


@pytest.mark.parametrize("language", ["en", "tr"])
def test_the_paper_names_all_that_it_should(language: str) -> None:
    result = pass_module(factories.member(name=NAME, conduct_until=None), language=language)
    pdf = certificate.certificate_pdf(result)
    (words,) = pages(pdf)
    for wanted in (NAME, "1.0", certificate.written(result.number), "10", str(result.until.year), "/certificate/"):
        assert wanted in words
    assert f"/Lang ({language})".encode() in pdf


def test_a_long_name_stays_on_the_paper() -> None:
    name = " ".join(["Prof. Dr.", *["Ünvanlı"] * 17])
    (words,) = pages(certificate.certificate_pdf(pass_module(factories.member(name=name, conduct_until=None))))
    assert name in words


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 200), ("bob", 404), ("mod1", 404), ("officer", 403), ("lapsed", 403), ("outsider", 302)],
)
def test_who_gets_the_paper(result: ConductResult, sign_in: SignIn, outsider: object, who: str, status: int) -> None:
    people = {"owner": result.member, "outsider": outsider}
    client = sign_in(people.get(who) or factories.person(who))
    answer = client.get(reverse("accounts:conduct_certificate", args=[result.pk]))
    assert answer.status_code == status
    assert (answer.headers["Content-Type"] == "application/pdf") is (status == 200)


def test_the_rule_alone(result: ConductResult) -> None:
    assert list(allowed(result.member, "conduct.certificate")) == [result]
    Member.objects.filter(pk=result.member_id).update(standing="suspended")
    for nobody in (AnonymousUser(), factories.person("bob"), Member.objects.get(pk=result.member_id)):
        assert list(allowed(nobody, "conduct.certificate")) == []


def check(number: str, name: str) -> object:
    return Client().post(reverse("accounts:conduct_check"), {"number": number, "name": name})


@pytest.mark.parametrize(
    "name",
    [NAME, NAME.upper(), "dr. şükrü ışık çağrı göğüş", "  Dr. Şükrü  Işık Çağrı Göğüş ", "DR. ŞÜKRÜ IŞIK ÇAĞRI GÖĞÜŞ"],
)
def test_who_holds_the_paper_learns_that_it_is_genuine(result: ConductResult, name: str) -> None:
    for number in (result.number, certificate.written(result.number), certificate.written(result.number).lower()):
        led = check(number, name)
        assert led.url == reverse("accounts:conduct_checked", args=[result.pk])
    page = Client().get(led.url).content.decode()
    assert "This certificate is genuine" in page
    assert str(result.until.year) in page
    for hidden in ("Şükrü", result.member.email, str(result.member_id), result.number):
        assert hidden not in page


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("right", "Dr. Somebody Else"),
        ("right", ""),
        ("AAAA-AAAA-AAAA-AAAA", NAME),
        ("12", NAME),
        ("", NAME),
        ("right", "   "),
    ],
)
def test_another_name_or_number_is_no_certificate(result: ConductResult, number: str, name: str) -> None:
    answer = check(result.number if number == "right" else number, name)
    assert answer.status_code == 422
    assert "genuine" not in answer.content.decode()


def test_a_name_of_no_letters_matches_nothing(result: ConductResult) -> None:
    assert certificate.find(number=result.number, name=" ") is None
    assert certificate.find(number=result.number, name=NAME) == result


def test_digits_that_look_like_letters_are_read_as_them() -> None:
    made = pass_module(factories.member(name="Ada", conduct_until=None))
    typed = made.number.translate(str.maketrans("OIB", "018"))
    assert certificate.find(number=typed, name="ada") == made


def test_an_unknown_certificate_does_not_exist() -> None:
    assert Client().get(reverse("accounts:conduct_checked", args=[uuid.uuid4()])).status_code == 404


def test_numbers_differ_and_fit(result: ConductResult) -> None:
    other = pass_module(factories.member(conduct_until=None))
    assert result.number != other.number
    assert {len(one.number) for one in (result, other)} == {certificate.LENGTH}
