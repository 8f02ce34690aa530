"""The review: which masks may be saved, what stands between them and a confirmation."""

import json
import uuid
from typing import Any

import pytest
from django.test import Client

from core import jobs
from imaging.models import Photo, Region, State
from imaging.renditions import pipeline
from imaging.review.checklist import ITEMS, Answer
from imaging.review.confirmation import NotAllowed
from imaging.states import Moved
from tests import factories
from tests.consults import reading
from tests.imaging import making
from tests.imaging.editing import ABSENT, confirm, edit, save
from tests.imaging.engine import pictures
from tests.matrix import journey

FOUND_EYE = {"kind": "eye", "found_box": [40.0, 60.0, 100.0, 50.0, 0.0]}


@pytest.fixture
def photo(db: None) -> Photo:
    """A picture in review, 640×480 px, on which nothing was found yet."""
    return making.photo()


# --- Saving masks


def test_what_was_drawn_and_changed_is_kept(photo: Photo) -> None:
    found = making.region(photo, kind="eye", choice="check")
    assert save(photo, edit(found, choice="accepted", x=50.0), edit(kind="text", x=5.0)) == 1
    found.refresh_from_db()
    assert (found.choice, found.x, found.detector) == ("accepted", 50.0, "test")
    drawn = photo.regions.get(detector="")
    assert (drawn.choice, drawn.kind, drawn.x) == ("drawn", "text", 5.0)
    assert save(photo, edit(found), revision=1) == 2
    assert list(photo.regions.all()) == [found]  # what was drawn by hand may go again


def test_a_found_region_keeps_what_it_was_found_as(photo: Photo) -> None:
    eye = making.region(photo, kind="eye")
    save(photo, edit(eye, kind="other"))
    eye.refresh_from_db()
    assert eye.kind == "eye"


@pytest.mark.parametrize(
    ("region", "changes", "refused"),
    [
        ({"kind": "eye"}, {"choice": "dismissed"}, "not an eye"),
        ({"kind": "eye"}, {"choice": "dismissed", "reason": "  "}, "not an eye"),
        ({"kind": "eye"}, {"choice": "dismissed", "reason": "\u200b…"}, "not an eye"),
        ({"kind": "eye"}, {"choice": "dismissed", "reason": "a button"}, ""),
        ({"kind": "face"}, {"choice": "dismissed"}, ""),
        ({"kind": "eye"}, {"choice": "check"}, "Accept or dismiss"),
        ({"kind": "eye", "choice": "check"}, {"choice": "check"}, ""),
        ({}, {"x": 640.0}, "outside"),
        ({}, {"y": 480.0}, "outside"),
        ({}, {"x": -100.0}, "outside"),
        ({}, {"y": -50.0}, "outside"),
        ({}, {"x": 639.0, "y": 479.0}, ""),
        ({}, {"x": -99.0, "y": -49.0}, ""),
        ({}, {"width": 0.5}, "outside"),
        ({}, {"height": 0.0}, "outside"),
        ({}, {"width": 1281.0}, "outside"),
        ({}, {"height": 961.0}, "outside"),
        ({}, {"id": uuid.UUID(int=7)}, "no longer there"),
        (FOUND_EYE, {"x": 50.0, "y": 62.0}, ""),
        (FOUND_EYE, {"x": 80.0, "y": 65.0}, "a little"),
        (FOUND_EYE, {"x": 20.0, "y": 40.0, "width": 300.0, "height": 200.0}, ""),
        (FOUND_EYE, {"x": 300.0}, "a little"),
        (FOUND_EYE, {"width": 1.0, "height": 1.0}, "a little"),
        (FOUND_EYE, {"width": 1.0, "choice": "dismissed", "reason": "a button"}, ""),
        (FOUND_EYE | {"kind": "face"}, {"x": 300.0}, ""),
        (FOUND_EYE | {"kind": "text"}, {"x": 50.0}, ""),
        (FOUND_EYE | {"kind": "text"}, {"x": 300.0}, "Leave the cover"),
        (FOUND_EYE | {"kind": "text"}, {"x": 300.0, "choice": "dismissed", "reason": "a ruler"}, ""),
    ],
)
def test_rules_of_saving(photo: Photo, region: dict[str, Any], changes: dict[str, Any], refused: str) -> None:
    found = making.region(photo, **region)
    if not refused:
        assert save(photo, edit(found, **changes)) == 1
        return
    before = list(Region.objects.values())
    with pytest.raises(NotAllowed) as problem:
        save(photo, edit(found, **changes))
    assert refused in problem.value.sentences[0]
    assert list(Region.objects.values()) == before
    assert Photo.objects.get().mask_revision == 0


