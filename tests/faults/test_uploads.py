"""Uploads that go wrong: sent many times, cut short, empty, huge, not pictures, to somewhere they do not belong."""

import io
import threading
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from PIL import Image

from consults.models import Case
from core import jobs, storage
from core.crypto import vault
from imaging import originals as imaging_originals
from imaging.models import Photo, State, Upload
from imaging.renditions import pipeline
from tests import factories
from tests.consults import reading
from tests.faults.sending import MEGABYTE, originals, small
from tests.imaging.engine import pictures
from tests.matrix import journey


def animated() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "green")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


# --- Many times


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_twenty_times_at_once_with_one_key_is_one_picture() -> None:
    alice = factories.person("alice")
    clients = [journey.client_of(alice) for _number in range(20)]
    case, key, data = journey.new_case(clients[0]), uuid.uuid4(), small()
    start = threading.Barrier(len(clients))
    codes: list[int] = []

    def send(client: Client) -> None:
        try:
            start.wait(timeout=60)
            codes.append(journey.upload(client, case, data, key=key).status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=240)
    assert codes == [201] * 20
    photo = Photo.objects.get()
    assert photo.placement.case_id == case.pk
    assert case.pictures.count() == 1
    # Whoever was not first took their own copy away again.
    assert originals() == [photo.original_name]


def test_another_key_is_another_picture(drafting: tuple[Client, Case]) -> None:
    client, case = drafting
    assert [journey.upload(client, case, small()).status_code for _time in range(2)] == [201, 201]
    assert case.pictures.count() == 2
    assert list(case.pictures.values_list("position", flat=True)) == [0, 1]


def test_the_same_file_in_two_drafts_is_two_pictures(drafting: tuple[Client, Case]) -> None:
    client, case = drafting
    key = uuid.uuid4()
    journey.upload(client, case, small(), key=key)
    other = reading.case(state="draft", kinds=())
    answer = journey.upload(client, other, small(), key=key)
    assert answer.status_code == 201
    assert (case.pictures.count(), other.pictures.count()) == (1, 1)


# --- Bad files


def refused_at_once(answer: HttpResponse) -> str:
    return str(answer.json()["error"])


@pytest.mark.parametrize(("size", "status"), [(0, 422), (1, 201), (40 * MEGABYTE, 200), (40 * MEGABYTE + 1, 422)])
def test_refused_before_a_byte_is_kept(drafting: tuple[Client, Case], size: int, status: int) -> None:
    client, case = drafting
    piece = bytes(min(size, Upload.PIECE_BYTES))
    answer = journey.put(client, case, piece, key=uuid.uuid4(), offset=0, size=size)
    assert answer.status_code == status
    assert (len(originals()) == 1) is (status != 422)
    assert answer.json().get("error", ".").endswith(".")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Idempotency-Key": "not a key", "Upload-Offset": "0", "Upload-Length": "9"},
        {"Idempotency-Key": str(uuid.uuid4()), "Upload-Length": "9"},
        {"Idempotency-Key": str(uuid.uuid4()), "Upload-Offset": "-1", "Upload-Length": "9"},
        {"Idempotency-Key": str(uuid.uuid4()), "Upload-Offset": "0", "Upload-Length": "9" * 400},
    ],
)
def test_half_an_upload_is_answered_with_a_sentence(drafting: tuple[Client, Case], headers: dict[str, str]) -> None:
    client, case = drafting
    answer = client.put(f"/cases/{case.pk}/pictures/upload/", b"123456789", "application/octet-stream", headers=headers)
    assert answer.status_code == 400
    assert refused_at_once(answer).endswith(".")
    assert (Photo.objects.count(), Upload.objects.count(), originals()) == (0, 0, [])


@pytest.mark.parametrize("key", ["", "not a key"])
def test_a_form_without_its_key_is_refused(drafting: tuple[Client, Case], key: str) -> None:
    client, case = drafting
    answer = client.post(f"/cases/{case.pk}/pictures/", {"picture": io.BytesIO(small()), "key": key})
    assert answer.status_code == 400
    assert originals() == []


def test_the_form_without_scripts_takes_many_and_sent_twice_is_once(drafting: tuple[Client, Case]) -> None:
    client, case = drafting
    key = uuid.uuid4()
    for _time in range(2):
        files = [
            SimpleUploadedFile("a.jpg", small()),
            SimpleUploadedFile("b.jpg", b""),
            SimpleUploadedFile("c", small()),
        ]
        answer = journey.post_whole(client, case, *files, key=key)
        assert answer["Location"] == f"/cases/{case.pk}/pictures/"
    assert case.pictures.count() == 2
    assert "File 2" in client.get(answer["Location"]).content.decode()


