"""What was covered before: at an earlier review, and on another picture of the case."""

from functools import cache
from typing import Any

import numpy as np
import pytest

from imaging import engine, originals
from imaging.masks import covers
from imaging.models import Photo, Region, State
from imaging.renditions import pipeline
from imaging.review import confirmation
from imaging.review.confirmation import NotAllowed
from imaging.states import Moved
from tests import factories
from tests.imaging import editing, making
from tests.imaging.editing import HIGH, STROKE, WIDE, WINDOW, edit, found, save
from tests.imaging.engine import pictures
from tests.matrix import journey


@cache
def original() -> bytes:
    """A picture of that size."""
    return pictures.encoded(pictures.noise(WIDE, HIGH), "PNG")


@pytest.fixture
def photo(db: None) -> Photo:
    """A picture in review, with a veil over the face and a bar over the eyes."""
    return editing.veiled()


@pytest.fixture
def reopened(photo: Photo) -> Photo:
    """Sealed with a crop, a window and a dismissal, then taken back."""
    originals.save(photo=photo, data=original())
    photo.regions.filter(kind="eye").update(found_box=[300.0, 350.0, 600.0, 120.0, 0.0])
    making.region(photo, choice="dismissed", reason="a shadow")
    making.region(photo, choice="drawn", x=1450.0, y=20.0)  # outside the crop
    making.region(photo, **WINDOW, choice="drawn")
    Photo.objects.update(crop=[100, 150, 1300, 1000], state=State.CONFIRMED, confirmed_at=photo.uploaded_at)
    Photo.objects.update(confirmed_by=photo.owner)
    pipeline.seal(photo_id=photo.pk)
    photo.refresh_from_db()
    pipeline.reopen(photo=photo, by=photo.owner)
    return photo


def test_old_covers_stay_where_they_are_in_the_sealed_picture(reopened: Photo) -> None:
    assert {region.choice for region in reopened.regions.all()} == {"painted"}
    face, eye, window = (reopened.regions.get(kind=kind) for kind in ("face", "eye", "window"))
    assert (face.x, face.y, eye.x, eye.y) == (100.0, 50.0, 200.0, 200.0)
    assert eye.found_box == [200.0, 200.0, 600.0, 120.0, 0.0]
    assert face.masked
    assert not window.masked
    assert covers.render_arguments(reopened)["masks"] == []  # they lie in the pixels


def detection(kind: str, x: float, y: float, width: float, height: float) -> engine.Region:
    return engine.Region(kind, x, y, width, height, 0.9, "test")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seen", "is_new"),
    [
        (detection("face", 100, 50, 800, 800), False),  # the veil itself
        (detection("eye", 210, 205, 580, 110), False),  # the bar itself
        (detection("text", 150, 900 - 200, 100, 60), False),
        (detection("face", 20, 50, 800, 800), False),  # nine tenths of it
        (detection("face", 400, 300, 800, 700), True),
        (detection("eye", 1000, 100, 200, 60), True),
        (detection("eye", 420, 500, 100, 60), True),  # in the old window something can be seen
    ],
)
def test_old_covers_are_not_found_again(reopened: Photo, seen: engine.Region, is_new: bool) -> None:
    assert (covers.drop_already_painted(photo=reopened, seen=[seen]) == [seen]) is is_new


