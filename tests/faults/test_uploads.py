"""Uploads that go wrong: sent many times, cut short, empty, huge, not pictures, to somewhere they do not belong."""

import contextlib
import io
import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connections, transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.models import Member
from consults.models import Case
from core import jobs, storage, vault
from core.models import Round
from imaging import originals as imaging_originals
from imaging import service
from imaging.models import Photo, State, Upload
from tests import factories
from tests.consults import reading
from tests.imaging import pictures
from tests.matrix import journey

MEGABYTE = 1024 * 1024


@pytest.fixture
def drafting(db: None, alice: Member) -> tuple[Client, Case]:
    client = journey.client_of(alice)
    return client, journey.new_case(client)


def small() -> bytes:
    return pictures.encoded(pictures.chart(800, 600), "JPEG")


def animated() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "green")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


def originals() -> list[str]:
    return storage.originals().listdir("")[1]


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


# --- In pieces


def large() -> bytes:
    """A picture of a little more than three pieces."""
    return small() + bytes(3 * Upload.PIECE_BYTES)


def state(client: Client, case: Case, key: object) -> dict[str, object]:
    """What the server says about a file."""
    return client.get(f"/cases/{case.pk}/pictures/upload/", headers={"Idempotency-Key": str(key)}).json()


def test_a_file_goes_on_where_it_stopped(drafting: tuple[Client, Case], alice: Member) -> None:
    client, case = drafting
    data, key = large(), uuid.uuid4()
    assert state(client, case, key) == {"offset": 0}
    for at in (0, Upload.PIECE_BYTES):
        piece = data[at : at + Upload.PIECE_BYTES]
        answer = journey.put(client, case, piece, key=key, offset=at, size=len(data))
        assert answer.json() == {"offset": at + Upload.PIECE_BYTES}
    assert (case.pictures.count(), len(originals())) == (0, 2)
    # Another browser, with the same file.
    other = journey.client_of(alice)
    assert state(other, case, key) == {"offset": 2 * Upload.PIECE_BYTES}
    while (at := state(other, case, key).get("offset")) is not None:
        journey.put(other, case, data[at : at + Upload.PIECE_BYTES], key=key, offset=at, size=len(data))
    photo = Photo.objects.get()
    assert imaging_originals.read(photo=photo) == data
    assert originals() == [photo.original_name]
    assert Upload.objects.count() == 0
    assert state(other, case, key)["id"] == str(photo.pk)


def test_pieces_are_sealed_and_their_key_is_not_the_senders(drafting: tuple[Client, Case], data_dir: Path) -> None:
    client, case = drafting
    data, key = b"CANARYCANARY" * 200_000, uuid.uuid4()
    journey.put(client, case, data[: Upload.PIECE_BYTES], key=key, offset=0, size=len(data))
    upload = Upload.objects.get()
    assert upload.idempotency_key != key
    for path in (data_dir / "objects").rglob("*"):
        assert not path.is_file() or b"CANARY" not in path.read_bytes()
    assert vault.has_key(upload.pieces_key)


@pytest.mark.parametrize(
    ("offset", "length"),
    [(1, 100), (2 * MEGABYTE, 100), (MEGABYTE, 0), (MEGABYTE, 100), (MEGABYTE, MEGABYTE - 1), (0, MEGABYTE)],
)
def test_a_piece_out_of_step_is_not_kept(drafting: tuple[Client, Case], offset: int, length: int) -> None:
    client, case = drafting
    data, key = large(), uuid.uuid4()
    journey.put(client, case, data[: Upload.PIECE_BYTES], key=key, offset=0, size=len(data))
    answer = journey.put(client, case, bytes(length), key=key, offset=offset, size=len(data))
    assert (answer.status_code, answer.json()) == (409, {"offset": Upload.PIECE_BYTES})
    assert len(originals()) == 1


def test_a_piece_that_is_too_long_is_not_read(drafting: tuple[Client, Case]) -> None:
    client, case = drafting
    answer = journey.put(client, case, bytes(MEGABYTE + 1), key=uuid.uuid4(), offset=0, size=3 * MEGABYTE)
    assert answer.status_code == 413
    assert originals() == []


def test_another_file_under_the_same_key_begins_anew(drafting: tuple[Client, Case]) -> None:
    client, case = drafting
    key = uuid.uuid4()
    journey.put(client, case, bytes(MEGABYTE), key=key, offset=0, size=3 * MEGABYTE)
    answer = journey.put(client, case, bytes(MEGABYTE), key=key, offset=MEGABYTE, size=2 * MEGABYTE)
    assert (answer.status_code, answer.json()) == (409, {"offset": 0})
    assert (Upload.objects.count(), originals()) == (0, [])


@pytest.mark.parametrize("lose", ["key", "bytes"])
def test_lost_pieces_are_asked_for_again(drafting: tuple[Client, Case], lose: str) -> None:
    client, case = drafting
    data, key = large(), uuid.uuid4()
    journey.put(client, case, data[: Upload.PIECE_BYTES], key=key, offset=0, size=len(data))
    upload = Upload.objects.get()
    if lose == "key":
        vault.destroy(upload.pieces_key)
    else:
        storage.delete(storage.originals(), name=upload.piece_name(0))
    assert journey.upload(client, case, data, key=key).status_code == 201
    assert imaging_originals.read(photo=Photo.objects.get()) == data


