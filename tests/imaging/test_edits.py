"""Brush strokes, lesion windows and the crop: what may be saved, and what the engine is then told."""

import json
import uuid
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from imaging import engine, originals
from imaging.masks import covers
from imaging.models import Photo
from imaging.renditions import pipeline
from imaging.review import confirmation
from imaging.review.confirmation import NotAllowed
from tests.imaging import editing, making
from tests.imaging.editing import HIGH, STROKE, WIDE, WINDOW, confirm, edit, found, save
from tests.imaging.engine import pictures
from tests.matrix import journey


@pytest.fixture
def photo(db: None) -> Photo:
    """A picture in review, with a veil over the face and a bar over the eyes."""
    return editing.veiled()


# --- Brush strokes


def test_a_stroke_is_kept_with_its_points_and_painted(photo: Photo) -> None:
    save(photo, *found(photo), edit(**STROKE))
    stroke = photo.regions.get(shape="brush")
    assert (stroke.points, stroke.thickness) == ([[50.0, 60.0], [400.0, 90.0]], 40.0)
    assert (stroke.x, stroke.y, stroke.width, stroke.height) == (30.0, 40.0, 390.0, 70.0)  # the hull, whatever was sent
    assert engine.Mask.stroke(STROKE["points"], 40.0) in covers.render_arguments(photo)["masks"]


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({}, ""),
        ({"points": ((50.0, 60.0),)}, ""),
        ({"angle": 30.0}, ""),  # a stroke is not turned; its points are
        ({"points": ()}, "stroke"),
        ({"points": tuple((float(x), 60.0) for x in range(400))}, ""),
        ({"points": tuple((float(x), 60.0) for x in range(401))}, "stroke"),
        ({"thickness": 0.0}, "stroke"),
        ({"thickness": -5.0}, "stroke"),
        ({"thickness": 5000.0}, "outside"),
        ({"points": ((-500.0, 60.0), (-400.0, 60.0))}, "outside"),
        ({"points": ((50.0, 60.0), (9000.0, 60.0))}, "outside"),
    ],
)
def test_rules_of_strokes(photo: Photo, changes: dict[str, Any], refused: str) -> None:
    wanted = [*found(photo), edit(**(STROKE | changes))]
    if not refused:
        assert save(photo, *wanted) == 1
        assert photo.regions.get(shape="brush").angle == 0
        return
    with pytest.raises(NotAllowed) as problem:
        save(photo, *wanted)
    assert refused in problem.value.sentences[0]


def test_all_strokes_together_are_bounded(photo: Photo) -> None:
    long = edit(**(STROKE | {"points": tuple((float(x), 60.0) for x in range(400))}))
    assert save(photo, *found(photo), *[long] * 10) == 1
    with pytest.raises(NotAllowed) as problem:
        save(photo, *found(photo)[:2], *[long] * 11, revision=1)
    assert "too long" in problem.value.sentences[0]


def test_what_was_found_does_not_become_a_stroke(photo: Photo) -> None:
    """Threat: an eye is "kept" as a dot far from it."""
    eye = photo.regions.get(kind="eye")
    eye.found_box = [eye.x, eye.y, eye.width, eye.height, 0.0]
    eye.save()
    dot = {"shape": "brush", "points": ((5.0, 5.0),), "thickness": 5.0}
    save(photo, edit(photo.regions.get(kind="face")), edit(eye, **dot))
    eye.refresh_from_db()
    assert (eye.shape, eye.points) == ("band", None)


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({}, ""),
        ({"angle": 8.0}, ""),
        ({"angle": 45.0}, "a little"),  # the upright box around it would still hold the eyes
        ({"x": 290.0, "width": 640.0, "y": 330.0, "height": 170.0}, ""),
        ({"height": 60.0}, "a little"),
        ({"choice": "painted"}, "Accept or dismiss"),
        ({"choice": "drawn"}, "Accept or dismiss"),
    ],
)
def test_a_found_eye_stays_covered(photo: Photo, changes: dict[str, Any], refused: str) -> None:
    eye = photo.regions.get(kind="eye")
    eye.found_box = [eye.x, eye.y, eye.width, eye.height, 0.0]
    eye.save()
    wanted = [edit(photo.regions.get(kind="face")), edit(eye, **changes)]
    if not refused:
        assert save(photo, *wanted) == 1
        return
    with pytest.raises(NotAllowed) as problem:
        save(photo, *wanted)
    assert refused in problem.value.sentences[0]


