"""Large files come in pieces: on where they stopped, out of step, lost, called off, never brought to an end."""

import contextlib
import os
import tracemalloc
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Member
from consults.cases.authoring import upload_pieces
from consults.models import Case
from core import jobs, storage
from core.crypto import vault
from core.models import Round
from imaging import originals as imaging_originals
from imaging.models import Photo, Upload
from tests.consults import reading
from tests.faults.sending import MEGABYTE, originals, small
from tests.matrix import journey


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


def test_a_file_in_pieces_is_in_memory_once(drafting: tuple[Client, Case], alice: Member) -> None:
    _client, case = drafting
    piece, key = os.urandom(Upload.PIECE_BYTES), uuid.uuid4()
    size = 12 * len(piece)
    taken: object = 0
    for offset in range(0, size, len(piece)):
        tracemalloc.start()
        taken = upload_pieces.take_piece(case=case, by=alice, key=key, size=size, offset=offset, data=piece)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 1.5 * size
    assert imaging_originals.read(photo=taken.photo) == 12 * piece  # type: ignore[attr-defined]


def test_pieces_are_sealed_and_their_key_is_not_the_senders(drafting: tuple[Client, Case], data_dir: Path) -> None:
    client, case = drafting
    data, key = b"CANARYCANARY" * 200_000, uuid.uuid4()
    journey.put(client, case, data[: Upload.PIECE_BYTES], key=key, offset=0, size=len(data))
    upload = Upload.objects.get()
    assert upload.idempotency_key != key
    (kept,) = [path for path in (data_dir / "objects").rglob("*") if path.is_file()]
    assert b"CANARY" not in kept.read_bytes()
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
    jobs.run_due_rounds()
    assert Upload.objects.count() == 1
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    Round.objects.all().delete()
    jobs.run_due_rounds()
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