def test_bad_files_are_refused_with_a_sentence_and_the_good_one_goes_on(
    drafting: tuple[Client, Case], run_jobs: Callable[[], int]
) -> None:
    client, case = drafting
    whole = pictures.encoded(pictures.noise(800, 600), "JPEG")
    bad = {
        **{f"cut at {share} %": whole[: len(whole) * share // 100] for share in (1, 25, 50, 75, 99)},
        "text": b"Dear colleague, this is a letter.\n" * 50,
        "animated": animated(),
        "html": b"<!doctype html><title>x</title><script>alert(1)</script>",
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        "html in jpeg": b"\xff\xd8\xff\xe0<script>alert(1)</script>",
    }
    keys = {}
    for name, data in bad.items():
        keys[name] = uuid.uuid4()
        assert journey.upload(client, case, data, key=keys[name]).status_code == 201
    good = uuid.uuid4()
    assert journey.upload(client, case, whole, key=good).status_code == 201
    run_jobs()
    kept = {name: journey.kept_key(case, case.author, key) for name, key in (keys | {"good": good}).items()}
    states = {name: Photo.objects.get(idempotency_key=kept[name]) for name in bad}
    assert {name: photo.state for name, photo in states.items()} == dict.fromkeys(bad, State.REFUSED)
    assert Photo.objects.get(idempotency_key=kept["good"]).state == State.REVIEW
    page = client.get(f"/cases/{case.pk}/pictures/")
    assert page.status_code == 200
    for photo in states.values():
        assert photo.refusal.endswith(".")
        assert not vault.has_key(photo.original_key)
        assert photo.refusal.split("'")[0].split(";")[0] in page.content.decode()
    assert {name[:36] for name in originals()} == {str(Photo.objects.get(idempotency_key=kept["good"]).original_key)}


# --- Where it does not belong


@pytest.mark.parametrize(
    ("who", "state", "status"),
    [
        ("alice", "draft", 201),
        ("alice", "returned", 201),
        ("alice", "submitted", 404),
        ("alice", "released", 404),
        ("alice", "closed", 404),
        ("alice", "withdrawn", 404),
        ("bob", "draft", 404),
        ("mod1", "submitted", 404),
        ("officer", "draft", 403),
        ("applicant", "draft", 403),
        ("suspended", "draft", 403),
    ],
)
def test_where_a_picture_may_go(db: None, who: str, state: str, status: int) -> None:
    case = reading.case(state=state, kinds=())
    answer = journey.upload(journey.client_of(factories.person(who)), case, small())
    assert answer.status_code == status
    assert Photo.objects.count() == (status == 201)
    assert len(originals()) == Photo.objects.count()


def test_a_case_holds_twenty_pictures(drafting: tuple[Client, Case]) -> None:
    client, case = drafting
    for _number in range(20):
        reading.picture(case)
    answer = journey.upload(client, case, small())
    assert answer.status_code == 422
    assert refused_at_once(answer).endswith(".")
    assert (case.pictures.count(), originals()) == (20, [])


# --- 72 hours


@pytest.fixture
def kept(drafting: tuple[Client, Case], run_jobs: Callable[[], int]) -> tuple[Client, Photo]:
    """A picture in review."""
    client, case = drafting
    journey.upload(client, case, small())
    run_jobs()
    return client, Photo.objects.get()


def test_an_original_that_nobody_reviewed_is_destroyed(kept: tuple[Client, Photo]) -> None:
    client, photo = kept
    assert photo.state == State.REVIEW
    assert timedelta(hours=71) < photo.original_expires_at - timezone.now() <= timedelta(hours=72)
    assert client.get(journey.address("preview", photo)).status_code == 200
    assert pipeline.expire_originals() == 0

    Photo.objects.update(original_expires_at=timezone.now() - timedelta(seconds=1))
    jobs.run_due_rounds()
    photo.refresh_from_db()
    assert photo.state == State.EXPIRED
    assert originals() == []
    assert not vault.has_key(photo.original_key)
    for view in ("preview", "result"):
        assert client.get(journey.address(view, photo)).status_code == 404
    assert client.get(journey.address("studio", photo)).status_code == 302
    assert "destroyed" in client.get(f"/cases/{photo.placement.case_id}/pictures/").content.decode()
    assert pipeline.expire_originals() == 0


@pytest.mark.parametrize("state", [State.REFUSED, State.SEALED, State.EXPIRED])
def test_time_does_not_touch_what_is_finished(db: None, state: State) -> None:
    case = reading.case(state="draft", data=small())
    Photo.objects.update(state=state, original_expires_at=timezone.now() - timedelta(days=9))
    assert pipeline.expire_originals() == 0
    assert Photo.objects.get(placement__case=case).state == state


def test_bytes_that_nothing_points_to_are_swept(kept: tuple[Client, Photo], data_dir: object) -> None:
    import os

    _client, photo = kept
    stray = uuid.uuid4()
    vault.create_key(stray)
    storage.put_sealed(storage.originals(), name=f"{stray}.sealed", key_id=stray, context="x", data=b"a picture")
    assert imaging_originals.sweep() == 0  # it may be on its way
    path = data_dir / "objects" / "originals" / str(stray)[:2] / f"{stray}.sealed"  # type: ignore[operator]
    an_hour_ago = (timezone.now() - timedelta(hours=1, seconds=1)).timestamp()
    os.utime(path, (an_hour_ago, an_hour_ago))
    assert imaging_originals.sweep() == 1
    assert not vault.has_key(stray)
    assert {name[:36] for name in originals()} == {str(photo.original_key)}