@pytest.mark.parametrize(("reason", "refused"), [("", True), ("  ", True), ("a ruler", False)])
def test_found_text_is_dismissed_with_a_reason(photo: Photo, reason: str, refused: bool) -> None:
    text = making.region(photo, kind="text")
    wanted = [*found(photo)[:2], edit(text, choice="dismissed", reason=reason)]
    if not refused:
        assert save(photo, *wanted) == 1
        return
    with pytest.raises(NotAllowed) as problem:
        save(photo, *wanted)
    assert "this text" in problem.value.sentences[0]


# --- Lesion windows


def test_a_window_opens_the_veil_in_the_sealed_picture(photo: Photo) -> None:
    data = pictures.encoded(pictures.noise(WIDE, HIGH), "PNG")
    originals.save(photo=photo, data=data)
    save(photo, *found(photo), edit(**WINDOW))
    shown = confirmation.masked_preview(photo=photo)
    assert (shown.width, shown.height) == (WIDE, HIGH)
    confirm(photo, revision=1)
    pipeline.seal(photo_id=photo.pk)
    out = making.pixels(making.full(photo))
    before = pictures.noise(WIDE, HIGH)
    assert (out[650:750, 550:650] == before[650:750, 550:650]).all()  # in the window
    assert (out[850:950, 550:650] != before[850:950, 550:650]).any()  # in the veil


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({}, ""),
        ({"shape": "box"}, ""),
        ({"y": 480.0}, ""),
        ({"y": 460.0}, "never lies over eyes"),
        ({"y": 300.0}, "never lies over eyes"),
        ({"x": 1200.0}, "inside one"),
        ({"x": 120.0}, "inside one"),
        ({"x": 300.0, "y": 480.0, "width": 600.0, "height": 500.0}, "a fifth"),
        ({"shape": "brush", "points": ((600.0, 700.0),), "thickness": 50.0}, "Draw it again"),
        ({"style": "bar"}, ""),  # a window has no look
    ],
)
def test_rules_of_windows(photo: Photo, changes: dict[str, Any], refused: str) -> None:
    wanted = [*found(photo), edit(**(WINDOW | changes))]
    if not refused:
        assert save(photo, *wanted) == 1
        assert not photo.regions.get(kind="window").masked
        return
    with pytest.raises(NotAllowed) as problem:
        save(photo, *wanted)
    assert refused in problem.value.sentences[0]


@pytest.mark.parametrize(
    ("eye", "refused"),
    [
        ({"style": "veil"}, True),
        ({"choice": "check"}, True),
        ({"choice": "accepted"}, True),
        ({"choice": "dismissed", "reason": "the corner of the mouth"}, False),
    ],
)
def test_a_window_over_what_may_be_an_eye(photo: Photo, eye: dict[str, Any], refused: bool) -> None:
    photo.regions.filter(kind="eye").update(**eye)
    wanted = [*found(photo), edit(**(WINDOW | {"y": 350.0}))]
    if not refused:
        assert save(photo, *wanted) == 1
        return
    with pytest.raises(NotAllowed):
        save(photo, *wanted)


def test_windows_are_counted_together(photo: Photo) -> None:
    small = {"width": 30.0, "height": 30.0, "y": 600.0}
    windows = [edit(**(WINDOW | small | {"x": 300.0 + 50 * place})) for place in range(11)]
    assert save(photo, *found(photo), *windows[:10]) == 1
    with pytest.raises(NotAllowed) as problem:
        save(photo, *found(photo)[:2], *windows, revision=1)
    assert "more than 10" in problem.value.sentences[0]
    large = [edit(**(WINDOW | {"x": 300.0 + 260 * place, "width": 240.0, "height": 300.0})) for place in range(2)]
    assert save(photo, *[edit(r) for r in photo.regions.exclude(kind="window")], *large, revision=1) == 2
    third = edit(**(WINDOW | {"x": 740.0, "width": 240.0, "height": 300.0}))
    with pytest.raises(NotAllowed) as problem:
        save(photo, *[edit(r) for r in photo.regions.exclude(kind="window")], *large, third, revision=2)
    assert "a fifth" in problem.value.sentences[0]