def test_called_off(drafting: tuple[Client, Case]) -> None:
    client, case = drafting
    key = uuid.uuid4()
    journey.put(client, case, bytes(MEGABYTE), key=key, offset=0, size=3 * MEGABYTE)
    upload = Upload.objects.get()
    for _time in range(2):
        address = f"/cases/{case.pk}/pictures/upload/"
        assert client.delete(address, headers={"Idempotency-Key": str(key)}).status_code == 204
    assert (Upload.objects.count(), originals()) == (0, [])
    assert not vault.has_key(upload.pieces_key)


def test_what_nobody_brought_to_its_end_is_destroyed(drafting: tuple[Client, Case]) -> None:
    client, case = drafting
    journey.put(client, case, bytes(MEGABYTE), key=uuid.uuid4(), offset=0, size=3 * MEGABYTE)
    upload = Upload.objects.get()
    jobs.make_rounds()
    assert Upload.objects.count() == 1
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    Round.objects.all().delete()
    jobs.make_rounds()
    assert (Upload.objects.count(), originals(), vault.has_key(upload.pieces_key)) == (0, [], False)


def test_a_discarded_draft_takes_its_pieces_along(drafting: tuple[Client, Case]) -> None:
    client, case = drafting
    journey.put(client, case, bytes(MEGABYTE), key=uuid.uuid4(), offset=0, size=3 * MEGABYTE)
    client.post(f"/cases/{case.pk}/discard/")
    assert (Upload.objects.count(), originals()) == (0, [])


def test_nobody_else_reaches_a_file_on_its_way(drafting: tuple[Client, Case], bob: Member) -> None:
    client, case = drafting
    key, data = uuid.uuid4(), large()
    journey.put(client, case, data[: Upload.PIECE_BYTES], key=key, offset=0, size=len(data))
    bobs = journey.client_of(bob)
    own = journey.new_case(bobs)
    assert state(bobs, own, key) == {"offset": 0}
    address = f"/cases/{case.pk}/pictures/upload/"
    for method in ("get", "put", "delete"):
        assert getattr(bobs, method)(address, headers={"Idempotency-Key": str(key)}).status_code == 404
    assert state(client, case, key) == {"offset": Upload.PIECE_BYTES}


@pytest.mark.parametrize(("open_uploads", "status"), [(18, 200), (19, 422)])
def test_files_on_their_way_count(drafting: tuple[Client, Case], open_uploads: int, status: int) -> None:
    client, case = drafting
    reading.picture(case)
    for _number in range(open_uploads):
        Upload.objects.create(owner=case.author, meant_for=case.pk, idempotency_key=uuid.uuid4(), size=9)
    answer = journey.put(client, case, bytes(MEGABYTE), key=uuid.uuid4(), offset=0, size=3 * MEGABYTE)
    assert answer.status_code == status


@pytest.mark.parametrize(("open_uploads", "status"), [(39, 200), (40, 422)])
def test_over_all_drafts_too(drafting: tuple[Client, Case], open_uploads: int, status: int) -> None:
    client, case = drafting
    for _number in range(open_uploads):
        Upload.objects.create(owner=case.author, meant_for=uuid.uuid4(), idempotency_key=uuid.uuid4(), size=9)
    answer = journey.put(client, case, bytes(MEGABYTE), key=uuid.uuid4(), offset=0, size=3 * MEGABYTE)
    assert answer.status_code == status


@pytest.mark.parametrize(("size", "received", "allowed"), [(9, 0, True), (9, 9, True), (9, 10, False), (0, 0, False)])
def test_the_database_knows_no_more_than_the_whole(
    drafting: tuple[Client, Case], size: int, received: int, allowed: bool
) -> None:
    _client, case = drafting
    refused = contextlib.nullcontext() if allowed else pytest.raises(IntegrityError)
    with refused, transaction.atomic():
        Upload.objects.create(
            owner=case.author, meant_for=case.pk, idempotency_key=uuid.uuid4(), size=size, received=received
        )


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
    assert service.expire_originals() == 0

    Photo.objects.update(original_expires_at=timezone.now() - timedelta(seconds=1))
    jobs.make_rounds()
    photo.refresh_from_db()
    assert photo.state == State.EXPIRED
    assert originals() == []
    assert not vault.has_key(photo.original_key)
    for view in ("preview", "result"):
        assert client.get(journey.address(view, photo)).status_code == 404
    assert client.get(journey.address("studio", photo)).status_code == 302
    assert "destroyed" in client.get(f"/cases/{photo.placement.case_id}/pictures/").content.decode()
    assert service.expire_originals() == 0


@pytest.mark.parametrize("state", [State.REFUSED, State.SEALED, State.EXPIRED])
def test_time_does_not_touch_what_is_finished(db: None, state: State) -> None:
    case = reading.case(state="draft", data=small())
    Photo.objects.update(state=state, original_expires_at=timezone.now() - timedelta(days=9))
    assert service.expire_originals() == 0
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
