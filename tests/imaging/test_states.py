"""From which state a photo goes where: every pair."""

from itertools import product

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Member
from imaging.models import Photo, Region, Rendition, State
from imaging.states import PHOTO, Moved
from tests.imaging import making

ALLOWED = {
    ("received", "review"),
    ("received", "refused"),
    ("received", "expired"),
    ("review", "confirmed"),
    ("review", "expired"),
    ("confirmed", "sealed"),
    ("confirmed", "review"),
    ("confirmed", "expired"),
    ("sealed", "received"),
    *((state, "withdrawn") for state in State.values if state != "withdrawn"),
}


def photo_in(owner: Member, state: str) -> Photo:
    """A row with all that any state asks for."""
    now = timezone.now()
    return Photo.objects.create(owner=owner, state=state, confirmed_at=now, confirmed_by=owner, sealed_at=now)


@pytest.mark.parametrize(("start", "to"), list(product(State.values, State.values)))
def test_moves(alice: Member, start: str, to: str) -> None:
    photo = photo_in(alice, start)
    if (start, to) in ALLOWED:
        PHOTO.move(photo, start=State(start), to=State(to), warnings=["seen"])
        assert (photo.state, photo.warnings) == (to, ["seen"])
        assert Photo.objects.get().state == to
    else:
        with pytest.raises(ValueError, match="never goes"):
            PHOTO.move(photo, start=State(start), to=State(to))
        assert Photo.objects.get().state == start


@pytest.mark.parametrize(("start", "to"), sorted(ALLOWED))
def test_only_one_of_two_moves_it(alice: Member, start: str, to: str) -> None:
    photo = photo_in(alice, start)
    other = Photo.objects.get()
    PHOTO.move(photo, start=State(start), to=State(to))
    with pytest.raises(Moved) as moved:
        PHOTO.move(other, start=State(start), to=State(to), warnings=["late"])
    assert moved.value.sentence.endswith(".")
    assert Photo.objects.get().warnings == []


@pytest.mark.parametrize("missing", ["confirmed_at", "confirmed_by", "sealed_at"])
def test_the_database_takes_no_sealed_photo_that_nobody_confirmed(alice: Member, missing: str) -> None:
    photo_in(alice, "sealed")
    with pytest.raises(IntegrityError, match="imaging_photo_sealed_was_confirmed"), transaction.atomic():
        Photo.objects.update(**{missing: None})


@pytest.mark.parametrize(("frame", "frames"), [(None, 1), (None, 9), (1, 9), (9, 9)])
def test_a_photo_is_one_of_the_pictures_of_its_file(alice: Member, frame: int | None, frames: int) -> None:
    photo_in(alice, "received")
    assert Photo.objects.update(frame=frame, frames=frames) == 1


@pytest.mark.parametrize(("frame", "frames"), [(0, 9), (10, 9), (2, 1)])
def test_the_database_takes_no_photo_of_a_picture_that_its_file_lacks(alice: Member, frame: int, frames: int) -> None:
    photo_in(alice, "received")
    with pytest.raises(IntegrityError, match="imaging_photo_frame_of_its_file"), transaction.atomic():
        Photo.objects.update(frame=frame, frames=frames)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"kind": "eye", "choice": "dismissed"}, "imaging_region_eye_dismissed_with_reason"),
        ({"width": 0}, "imaging_region_has_size"),
        ({"height": -1}, "imaging_region_has_size"),
    ],
)
def test_the_database_refuses_a_region(db: None, fields: dict[str, object], constraint: str) -> None:
    photo = making.photo()
    making.region(photo, kind="eye", choice="dismissed", reason="a button")
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        making.region(photo, **fields)
    assert Region.objects.count() == 1


def test_the_database_takes_one_upload_a_key_and_one_rendition_a_name(alice: Member, bob: Member) -> None:
    photo = photo_in(alice, "sealed")
    Photo.objects.create(owner=bob, idempotency_key=photo.idempotency_key)
    with pytest.raises(IntegrityError), transaction.atomic():
        Photo.objects.create(owner=alice, idempotency_key=photo.idempotency_key)
    fields = {"photo": photo, "name": "full", "width": 1, "height": 1, "size": 1, "sha256": "0" * 64}
    Rendition.objects.create(**fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        Rendition.objects.create(**fields)
