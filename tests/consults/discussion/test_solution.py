"""Solved teaching cases: the solution is sealed until a reader has answered, wherever they look."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from accounts.models import Member
from consults.cases import gate
from consults.cases.authoring import drafts
from consults.cases.gate import send_back
from consults.cases.gate.models import ListingText
from consults.cases.review.models import SecondRead
from consults.exceptions import ChangeRefused
from consults.models import Answer, Case, CaseState, Group, Membership, Outcome
from core import permissions
from tests import factories
from tests.consults import reading
from tests.matrix import journey
from tests.matrix.states import views
from vocabulary import diagnoses

SignIn = Callable[[object], Client]
CODE = "hidradenitis-suppurativa"
NAME = str(diagnoses.get(CODE).label_in("en"))
POINTS = "Look for tunnels and double comedones; zebrafinch."
SOLVED: dict[str, Any] = {
    "kind": "teaching",
    "solution": CODE,
    "solution_reference": "histopathology",
    "teaching_points": POINTS,
}
SECRETS = (NAME, CODE, "zebrafinch")


def address(name: str, case: Case) -> str:
    """The address of a page about a case."""
    return reverse(f"consults:{name}", args=[case.pk])


@pytest.fixture
def lesson(db: None) -> Case:
    """An open teaching case of alice's with its solution."""
    return reading.case(**SOLVED)


def is_told(page: str) -> bool:
    """Whether a page gives anything of the solution away."""
    return any(secret.casefold() in page.casefold() for secret in SECRETS)


# --- Sealed


def pages(client: Client, case: Case) -> Iterator[tuple[str, HttpResponse]]:
    """Every page of the site that takes one of these ids, and those that take none."""
    photo = case.pictures.get().photo_id
    rendition = case.releases.filter(rendition__name="display").get().rendition_id
    known = (
        [],
        [case.pk],
        [case.author_id],
        [case.group_id],
        [photo],
        [rendition],
        [case.pk, photo],
        [case.consent_id],
    )
    for name, _view in views(get_resolver()):
        for args in known:
            try:
                at = reverse(name, args=args)
            except NoReverseMatch:
                continue
            yield at, client.get(at)
    cases = reverse("consults:cases")
    for asked in ("?q=zebrafinch", f"?q={CODE}", f"?q={NAME}", "?kind=teaching", "?sort=fewest", "?only=unanswered"):
        yield asked, client.get(cases + asked)
        yield asked, client.get(cases + asked, headers={"HX-Request": "true", "HX-Target": "feed"})
    yield "refused", client.post(address("answer", case), {"diagnosis_1_text": "no such disease"})


@pytest.mark.parametrize(
    "name", ["bob", "resident", "physician", "nurse", "student", "mod2", "officer", "admin", "applicant"]
)
def test_no_page_tells_who_has_not_answered(name: str, db: None, sign_in: SignIn) -> None:
    ward = Group.objects.create(name="Ward", open_to_nurses=True)
    reader = factories.person(name)
    for member in (factories.person("alice"), reader):
        Membership.objects.create(group=ward, member=member)
    case = reading.case(group=ward, **SOLVED, data=b"picture")
    client = sign_in(reader)
    seen = 0
    for at, response in pages(client, case):
        content = b"".join(response) if response.streaming else response.content
        text = content.decode(errors="replace")
        for asked in ("zebrafinch", CODE, NAME):
            if f"q={asked}" in at:  # the reader's own word
                text = text.replace(asked, "")
        assert not is_told(text), at
        assert not is_told(str(dict(response.headers))), at
        seen += response.status_code == 200
    assert seen > 5
    # The test can fail: somebody is told.
    assert is_told(sign_in(factories.person("alice")).get(address("case", case)).content.decode())


def test_the_index_holds_nothing_of_it(lesson: Case) -> None:
    words = ListingText.objects.get(listing__case=lesson).words
    assert not is_told(words)
    assert f"dx{CODE.replace('-', '')}" not in words
    reading.closed(lesson, CODE)
    assert f"dx{CODE.replace('-', '')}" in ListingText.objects.get(listing__case=lesson).words


