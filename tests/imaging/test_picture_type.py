"""The picture's type as its owner states it, and what is then asked."""

import dataclasses
from typing import Any

import pytest

from imaging import engine
from imaging.engine import PictureType
from imaging.models import Photo, Region, State
from imaging.renditions import pipeline
from imaging.review import confirmation
from imaging.review.picture_type import state_type
from imaging.states import Moved
from tests.imaging import making
from tests.imaging.editing import confirm, edit, found, save
from tests.imaging.engine import pictures

EYE = {"kind": "eye", "shape": "band"}


@pytest.fixture
def photo(db: None) -> Photo:
    """A picture in review, 640×480 px."""
    return making.photo()


def state(photo: Photo, picture_type: PictureType | None) -> None:
    state_type(photo_id=photo.pk, picture_type=picture_type)
    photo.refresh_from_db()


@pytest.mark.parametrize(
    ("fields", "dermoscopy", "clinical"),
    [
        (EYE | {"score": 0.7}, "check", "suggested"),
        (EYE | {"score": 0.99}, "suggested", "suggested"),
        (EYE | {"score": 0.2, "choice": "check"}, "check", "check"),
        (EYE | {"score": 0.7, "width": 640.0, "height": 400.0}, "check", "check"),
        (EYE | {"score": 0.7, "choice": "accepted"}, "accepted", "accepted"),
        (EYE | {"score": 0.7, "choice": "dismissed", "reason": "a mole"}, "dismissed", "dismissed"),
        ({"kind": "text", "score": 0.7}, "suggested", "suggested"),
        ({"kind": "eye", "choice": "drawn"}, "drawn", "drawn"),
    ],
)
def test_a_stated_type_turns_masks_into_questions_and_back(
    photo: Photo, fields: dict[str, Any], dermoscopy: str, clinical: str
) -> None:
    region = making.region(photo, **fields)
    for picture_type, choice in ((PictureType.DERMOSCOPY, dermoscopy), (PictureType.CLINICAL, clinical)):
        state(photo, picture_type)
        region.refresh_from_db()
        assert (photo.stated_type, region.choice) == (picture_type, choice)


@pytest.mark.parametrize(("picture_type", "open_"), [("dermoscopy", 0), ("histology", 0), ("clinical", 1), (None, 1)])
def test_a_doubtful_eye_needs_no_click_in_dermoscopy(photo: Photo, picture_type: str | None, open_: int) -> None:
    making.region(photo, **EYE, score=0.2, choice="check")
    state(photo, PictureType(picture_type) if picture_type else None)
    assert len(confirmation.open_questions(photo=photo, may_show_eyes=False)) == open_


def test_a_doubt_that_is_moot_comes_back_with_the_type(photo: Photo) -> None:
    """A wrong tap must not lose an eye: the script neither shows nor returns it meanwhile."""
    making.region(photo, **EYE, score=0.2, choice="check")
    state(photo, PictureType.HISTOLOGY)
    save(photo, edit(), revision=photo.mask_revision)
    state(photo, PictureType.CLINICAL)
    assert photo.regions.filter(kind="eye", choice="check").count() == 1
    assert len(confirmation.open_questions(photo=photo, may_show_eyes=False)) == 1


def test_another_window_is_told_that_the_type_changed(photo: Photo) -> None:
    making.region(photo, **EYE, score=0.7)
    edits = found(photo)
    state(photo, PictureType.DERMOSCOPY)
    with pytest.raises(Moved):
        save(photo, *edits)
    state(photo, PictureType.DERMOSCOPY)  # the same again: nothing moves
    assert photo.mask_revision == 1


def test_advice_that_cannot_be_followed_needs_no_answer(photo: Photo) -> None:
    Photo.objects.update(warnings=["colour_cast", "dark"])
    state(photo, PictureType.DERMOSCOPY)
    confirm(photo, revision=photo.mask_revision, may_show_eyes=False)
    photo.refresh_from_db()
    assert photo.state == State.CONFIRMED


@pytest.mark.parametrize(("stated", "kept"), [(None, "dermoscopy"), (PictureType.CLINICAL, "clinical")])
def test_the_engines_guess_gives_way_to_the_owners_word(
    db: None, monkeypatch: pytest.MonkeyPatch, stated: PictureType | None, kept: str
) -> None:
    data = pictures.encoded(pictures.chart(800, 600), "PNG")
    photo = making.photo(data, state=State.RECEIVED, size=(0, 0))
    state(photo, stated)
    seen = dataclasses.replace(engine.inspect(data), picture_type=PictureType.DERMOSCOPY)
    told = []
    monkeypatch.setattr(engine, "inspect", lambda data, options: told.append(options.picture_type) or seen)
    pipeline.inspect(photo_id=photo.pk)
    photo.refresh_from_db()
    assert (photo.state, photo.picture_type, told) == (State.REVIEW, kept, [stated])


def test_taking_the_word_back_keeps_the_last_as_a_guess(photo: Photo) -> None:
    state(photo, PictureType.HISTOLOGY)
    state(photo, None)
    assert (photo.stated_type, photo.picture_type) == (None, "histology")


def test_what_is_asked_is_not_suggested(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    data = pictures.encoded(pictures.chart(800, 600), "PNG")
    photo = making.photo(data, state=State.RECEIVED, size=(0, 0))
    much = engine.Region("eye", 0.0, 0.0, 700.0, 500.0, 0.9, "retinaface", why_asked=engine.Asked.COVERS_MUCH)
    seen = dataclasses.replace(engine.inspect(data), regions=(much,))
    monkeypatch.setattr(engine, "inspect", lambda data, options: seen)
    pipeline.inspect(photo_id=photo.pk)
    assert [region.choice for region in photo.regions.all()] == [Region.Choice.CHECK]
