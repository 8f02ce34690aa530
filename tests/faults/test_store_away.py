"""The object store cannot be reached: everybody is told to come back, and what is sent again then arrives."""

import uuid
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from consults.models import Case
from core import storage
from imaging.models import Photo
from tests.faults.sending import originals, small
from tests.imaging import making
from tests.matrix import journey


def away(*args: object, **named: object) -> bytes:
    raise storage.StorageUnavailable("EndpointConnectionError")


@pytest.mark.parametrize("view", ["preview", "result"])
def test_what_is_read_can_be_asked_for_again(
    drafting: tuple[Client, Case], monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int], view: str
) -> None:
    client, _case = drafting
    photo = making.photo(small())
    if view == "result":  # a job makes it
        assert client.get(journey.address(view, photo)).status_code == 202
        run_jobs()
    with monkeypatch.context() as cut:
        cut.setattr(storage, "get_sealed", away)
        answer = client.get(journey.address(view, photo))
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        assert answer["Cache-Control"] == "private, no-store"
    assert client.get(journey.address(view, photo)).status_code == 200


def by_script(client: Client, case: Case, key: uuid.UUID) -> HttpResponse:
    return journey.upload(client, case, small(), key=key)


def by_form(client: Client, case: Case, key: uuid.UUID) -> HttpResponse:
    return journey.post_whole(client, case, SimpleUploadedFile("a.jpg", small()), key=key)


@pytest.mark.parametrize(("send", "arrived"), [(by_script, 201), (by_form, 302)])
def test_what_is_sent_can_be_sent_again(
    drafting: tuple[Client, Case],
    monkeypatch: pytest.MonkeyPatch,
    send: Callable[[Client, Case, uuid.UUID], HttpResponse],
    arrived: int,
) -> None:
    client, case = drafting
    key = uuid.uuid4()
    with monkeypatch.context() as cut:
        cut.setattr(storage, "put_sealed", away)
        answer = send(client, case, key)
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        assert (Photo.objects.count(), originals()) == (0, [])
    assert send(client, case, key).status_code == arrived
    assert Photo.objects.get().placement.case_id == case.pk