def test_a_suggestion_is_never_deleted(photo: Photo) -> None:
    making.region(photo, kind="face")
    with pytest.raises(NotAllowed, match="1"):
        save(photo, edit())
    assert photo.regions.count() == 1
    assert Photo.objects.get().mask_revision == 0


def test_a_region_of_another_picture_is_not_changed(photo: Photo) -> None:
    other = making.region(making.photo(), kind="eye")
    with pytest.raises(NotAllowed):
        save(photo, edit(other, choice="dismissed", reason="mine now"))
    other.refresh_from_db()
    assert other.choice == "suggested"


@pytest.mark.parametrize("revision", [-1, 0, 2, 10**30])
def test_a_stale_revision_saves_nothing(photo: Photo, revision: int) -> None:
    save(photo, edit())
    with pytest.raises(Moved):
        save(photo, edit(x=1.0), revision=revision)
    assert photo.regions.get().x == making.BOX["x"]


def test_only_the_owner_saves(photo: Photo) -> None:
    with pytest.raises(Moved):
        save(photo, edit(), by=factories.person("bob"))
    assert not photo.regions.exists()


@pytest.mark.parametrize("state", [s for s in State if s != State.REVIEW])
def test_masks_are_saved_in_review_only(db: None, state: State) -> None:
    photo = making.photo(state=state)
    with pytest.raises(Moved):
        save(photo, edit())


def test_at_most_two_hundred_masks(photo: Photo) -> None:
    assert save(photo, *(edit(x=float(number)) for number in range(200))) == 1
    with pytest.raises(NotAllowed, match="1"):
        save(photo, *(edit(x=float(number)) for number in range(201)), revision=1)
    assert photo.regions.count() == 200


MASK = {"id": None, "state": "drawn", "angle": 0, **making.BOX}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (json.dumps({"revision": 0, "masks": [MASK]}), 200),
        (json.dumps({"revision": 0, "masks": []}), 200),
        (json.dumps({"revision": 0, "masks": [MASK | {"x": 9999}]}), 422),
        (json.dumps({"revision": 0, "masks": [MASK | {"x": float("nan")}]}), 400),
        (json.dumps({"revision": 0, "masks": [MASK | {"width": float("inf")}]}), 400),
        ('{"revision": 0, "masks": [{"x": 1e999}]}', 400),
        (json.dumps({"revision": 0, "masks": [MASK | {"x": 10**400}]}), 400),
        (json.dumps({"revision": 0, "masks": [MASK | {"x": "left"}]}), 400),
        (json.dumps({"revision": 0, "masks": [MASK | {"x": None}]}), 400),
        (json.dumps({"revision": 0, "masks": [MASK | {"kind": "nose"}]}), 400),
        (json.dumps({"revision": 0, "masks": [MASK | {"kind": []}]}), 400),
        (json.dumps({"revision": 0, "masks": [MASK | {"style": "glass"}]}), 400),
        (json.dumps({"revision": 0, "masks": [{}]}), 400),
        (json.dumps({"revision": 0, "masks": [1]}), 400),
        (json.dumps({"revision": 0, "masks": ["x"]}), 400),
        (json.dumps({"revision": 0, "masks": 1}), 400),
        (json.dumps({"revision": 0, "masks": [MASK | {"reason": "\ud800"}]}), 400),
        (json.dumps({"revision": 0, "masks": [MASK | {"reason": "a\0b"}]}), 400),
        (json.dumps({"revision": 0, "masks": [MASK | {"reason": "Mr Miller's button"}]}), 422),
        (json.dumps({"revision": 0}), 400),
        (json.dumps({"revision": "x", "masks": []}), 400),
        (json.dumps({"revision": None, "masks": []}), 400),
        ('{"revision": Infinity, "masks": []}', 400),
        (json.dumps([]), 400),
        (json.dumps("masks"), 400),
        ("", 400),
        ("{", 400),
        ("[" * 100_000, 400),
        (b"\xff\xfe", 400),
    ],
)
def test_what_the_studio_sends(photo: Photo, body: str | bytes, status: int) -> None:
    client = journey.client_of(photo.owner)
    answer = client.post(journey.address("save_masks", photo), body, content_type="application/json")
    assert answer.status_code == status
    if status != 200:
        assert answer.json()["error"].endswith(".")
        assert not photo.regions.exists()


