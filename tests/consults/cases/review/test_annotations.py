"""Marks of a second read: drawn on the rendition, checked, shown to the author until they are dealt with."""

import contextlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Member
from audit.models import Event
from consults.cases import gate
from consults.cases.authoring import case_pictures
from consults.cases.review import annotations
from consults.cases.review.models import DrawnMark
from consults.models import Case, CaseState, Mark, SecondRead
from imaging.models import Photo, State
from tests import factories
from tests.consults import reading
from tests.matrix import journey

SignIn = Callable[[object], Client]


@pytest.fixture
def case(db: None) -> Case:
    """A case of alice's with two pictures that waits for its second read."""
    return reading.case(state="submitted", kinds=("close-up", "overview"))


def photos(case: Case) -> list[Photo]:
    return [picture.photo for picture in case.pictures.select_related("photo")]


def drawn(photo: Photo, **fields: Any) -> dict[str, Any]:
    return {"photo": str(photo.pk), "x": 0.25, "y": 0.5, "width": 0.5, "height": 0.25} | fields


def posted(*rows: dict[str, Any], **fields: str) -> dict[str, str]:
    """What the reader's form sends."""
    return {"decision": "send_back", "reason": "eyes", "words": "", "marks": json.dumps(rows)} | fields


def send_back(case: Case, *rows: dict[str, Any], by: str = "mod1", **fields: str) -> int:
    client = journey.client_of(factories.person(by))
    return client.post(reverse("consults:second_read", args=[case.pk]), posted(*rows, **fields)).status_code


def test_marks_go_to_the_author_in_the_order_drawn(case: Case) -> None:
    first, second = photos(case)
    assert send_back(case, drawn(second, x=0.1), drawn(first, width=0, height=0), drawn(second, x=0.2)) == 302
    saved = [(mark.photo, mark.x, mark.y, mark.width, mark.height) for mark in Mark.objects.all()]
    assert saved == [(second, 0.1, 0.5, 0.5, 0.25), (first, 0.25, 0.5, 0, 0), (second, 0.2, 0.5, 0.5, 0.25)]
    assert Event.objects.get(verb="case.sent_back").facts["marks"] == 3


def test_without_marks_as_before(case: Case) -> None:
    assert send_back(case, marks="") == 302
    assert (SecondRead.objects.count(), Mark.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{}",
        '"x"',
        "[1]",
        "[null]",
        "[{}]",
        json.dumps([{"photo": "no id", "x": 0, "y": 0, "width": 0, "height": 0}]),
        *(
            json.dumps([{"photo": "0" * 32, "x": 0, "y": 0, "width": 0, "height": 0} | bad])
            for bad in (
                {"x": -0.1},
                {"y": 1.1},
                {"width": float("nan")},
                {"height": float("inf")},
                {"x": "much"},
                {"y": []},
            )
        ),
        json.dumps([{"photo": "0" * 32, "x": 0, "y": 0, "width": 0, "height": 0}] * 41),
        "[" * 9000,
    ],
)
def test_what_is_no_list_of_places_is_refused(case: Case, text: str) -> None:
    assert send_back(case, marks=text) == 422
    case.refresh_from_db()
    assert (case.state, Mark.objects.count()) == (CaseState.SUBMITTED, 0)


def test_a_mark_on_a_picture_of_another_case_is_refused(case: Case) -> None:
    other = reading.case(state="submitted")
    assert send_back(case, drawn(photos(other)[0])) == 302  # with a sentence on the next page
    case.refresh_from_db()
    assert (case.state, SecondRead.objects.count(), Mark.objects.count()) == (CaseState.SUBMITTED, 0, 0)


@given(st.tuples(*[st.floats(0, 1)] * 4))
def test_every_place_on_the_picture_is_one_for_the_database(numbers: tuple[float, ...]) -> None:
    row = dict(zip(("x", "y", "width", "height"), numbers, strict=True)) | {"photo": "0" * 32}
    (place,) = annotations.parse(json.dumps([row]))
    assert place.x <= 1.000001 - place.width
    assert place.y <= 1.000001 - place.height


@pytest.mark.parametrize(
    ("numbers", "allowed"),
    [
        ((0, 0, 0, 0), True),
        ((0.2, 0.3, 0.8, 0.7), True),
        ((-0.1, 0, 0, 0), False),
        ((0, 1.1, 0, 0), False),
        ((0.5, 0, 0.6, 0.1), False),
        ((0.5, 0.5, 0.1, 0.6), False),
        ((0.5, 0.5, -0.1, 0.1), False),
    ],
)
def test_the_database_keeps_marks_on_the_picture(
    case: Case, mod1: Member, numbers: tuple[float, ...], allowed: bool
) -> None:
    gate.send_back(case=case, by=mod1, reason=SecondRead.Reason.EYES, words="")
    x, y, width, height = numbers
    refused = contextlib.nullcontext() if allowed else pytest.raises(IntegrityError)
    with refused, transaction.atomic():
        Mark.objects.create(read=SecondRead.objects.get(), photo=photos(case)[0], x=x, y=y, width=width, height=height)


