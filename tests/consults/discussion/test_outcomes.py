"""Outcomes after the closing: corrected with history, unresolved, and who was right."""

import threading
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from audit.models import Event
from consent.models import WithdrawnBy
from consent.withdrawal import withdraw
from consults.cases.authoring import drafts
from consults.cases.gate import listing
from consults.cases.gate.models import ListingText
from consults.discussion import accuracy, closing
from consults.discussion.answers import given_answers
from consults.discussion.figures import AnswerFigures
from consults.discussion.outcomes import corrections
from consults.discussion.outcomes.corrections import Correction
from consults.discussion.outcomes.models import CorrectionReason
from consults.exceptions import ChangeRefused
from consults.member_data import ROOM
from consults.models import Answer, Case, CaseState, Comment, Outcome, OutcomeReminder, OutcomeVersion, Revision
from consults.withdrawal import purge, redaction
from notifications.notices import Kind
from notifications.notices.models import Notice
from tests import factories
from tests.consults import reading
from vocabulary.terms import ReferenceStandard

SignIn = Callable[[object], Client]
NEW = {"diagnosis": "melanoma", "reference": "histopathology", "done": "Excised again.", "reason": "later_result"}


def address(name: str, case: Case) -> str:
    """The address of a page about a case."""
    return reverse(f"consults:{name}", args=[case.pk])


def correction(**fields: Any) -> Correction:
    """A correction to melanoma, changed by `fields`."""
    said = {"diagnosis": "melanoma", "reference": "histopathology", "done": "Excised again."}
    return Correction(**({**said, "reason": CorrectionReason.LATER_RESULT} | fields))


@pytest.fixture
def closed(db: None, bob: Member) -> Case:
    """Alice's case that bob called melanoma and the resident psoriasis, closed as psoriasis."""
    made = reading.case()
    reading.answer(made, bob, "melanoma")
    reading.answer(made, factories.person("resident"), "psoriasis")
    reading.answer(made, factories.person("physician"))
    return reading.closed(made, "psoriasis")


def told(kind: Kind) -> set[str]:
    """Who has a notice of this kind."""
    return set(Notice.objects.filter(kind=kind).values_list("member__name", flat=True))


# --- Corrected


@pytest.mark.parametrize(
    ("name", "state", "status"),
    [
        ("alice", CaseState.CLOSED, 302),
        ("alice", CaseState.RELEASED, 403),
        ("bob", CaseState.CLOSED, 403),
        ("mod1", CaseState.CLOSED, 403),
        ("resident", CaseState.CLOSED, 403),
        ("nurse", CaseState.CLOSED, 404),
        ("student", CaseState.CLOSED, 404),
        ("officer", CaseState.CLOSED, 403),
        ("admin", CaseState.CLOSED, 403),
        ("applicant", CaseState.CLOSED, 403),
    ],
)
def test_who_corrects(name: str, state: str, status: int, closed: Case, sign_in: SignIn) -> None:
    Case.objects.filter(pk=closed.pk).update(state=state)

    assert sign_in(factories.person(name)).post(address("correct", closed), NEW).status_code == status
    assert OutcomeVersion.objects.count() == int(status == 302)
    assert Outcome.objects.get().diagnosis == ("melanoma" if status == 302 else "psoriasis")


def test_a_correction_is_shown_with_what_was_said_before(
    closed: Case, bob: Member, alice: Member, sign_in: SignIn
) -> None:
    sign_in(alice).post(address("correct", closed), NEW | {"words": "The second biopsy was deeper."})
    page = sign_in(bob).get(address("case", closed)).content.decode()

    for words in ("Melanoma", "Excised again.", "Corrected by the author", "Psoriasis", "Excised.",
                  "A result came later", "The second biopsy was deeper."):  # fmt: skip
        assert words in page
    event = Event.objects.get(verb="case.outcome_corrected")
    assert event.facts == {"diagnosis": "melanoma", "reference": "histopathology", "reason": "later_result"}


def test_every_version_is_kept(closed: Case, alice: Member) -> None:
    for code in ("melanoma", "psoriasis", "bcc"):
        corrections.correct(case=closed, by=alice, correction=correction(diagnosis=code))

    assert list(OutcomeVersion.objects.values_list("diagnosis", flat=True)) == ["psoriasis", "melanoma", "psoriasis"]
    assert Outcome.objects.get().diagnosis == "bcc"


