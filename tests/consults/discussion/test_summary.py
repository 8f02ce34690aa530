"""The author's summary of a case as PDF: what is in it, what is not, and for whom there is one."""

import shutil
import subprocess
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from audit.models import Event
from consent.models import WithdrawnBy
from consent.withdrawal import withdraw
from consults.cases.authoring import drafts
from consults.discussion.outcomes import corrections, summary
from consults.discussion.outcomes.corrections import Correction
from consults.discussion.outcomes.models import CorrectionReason
from consults.exceptions import ChangeRefused
from consults.models import Case, CaseState, Comment, Plan
from tests import factories
from tests.consults import reading
from tests.services import missing

SignIn = Callable[[object], Client]
FREE_TEXT = ("Slowly growing plaque", "Appeared over months", "Betamethasone", "Excised wide", "Any tenderness")


def address(case: Case) -> str:
    """The address of the summary."""
    return reverse("consults:summary", args=[case.pk])


def words_of(pdf: bytes) -> str:
    """Return the words of a PDF."""
    if shutil.which("pdftotext") is None:
        missing("pdftotext (poppler-utils)")
    text = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True).stdout
    return " ".join(text.decode().split())


@pytest.fixture
def case(alice: Member, bob: Member) -> Case:
    """A case of alice's with words everywhere, two answers and a comment."""
    made = reading.case(alice, treatments="Betamethasone for weeks.", data=b"picture")
    reading.answer(made, bob, "melanoma", "psoriasis")
    reading.answer(made, factories.person("resident"), "psoriasis")
    Comment.objects.create(case=made, author=bob, text="Any tenderness?")
    return made


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("alice", 200),
        ("bob", 403),
        ("resident", 403),
        ("mod1", 403),
        ("nurse", 404),
        ("student", 404),
        ("officer", 403),
        ("admin", 403),
        ("applicant", 403),
    ],
)
def test_for_whom(name: str, status: int, case: Case, sign_in: SignIn) -> None:
    response = sign_in(factories.person(name)).get(address(case))

    assert response.status_code == status
    assert Event.objects.filter(verb="case.summary_made").count() == int(status == 200)
    if status == 200:
        assert response["Content-Type"] == "application/pdf"
        assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("state", "status"),
    [(CaseState.RELEASED, 200), (CaseState.CLOSED, 200), (CaseState.DRAFT, 404), (CaseState.SUBMITTED, 404)],
)
def test_of_which_cases(state: str, status: int, alice: Member, sign_in: SignIn) -> None:
    made = reading.case(alice, state=state)
    assert sign_in(alice).get(address(made)).status_code == status


def test_of_an_education_model(alice: Member, sign_in: SignIn) -> None:
    made = reading.case(alice, education_model=True)
    assert sign_in(alice).get(address(made)).status_code == 200


def test_of_a_case_that_was_hidden_by_its_author(case: Case, alice: Member, sign_in: SignIn) -> None:
    drafts.retract(case=case, by=alice)
    assert sign_in(alice).get(address(case)).status_code == 200


def test_after_a_withdrawal_it_says_that_there_is_none(case: Case, alice: Member, sign_in: SignIn) -> None:
    withdraw(consent_id=case.consent_id, by=WithdrawnBy.PATIENT)
    response = sign_in(alice).get(address(case), follow=True)

    assert response.redirect_chain == [(reverse("consults:mine"), 302)]
    assert "there is no summary any more" in response.content.decode()
    with pytest.raises(ChangeRefused):
        summary.summary_pdf(case_id=case.pk, by=alice, language="en")
    assert not Event.objects.filter(verb="case.summary_made").exists()


def test_it_holds_codes_counts_and_times_and_nothing_else(case: Case, alice: Member) -> None:
    reading.closed(case, "psoriasis", done="Excised wide.")
    change = Correction("melanoma", "pcr", "Excised wide.", CorrectionReason.OTHER, "Slides of Any tenderness.")
    corrections.correct(case=case, by=alice, correction=change)
    words = words_of(summary.summary_pdf(case_id=case.pk, by=alice, language="en"))

    for expected in (
        str(case.pk), "What is the diagnosis?", "60–69 years", "Cheek", "Actinic keratosis", "2 blind answers.",
        "Psoriasis 1 first, 2 in all", "Melanoma 1 first, 1 in all", "dermatopathologists",
        "Residents 1", "Final diagnosis Melanoma", "Reference standard PCR", "Before: Psoriasis",
        "First choice, exact 1/2", "not a consultation", "Pictures: they stay on the site", "destroy this copy",
    ):  # fmt: skip
        assert expected in words
    for secret in (*FREE_TEXT, "Bob", "Alice"):
        assert secret not in words


@pytest.mark.parametrize(
    ("finish", "expected"),
    [
        (lambda case: None, "Not yet known"),
        (lambda case: reading.closed(case, "", reference=""), "none is to be expected"),
        (
            lambda case: Case.objects.filter(pk=case.pk).update(
                kind="teaching", solution="vitiligo", solution_reference="pcr"
            ),
            "Final diagnosis Vitiligo",
        ),
    ],
)
def test_it_says_how_the_case_stands(
    finish: Callable[[Case], object], expected: str, case: Case, alice: Member
) -> None:
    finish(case)
    assert expected in words_of(summary.summary_pdf(case_id=case.pk, by=alice, language="en"))


def test_a_case_without_answers_says_so(alice: Member) -> None:
    made = reading.case(alice)
    reading.answer(made, factories.person("bob"))
    words = words_of(summary.summary_pdf(case_id=made.pk, by=alice, language="en"))
    assert "Nobody has given a diagnosis." in words


@pytest.mark.parametrize("plans", [2, 3])
def test_plans_are_told_as_on_the_page_and_without_their_words(plans: int, alice: Member) -> None:
    made = reading.case(alice, question="biopsy")
    for name in ("bob", "resident", "physician")[:plans]:
        given = reading.answer(made, factories.person(name), "melanoma")
        Plan.objects.create(answer=given, biopsy="excisional", biopsy_where="Upper rim.", words="Rather soon.")
    words = words_of(summary.summary_pdf(case_id=made.pk, by=alice, language="en"))

    assert ("Take a biopsy 3 of 3 · Excisional biopsy (3)" in words) is (plans == 3)
    assert "Upper rim" not in words
    assert "Rather soon" not in words


@pytest.mark.parametrize("language", ["en", "tr"])
def test_in_the_readers_language(language: str, case: Case, alice: Member, sign_in: SignIn) -> None:
    client = sign_in(alice)
    client.post(reverse("language"), {"language": language})
    said = words_of(client.get(address(case)).content)
    assert ("Aktinik keratoz" in said) is (language == "tr")
