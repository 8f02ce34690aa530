"""Answering, revising, commenting, and what is computed from the answers."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from consults.discussion import accuracy, answers, comments
from consults.discussion.forms import AnswerForm, diagnosis_code
from consults.exceptions import ChangeRefused
from consults.models import Answer, Case, Comment, Outcome, Revision
from tests import factories
from tests.consults import reading
from vocabulary import terms

SignIn = Callable[[object], Client]


def address(name: str, case: Case) -> str:
    """The address of a page about a case."""
    return reverse(f"consults:{name}", args=[case.pk])


@pytest.fixture
def case(db: None) -> Case:
    """An open case of alice's."""
    return reading.case()


def codes(answer: Answer) -> list[tuple[int, str, str]]:
    """Rank, code, confidence of an answer."""
    return list(answer.suggestions.values_list("rank", "code", "confidence"))


def test_whoever_may_not_see_cases_any_more_is_refused_in_a_sentence(case: Case, suspended: Member) -> None:
    """Suspended between the page's check and the lock, in a process that is asked this for the first time."""
    with pytest.raises(ChangeRefused), transaction.atomic():
        answers.require_still_allowed(case=case, by=suspended, action="case.comment")


# --- Diagnoses as typed


@pytest.mark.parametrize(
    ("posted", "expected"),
    [
        ({"diagnosis_1": "bcc", "confidence_1": "sure"}, [("bcc", "sure")]),
        ({"diagnosis_1_text": "Basal cell carcinoma", "confidence_1": "guess"}, [("bcc", "guess")]),
        ({"diagnosis_1_text": "basalioma", "confidence_1": "guess"}, [("bcc", "guess")]),
        (
            {"diagnosis_1": "bcc", "diagnosis_1_text": "Melanoma", "confidence_1": "sure"},
            [("melanoma", "sure")],  # without scripts the words change and the hidden code stays
        ),
        (
            {"diagnosis_2": "bcc", "confidence_2": "sure", "diagnosis_3": "melanoma", "confidence_3": "guess"},
            [("bcc", "sure"), ("melanoma", "guess")],
        ),
        ({"diagnosis_1": "bcc", "confidence_1": "sure", "diagnosis_2": ""}, [("bcc", "sure")]),
        # A second choice that was cleared; without scripts its hidden code and its radio button stay behind.
        (
            {
                "diagnosis_1": "bcc",
                "confidence_1": "sure",
                "diagnosis_2": "melanoma",
                "diagnosis_2_text": "",
                "confidence_2": "sure",
            },
            [("bcc", "sure")],
        ),
        ({"diagnosis_1": "bcc", "confidence_1": "sure", "confidence_2": "sure"}, [("bcc", "sure")]),
    ],
)
def test_answers_that_are_understood(posted: dict[str, str], expected: list[tuple[str, str]]) -> None:
    form = AnswerForm(QueryDict(mutable=True) | posted)

    assert form.is_valid()
    assert [(choice.code, choice.confidence) for choice in form.choices] == expected


@pytest.mark.parametrize(
    ("posted", "slot", "sentence"),
    [
        ({}, 0, "Type at least one diagnosis"),
        ({"confidence_1": "sure"}, 0, "Type at least one diagnosis"),
        ({"diagnosis_1": "bcc"}, 0, "Say how sure you are."),
        ({"diagnosis_1": "bcc", "confidence_1": "certain"}, 0, "Say how sure you are."),
        ({"diagnosis_1": "keratinocyte-cancer", "confidence_1": "sure"}, 0, "Type at least one diagnosis"),
        ({"diagnosis_1_text": "qqqq", "confidence_1": "sure"}, 0, "is not in the list"),
        ({"diagnosis_1_text": "melanon", "confidence_1": "sure"}, 0, "Close to “melanon”: "),
        (
            {"diagnosis_1": "bcc", "confidence_1": "sure", "diagnosis_3": "bcc", "confidence_3": "guess"},
            2,
            "You named this diagnosis above already.",
        ),
    ],
)
def test_answers_that_are_not(posted: dict[str, str], slot: int, sentence: str) -> None:
    form = AnswerForm(posted)

    assert not form.is_valid()
    assert sentence in " ".join(form.slots[slot].errors + form.slots[slot].confidence_errors)


