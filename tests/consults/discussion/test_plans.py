"""Answers to "How would you manage it?" and "Biopsy or not?": the form, the tally, blindness, revisions, withdrawal."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Member
from consults.cases.gate import listing
from consults.discussion import accuracy, answers
from consults.discussion.answers import Choice
from consults.discussion.consensus import WEIGHTS
from consults.discussion.forms import AnswerForm
from consults.discussion.plans.forms import PlanForm
from consults.discussion.plans.presenters import detail_name, shown, tally_lines
from consults.discussion.plans.tally import OPTIONS, Planned, tally
from consults.models import Answer, Case, FormerPlan, Plan
from consults.withdrawal import redaction
from tests import factories
from tests.consults import reading
from tests.consults.refusing import refused
from vocabulary import terms

SignIn = Callable[[object], Client]
SECRETS = ("Punch biopsy", "Clobetasol", "with a wide margin", "Plastic surgery")
BCC = Choice("bcc", terms.Confidence.SURE)


def at(name: str, case: Case) -> str:
    return reverse(f"consults:{name}", args=[case.pk])


def give(case: Case, member: Member, **fields: Any) -> Answer:
    return answers.answer(case=case, by=member, plan=Plan(**fields))


@pytest.fixture
def managed(db: None) -> Case:
    """An open case of alice's that asks how one would manage it."""
    return reading.case(question="management")


@pytest.fixture
def biopsied(db: None) -> Case:
    """An open case of alice's that asks about a biopsy."""
    return reading.case(question="biopsy")


# --- The form

MANAGED: list[tuple[dict[str, str], str]] = [
    ({"observe": "6w"}, ""),
    ({"biopsy": "punch"}, ""),
    ({"biopsy": "punch", "biopsy_where": "edge of the ulcer"}, ""),
    ({"treatment": "clobetasol"}, ""),
    ({"treatment": "topical-corticosteroid"}, ""),
    ({"refer_to": "mohs"}, ""),
    ({"biopsy": "shave", "treatment": "emollient", "observe": "2w", "refer_to": "oncology", "words": "Soon."}, ""),
    ({}, "Choose at least one"),
    ({"words": "I would think about it."}, "Choose at least one"),
    ({"biopsy_where": "edge"}, "Choose at least one"),
    ({"biopsy": "no"}, "valid choice"),  # without a biopsy there is nothing to say here
    ({"treatment": "snake-oil"}, "valid choice"),
    ({"observe": "tomorrow"}, "valid choice"),
    ({"observe": "6w", "words": "Call 0532 123 45 67."}, "phone number"),
    ({"biopsy": "punch", "biopsy_where": "a@b.example"}, "e-mail"),
]
BIOPSIED: list[tuple[dict[str, str], str]] = [
    ({"biopsy": "no"}, ""),
    ({"biopsy": "any"}, ""),
    ({"biopsy": "excisional", "biopsy_where": "the raised part", "words": "To see its depth."}, ""),
    ({}, "Choose whether"),
    ({"words": "Perhaps."}, "Choose whether"),
    ({"biopsy": "deepest"}, "valid choice"),
    ({"treatment": "clobetasol"}, "Choose whether"),  # not asked
]


@pytest.mark.parametrize(
    ("question", "posted", "complaint"),
    [("management", *row) for row in MANAGED] + [("biopsy", *row) for row in BIOPSIED],
)
def test_what_a_plan_may_say(question: str, posted: dict[str, str], complaint: str) -> None:
    data = QueryDict(mutable=True)
    data.update({f"plan-{name}": value for name, value in posted.items()})
    form = PlanForm(data, question=question)

    assert form.is_valid() is not bool(complaint)
    assert complaint in str(form.errors)
    assert "onstraint" not in str(form.errors)


def test_a_place_without_a_biopsy_is_dropped() -> None:
    form = PlanForm({"plan-biopsy": "no", "plan-biopsy_where": "edge"}, question="biopsy")
    assert form.is_valid()
    assert form.plan.biopsy_where == ""


