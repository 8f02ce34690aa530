"""The studio's page of a new case, and what its script reads."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from audit.models import Event
from consults.models import Case, CasePhoto
from imaging.models import State
from tests.consults.new_case import JPEG, page
from tests.imaging import making
from tests.imaging.engine import pictures
from tests.matrix import journey


def test_the_studio_shows_masks_checklist_and_what_is_open(client: Client) -> None:
    photo = making.photo(JPEG)
    making.region(photo, kind="eye", choice="check")
    text = page(client, "studio", photo.placement.case_id, photo.pk)
    assert "check this" in text
    for item in journey.ITEMS:
        assert f'name="check_{item.code}"' in text
    assert journey.address("preview", photo) in text


@pytest.mark.parametrize(
    ("kind", "site", "asked"),
    [
        ("close-up", "cheek", True),
        ("close-up", "", True),
        ("close-up", "shin", False),
        ("dermoscopy", "cheek", False),
    ],
)
def test_eyes_are_asked_about_where_there_could_be_some(client: Client, kind: str, site: str, asked: bool) -> None:
    photo = making.photo(JPEG)
    CasePhoto.objects.update(kind=kind)
    Case.objects.update(site=site)
    assert ('name="no_eyes"' in page(client, "studio", photo.placement.case_id, photo.pk)) is asked
    expected = {True: 422, False: 302}[asked]
    assert journey.confirm(client, photo).status_code == expected


def test_confirming_too_late_shows_the_pictures(client: Client) -> None:
    photo = making.photo(JPEG, state=State.CONFIRMED)
    answer = journey.confirm(client, photo, no_eyes="yes")
    assert answer["Location"] == reverse("consults:pictures", args=[photo.placement.case_id])


@pytest.mark.parametrize(("view", "state"), [("studio", State.REVIEW), ("mask_receipt", State.SEALED)])
def test_a_picture_is_found_at_its_own_case_alone(client: Client, alice: Member, view: str, state: State) -> None:
    photo = making.photo(JPEG, state=state)
    other = making.photo(JPEG, state=state).placement.case
    assert other.author == alice
    assert client.get(journey.address(view, photo)).status_code == 200
    assert client.get(reverse(f"consults:{view}", args=[other.pk, photo.pk])).status_code == 404


def test_the_servers_own_rendering(client: Client, run_jobs: Callable[[], int]) -> None:
    photo = making.photo(pictures.encoded(pictures.chart(640, 480), "PNG"))
    making.region(photo)
    asked = client.get(journey.address("result", photo))
    assert (asked.status_code, asked["Content-Type"]) == (202, "text/plain; charset=utf-8")
    run_jobs()
    answer = client.get(journey.address("result", photo))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["Cache-Control"] == "private, no-store"


def test_a_rendering_that_is_refused_says_why(client: Client, run_jobs: Callable[[], int]) -> None:
    photo = making.photo(b"not a picture")
    client.get(journey.address("result", photo))
    run_jobs()
    answer = client.get(journey.address("result", photo))
    assert answer.status_code == 422
    assert answer.content.decode().endswith(".")


def test_too_many_renderings_are_told_so(client: Client, settings: Any) -> None:
    settings.RULES = settings.RULES | {"previews_a_minute": 0}
    answer = client.get(journey.address("result", making.photo(JPEG)))
    assert (answer.status_code, "Wait a minute" in answer.content.decode()) == (429, True)


def test_every_look_at_the_unmasked_preview_is_logged(client: Client, alice: Member) -> None:
    photo = making.photo(JPEG)
    client.get(journey.address("preview", photo))
    event = Event.objects.get(verb="photo.previewed")
    assert (event.actor_id, event.subject_id) == (alice.pk, photo.pk)


def test_masks_as_the_script_reads_them(client: Client) -> None:
    photo = making.photo(JPEG)
    eye = making.region(photo, kind="eye", choice="check")
    answer = journey.save_masks(client, photo, journey.masks_of(photo))
    body = json.loads(answer.content)
    assert body["revision"] == 1
    assert [(mask["id"], mask["state"]) for mask in body["masks"]] == [(str(eye.pk), "accepted")]
    assert body["rules"] == []
