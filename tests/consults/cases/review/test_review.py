"""Second reads: whose, what is shown, releasing and sending back, and what happens when somebody was quicker."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from consults.cases.authoring.case_pictures import arrange
from consults.cases.authoring.drafts import submit, take_back
from consults.cases.review import annotations, second_read, views
from consults.models import Case, Group, Membership, Release, SecondRead
from imaging.models import Region, State
from imaging.wording import found_in_words
from tests import factories
from tests.consults import reading

SignIn = Callable[[object], Client]
QUEUE = reverse("consults:second_reads")


def address(case: Case) -> str:
    """The address of a second read."""
    return reverse("consults:second_read", args=[case.pk])


@pytest.fixture
def case(db: None) -> Case:
    """A case of alice's that waits for its second read."""
    return reading.case(state="submitted", title="A waiting plaque")


def release(case: Case, **fields: str) -> dict[str, str]:
    """What the release form posts for the case as it is now."""
    case.refresh_from_db()
    return {"decision": "release", "looked": "on", "seen": second_read.digest(case)} | fields


def send_back(**fields: str) -> dict[str, str]:
    """What the other form posts."""
    return {"decision": "send_back", "reason": "eyes", "words": "Left eyebrow of picture 1."} | fields


# --- Whose


@pytest.mark.parametrize(
    ("name", "queue", "page"),
    [
        ("mod1", 200, 200),
        ("mod2", 200, 200),
        ("alice", 403, 403),
        ("bob", 403, 403),
        ("student", 403, 403),
        ("officer", 403, 403),
        ("admin", 403, 403),
        ("applicant", 403, 403),
        ("suspended", 403, 302),
    ],
)
def test_who_enters(name: str, queue: int, page: int, case: Case, sign_in: SignIn) -> None:
    client = sign_in(factories.person(name))

    assert client.get(QUEUE).status_code == queue
    assert client.get(address(case)).status_code == page


@pytest.mark.parametrize("posted", [release, lambda case: send_back()])
@pytest.mark.parametrize(("name", "status"), [("mod1", 302), ("bob", 403), ("alice", 403), ("officer", 403)])
def test_who_decides(
    name: str, status: int, posted: Callable[[Case], dict[str, str]], case: Case, sign_in: SignIn
) -> None:
    assert sign_in(factories.person(name)).post(address(case), posted(case)).status_code == status
    assert SecondRead.objects.count() == int(status == 302)


def test_nobody_reads_their_own(mod1: Member, mod2: Member, sign_in: SignIn) -> None:
    own = reading.case(mod1, state="submitted", title="Mine")
    client = sign_in(mod1)

    assert "Mine" not in client.get(QUEUE).content.decode()
    assert client.get(address(own)).status_code == 404
    assert client.post(address(own), release(own)).status_code == 404
    assert "Mine" in sign_in(mod2).get(QUEUE).content.decode()


@pytest.mark.parametrize("state", ["draft", "returned", "released", "closed", "withdrawn"])
def test_only_submitted_cases_wait(state: str, mod1: Member, sign_in: SignIn) -> None:
    made = reading.case(state=state, title="Elsewhere")

    assert "Elsewhere" not in sign_in(mod1).get(QUEUE).content.decode()
    assert sign_in(mod1).get(address(made)).status_code == 404


# --- The queue


@pytest.mark.parametrize(
    ("submitted", "due"),
    [
        (datetime(2026, 3, 2, 9, tzinfo=UTC), "2026-03-03"),  # Monday
        (datetime(2026, 3, 6, 9, tzinfo=UTC), "2026-03-09"),  # Friday
        (datetime(2026, 3, 7, 9, tzinfo=UTC), "2026-03-09"),  # Saturday
    ],
)
def test_the_target_is_one_working_day(submitted: datetime, due: str) -> None:
    assert second_read.due_on(submitted).isoformat() == due


def test_the_queue_begins_with_the_longest_wait(case: Case, mod1: Member, sign_in: SignIn) -> None:
    late = reading.case(state="submitted", title="Forgotten")
    Case.objects.filter(pk=late.pk).update(submitted_at=timezone.now() - timedelta(days=9))
    waiting = second_read.queue(mod1)
    page = sign_in(mod1).get(QUEUE).content.decode()

    assert [(one.case.title, one.is_late, one.pictures) for one in waiting] == [
        ("Forgotten", True, 1),
        ("A waiting plaque", False, 1),
    ]
    assert "Over the target" in page