def test_a_code_that_nobody_knows_is_no_answer() -> None:
    assert diagnosis_code(code="'; drop table", text="") == ""


def test_a_refused_answer_loses_nothing(case: Case, bob: Member, sign_in: SignIn) -> None:
    posted = {"diagnosis_1_text": "melanon", "confidence_1": "probable", "diagnosis_2": "bcc"}
    response = sign_in(bob).post(address("answer", case), posted)
    page = response.content.decode()

    assert response.status_code == 422
    assert 'value="melanon"' in page
    assert 'id="confidence-1-probable" value="probable" checked' in page
    assert 'name="diagnosis_2" value="bcc"' in page
    assert not Answer.objects.exists()


def test_a_diagnosis_named_twice_loses_nothing(case: Case, bob: Member, sign_in: SignIn) -> None:
    posted = {
        "diagnosis_1": "bcc",
        "diagnosis_1_text": "Basal cell carcinoma",
        "confidence_1": "sure",
        "diagnosis_2": "bcc",
        "diagnosis_2_text": "Basal cell carcinoma",
        "confidence_2": "guess",
    }
    response = sign_in(bob).post(address("answer", case), posted)
    page = response.content.decode()

    assert response.status_code == 422
    assert page.count('value="Basal cell carcinoma"') == 2
    assert 'id="confidence-1-sure" value="sure" checked' in page
    assert "You named this diagnosis above already." in page


def test_an_answer_is_kept_in_order(case: Case, bob: Member, sign_in: SignIn) -> None:
    posted = {"diagnosis_1": "bcc", "confidence_1": "sure", "diagnosis_3": "melanoma", "confidence_3": "guess"}
    sign_in(bob).post(address("answer", case), posted)
    given = Answer.objects.get()

    assert codes(given) == [(1, "bcc", "sure"), (2, "melanoma", "guess")]
    assert (given.counted_as, given.is_dermatologist) == ("expert", True)


def test_a_second_answer_changes_nothing(case: Case, bob: Member, sign_in: SignIn) -> None:
    client = sign_in(bob)
    client.post(address("answer", case), {"diagnosis_1": "bcc", "confidence_1": "sure"})
    page = client.post(address("answer", case), {"diagnosis_1": "melanoma", "confidence_1": "sure"}, follow=True)

    assert "You have already answered this case." in page.content.decode()
    assert codes(Answer.objects.get()) == [(1, "bcc", "sure")]


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_the_same_moment_are_one() -> None:
    case, bob = reading.case(), factories.person("bob")
    start, results = threading.Barrier(2), []

    def give(code: str) -> None:
        start.wait()
        try:
            choice = answers.Choice(code=code, confidence=terms.Confidence.SURE)
            answers.answer(case=case, by=bob, choices=[choice])
            results.append(code)
        except ChangeRefused:
            results.append("")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=give, args=(code,)) for code in ("bcc", "melanoma")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    first = next(code for code in results if code)

    assert sorted(results) == ["", first]
    assert codes(Answer.objects.get()) == [(1, first, "sure")]


@pytest.mark.django_db(transaction=True)
def test_a_consent_is_locked_within_a_transaction_only() -> None:
    consent = reading.case().consent_id
    assert consent is not None
    with pytest.raises(transaction.TransactionManagementError):
        answers.lock_consent(consent)
    for _time in range(3):
        with transaction.atomic():
            answers.lock_consent(consent)


