"""The case page: who sees it, what stands on it before and after one's own answer, the author's tools."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Member
from audit.models import Event
from consent.models import Consent
from consults.cases.followup.models import PicturePair
from consults.discussion.models import CommentHold, Mention, Reaction
from consults.discussion.outcomes.models import OutcomeVersion
from consults.discussion.plans.models import FormerPlan, Plan
from consults.models import Answer, Case, Comment, Group, Outcome, Revision
from consults.pins.models import Pin
from tests import factories
from tests.consults import additions, reading

SignIn = Callable[[object], Client]

DIAGNOSIS = {"diagnosis_1": "psoriasis", "diagnosis_1_text": "Psoriasis", "confidence_1": "sure"}
POSTS: dict[str, dict[str, str]] = {
    "answer": DIAGNOSIS,
    "read_only": {},
    "revise": DIAGNOSIS,
    "comment": {"text": "Is it tender?"},
    "close": {"diagnosis": "psoriasis", "reference": "histopathology"},
    "withdraw_case": {"asked": "1"},
}
# What nobody may learn before their own answer: diagnoses of others and of the author, words of the thread.
SECRETS = (
    "Melanoma",
    "melanoma",
    "Sebaceous",
    "sebaceous",
    "Lichen planus",
    "lichen-planus",
    "tenderness",
    "Resident R",
)


def address(name: str, case: Case) -> str:
    """The address of a page about a case."""
    return reverse(f"consults:{name}", args=[case.pk])


@pytest.fixture
def case(db: None) -> Case:
    """Alice's open case with two answers, one of them changed, a comment, and a working differential."""
    made = reading.case(title="A spot", note="It grows.", differential=["sebaceous-carcinoma"])
    resident = factories.person("resident")
    Member.objects.filter(pk=resident.pk).update(name="Resident R")
    given = reading.answer(made, resident, "melanoma", confidence="guess")
    reading.answer(made, factories.person("physician"), "melanoma", "lichen-planus")
    Revision.objects.create(answer=given, suggestions=[[1, "lichen-planus", "sure"]])
    Comment.objects.create(case=made, author=resident, text="Any tenderness?")
    return made


# --- Who


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("alice", 200),
        ("bob", 200),
        ("resident", 200),
        ("physician", 200),
        ("mod1", 200),
        ("nurse", 404),
        ("student", 404),
        ("applicant", 403),
        ("officer", 403),
        ("admin", 403),
    ],
)
def test_who_sees_the_case(name: str, status: int, case: Case, sign_in: SignIn) -> None:
    assert sign_in(factories.person(name)).get(address("case", case)).status_code == status


@pytest.mark.parametrize("state", ["draft", "submitted", "returned"])
@pytest.mark.parametrize("name", ["alice", "bob", "mod1"])
def test_unreleased_cases_are_not_here(name: str, state: str, sign_in: SignIn) -> None:
    made = reading.case(state=state)

    assert sign_in(factories.person(name)).get(address("case", made)).status_code == 404


def test_group_cases_are_for_the_group(bob: Member, sign_in: SignIn) -> None:
    group = Group.objects.create(name="Nails")
    made = reading.case(group=group)
    client = sign_in(bob)

    assert client.get(address("case", made)).status_code == 404
    group.members.add(bob)
    assert client.get(address("case", made)).status_code == 200


# who posts what -> what the server says. bob has not answered, physician has, alice is the author.
ACTS = [
    ("bob", "answer", 302),
    ("bob", "read_only", 302),
    ("bob", "revise", 403),
    ("bob", "comment", 403),
    ("bob", "close", 403),
    ("bob", "withdraw_case", 403),
    ("physician", "revise", 302),
    ("physician", "comment", 302),
    ("physician", "close", 403),
    ("physician", "withdraw_case", 403),
    ("alice", "answer", 403),
    ("alice", "read_only", 403),
    ("alice", "revise", 403),
    ("alice", "comment", 302),
    ("alice", "close", 302),
    ("alice", "withdraw_case", 302),
    ("student", "answer", 404),
    ("student", "comment", 404),
    ("nurse", "close", 404),
    ("nurse", "withdraw_case", 404),
    ("officer", "answer", 403),
    ("applicant", "comment", 403),
]


