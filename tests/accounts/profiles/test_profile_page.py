"""The profile as other members see it: badges, links, figures, and nothing for anybody outside."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member, Profile, Publication
from accounts.profiles import badges, service
from accounts.profiles.hooks import Calibration, Sureness
from consults.discussion.figures import AnswerFigures, is_right
from consults.models import Answer, Case, Outcome, Revision, Suggestion
from tests import factories
from tests.accounts.profiles.makers import CANARY, full_profile, say
from tests.consults import reading


def page(client: Client, reader: Member, of: Member) -> str:
    client.force_login(reader)
    response = client.get(reverse("accounts:profile", args=[of.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_everything_stands_there(client: Client, alice: Member, bob: Member) -> None:
    full_profile(bob)
    body = page(client, alice, bob)
    for part in ("About", "Degree", "Specialty", "School", "Title", "House", "Paper"):
        assert f"{CANARY}{part}" in body
    assert f'href="https://doi.org/10.1001/{CANARY.lower()}" rel="noopener noreferrer"' in body
    assert 'href="https://orcid.org/0000-0002-1825-0097"' in body
    assert "as the member says" in body
    assert "Hair and scalp" in body
    assert "Blistering disease" in body
    assert "Turkish" in body
    assert "since 2019" in body


def test_words_are_text(client: Client, alice: Member, bob: Member) -> None:
    say(bob, about="<script>alert(1)</script>")
    service.add_line(Publication(words='"><img src=x>'), member=bob)
    body = page(client, alice, bob)
    assert "<script>alert(1)" not in body
    assert "<img src=x>" not in body


def test_an_empty_profile_says_so(client: Client, alice: Member, bob: Member) -> None:
    assert "has written nothing about themselves yet" in page(client, alice, bob)
    assert "There is nothing here yet" in page(client, bob, bob)
    assert 'name="follow"' not in page(client, bob, bob)


def test_initials_where_there_is_no_portrait(client: Client, alice: Member, bob: Member) -> None:
    assert '<span class="portrait portrait-256" aria-hidden="true">B</span>' in page(client, alice, bob)


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("bob", ["Specialist", "Conduct module passed"]),
        ("resident", ["Resident", "Conduct module passed"]),
        ("nurse", ["Conduct module passed"]),
        ("student", ["Conduct module passed"]),
        ("mod2", ["Specialist", "Moderator", "Conduct module passed"]),
    ],
)
def test_badges(db: None, who: str, words: list[str]) -> None:
    member = factories.person(who)
    assert [badge.text for badge in badges.badges(member, Profile(), answered=9)] == words


@pytest.mark.parametrize(
    ("answered", "reached"), [(0, 0), (9, 0), (10, 10), (49, 10), (50, 50), (100, 100), (499, 100), (500, 500)]
)
def test_answers_are_told_in_bands(answered: int, reached: int) -> None:
    assert badges.band(answered) == reached


@pytest.mark.parametrize(("days", "there"), [(1, True), (0, True), (-1, False), (None, False)])
def test_the_conduct_module_counts_until_its_day(db: None, alice: Member, days: int | None, there: bool) -> None:
    until: date | None = None if days is None else timezone.localdate() + timedelta(days=days)
    alice.conduct_until = until  # type: ignore[attr-defined]
    texts = [badge.text for badge in badges.badges(alice, Profile(), answered=10)]
    assert ("Conduct module passed" in texts) is there
    assert "10 or more cases answered" in texts


def test_a_confirmed_orcid_is_a_badge(client: Client, alice: Member, bob: Member) -> None:
    say(bob, orcid="0000-0002-1825-0097", orcid_confirmed_at=timezone.now())
    body = page(client, alice, bob)
    assert "ORCID iD confirmed" in body
    assert "confirmed by ORCID" in body


OUTSIDE = ("officer", "admin", "applicant", "suspended", "lapsed", "anonymous")


@pytest.mark.parametrize("who", OUTSIDE)
def test_nobody_outside_sees_any(client: Client, who: str, bob: Member) -> None:
    full_profile(bob)
    if who != "anonymous":
        client.force_login(factories.person(who))
    for address in (
        reverse("accounts:profile", args=[bob.pk]), reverse("accounts:directory"), reverse("accounts:following"),
        reverse("accounts:profile_edit"), reverse("accounts:line_new", args=["training"]),
    ):  # fmt: skip
        answer = client.get(address)
        assert answer.status_code in (302, 403)
        assert CANARY not in answer.content.decode()


@pytest.mark.parametrize("of", ["officer", "admin", "applicant", "suspended", "lapsed"])
def test_who_is_no_member_has_no_profile(client: Client, alice: Member, of: str) -> None:
    client.force_login(alice)
    assert client.get(reverse("accounts:profile", args=[factories.person(of).pk])).status_code == 404


# --- Figures


@pytest.mark.parametrize(("code", "right"), [("basal-cell-carcinoma", True), ("psoriasis", False), ("gone", False)])
def test_right_is_the_same_branch(code: str, right: bool) -> None:
    assert is_right(code, "basal-cell-carcinoma") is right


def test_a_code_that_is_gone_is_right_if_it_is_the_same() -> None:
    assert is_right("gone", "gone")


def answered(
    member: Member, code: str, *, confidence: str = "sure", reference: str = "histopathology", late: bool = False
) -> Case:
    """A case closed as psoriasis that the member answered."""
    case: Case = reading.closed(reading.case(), "psoriasis")
    closed = timezone.now()
    Outcome.objects.filter(case=case).update(reference=reference, closed_at=closed)
    given = Answer.objects.create(
        case=case, member=member, kind="diagnosis", answered_at=closed + timedelta(hours=1 if late else -1)
    )
    Suggestion.objects.create(answer=given, rank=1, code=code, confidence=confidence)
    return case


def test_calibration_is_counted_from_blind_answers_to_closed_cases(db: None, bob: Member) -> None:
    answered(bob, "psoriasis")
    answered(bob, "melanoma")
    answered(bob, "psoriasis", confidence="guess")
    answered(bob, "psoriasis", reference="single-clinician")  # one word is no standard
    answered(bob, "psoriasis", late=True)
    revised = answered(bob, "psoriasis")  # after reading; blind it was another
    first = Revision.objects.create(answer=revised.answers.get(member=bob), suggestions=[[1, "melanoma", "possible"]])
    assert first.pk
    reading.answer(reading.case(), bob, "psoriasis")  # still open
    found = AnswerFigures().calibration(bob)
    assert found.answers == 4
    rows = {row.confidence: (row.given, row.right) for row in found.rows}
    assert rows == {"Sure": (2, 1), "Probable": (0, 0), "Possible": (1, 0), "A guess": (1, 1)}
    assert AnswerFigures().answered(bob) == 7


def test_a_share_of_few_is_not_told() -> None:
    assert Sureness("Sure", given=4, right=4).percent is None
    assert Sureness("Sure", given=5, right=4).percent == 80
    assert (Calibration(19, []).is_enough, Calibration(20, []).is_enough) == (False, True)


@pytest.mark.parametrize(
    ("shows", "answers", "words"),
    [
        (False, 30, None),
        (True, 19, "Shown from 20 answers to closed cases on: 19 so far."),
        (True, 30, "First choices of 30 blind answers"),
    ],
)
def test_calibration_is_shown_by_choice(
    client: Client,
    alice: Member,
    bob: Member,
    shows: bool,
    answers: int,
    words: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    say(bob, shows_calibration=shows)
    rows = [Sureness("Sure", 26, 13), Sureness("A guess", 4, 0)]
    monkeypatch.setattr(AnswerFigures, "calibration", lambda *_asked: Calibration(answers, rows))
    body = page(client, alice, bob)
    assert ("How sure, and how often right" in body) is shows
    if words:
        assert words in " ".join(body.split())
    assert ("50 %" in body) is (shows and answers >= 20)
    assert ("too few" in body) is (shows and answers >= 20)


@pytest.mark.parametrize("number", [1, 12])
def test_twelve_queries_at_most(
    client: Client, alice: Member, bob: Member, number: int, django_assert_max_num_queries: Any
) -> None:
    for _one in range(number):
        full_profile(bob)
        answered(bob, "psoriasis")
    say(bob, shows_calibration=True)
    page(client, alice, bob)
    with django_assert_max_num_queries(12):
        client.get(reverse("accounts:profile", args=[bob.pk]))