def test_who_saves_later_gets_what_is_there(photo: Photo) -> None:
    there = making.region(photo)
    body = json.dumps({"revision": 7, "masks": [MASK]})
    client = journey.client_of(photo.owner)
    answer = client.post(journey.address("save_masks", photo), body, content_type="application/json")
    assert answer.status_code == 409
    assert answer.json()["revision"] == 0
    assert [mask["id"] for mask in answer.json()["masks"]] == [str(there.pk)]
    assert photo.regions.count() == 1


# --- Confirming


def test_confirmed_is_sealed_by_a_job(photo: Photo) -> None:
    making.region(photo, kind="face")
    confirm(photo)
    assert (photo.state, photo.confirmed_by) == (State.CONFIRMED, photo.owner)
    assert photo.checklist == dict.fromkeys(ABSENT, "absent")
    job = jobs.newest_job(kind=pipeline.SEAL, subject=photo.pk)
    assert job is not None
    assert job.state == "queued"


@pytest.mark.parametrize(
    ("regions", "changes", "refused"),
    [
        ([], {}, ""),
        ([], {"no_eyes": False}, "There are no eyes"),
        ([], {"no_eyes": False, "may_show_eyes": False}, ""),
        ([{"kind": "eye"}], {"no_eyes": False}, ""),
        ([{"kind": "face"}], {"no_eyes": False}, ""),
        ([{"kind": "eye", "choice": "drawn"}], {"no_eyes": False}, ""),
        ([{"kind": "text"}], {"no_eyes": False}, "There are no eyes"),
        ([{"kind": "eye", "choice": "dismissed", "reason": "a button"}], {"no_eyes": False}, "There are no eyes"),
        ([{"kind": "eye", "choice": "check"}], {}, "check this"),
        ([{"kind": "text", "choice": "check"}, {"kind": "eye"}], {}, "check this"),
        ([], {"answers": {}}, "Answer the checklist"),
        *(
            ([], {"answers": {k: v for k, v in ABSENT.items() if k != item.code}}, "Answer the checklist")
            for item in ITEMS
        ),
        *(([], {"answers": ABSENT | {item.code: Answer.COVERED}}, "") for item in ITEMS),
        *(([], {"answers": ABSENT | {item.code: Answer.VISIBLE}}, "Cover it") for item in ITEMS if item.code != "mark"),
        ([], {"answers": ABSENT | {"mark": Answer.VISIBLE}}, ""),
    ],
)
def test_what_must_be_answered(
    photo: Photo, regions: list[dict[str, Any]], changes: dict[str, Any], refused: str
) -> None:
    for fields in regions:
        making.region(photo, **fields)
    if not refused:
        confirm(photo, **changes)
        assert Photo.objects.get().state == State.CONFIRMED
        return
    with pytest.raises(NotAllowed) as problem:
        confirm(photo, **changes)
    assert any(refused in sentence for sentence in problem.value.sentences)
    assert Photo.objects.get().state == State.REVIEW
    assert jobs.newest_job(kind=pipeline.SEAL, subject=photo.pk) is None