def test_the_queue_needs_one_query(
    case: Case, mod1: Member, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for _ in range(5):
        reading.case(state="submitted", kinds=("close-up", "dermoscopy"))
    with django_assert_max_num_queries(1):
        assert len(second_read.queue(mod1)) == 6


def test_the_queue_begins_with_the_cases_that_wait(case: Case, mod1: Member) -> None:
    # However many cases and consents there are, only those that wait are looked at.
    with CaptureQueriesContext(connection) as asked:
        second_read.queue(mod1)
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # with one row it would be right
        cursor.execute(f"{explain} {asked[0]['sql']}")
        plan = [str(row[-1]) for row in cursor.fetchall()]

    assert any("consults_case_waiting" in step for step in plan), plan


def test_nothing_on_the_page_begins_with_all_cases(case: Case, mod1: Member, sign_in: SignIn) -> None:
    browser = sign_in(mod1)
    with CaptureQueriesContext(connection) as asked:
        browser.get(QUEUE)
    if connection.vendor == "sqlite":  # a list is found whole before anything is looked up in it
        with connection.cursor() as cursor:
            for one in (one["sql"] for one in asked if '"consults_' in one["sql"]):
                cursor.execute(f"EXPLAIN QUERY PLAN {one}")
                assert not [row for row in cursor.fetchall() if "LIST SUBQUERY" in row[-1]], one


def test_the_queue_has_pages(mod1: Member, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "PAGE_CASES", 2)
    for number in range(3):
        waits = reading.case(state="submitted", title=f"Waits {number}")
        Case.objects.filter(pk=waits.pk).update(submitted_at=timezone.now() - timedelta(days=9 - number))
    browser = sign_in(mod1)
    first, second = (browser.get(QUEUE, {"page": page}).content.decode() for page in (1, 2))

    assert [f"Waits {number}" in first for number in range(3)] == [True, True, False]
    assert "page=2" in first
    assert [f"Waits {number}" in second for number in range(3)] == [False, False, True]
    assert "page=1" in second
    assert "page=3" not in second
    assert "Waits 0" in browser.get(QUEUE, {"page": 3}).content.decode()


def test_an_empty_queue_says_so(mod1: Member, sign_in: SignIn) -> None:
    assert "Nothing waits" in sign_in(mod1).get(QUEUE).content.decode()


# --- The page


def test_the_page_shows_receipt_words_and_consent(case: Case, mod1: Member, sign_in: SignIn) -> None:
    photo = case.pictures.get().photo
    photo.found = ["gps", "serial"]
    photo.checklist |= {"mark": "visible"}
    photo.save()
    box = {"photo": photo, "shape": "band", "style": "bar", "x": 1, "y": 1, "width": 9, "height": 9}
    Region.objects.create(**box, kind="eye", choice="accepted", score=0.934, detector="retinaface")
    Region.objects.create(**box, kind="eye", choice="dismissed", score=0.2, detector="yunet", reason="A naevus")
    Region.objects.create(**box, kind="other", choice="drawn")
    Case.objects.filter(pk=case.pk).update(note="Seen on 12.03.2024 <b>twice</b>.")
    page = sign_in(mod1).get(address(case)).content.decode()

    for words in (
        "retinaface, 93 % sure",
        "yunet, 20 % sure",
        "A naevus",
        "Drawn by the author",
        "Not covered",
        *found_in_words(["gps", "serial"]),
        "Visible, and the patient allows it",
        '<mark class="found">12.03.2024</mark>',
        "There is a date.",
        "&lt;b&gt;twice",
        "Discussion among all vetted members",
        "Decides alone",
        "The patient",
        "This case cannot be released as it is:",
    ):
        assert words in page


def test_only_sealed_renditions_are_linked(case: Case, mod1: Member, sign_in: SignIn) -> None:
    reading.picture(case)
    first, second = case.pictures.all()
    second.photo.state = State.REVIEW
    second.photo.save()
    page = sign_in(mod1).get(address(case)).content.decode()

    assert str(first.photo.renditions.get(name="full").pk) in page
    assert not [r for r in second.photo.renditions.all() if str(r.pk) in page]
    assert str(first.photo.original_key) not in page


def test_an_education_model_needs_no_consent(mod1: Member, sign_in: SignIn) -> None:
    made = reading.case(state="submitted", education_model=True)

    assert "an education model, no patient" in sign_in(mod1).get(address(made)).content.decode()


# --- Deciding


def test_release_makes_the_case_visible(case: Case, mod1: Member, bob: Member, sign_in: SignIn) -> None:
    response = sign_in(mod1).post(address(case), release(case), follow=True)

    assert "Released." in response.content.decode()
    assert Release.objects.filter(case=case, approver=mod1).count() == 3
    assert sign_in(bob).get(reverse("consults:case", args=[case.pk])).status_code == 200


def test_release_needs_the_tick(case: Case, mod1: Member, sign_in: SignIn) -> None:
    response = sign_in(mod1).post(address(case), release(case) | {"looked": ""})

    assert response.status_code == 422
    assert "Look at every picture at full size first" in response.content.decode()
    assert not Release.objects.exists()


def test_release_of_what_was_not_seen_is_refused(case: Case, mod1: Member, sign_in: SignIn) -> None:
    posted = release(case)
    reading.picture(case)
    response = sign_in(mod1).post(address(case), posted)

    assert response.status_code == 422
    assert "The case has changed since you opened it." in response.content.decode()
    assert not Release.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda case: case.pictures.update(caption="From another file"),
        lambda case: case.pictures.update(kind="overview"),
        lambda case: Case.objects.filter(pk=case.pk).update(group=Group.objects.create(name="Hall")),
        lambda case: Case.objects.filter(pk=case.pk).update(consent=reading.consent(case.author)),
    ],
)
def test_what_was_exchanged_under_an_open_page_is_not_released(
    change: Callable[[Case], object], case: Case, mod1: Member, sign_in: SignIn
) -> None:
    posted = release(case)
    change(case)
    people = (case.author, mod1)
    Membership.objects.bulk_create(Membership(group=one, member=who) for one in Group.objects.all() for who in people)
    response = sign_in(mod1).post(address(case), posted)

    assert "The case has changed since you opened it." in response.content.decode()
    assert not Release.objects.exists()