# Who, after doing what -> whether the solution is open to them.
OPEN = [
    ("alice", "", True),
    ("bob", "", False),
    ("bob", "answered", True),
    ("bob", "read only", True),
    ("bob", "second-read", True),
    ("resident", "", False),
    ("resident", "answered", True),
    ("mod2", "", False),
    ("nurse", "answered", False),
    ("student", "", False),
    ("student", "answered", False),
    ("officer", "", False),
    ("admin", "", False),
    ("applicant", "", False),
    ("suspended", "answered", False),
    ("bob", "answered, withdrawn", False),
    ("bob", "answered, hidden", False),
    ("bob", "answered, without a solution", False),
    ("bob", "answered, of another kind", False),
    ("bob", "closed", True),
    ("student", "closed", True),
    ("nurse", "closed", False),
]


def _do(acts: str, case: Case, member: Member) -> None:
    if "answered" in acts:
        reading.answer(case, member, "psoriasis")
    if "read only" in acts:
        reading.answer(case, member)
    if "second-read" in acts:
        SecondRead.objects.create(case=case, reader=member, decision="released", content_sha256=case.content_sha256)
    if "withdrawn" in acts:
        reading.withdraw(case)
    if "hidden" in acts:
        case.holds.create(by=factories.person("mod2"), reason="conduct")
    if "without" in acts:
        Case.objects.filter(pk=case.pk).update(solution="")
    if "another kind" in acts:
        Case.objects.filter(pk=case.pk).update(kind="difficult")
    if "closed" in acts:
        reading.closed(case, CODE)


@pytest.mark.parametrize(("name", "acts", "is_open"), OPEN)
def test_to_whom_it_is_open(name: str, acts: str, is_open: bool, lesson: Case) -> None:
    member = factories.person(name)
    _do(acts, lesson, member)

    assert permissions.allows(member, "case.solution", lesson) is is_open


def test_it_opens_at_once_with_how_the_crowd_did(lesson: Case, bob: Member, sign_in: SignIn) -> None:
    client = sign_in(bob)
    assert "the solution opens when you have answered" in client.get(address("case", lesson)).content.decode()
    posted = {"diagnosis_1": CODE, "confidence_1": "sure"}
    page = client.post(address("answer", lesson), posted, follow=True).content.decode()

    for words in ("The solution", NAME, "Histopathology", POINTS, "You were right before you knew it.",
                  "How the crowd did"):  # fmt: skip
        assert words in page
    assert "Save the change" not in page


@pytest.mark.parametrize(("fields", "status"), [(SOLVED, 403), ({"kind": "teaching"}, 302), ({}, 302)])
def test_no_answer_is_changed_after_reading_a_solution(
    fields: dict[str, Any], status: int, bob: Member, sign_in: SignIn
) -> None:
    case = reading.case(**fields)
    reading.answer(case, bob, "psoriasis")
    posted = {"diagnosis_1": CODE, "confidence_1": "sure"}

    assert sign_in(bob).post(address("revise", case), posted).status_code == status


# --- The second reader


@pytest.mark.parametrize("decision", ["release", "send back"])
@pytest.mark.parametrize(("fields", "noted"), [(SOLVED, 1), ({}, 0)])
def test_who_read_the_words_cannot_answer_blind(
    decision: str, fields: dict[str, Any], noted: int, mod1: Member, sign_in: SignIn
) -> None:
    case = reading.case(state=CaseState.SUBMITTED, **fields)
    if decision == "release":
        gate.release(case=case, by=mod1, accepted=gate.to_accept(case))
    else:
        send_back(case=case, by=mod1, reason=SecondRead.Reason.values[0], words="Say more.")
    assert Answer.objects.filter(case=case, member=mod1, kind="read_only").count() == noted


def test_a_second_read_of_a_case_that_was_answered_changes_no_answer(lesson: Case, mod1: Member) -> None:
    reading.answer(lesson, mod1, "psoriasis")
    SecondRead.objects.create(case=lesson, reader=mod1, decision="released", content_sha256=lesson.content_sha256)

    assert Answer.objects.get().kind == "diagnosis"


def test_the_second_reader_reads_the_words_and_not_the_diagnosis(mod1: Member, sign_in: SignIn) -> None:
    case = reading.case(state=CaseState.SUBMITTED, **SOLVED)
    page = sign_in(mod1).get(address("second_read", case)).content.decode()

    assert "zebrafinch" in page
    assert NAME not in page
    assert CODE not in page