def test_the_kept_rule_is_asked_anew_for_each_member_and_moment(case: Case, alice: Member, bob: Member) -> None:
    choice = answers.Choice(code="bcc", confidence=terms.Confidence.SURE)
    answers.answer(case=case, by=bob, choices=[choice])  # from here on the query is kept
    with pytest.raises(ChangeRefused):
        answers.answer(case=case, by=alice, choices=[choice])  # their own
    resident = factories.person("resident")
    for rows, before, after in (
        (Member.objects.filter(pk=alice.pk), {"standing": "verified"}, {"standing": "suspended"}),
        (Case.objects.filter(pk=case.pk), {"state": "released"}, {"state": "closed"}),
    ):
        rows.update(**after)
        with pytest.raises(ChangeRefused):
            answers.answer(case=case, by=resident, choices=[choice])
        rows.update(**before)
    answers.answer(case=case, by=resident, choices=[choice])


def test_a_revision_keeps_the_first_answer(case: Case, bob: Member, sign_in: SignIn) -> None:
    reading.answer(case, bob, "bcc")
    client = sign_in(bob)
    page = client.post(address("revise", case), {"diagnosis_1": "melanoma", "confidence_1": "sure"}, follow=True)

    assert Revision.objects.get().suggestions == [[1, "bcc", "probable"]]
    assert codes(Answer.objects.get()) == [(1, "melanoma", "sure")]
    assert "Basal cell carcinoma" in page.content.decode()


def test_a_refused_revision_is_shown_open(case: Case, bob: Member, sign_in: SignIn) -> None:
    reading.answer(case, bob, "bcc")
    response = sign_in(bob).post(address("revise", case), {"diagnosis_1_text": "melanon", "confidence_1": "sure"})

    assert response.status_code == 422
    assert 'value="melanon"' in response.content.decode()
    assert not Revision.objects.exists()


def test_who_only_reads_cannot_answer_later(case: Case, bob: Member, sign_in: SignIn) -> None:
    client = sign_in(bob)
    client.post(address("read_only", case))
    client.post(address("answer", case), {"diagnosis_1": "bcc", "confidence_1": "sure"})

    assert codes(Answer.objects.get()) == []
    assert client.post(address("revise", case), {"diagnosis_1": "bcc", "confidence_1": "sure"}).status_code == 403


# --- The thread


@pytest.mark.parametrize(
    ("text", "status", "sentence"),
    [
        ("Biopsy the edge.", 302, ""),
        ("", 422, "Write something first."),
        ("   ", 422, "Write something first."),
        ("x" * 3001, 422, "at most 3000 characters"),
        ("Seen on 12.03.2024 in clinic", 422, "There is a date."),
        ("Ask Mrs Jane Miller about it", 422, "person&#x27;s name"),
        ("Write to me: jane@example.org", 422, "e-mail address"),
    ],
)
def test_comments(text: str, status: int, sentence: str, case: Case, alice: Member, sign_in: SignIn) -> None:
    response = sign_in(alice).post(address("comment", case), {"text": text})
    page = response.content.decode()

    assert response.status_code == status
    assert sentence in page
    assert Comment.objects.count() == int(status == 302)
    if status == 422:
        assert text.strip() in page


def test_a_comment_sent_twice_is_one(case: Case, alice: Member, bob: Member, sign_in: SignIn) -> None:
    reading.answer(case, bob, "bcc")
    for client in (sign_in(alice), sign_in(alice), sign_in(bob)):
        client.post(address("comment", case), {"text": "I agree."})
    assert [comment.author for comment in Comment.objects.order_by("written_at")] == [alice, bob]
    Comment.objects.update(written_at=timezone.now() - 2 * comments.SAME_COMMENT_WITHIN)
    sign_in(alice).post(address("comment", case), {"text": "I agree."})
    assert Comment.objects.count() == 3