@pytest.mark.parametrize(
    ("question", "posted", "valid"),
    [
        ("management", {"plan-observe": "6w"}, True),
        ("management", {"plan-observe": "6w", "diagnosis_1": "bcc", "confidence_1": "sure"}, True),
        ("management", {"plan-observe": "6w", "diagnosis_1": "bcc"}, False),  # how sure?
        ("management", {"diagnosis_1": "bcc", "confidence_1": "sure"}, False),  # the plan is what was asked
        ("diagnosis", {"plan-observe": "6w"}, False),
        ("diagnosis", {"diagnosis_1": "bcc", "confidence_1": "sure"}, True),
        ("", {"diagnosis_1": "bcc", "confidence_1": "sure"}, True),
    ],
)
def test_what_each_question_needs(question: str, posted: dict[str, str], valid: bool) -> None:
    data = QueryDict(mutable=True)
    data.update(posted)
    form = AnswerForm(data, question=question)
    assert form.is_valid() is valid


# --- The rows


@pytest.mark.parametrize(
    ("fields", "accepted"),
    [
        ({"observe": "6w"}, True),
        ({"biopsy": "punch", "biopsy_where": "edge"}, True),
        ({"biopsy": "no"}, True),
        ({"words": "Well."}, False),
        ({}, False),
        ({"observe": "6w", "biopsy_where": "edge"}, False),
        ({"biopsy": "no", "biopsy_where": "edge"}, False),
    ],
)
def test_the_database_keeps_plans_that_say_something(
    fields: dict[str, str], accepted: bool, managed: Case, bob: Member
) -> None:
    given_answer = reading.answer(managed, bob)
    if accepted:
        Plan.objects.create(answer=given_answer, **fields)
    else:
        with pytest.raises(IntegrityError), transaction.atomic():
            Plan.objects.create(answer=given_answer, **fields)


def test_a_plan_alone_is_an_answer_and_none_for_accuracy(managed: Case, bob: Member) -> None:
    made = give(managed, bob, observe="6w")
    managed.refresh_from_db()

    assert made.kind == "plan"
    assert (managed.listing.answers, managed.listing.no_dermatologist) == (1, False)
    before = {name: getattr(managed.listing, name) for name in listing._WRITTEN}
    assert listing.refresh(cases=[managed.pk]) == 0
    managed.listing.refresh_from_db()
    assert {name: getattr(managed.listing, name) for name in listing._WRITTEN} == before
    reading.closed(managed, "bcc")
    assert accuracy.accuracy_by_role(answers.given_answers(managed), managed.outcome) == []


def test_a_plan_with_a_diagnosis_counts_for_both(managed: Case, bob: Member) -> None:
    made = answers.answer(case=managed, by=bob, choices=[BCC], plan=Plan(treatment="mohs"))
    assert made.kind == "diagnosis"
    reading.closed(managed, "bcc")
    (everybody, _experts) = accuracy.accuracy_by_role(answers.given_answers(managed), managed.outcome)
    assert (everybody.answers, everybody.top1) == (1, 1)


@pytest.mark.parametrize(
    ("question", "choices", "fields", "sentence"),
    [
        ("diagnosis", [BCC], {"observe": "6w"}, "not for a plan"),
        ("management", [], None, "at least one diagnosis"),
        ("management", [BCC, BCC], {"observe": "6w"}, "twice"),
        ("management", [Choice("snake", terms.Confidence.SURE)], {"observe": "6w"}, "from the list"),
    ],
)
def test_what_the_service_refuses(
    question: str, choices: list[Choice], fields: dict[str, str] | None, sentence: str, bob: Member
) -> None:
    case = reading.case(question=question)
    with refused(sentence):
        answers.answer(case=case, by=bob, choices=choices, plan=None if fields is None else Plan(**fields))
    assert not Answer.objects.exists()


# --- The tally


def planned(role: str, *picks: tuple[str, str]) -> Planned:
    return Planned(counted_as=role, picks=picks)


