"""The receipt says what was found, what a person did with it, and which bytes came out."""

from typing import Any

import pytest
from django.test import Client

from imaging.masks.receipt import build_receipt
from imaging.models import Photo, State
from imaging.renditions import pipeline
from tests import factories
from tests.imaging import making
from tests.imaging.engine import pictures
from tests.matrix import journey

FOUND = {"found_box": [40.0, 60.0, 100.0, 50.0, 0.0]}


@pytest.fixture
def photo(db: None) -> Photo:
    """A confirmed picture, 640×480 px."""
    return making.photo(pictures.encoded(pictures.chart(640, 480), "JPEG"), state=State.CONFIRMED)


@pytest.mark.parametrize(
    ("region", "cover", "found_by", "done"),
    [
        ({"kind": "eye"} | FOUND, "Bar, box", "test, 90 % sure", "Left as suggested"),
        ({"kind": "eye", "choice": "accepted"} | FOUND, "Bar, box", "test, 90 % sure", "Accepted"),
        (
            {"kind": "eye", "x": 50.0, "angle": 5.0} | FOUND,
            "Bar, box",
            "test, 90 % sure",
            "Changed by hand: found as 100 × 50 px at 40, 60, of which it covers 8",
        ),
        (
            {"kind": "face", "choice": "dismissed", "reason": "a doll", "x": 50.0} | FOUND,
            "Not covered",
            "test, 90 % sure",
            "Dismissed: “a doll”. Changed by hand: found as",
        ),
        (
            {"choice": "dismissed", "reason": "a ruler"} | FOUND,
            "Not covered",
            "test, 90 % sure",
            "Dismissed: “a ruler”",
        ),
        ({"kind": "face", "choice": "dismissed"}, "Not covered", "test, 90 % sure", "Dismissed: “no reason given”"),
        ({"choice": "check", "score": None}, "Not covered", "test", "Not decided"),
        ({"choice": "drawn", "style": "veil"}, "Veil, box", "A person", "Drawn by hand"),
        ({"kind": "window", "choice": "drawn", "style": "veil"}, "Opens a veil", "A person", "Drawn by hand"),
        ({"choice": "painted"}, "Bar, box", "test, 90 % sure", "Covered at an earlier review"),
        (
            {"choice": "drawn", "shape": "brush", "points": [[45.0, 65.0]], "thickness": 10.0},
            "Bar, brush stroke",
            "A person",
            "Drawn by hand",
        ),
    ],
)
def test_lines(photo: Photo, region: dict[str, Any], cover: str, found_by: str, done: str) -> None:
    making.region(photo, **region)
    (line,) = build_receipt(photo).lines
    assert (line.cover, line.found_by) == (cover, found_by)
    assert line.done.startswith(done)
    assert line.covered is (cover.startswith(("Bar", "Veil")))


def test_a_turned_place_is_said(photo: Photo) -> None:
    making.region(photo, angle=-12.4)
    assert build_receipt(photo).lines[0].place == "100 × 50 px at 40, 60, turned by -12°"


def test_bytes_crop_and_warnings(photo: Photo) -> None:
    Photo.objects.update(crop=[10, 20, 600, 400], warnings_seen=["small"], found=["gps"], engine_version="9")
    pipeline.seal(photo_id=photo.pk)
    photo.refresh_from_db()
    receipt = build_receipt(photo)
    assert (receipt.source_size, receipt.crop, receipt.engine) == ("640 × 480", "600 × 400 px at 10, 20", "9")
    assert receipt.warnings == ["The picture is small. Send the original photograph, not a copy from a messenger."]
    assert receipt.removed == ["where it was taken"]
    assert {one.sha256 for one in receipt.sealed} == set(photo.renditions.values_list("sha256", flat=True))
    assert {one.size for one in receipt.sealed} == {"600 × 400", "480 × 320"}


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("case_state", ["draft", "returned", "submitted", "withdrawn"])
def test_the_author_reads_it_once_sealed(db: None, state: str, case_state: str) -> None:
    photo = making.photo(state=State(state))
    making.region(photo)
    photo.placement.case.__class__.objects.update(state=case_state)
    client: Client = journey.client_of(factories.person("alice"))
    answer = client.get(journey.address("mask_receipt", photo))
    shown = (state, case_state != "withdrawn") == ("sealed", True)
    assert answer.status_code == {True: 200, False: 404}[shown]


def test_not_under_another_case(db: None) -> None:
    photo, other = making.photo(state=State.SEALED), making.photo(state=State.SEALED)
    client = journey.client_of(photo.owner)
    assert client.get(f"/cases/{other.placement.case_id}/pictures/{photo.pk}/receipt/").status_code == 404