@pytest.mark.parametrize(
    ("region", "answers", "face", "mark"),
    [
        ({"kind": "face", "choice": "dismissed"}, ABSENT, True, False),
        ({"kind": "face", "choice": "dismissed", "reason": "a doll"}, ABSENT, False, False),
        ({"kind": "face"}, ABSENT, False, False),
        (FOUND_EYE | {"kind": "face"}, ABSENT, False, False),
        (FOUND_EYE | {"kind": "face", "x": 60.0}, ABSENT, False, False),
        (FOUND_EYE | {"kind": "face", "x": 300.0}, ABSENT, True, False),
        (FOUND_EYE | {"kind": "face", "width": 30.0}, ABSENT, True, False),
        (FOUND_EYE | {"kind": "face", "choice": "painted", "x": 300.0}, ABSENT, True, False),
        ({"kind": "eye"}, ABSENT | {"mark": Answer.VISIBLE}, False, True),
        ({"kind": "eye"}, ABSENT | {"mark": Answer.COVERED}, False, False),
    ],
)
def test_what_stays_visible_is_noted_for_the_consent(
    photo: Photo, region: dict[str, Any], answers: dict[str, Answer], face: bool, mark: bool
) -> None:
    making.region(photo, **region)
    confirm(photo, answers=answers)
    assert (photo.shows_face, photo.shows_mark) == (face, mark)


def test_a_face_under_another_cover_is_not_shown(photo: Photo) -> None:
    making.region(photo, **(FOUND_EYE | {"kind": "face", "x": 300.0}))
    making.region(photo, choice="drawn")
    confirm(photo)
    assert not photo.shows_face


def test_masks_changed_in_another_window_are_not_confirmed(photo: Photo) -> None:
    page = Photo.objects.get()
    save(photo, edit(kind="eye"))
    for shown in (page, Photo.objects.get()):
        with pytest.raises(Moved):
            confirm(shown, revision=0)
    assert Photo.objects.get().state == State.REVIEW
    confirm(page, revision=1)
    assert Photo.objects.get().state == State.CONFIRMED


@pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 5000, "1.0"])
def test_the_page_confirms_no_other_revision(photo: Photo, revision: str) -> None:
    answer = journey.confirm(journey.client_of(photo.owner), photo, revision=revision, no_eyes="yes")
    assert answer.status_code == 422
    assert Photo.objects.get().state == State.REVIEW


def test_the_page_confirms_what_it_shows(photo: Photo) -> None:
    client = journey.client_of(photo.owner)
    assert journey.confirm(client, photo).status_code == 422
    assert journey.confirm(client, photo, no_eyes="yes", check_text="").status_code == 422
    assert journey.confirm(client, photo, no_eyes="yes").status_code == 302
    assert Photo.objects.get().state == State.CONFIRMED


# --- I1: the unmasked preview


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("who", ["alice", "bob", "mod1"])
@pytest.mark.parametrize("case_state", ["draft", "returned", "submitted"])
def test_preview_is_for_its_owner_in_review(db: None, state: str, who: str, case_state: str) -> None:
    photo = making.photo(pictures.encoded(pictures.chart(), "JPEG"), state=State(state))
    photo.placement.case.__class__.objects.update(state=case_state)
    client: Client = journey.client_of(factories.person(who))
    shown = (who, state) == ("alice", "review") and case_state != "submitted"
    answer = client.get(journey.address("preview", photo))
    status = {True: 200, False: 404}[shown]
    assert answer.status_code == status
    if shown:
        assert answer["Cache-Control"] == "private, no-store"


def test_preview_of_another_case_of_ones_own(photo: Photo) -> None:
    other = reading.case(state="draft", kinds=())
    client = journey.client_of(photo.owner)
    assert client.get(f"/cases/{other.pk}/pictures/{photo.pk}/preview/").status_code == 404