def test_a_worked_tally() -> None:
    found = tally(
        [
            planned("expert", ("biopsy", "punch"), ("treat", "clobetasol")),
            planned("expert", ("biopsy", "shave")),
            planned("trainee", ("biopsy", "punch")),
            planned("physician", ("observe", "6w")),
            planned("", ("refer", "mohs")),  # does not count
        ]
    )
    assert found is not None
    assert (found.answers, dict(found.by_role)) == (4, {"expert": 2, "trainee": 1, "physician": 1})
    assert [(one.option, one.count, dict(one.by_role)) for one in found.options] == [
        ("biopsy", 3, {"expert": 2, "trainee": 1}),
        ("treat", 1, {"expert": 1}),
        ("observe", 1, {"physician": 1}),
    ]
    assert found.options[0].details == (("punch", 2), ("shave", 1))
    first = tally_lines(found)[0]
    assert (first.everybody, first.experts, first.details[0]) == (75, 100, ("Punch biopsy", 2))
    assert [(count, of) for _role, count, of in first.roles] == [(2, 2), (1, 1), (0, 1)]


@pytest.mark.parametrize(
    ("roles", "is_shown"),
    [
        (["expert"] * 2, False),
        (["expert", "expert", ""], False),
        (["expert"] * 3, True),
        (["trainee", "physician", "other"], True),
    ],
)
def test_it_is_shown_from_three_counted_answers(roles: list[str], is_shown: bool) -> None:
    assert (tally([planned(role, ("observe", "6w")) for role in roles]) is not None) is is_shown


@pytest.mark.parametrize(
    ("role", "picks"),
    [("chief", []), ("expert", [("pray", "")]), ("expert", [("biopsy", "punch"), ("biopsy", "shave")])],
)
def test_an_impossible_plan_is_refused(role: str, picks: list[tuple[str, str]]) -> None:
    with pytest.raises(ValueError, match=r"role|twice"):
        Planned(counted_as=role, picks=picks)


@st.composite
def plans(draw: st.DrawFn) -> Planned:
    options = draw(st.lists(st.sampled_from(OPTIONS), min_size=1, max_size=4, unique=True))
    picks = [(option, draw(st.sampled_from(["", "a", "b"]))) for option in options]
    return planned(draw(st.sampled_from(sorted(WEIGHTS))), *picks)


@settings(deadline=None)
@given(st.lists(plans(), max_size=10), st.randoms(use_true_random=False))
def test_figures_of_a_tally_add_up_in_any_order(given_plans: list[Planned], random) -> None:
    found = tally(given_plans, shown_from=0)
    shuffled = given_plans.copy()
    random.shuffle(shuffled)
    assert tally(shuffled, shown_from=0) == found
    assert found is not None
    assert sum(found.by_role.values()) == found.answers == sum(WEIGHTS[one.counted_as] > 0 for one in given_plans)
    for one in found.options:
        assert sum(one.by_role.values()) == one.count <= found.answers
        assert sum(n for _detail, n in one.details) <= one.count
        assert all(one.by_role[role] <= found.by_role[role] for role in one.by_role)


@pytest.mark.parametrize(
    ("option", "detail", "name"),
    [
        ("treat", "clobetasol", "Clobetasol propionate"),
        ("treat", "gone", "gone"),
        ("biopsy", "punch", "Punch biopsy"),
        ("observe", "gone", "gone"),
        ("biopsy", "", ""),
    ],
)
def test_a_code_that_is_not_known_any_more_stands_for_itself(option: str, detail: str, name: str) -> None:
    assert detail_name(option, detail) == name


def test_a_plan_in_words() -> None:
    found = shown(Plan(biopsy="any", biopsy_where="edge", words="Soon."))
    assert found is not None
    assert [(str(line.name), line.detail) for line in found.lines] == [("Take a biopsy", "edge")]
    assert shown(None) is None


# --- The page