def test_the_author_takes_every_version_along(closed: Case, alice: Member) -> None:
    corrections.correct(case=closed, by=alice, correction=correction(words="The second biopsy was deeper."))
    (taken,) = ROOM.export(alice)["cases"]

    assert (taken["outcome"]["diagnosis"], taken["solution"]) == ("melanoma", "")
    (before,) = taken["outcome"]["before"]
    assert (before["diagnosis"], before["done"], before["reason"], before["words"]) == (
        "psoriasis", "Excised.", "later_result", "The second biopsy was deeper.",
    )  # fmt: skip


def test_a_purge_leaves_nothing_of_it(closed: Case, alice: Member) -> None:
    corrections.correct(case=closed, by=alice, correction=correction())
    OutcomeReminder.objects.create(case=closed, step="weeks_2", due_on=timezone.localdate())
    Case.objects.filter(pk=closed.pk).update(solution="bcc", solution_reference="pcr", teaching_points="Look.")
    purge.erase_content(case=Case.objects.get(pk=closed.pk))

    assert not OutcomeVersion.objects.exists()
    assert not OutcomeReminder.objects.exists()
    assert Case.objects.values_list("solution", "solution_reference", "teaching_points").get(pk=closed.pk) == (
        "",
        "",
        "",
    )


def test_quotations_of_what_was_said_before_are_found_too(closed: Case, alice: Member) -> None:
    said = "It was cut out with two wide margins and healed well."
    corrections.correct(case=closed, by=alice, correction=correction(done=said))
    corrections.correct(case=closed, by=alice, correction=correction(done="Nothing."))
    elsewhere = Comment.objects.create(case=reading.case(), author=alice, text=f"As in that case: {said} Yes.")
    redaction.remove_quotations(case=Case.objects.get(pk=closed.pk))
    elsewhere.refresh_from_db()

    assert "wide margins" not in elsewhere.text


def test_figures_words_and_notices_follow(closed: Case, alice: Member, bob: Member) -> None:
    before = Outcome.objects.get()
    words = ListingText.objects.get(listing__case=closed).words
    corrections.correct(case=closed, by=alice, correction=correction())
    after = Outcome.objects.get()
    found = [accuracy.accuracy_by_role(given_answers(closed), outcome) for outcome in (before, after)]

    assert [(all_of.answers, all_of.top1) for all_of, *_roles in found] == [(2, 1), (2, 1)]
    assert [[role.top1 for role in of] for of in found] == [[1, 0, 1], [1, 1, 0]]
    assert after.closed_at == before.closed_at
    assert "dxmelanoma" not in words
    assert "dxmelanoma" in ListingText.objects.get(listing__case=closed).words
    assert told(Kind.OUTCOME) == {"Bob", *(factories.person(name).name for name in ("resident", "physician"))}
    assert told(Kind.RIGHT) == {"Bob"}
    assert AnswerFigures().calibration(bob).right == 1
    assert listing.compare() == 0


def test_many_corrections_cost_no_more_queries(closed: Case, alice: Member, sign_in: SignIn) -> None:
    client = sign_in(alice)
    counts = []
    for rounds in (1, 8):
        for number in range(rounds):
            corrections.correct(
                case=closed, by=alice, correction=correction(done=f"Round {rounds}, excised {number} times.")
            )
        client.get(address("case", closed))
        with CaptureQueriesContext(connection) as asked:
            client.get(address("case", closed))
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"diagnosis": ""}, "Type the final diagnosis"),
        ({"reference": ""}, "required"),
        ({"reason": ""}, "required"),
        ({"reason": "other"}, "Say why in a sentence."),
        ({"words": "Mail to jo@example.org"}, "e-mail address"),
        ({"words": "x" * 301}, "at most 300"),
        ({"done": "Seen on 12.03.2024"}, "There is a date."),
    ],
)
def test_refused_corrections(
    changed: dict[str, str], sentence: str, closed: Case, alice: Member, sign_in: SignIn
) -> None:
    response = sign_in(alice).post(address("correct", closed), NEW | changed)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not OutcomeVersion.objects.exists()


def test_a_correction_that_changes_nothing_says_so(closed: Case, alice: Member, sign_in: SignIn) -> None:
    same = {"diagnosis": "psoriasis", "reference": "histopathology", "done": "Excised.", "reason": "mistake"}
    page = sign_in(alice).post(address("correct", closed), same, follow=True).content.decode()

    assert "Nothing has changed" in page
    assert not OutcomeVersion.objects.exists()


def test_the_form_begins_with_the_outcome(closed: Case, alice: Member, sign_in: SignIn) -> None:
    page = sign_in(alice).get(address("correct", closed)).content.decode()

    assert 'value="Psoriasis"' in page
    assert "Excised." in page