def test_a_window_is_no_cover(photo: Photo) -> None:
    """It neither counts as eyes that are covered nor reaches the engine as a mask."""
    photo.regions.all().delete()
    window = making.region(photo, **WINDOW, choice="drawn")
    arguments = covers.render_arguments(photo)
    assert (arguments["masks"], arguments["windows"], arguments["crop"]) == ([], [window.mask()], None)
    assert not confirmation.eyes_settled(photo=photo)
    with pytest.raises(NotAllowed) as problem:  # the veil around it is gone
        confirm(photo)
    assert "inside one" in problem.value.sentences[0]


# --- The crop


@pytest.mark.parametrize(
    ("size", "crop", "refused"),
    [
        ((1600, 1200), None, ""),
        ((1600, 1200), (100, 50, 800, 600), ""),
        ((1600, 1200), (100, 50, 600, 800), ""),
        ((1600, 1200), (800, 600, 800, 600), ""),
        ((1600, 1200), (0, 0, 1600, 1200), ""),
        ((1600, 1200), (100, 50, 799, 600), "too small"),
        ((1600, 1200), (100, 50, 800, 599), "too small"),
        ((1600, 1200), (801, 600, 800, 600), "outside"),
        ((1600, 1200), (800, 601, 800, 600), "outside"),
        ((1600, 1200), (-1, 0, 900, 700), "outside"),
        ((1600, 1200), (0, -1, 900, 700), "outside"),
        ((1600, 1200), (0, 0, 10**30, 700), "outside"),
        ((1600, 1200), (0, 0, 0, 0), "outside"),
        ((1000, 500), (100, 0, 800, 500), ""),
        ((1000, 500), (100, 0, 800, 499), "too small"),
        ((640, 480), (0, 0, 640, 480), ""),
        ((640, 480), (0, 0, 639, 480), "too small"),
    ],
)
def test_rules_of_the_crop(
    db: None, size: tuple[int, int], crop: tuple[int, int, int, int] | None, refused: str
) -> None:
    photo = making.photo(size=size)
    if not refused:
        confirmation.save_masks(photo=photo, by=photo.owner, edits=[], revision=0, crop=crop)
        kept = None if crop is None or crop[2:] == size else crop
        assert covers.crop_of(photo) == kept
        return
    with pytest.raises(NotAllowed) as problem:
        confirmation.save_masks(photo=photo, by=photo.owner, edits=[], revision=0, crop=crop)
    assert refused in problem.value.sentences[0]
    photo.refresh_from_db()
    assert (photo.crop, photo.mask_revision) == (None, 0)


def test_preview_and_seal_cut_alike(photo: Photo) -> None:
    originals.save(photo=photo, data=pictures.encoded(pictures.noise(WIDE, HIGH), "PNG"))
    confirmation.save_masks(photo=photo, by=photo.owner, edits=found(photo), revision=0, crop=(500, 300, 900, 700))
    shown = confirmation.masked_preview(photo=photo)
    assert (shown.width, shown.height) == (900, 700)
    confirm(photo, revision=1)
    pipeline.seal(photo_id=photo.pk)
    out = making.pixels(making.full(photo))
    assert out.shape == (700, 900, 3)
    assert (out[0:50, 600:] == pictures.noise(WIDE, HIGH)[300:350, 1100:1400]).all()
    assert (out[60:160, 10:390] == (58, 60, 64)).all()  # the bar, 500 px from the left and 300 from above


# --- What the studio's script sends


DRAWN = {"id": None, "state": "drawn", "angle": 0, **making.BOX}


