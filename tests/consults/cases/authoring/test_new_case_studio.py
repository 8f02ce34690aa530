"""The studio's page of a new case, and what its script reads."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from audit.models import Event
from consults.cases.authoring import case_pictures
from consults.exceptions import ChangeRefused
from consults.models import Case, CasePhoto
from imaging.models import Photo, State
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


@pytest.mark.parametrize(("guess", "marked"), [("dermoscopy", 1), ("", 0)])
def test_the_kind_is_asked_first_and_one_tap_answers(client: Client, guess: str, marked: int) -> None:
    photo = making.photo(JPEG)
    CasePhoto.objects.update(kind="")
    Photo.objects.update(picture_type=guess)
    making.region(photo, kind="eye", choice="check", score=0.2)
    text = page(client, "studio", photo.placement.case_id, photo.pk)
    assert "What kind of picture is this?" in text
    assert text.count("it looks like it") == marked
    assert text.index("What kind of picture") < text.index("What machines do not see")
    answer = client.post(journey.address("studio", photo), {"kind": "dermoscopy"})
    assert answer["Location"] == journey.address("studio", photo)
    text = page(client, "studio", photo.placement.case_id, photo.pk)
    for gone in ("What kind of picture is this?", 'name="no_eyes"', "Accept or dismiss every mark"):
        assert gone not in text
    photo.refresh_from_db()
    assert photo.stated_type == "dermoscopy"


@pytest.mark.parametrize(("kind", "state", "to"), [("selfie", "draft", "studio"), ("dermoscopy", "in_review", "mine")])
def test_a_kind_is_kept_for_a_draft_and_if_there_is_one(
    client: Client, monkeypatch: pytest.MonkeyPatch, kind: str, state: str, to: str
) -> None:
    photo = making.photo(JPEG)
    CasePhoto.objects.update(kind="")
    if state != "draft":  # it was sent from another window between two steps
        monkeypatch.setattr(case_pictures, "lock_draft", not_now)
    answer = client.post(journey.address("studio", photo), {"kind": kind})
    assert answer["Location"] == (journey.address("studio", photo) if to == "studio" else reverse("consults:mine"))
    assert CasePhoto.objects.get().kind == ""


def not_now(case: Case) -> None:
    raise ChangeRefused("Not now.")


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