def test_an_inspection_keeps_old_covers_and_adds_what_is_new(reopened: Photo, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = engine.inspect(originals.read(photo=reopened), options=engine.Options(False, False, False))
    found = (detection("face", 100, 50, 800, 800), detection("eye", 1000, 100, 200, 60))
    monkeypatch.setattr(
        pipeline.engine, "inspect", lambda data, options: engine.Inspection(**(vars(seen) | {"regions": found}))
    )
    for _again in range(2):  # a second run after a crash
        Photo.objects.update(state=State.RECEIVED)
        pipeline.inspect(photo_id=reopened.pk)
        reopened.refresh_from_db()
        assert sorted(region.choice for region in reopened.regions.all()) == ["painted"] * 3 + ["suggested"]
    assert confirmation.eyes_settled(photo=reopened)
    reopened.regions.filter(choice="suggested").delete()
    assert confirmation.eyes_settled(photo=reopened)  # an old bar over eyes is one


def test_old_covers_are_shown_and_never_changed(reopened: Photo) -> None:
    Photo.objects.update(state=State.REVIEW)
    before = list(reopened.regions.values())
    save(reopened)  # the studio does not send them
    assert list(reopened.regions.values()) == before
    with pytest.raises(NotAllowed) as problem:
        save(reopened, edit(reopened.regions.get(kind="eye"), choice="dismissed", reason="mine"), revision=1)
    assert "no longer there" in problem.value.sentences[0]
    assert list(reopened.regions.values()) == before


# --- The same covers on the next picture


def next_picture(photo: Photo, **fields: Any) -> Photo:
    """Another picture in the same case, half the size."""
    other = making.photo(**({"size": (WIDE // 2, HIGH // 2)} | fields))
    place = other.placement
    place.case, place.position = photo.placement.case, 1
    place.save()
    return other


def test_covers_are_copied_scaled_and_once(photo: Photo) -> None:
    other = next_picture(photo)
    making.region(photo, **WINDOW, choice="drawn")
    making.region(photo, choice="check")
    making.region(photo, choice="dismissed", reason="a shadow")
    save(photo, *found(photo), edit(**STROKE))
    client = journey.client_of(photo.owner)
    answer = client.post(journey.address("copy_masks", photo))
    assert answer.json() == {"copied": 3, "href": journey.address("studio", other)}
    face, eye, stroke = (
        other.regions.get(**where) for where in ({"kind": "face"}, {"kind": "eye"}, {"shape": "brush"})
    )
    assert (face.x, face.width, face.choice, face.detector) == (100.0, 400.0, "drawn", "")
    assert (eye.y, eye.height, eye.style) == (175.0, 60.0, "bar")
    assert (stroke.points, stroke.thickness) == ([[25.0, 30.0], [200.0, 45.0]], 20.0)
    other.refresh_from_db()
    assert other.mask_revision == 1  # a window open on it saves no more
    assert client.post(journey.address("copy_masks", photo)).json()["copied"] == 0
    assert other.regions.count() == 3


def test_a_cover_grows_rather_than_shrinks_in_another_format(photo: Photo) -> None:
    other = next_picture(photo, size=(800, 1200))
    confirmation.copy_masks(photo=photo, to=other, by=photo.owner)
    eye = other.regions.get(kind="eye")
    assert (eye.x + eye.width / 2, eye.y + eye.height / 2) == (300.0, 410.0)
    assert (eye.width, eye.height) == (600.0, 120.0)


def test_copying_comes_round_and_ends(photo: Photo) -> None:
    other = next_picture(photo)
    client = journey.client_of(photo.owner)
    answer = client.post(journey.address("copy_masks", other))
    assert answer.json()["href"] == journey.address("studio", photo)
    Photo.objects.filter(pk=photo.pk).update(state=State.EXPIRED)
    assert client.post(journey.address("copy_masks", other)).status_code == 409


@pytest.mark.parametrize("state", [state for state in State if state != State.REVIEW])
def test_nothing_is_copied_onto_a_picture_that_is_not_in_review(photo: Photo, state: State) -> None:
    other = next_picture(photo, state=state)
    with pytest.raises(Moved):
        confirmation.copy_masks(photo=photo, to=other, by=photo.owner)
    assert not other.regions.exists()


def test_nothing_is_copied_onto_another_members_picture_or_itself(photo: Photo) -> None:
    other = next_picture(photo)
    for to, by in ((other, factories.person("bob")), (photo, photo.owner)):
        with pytest.raises(Moved):
            confirmation.copy_masks(photo=photo, to=to, by=by)


def test_a_copied_bar_does_not_close_a_window(photo: Photo) -> None:
    other = next_picture(photo)
    making.region(other, kind="face", style="veil", choice="drawn", x=100.0, y=100.0, width=400.0, height=400.0)
    making.region(other, **(WINDOW | {"x": 200.0, "y": 180.0, "width": 60.0, "height": 60.0}), choice="drawn")
    with pytest.raises(NotAllowed):
        confirmation.copy_masks(photo=photo, to=other, by=photo.owner)
    assert other.regions.count() == 2


def test_at_most_two_hundred_after_copying(photo: Photo) -> None:
    other = next_picture(photo)
    for number in range(199):
        making.region(other, choice="drawn", x=float(number))
    with pytest.raises(NotAllowed):
        confirmation.copy_masks(photo=photo, to=other, by=photo.owner)
    assert other.regions.count() == 199


def painted_alone(photo: Photo, cover: engine.Mask) -> None:
    """Leave this cover alone on the picture, painted before."""
    photo.regions.all().delete()
    region = Region(photo=photo, kind="text", choice="painted", style="bar")
    covers.set_shape(region, cover)
    region.save()


BAR = engine.Mask("box", 200, 200, 600, 120, 0, "bar")
LINE = engine.Mask.stroke([(260, 260), (740, 260)], 120, "bar")


@pytest.mark.parametrize("cover", [BAR, LINE], ids=["bar", "stroke"])
@pytest.mark.parametrize(
    ("seen", "is_new"),
    [
        (detection("text", 150, 126, 700, 258), False),  # the detector draws its box that much larger
        (detection("text", 150, 126, 790, 258), True),  # and a word beside it
        (detection("text", 810, 210, 50, 40), True),  # in the margin, and not the bar
        (detection("text", 200, 330, 600, 40), True),  # a line under it
        (detection("eye", 150, 126, 700, 258), True),  # eyes are measured more closely
    ],
)
def test_a_bar_is_no_line_of_text(photo: Photo, cover: engine.Mask, seen: engine.Region, is_new: bool) -> None:
    painted_alone(photo, cover)
    assert (covers.drop_already_painted(photo=photo, seen=[seen]) == [seen]) is is_new


@pytest.mark.parametrize(
    "bar",
    [engine.Mask("box", 400, 200, 600, 120, 0, "bar"), engine.Mask("box", 700, 500, 400, 36, 7, "bar")],
    ids=["wide", "turned"],
)
def test_the_detector_itself_does_not_cover_a_painted_bar_again(photo: Photo, bar: engine.Mask) -> None:
    skin = np.random.default_rng(1).normal((205, 160, 140), 6, (900, 1200, 3)).clip(0, 255).astype(np.uint8)
    sealed = engine.render(pictures.encoded(skin, "PNG"), masks=[bar], windows=[], crop=None)[0]
    seen = engine.inspect(sealed.data).regions
    assert [region.kind for region in seen] == ["text"]  # it does see the bar, as a line of text
    painted_alone(photo, bar)
    assert covers.drop_already_painted(photo=photo, seen=seen) == []