# --- The author


@pytest.fixture
def returned(case: Case, mod1: Member) -> Case:
    """It came back with a box on the first picture and a point on the second."""
    first, second = photos(case)
    places = [DrawnMark(first.pk, 0.25, 0.5, 0.5, 0.25), DrawnMark(second.pk, 0.1, 0.9, 0, 0)]
    gate.send_back(case=case, by=mod1, reason=SecondRead.Reason.MARK, words="A ring.", marks=places)
    case.refresh_from_db()
    return case


def page(client: Client, view: str, *args: object) -> str:
    return client.get(reverse(f"consults:{view}", args=args)).content.decode()


@pytest.mark.parametrize("view", ["pictures", "check"])
def test_the_author_sees_mark_and_reason(returned: Case, alice: Member, view: str) -> None:
    text = page(journey.client_of(alice), view, returned.pk)
    assert "A ring." in text
    assert 'x="300" y="450" width="600" height="225"' in text  # of 1200 × 900
    assert 'cx="120" cy="810"' in text
    assert "50 percent from the left, 62 percent from the top" in text


def test_the_studio_shows_the_marks_of_its_own_picture(returned: Case, alice: Member) -> None:
    first, second = photos(returned)
    for photo in (first, second):
        Photo.objects.filter(pk=photo.pk).update(
            state=State.REVIEW, sealed_at=None, confirmed_at=None, confirmed_by=None
        )
    text = page(journey.client_of(alice), "studio", returned.pk, first.pk)
    assert "A ring." in text
    assert "50 percent from the left, 62 percent from the top" in text
    assert "10 percent from the left, 90 percent from the top" not in text


@pytest.mark.parametrize("state", [s for s in CaseState if s != CaseState.RETURNED])
def test_only_while_it_is_with_the_author(returned: Case, state: str) -> None:
    returned.state = state
    assert annotations.last_send_back(returned) is None


def test_nobody_else_sees_them(returned: Case, bob: Member, mod2: Member, sign_in: SignIn) -> None:
    for member in (bob, mod2):
        assert sign_in(member).get(reverse("consults:pictures", args=[returned.pk])).status_code == 404


@pytest.mark.parametrize(
    ("state", "sealed_hours", "view", "resealed"),
    [
        (State.SEALED, -1, "picture", False),
        (State.RECEIVED, None, None, False),
        (State.REVIEW, None, "preview", False),
        (State.CONFIRMED, None, None, False),
        (State.SEALED, 1, None, True),
        (State.RECEIVED, 1, None, True),
    ],
)
def test_a_mark_lies_on_the_picture_that_it_was_drawn_on(
    returned: Case, state: State, sealed_hours: int | None, view: str | None, resealed: bool
) -> None:
    first = photos(returned)[0]
    sealed = None if sealed_hours is None else timezone.now() + timedelta(hours=sealed_hours)
    times = {"sealed_at": sealed} if sealed else {"sealed_at": None, "confirmed_at": None, "confirmed_by": None}
    if state == State.CONFIRMED:
        times = {"sealed_at": None}
    Photo.objects.filter(pk=first.pk).update(state=state, **times)
    found = annotations.last_send_back(returned)
    assert found is not None
    marked = found.pictures[0]
    expected = {
        None: None,
        "preview": journey.address("preview", first),
        "picture": reverse("consults:picture", args=[first.display.pk]) if first.display else "",
    }
    assert (marked.href, marked.resealed) == (expected[view], resealed)


def test_the_newest_word_counts(returned: Case, mod2: Member) -> None:
    Case.objects.filter(pk=returned.pk).update(state=CaseState.SUBMITTED)
    gate.send_back(case=returned, by=mod2, reason=SecondRead.Reason.WORDS, words="A name.")
    returned.refresh_from_db()
    found = annotations.last_send_back(returned)
    assert found is not None
    assert (found.read.words, found.pictures) == ("A name.", [])


def test_the_next_reader_is_told_that_there_were_marks(returned: Case, mod2: Member) -> None:
    Case.objects.filter(pk=returned.pk).update(state=CaseState.SUBMITTED)
    assert "With 2 marks on pictures." in page(journey.client_of(mod2), "second_read", returned.pk)


def test_a_removed_picture_takes_its_marks_along(returned: Case) -> None:
    case_pictures.remove_picture(photo=photos(returned)[0])
    assert Mark.objects.count() == 1