def test_another_order_of_the_pictures_is_looked_at_again(
    case: Case, alice: Member, mod1: Member, sign_in: SignIn
) -> None:
    reading.picture(case)
    posted = release(case)
    take_back(case=case, by=alice)
    arrange(case=case, order=list(case.pictures.order_by("-position").values_list("photo_id", flat=True)))
    submit(case=case, by=alice)
    sign_in(mod1).post(address(case), posted)

    assert not Release.objects.exists()


def test_a_blocked_release_says_why(case: Case, mod1: Member, sign_in: SignIn) -> None:
    case.pictures.update(kind="")
    response = sign_in(mod1).post(address(case), release(case))

    assert response.status_code == 422
    assert "Say what kind of picture number 1 is." in response.content.decode()
    assert not SecondRead.objects.exists()


@pytest.mark.parametrize(
    ("posted", "sentence"),
    [
        ({"reason": ""}, "Choose a reason."),
        ({"reason": "boredom"}, "not one of the available choices"),
        ({"reason": "other", "words": " "}, "Say what the author should change."),
        ({"words": "The name is on it: jane@example.org"}, "e-mail address"),
    ],
)
def test_sending_back_needs_a_reason(
    posted: dict[str, str], sentence: str, case: Case, mod1: Member, sign_in: SignIn
) -> None:
    response = sign_in(mod1).post(address(case), send_back(**posted))

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not SecondRead.objects.exists()


def test_the_author_gets_the_latest_reason(case: Case, mod1: Member, mod2: Member, sign_in: SignIn) -> None:
    sign_in(mod1).post(address(case), send_back())
    Case.objects.filter(pk=case.pk).update(state="submitted")
    sign_in(mod2).post(address(case), send_back(reason="words", words="The title names a village."))
    case.refresh_from_db()
    returned = annotations.last_send_back(case)

    assert returned is not None
    assert (returned.read.reason, returned.read.words) == ("words", "The title names a village.")
    case.state = "submitted"
    assert annotations.last_send_back(case) is None


# --- Somebody was quicker


@pytest.mark.parametrize("posted", [release, lambda case: send_back()])
def test_already_released(
    posted: Callable[[Case], dict[str, str]], case: Case, mod1: Member, mod2: Member, sign_in: SignIn
) -> None:
    late = posted(case)
    sign_in(mod1).post(address(case), release(case))
    page = sign_in(mod2).post(address(case), late)

    assert page.status_code == 404
    assert "Already released" in page.content.decode()
    assert SecondRead.objects.count() == 1


@pytest.mark.parametrize("how", ["withdrawn", "sent back", "taken back", "never was"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_gone_meanwhile_leaves_no_trace(
    how: str, method: str, case: Case, alice: Member, mod1: Member, mod2: Member, sign_in: SignIn
) -> None:
    posted, there = release(case), address(case)
    if how == "withdrawn":
        reading.withdraw(case)
    elif how == "sent back":
        sign_in(mod1).post(there, send_back())
    elif how == "taken back":
        take_back(case=case, by=alice)
    else:
        there = reverse("consults:second_read", args=[uuid4()])
    client = sign_in(mod2)
    page = client.get(there) if method == "get" else client.post(there, posted)

    assert page.status_code == 404
    assert "This case no longer waits for you" in page.content.decode()
    assert "A waiting plaque" not in page.content.decode()
    assert not Release.objects.exists()