# --- Writing it


def test_it_is_written_with_the_case(alice: Member, sign_in: SignIn) -> None:
    client = sign_in(alice)
    case = journey.new_case(client)
    journey.facts(client, case, solution_text=NAME, **SOLVED)
    case.refresh_from_db()

    assert {name: getattr(case, name) for name in SOLVED} == SOLVED
    assert case.has_solution
    page = client.get(address("facts", case)).content.decode()
    assert f'value="{NAME}"' in page
    assert "zebrafinch" in client.get(address("check", case)).content.decode()


@pytest.mark.parametrize("posted", [{"solution": "nonsense"}, {"solution": "", "solution_text": "some rash"}])
def test_a_solution_comes_from_the_list(posted: dict[str, str], alice: Member, sign_in: SignIn) -> None:
    client = sign_in(alice)
    case = journey.new_case(client)
    answer = journey.facts(client, case, **(SOLVED | posted))
    case.refresh_from_db()

    assert answer.status_code == 422
    assert case.solution == ""
    assert case.teaching_points == POINTS


def test_two_windows_do_not_lose_one_anothers_solution(alice: Member, sign_in: SignIn) -> None:
    draft = reading.case(alice, state=CaseState.DRAFT, **SOLVED)
    client = sign_in(alice)
    stale = '{"solution": "0123456789ab"}'
    fields = {"kind": "teaching", "solution": "psoriasis", "solution_text": "Psoriasis", "versions": stale}
    told = client.post(address("facts", draft), fields, headers={"X-Autosave": "1"}).json()

    assert told["conflicts"]["solution"]["text"] == NAME
    assert told["conflicts"]["solution"]["values"] == {"solution": [CODE], "solution_text": [NAME]}
    draft.refresh_from_db()
    assert draft.solution == CODE


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({}, []),
        ({"solution": ""}, ["solution"]),
        ({"solution_reference": ""}, ["solution"]),
        ({"teaching_points": ""}, ["solution"]),
        ({"teaching_points": "Mail to jo@example.org"}, ["identifier"]),
        ({"kind": "difficult", "solution": "", "teaching_points": ""}, []),
        ({"kind": "difficult", "teaching_points": "Mail to jo@example.org"}, []),  # nobody is shown it
    ],
)
def test_what_keeps_it_from_being_released(changed: dict[str, str], codes: list[str], db: None) -> None:
    draft = reading.case(state=CaseState.DRAFT, **(SOLVED | changed))
    assert [blocker.code for blocker in gate.blockers(draft)] == codes


def test_possible_names_in_it_are_asked_about(alice: Member) -> None:
    draft = reading.case(alice, state=CaseState.DRAFT, **(SOLVED | {"teaching_points": "As Jane Miller taught us."}))
    with pytest.raises((ChangeRefused, gate.Blocked)):
        drafts.submit(case=draft, by=alice)


def test_a_change_of_it_voids_the_release(lesson: Case, bob: Member) -> None:
    assert reading.seen(lesson)
    lesson.teaching_points = "Something else."
    lesson.save()
    assert not reading.seen(lesson)


def test_cases_from_before_keep_their_digest(db: None) -> None:
    old = reading.case()
    before = Case(**{**reading.FACTS, "author_id": old.author_id})
    assert old.content_sha256 == before.digest()
    assert "solution" not in str(before.digest())


# --- Closing it


def test_closing_starts_from_the_solution(lesson: Case, alice: Member, student: Member, sign_in: SignIn) -> None:
    client = sign_in(alice)
    page = client.get(address("close", lesson)).content.decode()
    assert f'value="{NAME}"' in page
    client.post(address("close", lesson), {"diagnosis": CODE, "diagnosis_text": NAME, "reference": "histopathology"})

    assert Outcome.objects.get().diagnosis == CODE
    for_students = sign_in(student).get(address("case", lesson)).content.decode()
    assert NAME in for_students
    assert POINTS in for_students


def test_no_unresolved_end_is_offered_where_the_outcome_is_known(lesson: Case, alice: Member, sign_in: SignIn) -> None:
    assert "No outcome to be expected" not in sign_in(alice).get(address("case", lesson)).content.decode()