@pytest.mark.parametrize(
    ("fields", "fits"),
    [
        ({"reason": "mistake"}, True),
        ({"reason": "other", "words": "Slides were mixed up."}, True),
        ({"reason": "other"}, False),
    ],
)
def test_another_reason_is_told(fields: dict[str, str], fits: bool, closed: Case) -> None:
    def write() -> None:
        with transaction.atomic():
            OutcomeVersion.objects.create(outcome=closed.outcome, diagnosis="bcc", reference="pcr", **fields)

    if fits:
        write()
    else:
        with pytest.raises(IntegrityError):
            write()


@pytest.mark.parametrize(
    ("end", "left"),
    [
        (lambda case, by: withdraw(consent_id=case.consent_id, by=WithdrawnBy.CLINICIAN, actor=by), 1),
        (lambda case, by: drafts.retract(case=case, by=by), 0),
    ],
    ids=["withdrawal", "retraction"],
)
def test_no_correction_after_the_end(
    end: Callable[[Case, Member], object], left: int, closed: Case, alice: Member
) -> None:
    end(closed, alice)
    with pytest.raises(ChangeRefused):
        corrections.correct(case=closed, by=alice, correction=correction())
    assert Outcome.objects.filter(diagnosis="psoriasis").count() == left


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Start all at one moment; the class of each one's refusal, "" for none."""
    start, outcomes = threading.Barrier(len(acts)), ["never ended"] * len(acts)

    def run(place: int) -> None:
        start.wait()
        try:
            acts[place]()
            outcomes[place] = ""
        except ChangeRefused as refused:
            outcomes[place] = type(refused).__name__
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return outcomes


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_time", range(3))
def test_a_correction_and_a_withdrawal_at_once(_time: int) -> None:
    alice, bob = factories.person("alice"), factories.person("bob")
    case = reading.case(alice)
    reading.answer(case, bob, "melanoma")
    reading.closed(case, "psoriasis")
    corrected, withdrawn = at_once(
        lambda: corrections.correct(case=case, by=alice, correction=correction()),
        lambda: withdraw(consent_id=case.consent_id, by=WithdrawnBy.CLINICIAN, actor=alice),
    )

    assert withdrawn == ""
    assert corrected in ("", "ChangeRefused")
    assert OutcomeVersion.objects.count() == int(corrected == "")
    assert not Notice.objects.exclude(kind=Kind.WITHDRAWAL).exists()


@pytest.mark.django_db(transaction=True)
def test_two_corrections_at_once_are_both_kept() -> None:
    alice = factories.person("alice")
    case = reading.closed(reading.case(alice), "psoriasis")
    done = at_once(
        *(
            lambda code=code: corrections.correct(case=case, by=alice, correction=correction(diagnosis=code))
            for code in ("melanoma", "bcc")
        )
    )

    assert done == ["", ""]
    assert OutcomeVersion.objects.count() == 2


# --- Unresolved


@pytest.mark.parametrize(
    ("name", "status"),
    [("alice", 302), ("bob", 403), ("mod1", 403), ("nurse", 404), ("student", 404), ("officer", 403)],
)
def test_who_closes_without_an_outcome(name: str, status: int, db: None, sign_in: SignIn) -> None:
    case = reading.case()

    assert sign_in(factories.person(name)).post(address("close_unresolved", case)).status_code == status
    case.refresh_from_db()
    assert case.state == (CaseState.CLOSED if status == 302 else CaseState.RELEASED)


def test_an_unresolved_case_says_so_and_measures_nobody(alice: Member, bob: Member, sign_in: SignIn) -> None:
    case = reading.case()
    reading.answer(case, bob, "psoriasis")
    closing.close_unresolved(case=case, by=alice)
    page = sign_in(bob).get(address("case", case)).content.decode()

    assert "None is to be expected" in page
    assert "How the crowd did" not in page
    assert AnswerFigures().calibration(bob).answers == 0
    assert not Outcome.objects.get().is_known
    assert told(Kind.RIGHT) == told(Kind.OUTCOME) == set()
    assert "Add the outcome" in sign_in(alice).get(address("case", case)).content.decode()


def test_an_outcome_that_comes_after_all_is_added(alice: Member, bob: Member, sign_in: SignIn) -> None:
    case = reading.case()
    reading.answer(case, bob, "melanoma")
    closing.close_unresolved(case=case, by=alice)
    sign_in(alice).post(address("correct", case), NEW)
    page = sign_in(bob).get(address("case", case)).content.decode()

    assert "No outcome was expected" in page
    assert "Your first diagnosis was the outcome." in page
    assert told(Kind.RIGHT) == told(Kind.OUTCOME) == {"Bob"}


def test_a_case_is_closed_once(alice: Member) -> None:
    case = reading.case()
    closing.close_unresolved(case=case, by=alice)
    with pytest.raises(ChangeRefused):
        closing.close_unresolved(case=case, by=alice)