def test_a_reply_quotes(case: Case, alice: Member, bob: Member, sign_in: SignIn) -> None:
    reading.answer(case, bob, "bcc")
    first = Comment.objects.create(case=case, author=bob, text="Is it tender?")
    client = sign_in(alice)
    assert "Your reply to Bob:" in client.get(address("case", case), {"reply": str(first.pk)}).content.decode()
    response = client.post(address("comment", case), {"text": "No.", "reply_to": str(first.pk), "quote": "it tender"})
    reply = Comment.objects.get(text="No.")

    assert (reply.reply_to, reply.quoted) == (first, "it tender")
    assert response["Location"].endswith(f"#comment-{reply.pk}")
    page = client.get(address("case", case)).content.decode()
    assert '<blockquote class="preserve-lines">it tender</blockquote>' in page
    assert page.index(f'id="comment-{first.pk}"') < page.index('class="comments replies"')


def test_a_reply_stays_within_its_case(case: Case, alice: Member, sign_in: SignIn) -> None:
    elsewhere = Comment.objects.create(case=reading.case(), author=alice, text="Elsewhere only.")
    client = sign_in(alice)
    assert "Elsewhere only." not in client.get(address("case", case), {"reply": str(elsewhere.pk)}).content.decode()
    client.post(address("comment", case), {"text": "No.", "reply_to": str(elsewhere.pk)})

    assert Comment.objects.get(text="No.").reply_to is None


def test_words_of_members_are_not_markup(case: Case, alice: Member, sign_in: SignIn) -> None:
    sign_in(alice).post(address("comment", case), {"text": "<script>alert(1)</script> & more"})
    page = sign_in(alice).get(address("case", case)).content.decode()

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


# --- Consensus and the crowd


def test_consensus_is_shown_from_three_answers_on(case: Case, bob: Member, sign_in: SignIn) -> None:
    reading.answer(case, bob, "bcc")
    reading.answer(case, factories.person("physician"), "bcc")
    client = sign_in(bob)
    assert "Shown from 3 answers on: 2 so far." in client.get(address("case", case)).content.decode()
    reading.answer(case, factories.person("resident"), "melanoma")
    page = client.get(address("case", case)).content.decode()

    assert "Shown from 3 answers" not in page
    assert 'aria-label="Basal cell carcinoma, experts"' in page
    assert 'aria-label="Melanoma, all members"' in page
    assert "Raised by one colleague alone, malignant:" in page
    assert "Strong agreement" not in page


def test_strong_agreement_is_marked(case: Case, bob: Member, sign_in: SignIn) -> None:
    reading.answer(case, bob, "bcc")
    for _ in range(4):
        reading.answer(case, factories.member(), "bcc")

    assert "Strong agreement" in sign_in(bob).get(address("case", case)).content.decode()


def test_how_the_crowd_did_counts_blind_answers_before_the_closing(case: Case) -> None:
    reading.answer(case, factories.person("bob"), "bcc")
    reading.answer(case, factories.member(), "psoriasis", "bcc-nodular")
    changed = reading.answer(case, factories.person("resident"), "bcc")
    Revision.objects.create(
        answer=changed, suggestions=[[1, "melanoma", "sure"]], revised_at=timezone.now() - timedelta(minutes=2)
    )
    Revision.objects.create(answer=changed, suggestions=[[1, "psoriasis", "sure"]])
    reading.answer(case, factories.person("physician"), "bcc", hours_ago=-1)  # after the closing
    reading.answer(case, factories.person("nurse"))  # only read
    reading.closed(case, "bcc")
    shares = accuracy.accuracy_by_role(answers.given_answers(case), Outcome.objects.get())

    assert [(str(s.role), s.answers, s.top1, s.branch1, s.top3, s.branch3) for s in shares] == [
        ("All members", 3, 1, 1, 1, 2),
        ("Dermatologists and dermatopathologists", 2, 1, 1, 1, 2),
        ("Residents", 1, 0, 0, 0, 0),
    ]


def test_no_crowd_without_answers(case: Case) -> None:
    reading.closed(case, "bcc")

    assert accuracy.accuracy_by_role(answers.given_answers(case), Outcome.objects.get()) == []