def test_nobody_reads_a_plan_before_their_own(managed: Case, bob: Member, sign_in: SignIn) -> None:
    for name in ("resident", "physician", "mod1"):
        give(
            managed,
            factories.person(name),
            biopsy="punch",
            treatment="clobetasol",
            refer_to="plastic",
            words="Remove it with a wide margin.",
        )
    client = sign_in(bob)
    page = client.get(at("case", managed)).content.decode()
    story, _answer, form = page.partition("Your answer")
    assert not any(secret in story for secret in SECRETS)
    assert "What colleagues would do" not in page
    assert "wide margin" not in form

    client.post(at("answer", managed), {"plan-observe": "6w"})
    page = client.get(at("case", managed)).content.decode()
    assert all(secret in page for secret in SECRETS)
    assert "3 of 4" in " ".join(page.split())


def test_an_answer_is_given_and_changed(managed: Case, bob: Member, sign_in: SignIn) -> None:
    client = sign_in(bob)
    posted = {"plan-biopsy": "punch", "plan-biopsy_where": "the edge", "plan-words": "First of all."}
    assert client.post(at("answer", managed), posted).status_code == 302
    assert client.post(at("revise", managed), {"plan-treatment": "mohs"}).status_code == 302

    given_answer = Answer.objects.get()
    assert given_answer.plan.said() == Plan(treatment="mohs").said()
    assert FormerPlan.objects.get().said() == Plan(
        biopsy="punch", biopsy_where="the edge", words="First of all."
    ).said()  # fmt: skip
    page = client.get(at("case", managed)).content.decode()
    assert "Mohs micrographic surgery" in page
    assert "the edge" in page  # the first answer


def test_a_diagnosis_added_later_counts_for_the_consensus_and_not_as_blind(managed: Case, bob: Member) -> None:
    give(managed, bob, observe="6w")
    answers.revise(given=Answer.objects.get(), choices=[BCC], plan=Plan(observe="6w"))
    assert Answer.objects.get().kind == "diagnosis"
    managed.listing.refresh_from_db()
    assert managed.listing.answers == 1
    reading.closed(managed, "bcc")
    assert accuracy.accuracy_by_role(answers.given_answers(managed), managed.outcome) == []


def test_a_refused_plan_loses_nothing(biopsied: Case, bob: Member, sign_in: SignIn) -> None:
    response = sign_in(bob).post(at("answer", biopsied), {"plan-words": "Because it grows."})
    page = response.content.decode()
    assert response.status_code == 422
    assert "Because it grows." in page
    assert "Choose whether you would take a biopsy." in page


def test_the_page_asks_no_more_for_plans(managed: Case, bob: Member, sign_in: SignIn) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert sign_in(bob).get(at("case", managed)).status_code == 200
        return len(asked)

    give(managed, bob, observe="6w")
    queries()
    few = queries()
    for _number in range(10):
        made = give(managed, factories.member(), biopsy="punch")
        answers.revise(given=made, plan=Plan(treatment="mohs"))
    assert queries() == few


# --- Withdrawal


def test_words_of_a_withdrawn_case_are_taken_out_of_plans_elsewhere(managed: Case, bob: Member) -> None:
    gone = reading.case(note="A violet plaque with a rolled border since the spring.", question="management")
    words = f"As there: a violet plaque with a rolled border since the spring. See {gone.pk}."
    made = give(managed, bob, observe="6w", words=words)
    answers.revise(given=made, plan=Plan(observe="6w", words="Something else."))
    other = give(managed, factories.person("resident"), observe="2w", words=words)

    redaction.remove_quotations(case=gone)
    for plan in (FormerPlan.objects.get(), Plan.objects.get(answer=other)):
        assert "violet plaque" not in plan.words
        assert str(gone.pk) not in plan.words
        assert plan.words.startswith("As there")


def test_words_of_a_plan_on_a_withdrawn_case_are_looked_for_elsewhere(managed: Case, bob: Member) -> None:
    words = "Curette the crusted nodule and send everything that comes off."
    give(managed, bob, observe="6w", words=words)
    elsewhere = reading.case(question="management")
    give(elsewhere, bob, observe="6w", words=f"Again: {words}")
    redaction.remove_quotations(case=managed)
    assert "crusted nodule" not in Plan.objects.get(answer__case=elsewhere).words