@pytest.mark.parametrize(
    ("changes", "crop", "status"),
    [
        ({"shape": "brush", "points": [[10, 10], [80.5, 90]], "thickness": 12}, None, 200),
        ({"shape": "brush", "points": [[10, 10, 10]], "thickness": 12}, None, 400),
        ({"shape": "brush", "points": [10, 10], "thickness": 12}, None, 400),
        ({"shape": "brush", "points": [["x", 10]], "thickness": 12}, None, 400),
        ({"shape": "brush", "points": [[float("nan"), 10]], "thickness": 12}, None, 400),
        ({"shape": "brush", "points": [[1e300, 10]], "thickness": 12}, None, 400),
        ({"shape": "brush", "points": [[10, 10]], "thickness": None}, None, 400),
        ({"shape": "brush", "points": [], "thickness": 12}, None, 422),
        ({"shape": "brush", "points": [[10, 10]]}, None, 422),
        ({"shape": "brush", "points": 7}, None, 400),
        ({"kind": "window"}, None, 422),
        ({"state": "painted"}, None, 200),  # what is drawn is drawn, whatever it is called
        ({}, [0, 0, 1000, 700], 200),
        ({}, [0, 0, 1000.5, 700], 400),
        ({}, [0, 0, 1000.0, 700], 400),
        ({}, [False, 0, 1000, 700], 400),
        ({}, [0, 0, 1000], 400),
        ({}, "full", 400),
        ({}, {"x": 0, "y": 0, "width": 1000, "height": 700}, 400),
        ({}, [0, 0, 100, 70], 422),
    ],
)
def test_what_the_studio_sends(photo: Photo, changes: dict[str, Any], crop: object, status: int) -> None:
    client = journey.client_of(photo.owner)
    body = json.dumps({"revision": 0, "masks": [*journey.masks_of(photo), DRAWN | changes], "crop": crop})
    answer = client.post(journey.address("save_masks", photo), body, content_type="application/json")
    assert answer.status_code == status
    photo.refresh_from_db()
    if status != 200:
        assert answer.json()["error"].endswith(".")
        assert (photo.mask_revision, photo.regions.count()) == (0, 2)
        return
    assert answer.json()["crop"] == crop
    assert photo.regions.filter(choice="drawn").count() == 1


# --- Warnings


@pytest.mark.parametrize(
    ("warnings", "seen", "refused"),
    [
        ([], [], False),
        (["small"], ["small"], False),
        (["small"], ["small", "dark"], False),
        (["small"], [], True),
        (["small", "blurred"], ["small"], True),
        (["a code without words"], [], False),
    ],
)
def test_warnings_are_accepted_one_by_one(photo: Photo, warnings: list[str], seen: list[str], refused: bool) -> None:
    Photo.objects.update(warnings=warnings)
    photo.refresh_from_db()
    if refused:
        with pytest.raises(NotAllowed) as problem:
            confirm(photo, warnings_seen=seen)
        assert "keep this one" in problem.value.sentences[-1]
        return
    confirm(photo, warnings_seen=seen)
    assert photo.warnings_seen == [code for code in warnings if code in seen]


def test_the_page_asks_for_the_warnings(photo: Photo) -> None:
    Photo.objects.update(warnings=["small", "dark"])
    client = journey.client_of(photo.owner)
    answer = journey.confirm(client, photo, warning="small")
    assert answer.status_code == 422
    assert "keep this one: The picture is dark" in answer.content.decode()
    assert journey.confirm(client, photo, warning=["small", "dark"]).status_code == 302
    photo.refresh_from_db()
    assert photo.warnings_seen == ["small", "dark"]


# --- What the database holds


@pytest.mark.parametrize(
    ("fields", "accepted"),
    [
        ({"shape": "brush", "points": [[5, 5]], "thickness": 3.0}, True),
        ({"shape": "brush", "points": None, "thickness": 3.0}, False),
        ({"shape": "brush", "points": [[5, 5]], "thickness": 0.0}, False),
        ({"shape": "brush", "points": [[5, 5]], "thickness": 3.0, "angle": 5.0}, False),
        ({"shape": "box", "points": [[5, 5]]}, False),
        ({"shape": "box", "thickness": 3.0}, False),
        ({"kind": "window", "style": "veil", "choice": "drawn"}, True),
        ({"kind": "window", "style": "veil", "choice": "painted", "detector": "", "score": None}, True),
        ({"kind": "window", "style": "bar", "choice": "drawn"}, False),
        ({"kind": "window", "style": "veil", "choice": "suggested"}, False),
        ({"kind": "window", "style": "veil", "choice": "accepted", "detector": ""}, False),
        ({"kind": "window", "style": "veil", "choice": "drawn", "detector": "test"}, False),
        (
            {
                "kind": "window",
                "style": "veil",
                "choice": "drawn",
                "shape": "brush",
                "points": [[5, 5]],
                "thickness": 3.0,
            },
            False,
        ),
    ],
)
def test_rows_that_the_database_takes(photo: Photo, fields: dict[str, Any], accepted: bool) -> None:
    if accepted:
        making.region(photo, **fields)
        return
    with pytest.raises(IntegrityError), transaction.atomic():
        making.region(photo, **fields)


def test_an_edit_of_a_stranger_is_refused(photo: Photo) -> None:
    with pytest.raises(NotAllowed):
        save(photo, *found(photo), edit(id=uuid.UUID(int=5)))
