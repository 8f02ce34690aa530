"""A file of several pictures: its owner alone sees them and chooses; each chosen one is a picture of its own."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.models import Member
from audit.models import Event
from consults.cases.authoring import case_pictures
from consults.models import Case, CasePhoto
from core import storage
from imaging import originals
from imaging.engine.messages import SENTENCES
from imaging.models import Photo, State
from imaging.renditions import frames, pipeline
from tests.consults.new_case import page
from tests.imaging.engine.pictures import chart, encoded
from tests.matrix import journey

SIZES = [(800, 600), (840, 600), (880, 600)]


def pages(*sizes: tuple[int, int]) -> bytes:
    """A TIFF with a page of each size."""
    first, *others = [Image.fromarray(chart(*size)) for size in sizes]
    return encoded(np.asarray(first), "TIFF", save_all=True, append_images=others, compression="tiff_lzw")


FILE = pages(*SIZES)


@pytest.fixture
def case(client: Client, run_jobs: Callable[[], int]) -> Case:
    """A draft with an uploaded file of three pictures, looked at."""
    made = journey.new_case(client)
    assert journey.upload(client, made, FILE).status_code == 201
    run_jobs()
    return made


def waiting() -> Photo:
    return Photo.objects.get(frame=None)


def choose(client: Client, *numbers: object) -> Any:
    return client.post(journey.address("choose_frames", waiting()), {"frame": [str(number) for number in numbers]})


def test_the_file_waits_for_a_choice_and_says_how_many(client: Client, case: Case) -> None:
    photo = Photo.objects.get()
    assert (photo.state, photo.frames, photo.frame, photo.awaits_choice) == (State.RECEIVED, 3, None, True)
    text = page(client, "pictures", case.pk)
    assert "This file holds 3 pictures." in text
    assert journey.address("choose_frames", photo) in text
    assert "every 2s" not in text  # nothing happens until the choice is made
    assert "The file of picture 1 holds several pictures. Choose which ones." in text


def test_previews_are_the_owners_and_logged(client: Client, case: Case, bob: Member) -> None:
    photo = Photo.objects.get()
    addresses = [reverse("consults:frame_preview", args=[case.pk, photo.pk, number]) for number in (1, 2, 3)]
    text = client.get(journey.address("choose_frames", photo)).content.decode()
    assert all(address in text for address in addresses)
    shapes = []
    for address in addresses:
        answer = client.get(address)
        assert answer["Cache-Control"] == "private, no-store"
        with Image.open(io.BytesIO(answer.content)) as shown:
            shapes.append(shown.size)
    assert shapes == [(240, 180), (240, 171), (240, 164)]
    assert Event.objects.filter(verb="photo.previewed", subject_id=photo.pk).count() == 3
    assert journey.client_of(bob).get(addresses[0]).status_code == 404
    assert client.get(reverse("consults:frame_preview", args=[case.pk, photo.pk, 4])).status_code == 404
    choose(client, 2)
    assert client.get(addresses[0]).status_code == 404  # though it is still kept


def test_each_chosen_picture_is_one_of_the_case(client: Client, case: Case, run_jobs: Callable[[], int]) -> None:
    assert choose(client, 1, 3).status_code == 302
    run_jobs()
    placed = [picture.photo for picture in case.pictures.select_related("photo")]
    assert [(photo.frame, photo.state, photo.width) for photo in placed] == [(1, "review", 800), (3, "review", 880)]
    assert len({photo.original_key for photo in placed}) == 2
    for photo in placed:
        with Image.open(io.BytesIO(originals.read_preview(photo=photo))) as shown:
            assert shown.width == photo.width


def test_a_chosen_picture_is_sealed_all_else_of_the_file_gone_and_it_is_opened_again_alone(
    client: Client, case: Case, run_jobs: Callable[[], int]
) -> None:
    choose(client, 2)
    run_jobs()
    photo = Photo.objects.get()
    journey.confirm(client, photo, no_eyes="yes")
    run_jobs()
    photo.refresh_from_db()
    assert photo.state == State.SEALED
    assert photo.renditions.get(name="full").width == 840
    assert storage.originals().listdir("")[1] == []
    client.post(journey.address("reopen_picture", photo))
    photo.refresh_from_db()
    assert (photo.state, photo.frames, photo.frame) == (State.RECEIVED, 1, None)
    with Image.open(io.BytesIO(originals.read(photo=photo))) as opened:
        assert opened.size == (840, 600)


@pytest.mark.parametrize("numbers", [(), (0,), (4,), ("x",), (1, 9), ("99999",)])
def test_what_is_no_choice_is_asked_again(client: Client, case: Case, numbers: tuple[object, ...]) -> None:
    answer = choose(client, *numbers)
    assert answer.status_code == 422
    assert "Choose at least one of the pictures in the file." in answer.content.decode()
    assert waiting().awaits_choice
    assert CasePhoto.objects.count() == 1


def test_a_full_case_takes_no_more(client: Client, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_pictures, "MAX_PICTURES", 2)
    assert choose(client, 1, 2, 3).status_code == 422
    assert Photo.objects.count() == 1
    assert choose(client, 1, 2).status_code == 302
    assert Photo.objects.count() == 2


def test_a_member_without_room_is_told_so(client: Client, case: Case, settings: Any) -> None:
    settings.RULES = settings.RULES | {"unsealed_bytes": len(FILE)}
    answer = choose(client, 1, 2)
    assert (answer.status_code, "wait to be covered" in answer.content.decode()) == (422, True)
    assert waiting().awaits_choice


def test_a_case_that_is_filled_meanwhile_keeps_no_stray_photo(
    client: Client, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: object) -> None:
        raise case_pictures.CaseFull

    monkeypatch.setattr(case_pictures, "_place", full)
    assert choose(client, 1, 2).status_code == 422
    assert Photo.objects.count() == 1


def test_a_choice_made_twice_makes_each_picture_once(client: Client, case: Case) -> None:
    photo = waiting()
    split = frames.split(photo=photo, number=3)
    assert frames.split(photo=photo, number=3) == (split[0], False)
    choose(client, 1, 3)
    again = client.post(journey.address("choose_frames", photo), {"frame": ["2"]})
    assert again.status_code == 302
    assert sorted(Photo.objects.values_list("frame", flat=True)) == [1, 3]
    with pytest.raises(frames.Moved):
        frames.settle(photo=photo, number=2, by=photo.owner)


def test_two_who_choose_at_once(client: Client, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(**_: object) -> None:
        raise frames.Moved

    monkeypatch.setattr(frames, "settle", taken)
    answer = client.post(journey.address("choose_frames", waiting()), {"frame": ["1"]}, follow=True)
    assert "This picture has changed in the meantime." in answer.content.decode()


def test_two_splits_at_once_leave_one(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = waiting()
    kept: list[Photo] = []
    save = originals.save

    def meanwhile(*, photo: Photo, data: bytes) -> None:
        save(photo=photo, data=data)
        if not kept:
            kept.append(photo)
            kept.append(frames.split(photo=waiting(), number=2)[0])

    monkeypatch.setattr(originals, "save", meanwhile)
    assert frames.split(photo=photo, number=2) == (kept[1], False)
    assert Photo.objects.count() == 2


def test_a_picture_that_cannot_be_shown_is_offered_without_preview(client: Client, run_jobs: Callable[[], int]) -> None:
    """The third page is larger than what is read."""
    odd = FILE.replace((880).to_bytes(2, "little") + b"\0\0", (65_000).to_bytes(2, "little") + b"\0\0")
    assert odd != FILE
    case = journey.new_case(client)
    journey.upload(client, case, odd)
    run_jobs()
    photo = waiting()
    gone = reverse("consults:frame_preview", args=[case.pk, photo.pk, 3])
    assert client.get(gone).status_code == 404
    choose(client, 3)
    run_jobs()
    photo.refresh_from_db()
    assert (photo.state, photo.refusal) == (State.REFUSED, SENTENCES["too_large"])


def test_a_file_whose_pictures_cannot_be_chosen_is_refused(
    client: Client, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline.engine, "count_frames", lambda _: 1)
    journey.upload(client, journey.new_case(client), FILE)
    run_jobs()
    assert Photo.objects.get().refusal == SENTENCES["multi_page"]