@pytest.mark.parametrize(("name", "act", "status"), ACTS)
def test_who_does_what(name: str, act: str, status: int, case: Case, sign_in: SignIn) -> None:
    client = sign_in(factories.person(name))
    before = Event.objects.count()
    response = client.post(address(act, case), POSTS[act])

    assert response.status_code == status
    assert (Event.objects.count() > before) is (status == 302)


@pytest.mark.parametrize("act", ["answer", "read_only", "revise", "comment"])
def test_what_only_takes_a_post_leads_back_to_the_case(act: str, case: Case, bob: Member, sign_in: SignIn) -> None:
    led = sign_in(bob).get(address(act, case))
    assert (led.status_code, led["Location"].partition("#")[0]) == (302, address("case", case))


def test_students_read_closed_teaching_cases_and_write_nothing(student: Member, sign_in: SignIn) -> None:
    lesson = reading.closed(reading.case(kind="teaching"), "psoriasis")
    client = sign_in(student)
    page = client.get(address("case", lesson)).content.decode()

    assert "Psoriasis" in page
    assert 'name="text"' not in page
    assert client.post(address("comment", lesson), POSTS["comment"]).status_code == 403


# --- Blindness


def test_before_answering_nothing_of_the_others_is_in_any_page(case: Case, bob: Member, sign_in: SignIn) -> None:
    client = sign_in(bob)
    comment = Comment.objects.get()
    pages = [
        client.get(address("case", case)),
        client.get(address("case", case), {"reply": str(comment.pk)}),
        client.get(address("case", case), headers={"HX-Request": "true"}),
        client.get(reverse("consults:cases")),
        client.get(reverse("consults:cases"), {"q": "melanoma"}),
        client.get(reverse("consults:cases"), headers={"HX-Request": "true", "HX-Target": "feed"}),
        client.post(address("answer", case), {}),
        client.post(address("answer", case), {"diagnosis_1_text": "no such disease"}),
        client.post(address("comment", case), {"text": "hello"}),
        client.post(address("revise", case), DIAGNOSIS),
        client.get(address("close", case)),
    ]
    for page in pages:
        text = re.sub(r'value="melanoma"|q=melanoma', "", page.content.decode())  # the reader's own search word
        assert not [secret for secret in SECRETS if secret in text]
    assert "2 answers" in pages[0].content.decode()


@pytest.mark.parametrize("by", ["answer", "read_only"])
def test_after_answering_everything_opens(by: str, case: Case, bob: Member, sign_in: SignIn) -> None:
    client = sign_in(bob)
    page = client.post(address(by, case), POSTS[by], follow=True).content.decode()

    for words in ("Melanoma", "Sebaceous", "Lichen planus", "tenderness", "Resident R"):
        assert words in page


def test_the_author_sees_answers_and_thread_of_the_own_case(case: Case, alice: Member, sign_in: SignIn) -> None:
    page = sign_in(alice).get(address("case", case)).content.decode()

    assert "Any tenderness?" in page
    assert "Shown from 3 answers on: 2 so far." in page
    assert "Malignant, raised already" in page
    assert "Save my diagnosis" not in page


def test_the_page_says_what_it_is(case: Case, bob: Member, sign_in: SignIn) -> None:
    page = sign_in(bob).get(address("case", case)).content.decode()

    assert page.count("not a consultation") >= 2
    for words in ("A spot", "It grows.", "What is the diagnosis?", "60–69 years", "Plaque", "Your diagnosis"):
        assert words in page


def test_pictures_are_addressed_by_the_gate(case: Case, bob: Member, sign_in: SignIn) -> None:
    photo = case.pictures.get().photo
    client = sign_in(bob)
    page = client.get(address("case", case)).content.decode()
    assert {str(r.pk) for r in photo.renditions.all()} == set(re.findall(r"/m/([0-9a-f-]{36})/", page))

    photo.renditions.update(sha256="e" * 64)
    assert "/m/" not in client.get(address("case", case)).content.decode()


# --- Withdrawn while the page was open