@pytest.mark.parametrize(
    ("diagnosis", "reference", "fits"),
    [("bcc", "pcr", True), ("", "", True), ("bcc", "", False), ("", "pcr", False)],
)
def test_an_outcome_is_whole_or_none(diagnosis: str, reference: str, fits: bool, db: None) -> None:
    def write() -> None:
        with transaction.atomic():
            Outcome.objects.create(case=reading.case(), diagnosis=diagnosis, reference=reference)

    if fits:
        write()
    else:
        with pytest.raises(IntegrityError):
            write()


# --- Standards, and who was right

COUNTS = {
    "histopathology": True,
    "culture": True,
    "pcr": True,
    "serology": True,
    "patch-test": True,
    "serial-imaging": True,
    "expert-consensus": True,
    "confocal": True,
    "treatment-response": False,
    "single-clinician": False,
}


def test_which_standards_count() -> None:
    assert {one.value: one.counts for one in ReferenceStandard} == COUNTS


@pytest.mark.parametrize(("reference", "counts"), COUNTS.items())
def test_figures_against_each_standard(
    reference: str, counts: bool, alice: Member, bob: Member, sign_in: SignIn
) -> None:
    case = reading.case()
    reading.answer(case, bob, "psoriasis")
    closing.close(case=case, by=alice, outcome=Outcome(diagnosis="psoriasis", reference=reference))
    page = sign_in(bob).get(address("case", case)).content.decode()

    assert ("How the crowd did" in page) is counts
    assert ("rests on one clinician" in page) is not counts
    assert told(Kind.RIGHT) == ({"Bob"} if counts else set())
    assert AnswerFigures().calibration(bob).right == int(counts)


@pytest.mark.parametrize(
    ("codes", "truth", "rank"),
    [
        (["bcc"], "bcc", 1),
        (["bcc-nodular"], "bcc", 1),
        (["bcc"], "bcc-nodular", 1),
        (["melanoma", "bcc"], "bcc", 2),
        (["melanoma", "psoriasis", "bcc"], "bcc", 3),
        (["melanoma"], "bcc", 0),
        ([], "bcc", 0),
    ],
)
def test_who_was_right(codes: list[str], truth: str, rank: int, alice: Member, bob: Member) -> None:
    case = reading.case()
    reading.answer(case, bob, *codes)
    closing.close(case=case, by=alice, outcome=Outcome(diagnosis=truth, reference="culture"))

    assert accuracy.hit(given_answers(case)[0], Outcome.objects.get()) == rank
    assert told(Kind.RIGHT) == ({"Bob"} if rank else set())


def test_right_is_the_blind_answer_before_the_closing(alice: Member, bob: Member) -> None:
    case, resident = reading.case(), factories.person("resident")
    changed = reading.answer(case, bob, "psoriasis")  # after reading
    Revision.objects.create(answer=changed, suggestions=[[1, "melanoma", "sure"]])
    reading.answer(case, resident, "psoriasis")
    Answer.objects.filter(member=resident).update(answered_at=timezone.now() + timedelta(days=1))
    closing.close(case=case, by=alice, outcome=Outcome(diagnosis="psoriasis", reference="culture"))

    assert told(Kind.RIGHT) == set()


def test_nobody_is_told_before_the_closing(bob: Member, sign_in: SignIn) -> None:
    case = reading.case()
    sign_in(bob).post(address("answer", case), {"diagnosis_1": "psoriasis", "confidence_1": "sure"})

    assert told(Kind.RIGHT) == set()


@pytest.mark.parametrize(
    ("codes", "reference", "sentences"),
    [
        (["psoriasis"], "histopathology", ["Your first diagnosis was the outcome.", "right before the biopsy"]),
        (["bcc", "psoriasis"], "pcr", ["The outcome was among your diagnoses.", "right before you knew it"]),
        (["bcc"], "pcr", []),
    ],
)
def test_the_page_says_it_to_whom_it_concerns(
    codes: list[str], reference: str, sentences: list[str], bob: Member, alice: Member, sign_in: SignIn
) -> None:
    case = reading.case()
    reading.answer(case, bob, *codes)
    reading.closed(case, "psoriasis", reference=reference)
    page = sign_in(bob).get(address("case", case)).content.decode()

    assert _all_in(sentences, page)
    assert ("You were right" in page) is bool(sentences)
    assert "You were right" not in sign_in(alice).get(address("case", case)).content.decode()


def _all_in(sentences: Iterable[str], page: str) -> bool:
    return all(sentence in page for sentence in sentences)
