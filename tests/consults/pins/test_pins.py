"""Pins: who may put, see and remove one; what they say; on which pixels they lie; what becomes of them."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.leaving.rooms import Wishes
from accounts.models import Member
from audit.models import Event
from consent.models import WithdrawnBy
from consent.withdrawal import withdraw, withdraw_picture
from consults.cases.authoring import drafts
from consults.exceptions import ChangeRefused
from consults.member_data import ROOM
from consults.models import Case, CaseHold, CaseState, Comment, Group, Membership, Pin, PinSeries, Release
from consults.pins import pins_of, service
from consults.pins.presenters import drawn, shown
from consults.pins.shapes import Place, UnreadablePlace, place
from consults.withdrawal import purge
from core.permissions import allowed, allows
from imaging.models import Photo, Rendition, State
from imaging.renditions import pipeline as imaging
from tests import factories
from tests.consults import additions, reading
from tests.consults.pins.making import display, put_pin

SignIn = Callable[[object], Client]
HERE = Place(0.25, 0.5)
BOX = ((0.1, 0.1), (0.4, 0.1), (0.4, 0.3), (0.1, 0.3))


@pytest.fixture
def case(db: None) -> Case:
    """Alice's open case, which bob and mod1 have answered, with bob's pin 1."""
    made = reading.case(title="A spot", kinds=("close-up", "histology"))
    reading.answer(made, factories.person("bob"), "psoriasis")
    reading.answer(made, factories.person("mod1"), "psoriasis")
    put_pin(made, factories.person("bob"))
    return made


def put(case: Case, by: Member, **changes: Any) -> Pin:
    asked = {"rendition_id": display(case).pk, "place": HERE, "text": "Network"} | changes
    return service.put(case=case, by=by, **asked)


@contextmanager
def refused(sentence: str) -> Iterator[None]:
    with pytest.raises(ChangeRefused) as found:
        yield
    assert sentence in found.value.sentence


def address(case: Case) -> str:
    return reverse("consults:pins", args=[case.pk])


def posted(case: Case, **changes: Any) -> dict[str, Any]:
    return {"rendition": str(display(case).pk), "left": "25", "top": "50", "outline": "", "text": "Network"} | changes


# --- Who


WHO = [
    # who, puts, sees bob's, removes bob's
    ("alice", True, True, False),  # the author
    ("bob", True, True, True),
    ("mod1", True, True, True),
    ("resident", False, False, False),  # has not answered
    ("mod2", False, False, False),  # a moderator is as blind as everybody
    ("nurse", False, False, False),
    ("student", False, False, False),
    ("officer", False, False, False),
    ("admin", False, False, False),
    ("applicant", False, False, False),
    ("suspended", False, False, False),
    ("lapsed", False, False, False),
]


@pytest.mark.parametrize(("who", "puts", "sees", "removes"), WHO)
def test_who_may(case: Case, who: str, puts: bool, sees: bool, removes: bool) -> None:
    member, pin = factories.person(who), Pin.objects.get()

    assert allows(member, "case.pin", case) is puts
    assert allows(member, "pin.view", pin) is sees
    assert allows(member, "pin.remove", pin) is removes


def test_an_answer_opens_them(case: Case) -> None:
    resident = factories.person("resident")
    reading.answer(case, resident, "psoriasis")

    assert allows(resident, "case.pin", case)
    assert allows(resident, "pin.view", Pin.objects.get())
    assert not allows(resident, "pin.remove", Pin.objects.get())


def test_a_student_reads_the_pins_of_a_closed_teaching_case_and_puts_none(db: None) -> None:
    case = reading.closed(reading.case(kind="teaching"), "psoriasis")
    pin, student = put_pin(case, factories.person("bob")), factories.person("student")

    assert allows(student, "pin.view", pin)
    assert not allows(student, "case.pin", case)
    assert not allows(student, "pin.remove", pin)
    assert not allows(student, "pin.remove", put_pin(case, student))  # from before they were one


def test_nobody_who_is_no_member(case: Case) -> None:
    for action in ("case.pin", "pin.view", "pin.remove"):
        assert not allowed(object(), action).exists()


HIDDEN: dict[str, Callable[[Case], object]] = {
    "held by a moderator": lambda case: CaseHold.objects.create(
        case=case, by=factories.person("mod2"), reason="conduct"
    ),
    "consent withdrawn": reading.withdraw,
    "retracted": lambda case: drafts.retract(case=case, by=case.author),
    "author suspended": lambda case: Member.objects.filter(pk=case.author_id).update(standing="suspended"),
    "for another group": lambda case: Case.objects.filter(pk=case.pk).update(
        group=Group.objects.create(name="Elsewhere")
    ),
    "released pixels differ": lambda case: Release.objects.filter(case=case).update(sha256="0" * 64),
    "not released": lambda case: Release.objects.filter(case=case).delete(),
    "opened again": lambda case: Photo.objects.filter(placement__case=case).update(state=State.REVIEW),
}


@pytest.mark.parametrize("how", HIDDEN)
def test_hidden_with_the_case_or_the_pixels(case: Case, bob: Member, how: str) -> None:
    pin = Pin.objects.get()
    HIDDEN[how](case)

    assert not allows(bob, "pin.view", pin)
    assert not allows(bob, "pin.remove", pin)
    with pytest.raises(ChangeRefused):
        put(case, bob, text="Another")
    assert Pin.objects.count() <= 1


def test_of_other_pixels_there_is_none(case: Case) -> None:
    assert list(pins_of(case.pk)) == [1]
    Rendition.objects.filter(photo__placement__case=case).update(sha256="1" * 64)
    assert pins_of(case.pk) == {}


def test_by_number_in_one_query(case: Case, alice: Member) -> None:
    put_pin(case, alice, text="Another")
    with CaptureQueriesContext(connection) as asked:
        found = pins_of(case.pk)
        assert [(number, pin.number, pin.by.name) for number, pin in found.items()] == [(1, 1, "Bob"), (2, 2, "Alice")]
    assert len(asked) == 1


# --- What


def test_put(case: Case, alice: Member) -> None:
    pin = put(case, alice, place=Place(0.1, 0.1, BOX), text="  Border,   sharp ")

    assert (pin.number, pin.text, pin.by, pin.x, pin.y) == (2, "Border, sharp", alice, 0.1, 0.1)
    assert pin.outline == [list(corner) for corner in BOX]
    assert pin.sha256 == display(case).sha256
    assert str(pin) == f"pin 2 of case {case.pk}"
    event = Event.objects.get(verb="pin.put")
    assert (event.actor_id, event.facts) == (alice.pk, {"pin": str(pin.pk), "number": 2})


REFUSED = [
    ({"text": ""}, "Say in a few words"),
    ({"text": "   "}, "Say in a few words"),
    ({"text": "x" * 141}, "At most 140 characters"),
    ({"text": "as in 0532 123 45 67"}, "phone number"),
    ({"text": "Mr. Yılmaz, here"}, "person's name"),
    ({"text": "seen on 12.03.2024"}, "date"),
    ({"rendition_id": uuid4()}, "not shown any more"),
]


@pytest.mark.parametrize(("changes", "sentence"), REFUSED)
def test_not_put(case: Case, bob: Member, changes: dict[str, Any], sentence: str) -> None:
    with refused(sentence):
        put(case, bob, **changes)
    assert Pin.objects.count() == 1


def test_not_on_another_cases_picture_nor_on_another_size(case: Case, bob: Member) -> None:
    other = reading.case()
    reading.answer(other, bob, "psoriasis")
    full = Rendition.objects.filter(photo__placement__case=case, name="full")[0]
    for rendition in (display(other), full):
        with refused("not shown any more"):
            put(case, bob, rendition_id=rendition.pk)


def test_sent_twice_it_is_one(case: Case, alice: Member) -> None:
    assert put(case, alice) == put(case, alice)
    assert put(case, alice, text="Something else").number == 3
    Pin.objects.filter(number=2).update(placed_at=timezone.now() - 2 * service.SAME_PIN_WITHIN)
    assert put(case, alice).number == 4
    outlined = put(case, alice, place=Place(0.25, 0.5, BOX))
    assert outlined.number == 5


def test_ten_a_member_and_picture(case: Case, alice: Member, bob: Member, settings: Any) -> None:
    settings.RULES = {**settings.RULES, "pins_a_picture": 2}
    put(case, bob, text="Second")
    with refused("You have 2 pins on this picture"):
        put(case, bob, text="Third")
    other = Rendition.objects.filter(photo__placement__case=case, name="display").order_by("photo__placement__position")
    assert put(case, bob, rendition_id=other[1].pk).number == 3
    assert put(case, alice).number == 4


def test_a_number_is_not_given_twice(case: Case, bob: Member) -> None:
    last = put(case, bob, text="Second")
    service.remove(pin=last, by=bob)

    assert put(case, bob, text="Third").number == 3
    assert list(pins_of(case.pk)) == [1, 3]
    assert Event.objects.get(verb="pin.removed").facts["number"] == 2
    assert str(PinSeries.objects.get()) == f"numbers of pins of case {case.pk}"


def test_numbers_are_the_cases_own(case: Case, bob: Member) -> None:
    other = reading.case()
    reading.answer(other, bob, "psoriasis")
    assert put(other, bob).number == 1


@pytest.mark.parametrize("who", ["alice", "resident"])
def test_removed_by_nobody_else(case: Case, who: str) -> None:
    with pytest.raises(ChangeRefused):
        service.remove(pin=Pin.objects.get(), by=factories.person(who))
    assert Pin.objects.count() == 1


def test_removed_where_no_patient_is(db: None, bob: Member) -> None:
    case = reading.case(education_model=True)
    reading.answer(case, bob, "psoriasis")
    service.remove(pin=put(case, bob), by=bob)
    assert not Pin.objects.exists()


WRONG = [{"x": -0.1}, {"y": 1.1}, {"number": 0}, {"text": ""}, {"number": 1}]


@pytest.mark.parametrize("fields", WRONG)
def test_the_database_takes_none(case: Case, bob: Member, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        put_pin(case, bob, **fields)


@pytest.mark.parametrize("fields", [{"x": 0}, {"x": 1, "y": 1}, {"number": 99}])
def test_the_database_takes(case: Case, bob: Member, fields: dict[str, Any]) -> None:
    assert put_pin(case, bob, **fields).pk


# --- Places


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"x": 0.5, "y": 0}, Place(0.5, 0)),
        ({"x": 0.123456, "y": 1}, Place(0.1235, 1)),
        ({"x": 0.5, "y": 0.5, "outline": "[]"}, Place(0.5, 0.5)),
        ({"x": 0.5, "y": 0.5, "outline": json.dumps(BOX)}, Place(0.1, 0.1, BOX)),
        ({"x": 0, "y": 0, "outline": "[[0,0],[1,0],[1,1]]"}, Place(0, 0, ((0, 0), (1, 0), (1, 1)))),
    ],
)
def test_places(given: dict[str, Any], expected: Place) -> None:
    assert place(**given) == expected


@pytest.mark.parametrize(
    "given",
    [
        {"x": 1.01, "y": 0},
        {"x": 0, "y": -0.01},
        {"x": float("nan"), "y": 0},
        {"x": float("inf"), "y": 0},
        *(
            {"x": 0, "y": 0, "outline": outline}
            for outline in (
                "[[0,0],[1,0]]",
                "[[0,0],[1,0],[0,0]]",
                "[[0,0],[1,0],[2,0]]",
                "[[0,0],[1,0],[true,0]]",
                '[[0,0],[1,0],["1",0]]',
                "[[0,0],[1,0],[1]]",
                "[[0,0],[1,0],1]",
                "[[0,0],[1,0],[1,NaN]]",
                '{"0": [0,0]}',
                "1",
                "[",
                "[" * 100_000,
                json.dumps([[n / 100, 0.5] for n in range(41)]),
            )
        ),
    ],
)
def test_no_places(given: dict[str, Any]) -> None:
    with pytest.raises(UnreadablePlace):
        place(**given)


# --- Pages


def test_the_page_without_scripts(case: Case, bob: Member, sign_in: SignIn) -> None:
    client = sign_in(bob)
    put_pin(case, bob, text="Border", outline=[list(corner) for corner in BOX], x=0.1, y=0.1)
    page = client.get(address(case)).content.decode()

    assert "Pigment network" in page
    assert '<circle class="pin-disc" cx="300.0" cy="450.0"' in page
    assert '<polygon class="pin-outline" points="120.0,90.0 480.0,90.0 480.0,270.0 120.0,270.0">' in page
    assert "25 % from the left, 50 % from the top" in page
    assert "outlined from 10 % from the left, 10 % from the top" in page
    answer = client.post(address(case), posted(case, text="Third"))
    assert (answer.status_code, answer["Location"]) == (302, address(case))
    assert "Third" in client.get(address(case)).content.decode()
    removed = client.post(reverse("consults:remove_pin", args=[case.pk, 3]))
    assert (removed.status_code, removed["Location"]) == (302, address(case))
    assert list(pins_of(case.pk)) == [1, 2]


def test_a_part_for_the_viewer(case: Case, bob: Member, sign_in: SignIn) -> None:
    client, part = sign_in(bob), {"HX-Request": "true"}
    answer = client.post(address(case), posted(case, outline=json.dumps(BOX)), headers=part)
    page = answer.content.decode()

    assert answer.status_code == 200
    assert "<html" not in page
    assert 'id="pin-2"' in page
    assert "data-pin-new" in page
    assert "Pin 2 is on the picture." in page
    removed = client.post(reverse("consults:remove_pin", args=[case.pk, 2]), headers=part).content.decode()
    assert 'id="pin-2"' not in removed
    assert "Pin 2 is removed." in removed


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"text": "call 0532 123 45 67"}, "phone number"),
        ({"text": ""}, "Say in a few words"),
        ({"left": "101"}, "100"),
        ({"top": ""}, "required"),
        ({"outline": "[[0,0],[1,0]]"}, "at least 3 corners"),
        ({"rendition": str(uuid4())}, "not shown any more"),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_what_is_refused_stays_in_the_form(
    case: Case, bob: Member, sign_in: SignIn, changes: dict[str, str], sentence: str, headers: dict[str, str]
) -> None:
    answer = sign_in(bob).post(address(case), posted(case, **changes), headers=headers)
    page = answer.content.decode()

    assert answer.status_code == 422
    assert sentence in page
    assert 'value="50"' in page or "top" in changes
    assert Pin.objects.count() == 1


def test_blind_before_ones_own_answer(case: Case, sign_in: SignIn) -> None:
    client = sign_in(factories.person("resident"))
    case_page = reverse("consults:case", args=[case.pk])
    with CaptureQueriesContext(connection) as asked:
        page = client.get(case_page).content.decode()

    assert "Pigment network" not in page
    assert "data-pin" not in page
    assert not [one["sql"] for one in asked if 'FROM "consults_pin"' in (one["sql"] or "")]
    assert client.get(address(case)).status_code == 403
    assert client.post(address(case), posted(case)).status_code == 403
    assert client.post(reverse("consults:remove_pin", args=[case.pk, 1])).status_code == 404


def test_on_the_case_page_after_it(case: Case, bob: Member, sign_in: SignIn) -> None:
    page = sign_in(bob).get(reverse("consults:case", args=[case.pk])).content.decode()

    assert "Pigment network" in page
    assert f'data-rendition="{display(case).pk}"' in page
    assert 'id="id_text"' in page  # the comment's
    assert 'id="pin_text"' in page


def test_no_more_queries_for_more_pins(case: Case, bob: Member, sign_in: SignIn) -> None:
    client = sign_in(bob)

    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(path).status_code == 200
        return len(found)

    pages = (address(case), reverse("consults:case", args=[case.pk]))
    for path in pages:
        asked(path)
    few = [asked(path) for path in pages]
    for number in range(20):
        put_pin(case, factories.member(), text=f"Place {number}")
    assert [asked(path) for path in pages] == few


def test_a_pin_on_a_picture_that_is_not_shown_is_left_out(case: Case, bob: Member) -> None:
    assert shown(pins_of(case.pk).values(), reader=bob, pictures=[], may_pin=True) == []
    assert drawn([], pictures=[]) == []


# --- What becomes of them


def test_a_picture_sealed_again_has_none(case: Case) -> None:
    photo = display(case).photo
    photo.renditions.all().delete()  # as sealing does
    assert not Pin.objects.exists()


def test_a_picture_that_is_withdrawn_takes_its_pins(case: Case, bob: Member) -> None:
    second = Rendition.objects.filter(photo__placement__case=case, name="display").order_by(
        "photo__placement__position"
    )[1]
    put(case, bob, rendition_id=second.pk)
    assert case.consent_id is not None
    withdraw_picture(consent_id=case.consent_id, picture=display(case).photo_id, by=WithdrawnBy.PATIENT)

    assert list(Pin.objects.values_list("number", flat=True)) == [2]
    assert put(case, bob, rendition_id=second.pk, text="Another").number == 3


def test_a_withdrawal_destroys_them(case: Case, run_jobs: Callable[[], int]) -> None:
    assert case.consent_id is not None
    withdraw(consent_id=case.consent_id, by=WithdrawnBy.PATIENT)
    run_jobs()

    assert not Pin.objects.exists()
    assert not PinSeries.objects.exists()


def test_words_of_a_withdrawn_case_go_from_pins_elsewhere(case: Case, bob: Member, run_jobs: Callable[[], int]) -> None:
    words = "appeared over months on sun exposed skin"
    other = reading.case(note="Something else.")
    pin = put_pin(other, bob, text=f"Here too it {words}, I think")
    put_pin(other, bob, text="Its own words")
    Pin.objects.filter(case=case).update(text="Globules in a ring at the edge here")
    quoting = put_pin(other, bob, text="He said globules in a ring at the edge here")
    assert case.consent_id is not None
    withdraw(consent_id=case.consent_id, by=WithdrawnBy.PATIENT)
    run_jobs()

    for one in (pin, quoting):
        one.refresh_from_db()
    assert words not in pin.text
    assert "globules" not in quoting.text
    assert Pin.objects.filter(text="Its own words").exists()


def test_a_retracted_case_has_them_again_when_the_same_pixels_are_released(case: Case) -> None:
    drafts.retract(case=case, by=case.author)
    assert pins_of(case.pk) == {}
    Case.objects.filter(pk=case.pk).update(state=CaseState.RELEASED, released_at=timezone.now())
    reading.release(case)
    assert list(pins_of(case.pk)) == [1]


def test_a_copy_of_ones_data_has_ones_pins(case: Case, alice: Member, bob: Member) -> None:
    (pin,) = ROOM.export(bob)["pins"]
    assert (pin["text"], pin["number"], pin["case_id"]) == ("Pigment network", 1, case.pk)
    assert ROOM.export(alice)["pins"] == []


@pytest.mark.parametrize(("remove", "left"), [(True, []), (False, ["As […] says"])])
def test_who_leaves_takes_them_or_their_name(case: Case, bob: Member, remove: bool, left: list[str]) -> None:
    Pin.objects.update(text="As Bob says")
    ROOM.erase(bob, Wishes(remove_comments=remove))
    assert list(Pin.objects.values_list("text", flat=True)) == left


def test_destroyed_with_the_photo(case: Case) -> None:
    imaging.destroy(photo=display(case).photo)
    assert not Pin.objects.exists()
    assert not Comment.objects.exists()
    assert purge.purge_taken_down(case_id=case.pk) is None


def test_within_a_group(db: None, bob: Member) -> None:
    group = Group.objects.create(name="Hall")
    for member in (bob, factories.person("alice")):
        Membership.objects.create(group=group, member=member)
    case = reading.case(group=group)
    reading.answer(case, bob, "psoriasis")
    pin = put(case, bob)
    Membership.objects.filter(member=bob).delete()

    assert not allows(bob, "pin.view", pin)
    assert allows(case.author, "pin.view", pin)


# --- Together with follow-ups, comments and hints


def test_on_a_picture_of_a_follow_up_they_come_and_go_with_it(case: Case, bob: Member) -> None:
    added = additions.addition(case)
    pin = put(case, bob, rendition_id=display(added).pk, text="Flatter")
    assert pin.case == case
    assert set(pins_of(case.pk)) == {1, pin.number}
    assert allows(bob, "pin.view", pin)
    Case.objects.filter(pk=added.pk).update(state=CaseState.WITHDRAWN)
    assert set(pins_of(case.pk)) == {1}
    assert not allows(bob, "pin.view", pin)


def test_a_comment_that_names_one_leads_to_it(case: Case, bob: Member, sign_in: SignIn) -> None:
    Comment.objects.create(case=case, author=bob, text="I see it too, see 1, and nothing at see 7.")
    client, written = sign_in(bob), timezone.now() - timedelta(days=1)
    news = client.get(reverse("consults:thread_news", args=[case.pk]), {"after": written.isoformat()})
    for page in (client.get(reverse("consults:case", args=[case.pk])), news):
        assert page.status_code == 200
        assert 'href="#pin-1"' in page.content.decode()
        assert 'href="#pin-7"' not in page.content.decode()


def test_rude_words_get_a_hint_once(case: Case, bob: Member, sign_in: SignIn) -> None:
    client = sign_in(bob)
    first = client.post(address(case), posted(case, text="What bullshit is this."))
    assert first.status_code == 422
    assert "read as swearing" in first.content.decode()
    mark = first.context["pin_form"]["hinted"].value()
    assert client.post(address(case), posted(case, text="What bullshit is this.", hinted=mark)).status_code == 302
    assert Pin.objects.filter(by=bob, text="What bullshit is this.").exists()