@pytest.mark.parametrize("act", sorted(POSTS))
@pytest.mark.parametrize("name", ["bob", "physician", "alice"])
def test_after_a_withdrawal_the_next_post_gets_a_calm_page(name: str, act: str, case: Case, sign_in: SignIn) -> None:
    client = sign_in(factories.person(name))
    client.get(address("case", case))
    reading.withdraw(case)
    counts = (Answer.objects.count(), Comment.objects.count(), Revision.objects.count())
    gone = client.post(address(act, case), POSTS[act])
    never = client.post(reverse(f"consults:{act}", args=[uuid4()]), POSTS[act])

    assert gone.status_code == never.status_code == 404
    assert "This case is not available" in gone.content.decode()
    assert "A spot" not in gone.content.decode()
    assert _without_tokens(gone.content.decode()) == _without_tokens(never.content.decode())
    assert counts == (Answer.objects.count(), Comment.objects.count(), Revision.objects.count())


def _without_tokens(page: str) -> str:
    page = re.sub(r'nonce="[^"]*"|"X-CSRFToken": "[^"]*"|name="csrf[^>]*', "", page)
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", page)


# --- Closing


@pytest.mark.parametrize(
    ("posted", "field", "sentence"),
    [
        ({"diagnosis_text": "", "reference": "histopathology"}, "diagnosis", "Type the final diagnosis"),
        ({"diagnosis_text": "no such thing at all", "reference": "histopathology"}, "diagnosis", "not in the list"),
        ({"diagnosis_text": "melanon", "reference": "histopathology"}, "diagnosis", "Choose a name from the list"),
        ({"diagnosis": "melanocytic-tumour", "reference": "histopathology"}, "diagnosis", "Type the final diagnosis"),
        ({"diagnosis": "melanoma"}, "reference", "required"),
        (
            {"diagnosis": "melanoma", "reference": "histopathology", "done": "Excised on 12.03.2024"},
            "done",
            "There is a date",
        ),
    ],
)
def test_closing_needs_an_outcome(
    posted: dict[str, str], field: str, sentence: str, case: Case, alice: Member, sign_in: SignIn
) -> None:
    response = sign_in(alice).post(address("close", case), posted)

    assert response.status_code == 422
    assert sentence in str(response.context["form"].errors[field])
    assert not Outcome.objects.exists()


@pytest.mark.parametrize(
    "posted", [{"diagnosis": "melanoma"}, {"diagnosis_text": "Melanoma"}, {"diagnosis_text": "malignant melanoma"}]
)
def test_closing_shows_the_outcome_and_how_the_crowd_did(
    posted: dict[str, str], case: Case, alice: Member, bob: Member, sign_in: SignIn
) -> None:
    response = sign_in(alice).post(
        address("close", case), posted | {"reference": "histopathology", "done": "Excised."}, follow=True
    )
    assert "The case is closed" in response.content.decode()
    page = sign_in(bob).get(address("case", case)).content.decode()

    for words in ("Outcome", "Histopathology", "Excised.", "How the crowd did", "Residents", "Other doctors"):
        assert words in page
    assert "Save my diagnosis" not in page


def test_an_answer_after_the_closing_is_told_so(case: Case, bob: Member, sign_in: SignIn) -> None:
    client = sign_in(bob)
    client.get(address("case", case))
    reading.closed(case, "melanoma")
    for act in ("answer", "read_only", "revise"):
        page = client.post(address(act, case), POSTS[act], follow=True)
        assert "The case was closed in the meantime" in page.content.decode()
    assert not Answer.objects.filter(member=bob).exists()


def test_closing_twice_is_calm(case: Case, alice: Member, sign_in: SignIn) -> None:
    reading.closed(case, "melanoma")
    page = sign_in(alice).post(address("close", case), POSTS["close"], follow=True)

    assert "The case is closed already." in page.content.decode()
    assert Outcome.objects.get().diagnosis == "melanoma"


# --- Withdrawal on the patient's word


def test_withdrawal_asks_first_and_then_hides(case: Case, alice: Member, bob: Member, sign_in: SignIn) -> None:
    client = sign_in(alice)
    assert "cannot be undone" in client.get(address("withdraw_case", case)).content.decode()
    assert client.post(address("withdraw_case", case), {}).status_code == 422
    assert sign_in(bob).get(address("case", case)).status_code == 200
    assert client.post(address("withdraw_case", case), {"asked": "1"}).status_code == 302

    assert Consent.objects.get().status == "withdrawn"
    assert sign_in(bob).get(address("case", case)).status_code == 404


@pytest.mark.parametrize(("state", "status"), [("draft", 200), ("submitted", 200), ("returned", 200)])
def test_the_author_withdraws_before_the_release_too(
    state: str, status: int, alice: Member, bob: Member, sign_in: SignIn
) -> None:
    made = reading.case(state=state)

    assert sign_in(alice).get(address("withdraw_case", made)).status_code == status
    assert sign_in(bob).get(address("withdraw_case", made)).status_code == 404


def test_an_education_model_has_nothing_to_withdraw(alice: Member, sign_in: SignIn) -> None:
    made = reading.case(education_model=True)

    assert sign_in(alice).get(address("withdraw_case", made)).status_code == 403
    assert "The patient withdraws" not in sign_in(alice).get(address("case", made)).content.decode()


# --- Queries: session and member, the case, what one may do with it, pictures; open: answers, pins, the thread besides.

MOST_QUERIES = {"waiting": 4, "answered": 7, "closed": 7, "author": 8, "moderator": 7}  # the author: who looked at it


def talked_about(many: int) -> Case:
    """A case with everything that its page can show, of each as much as asked for."""
    case = reading.case(kinds=("close-up",) * min(many, 5), question="management")
    display = case.pictures.first().photo.renditions.get(name="display")
    bob, first = factories.person("bob"), None
    for number in range(1, many + 1):
        member = factories.member()
        given = reading.answer(case, member, "melanoma", "psoriasis")
        before = Revision.objects.create(answer=given, suggestions=[[1, "lichen-planus", "sure"]])
        FormerPlan.objects.create(revision=before, observe="months")
        Plan.objects.create(answer=given, biopsy="punch")
        written = Comment.objects.create(case=case, author=member, text="@Bob, see 1.", reply_to=first)
        first = first or written
        Mention.objects.create(comment=written, written="Bob", member=bob)
        Reaction.objects.create(comment=written, member=bob, kind="agree")
        hidden = Comment.objects.create(case=case, author=member, text="Hidden.", reply_to=first)
        CommentHold.objects.create(comment=hidden, by=factories.person("mod2"), reason="conduct")
        place = {"x": 0.5, "y": 0.5, "text": "Here"}
        Pin.objects.create(case=case, rendition=display, sha256=display.sha256, by=member, number=number, **place)
        added = additions.addition(case, after=number)
        shown = added.pictures.get().photo.renditions.get(name="display")
        PicturePair.objects.create(
            earlier=display.photo,
            later=shown.photo,
            earlier_sha256=display.sha256,
            later_sha256=shown.sha256,
            incomparable="no-fit",
        )
    return case


@pytest.mark.parametrize("many", [1, 4])
@pytest.mark.parametrize(("reader", "most"), MOST_QUERIES.items())
def test_the_page_needs_few_queries_whatever_was_said(reader: str, most: int, many: int, sign_in: SignIn) -> None:
    case = talked_about(many)
    member = {"author": case.author, "moderator": factories.person("mod1")}.get(reader, factories.person("bob"))
    if reader in ("answered", "moderator"):
        reading.answer(case, member, "melanoma")
    if reader in ("closed", "author"):
        reading.closed(case, "psoriasis")
        for name in ("melanoma", "bcc")[:many]:
            OutcomeVersion.objects.create(outcome=case.outcome, diagnosis=name, reason="other", words="A slip.")
    client, first = sign_in(member), Comment.objects.earliest("written_at")
    for asked in ("", f"?reply={first.pk}&quote=1"):
        client.get(address("case", case) + asked)  # the session is written now
        with CaptureQueriesContext(connection) as captured:
            shown = client.get(address("case", case) + asked)
        found = [query["sql"] for query in captured if not re.match("(RELEASE )?SAVEPOINT", query["sql"] or "")]
        assert len(found) <= most, found
    is_open = reader != "waiting"
    assert ("Your reply to" in shown.content.decode()) == is_open
    assert len(shown.context["pairs"]) == many * is_open
    assert len(shown.context.get("pins", ())) == many * is_open
    assert len(shown.context.get("former_outcomes", ())) == (min(many, 2) if reader in ("closed", "author") else 0)
