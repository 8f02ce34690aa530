"""The pages of a new case: the list of one's own, and the pictures."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts.models import Member
from audit.models import Event
from consults.cases.authoring import case_pictures
from consults.cases.authoring.forms import AboutPictureForm
from consults.models import Case, CasePhoto, CaseState
from core import jobs, storage
from core.models import Job
from imaging.models import Photo, State
from imaging.renditions.pipeline import INSPECT
from tests import factories
from tests.consults import reading
from tests.consults.new_case import JPEG, page
from tests.matrix import journey

# --- Beginning, and one's own cases


def test_new_case_many_times_is_one_draft(client: Client) -> None:
    addresses = {client.get(reverse("consults:new"))["Location"] for _time in range(3)}
    case = Case.objects.get()
    assert addresses == {reverse("consults:pictures", args=[case.pk])}


@pytest.mark.parametrize(
    ("who", "status"), [("alice", 302), ("resident", 302), ("nurse", 302), ("student", 403), ("officer", 403)]
)
def test_who_may_begin(db: None, who: str, status: int) -> None:
    answer = journey.client_of(factories.person(who)).get(reverse("consults:new"))
    assert answer.status_code == status
    assert Case.objects.exists() is (status == 302)


def test_a_resident_without_a_supervisor_is_told_so(resident: Member) -> None:
    Member.objects.filter(pk=resident.pk).update(supervisor=None)
    assert journey.client_of(resident).get(reverse("consults:new")).status_code == 403


def test_my_cases_shows_each_state_and_nobody_elses(client: Client, alice: Member, bob: Member) -> None:
    for state in CaseState.values:
        reading.case(alice, state=state, title=f"Mine {state}")
    reading.case(bob, title="Of somebody else")
    text = page(client, "mine")
    titles = {state for state in CaseState.values if f"Mine {state}" in text}
    assert titles == set(CaseState.values) - {"withdrawn"}  # of that, only that it was
    assert "Of somebody else" not in text
    # What was withdrawn has no picture any more: five thumbnails for six cases.
    assert len(set(re.findall(r"/m/([0-9a-f-]{36})/", text))) == 5


def test_my_cases_hides_pictures_at_once_when_the_consent_is_withdrawn(client: Client, draft: Case) -> None:
    assert "/m/" in page(client, "mine")
    reading.withdraw(draft)
    assert "/m/" not in page(client, "mine")


# --- Pictures


def progress_of(client: Client, case: Case, *known: str) -> str:
    """What the page is told when it asks what has changed."""
    answer = client.get(reverse("consults:picture_progress", args=[case.pk]), {"known": list(known)})
    assert answer.status_code == 200
    return answer.content.decode()


def known_of(text: str) -> list[str]:
    """What a page knows of its pictures."""
    return re.findall(r'name="known" value="([^"]+)"', text)


def test_a_picture_arrives_and_the_page_follows_it(client: Client, run_jobs: Callable[[], int]) -> None:
    case = journey.new_case(client)
    answer = journey.upload(client, case, JPEG)
    assert answer.status_code == 201
    photo = Photo.objects.get()
    known = known_of(answer.json()["html"])
    assert known == [f"{photo.pk}:received:"]
    waiting = progress_of(client, case, *known)
    assert "every 2s" in waiting  # it asks again while the pipeline works
    assert f'id="status-{photo.pk}"' in waiting
    assert "picture-about" not in waiting  # what one types is not touched
    assert f'id="actions-{photo.pk}"' not in waiting
    run_jobs()
    changed = progress_of(client, case, *known)
    assert reverse("consults:studio", args=[case.pk, photo.pk]) in changed
    assert "Review the masks of picture 1" in changed  # what is still missing comes along
    assert "every 2s" not in changed
    assert f'id="status-{photo.pk}"' not in progress_of(client, case, *known_of(changed))


def test_a_refused_picture_says_why_and_asks_nothing_more(client: Client, run_jobs: Callable[[], int]) -> None:
    case = journey.new_case(client)
    journey.upload(client, case, b"Dear colleague")
    known = known_of(page(client, "pictures", case.pk))
    run_jobs()
    photo = Photo.objects.get()
    changed = progress_of(client, case, *known)
    assert escape(photo.refusal) in changed
    assert f'id="about-{photo.pk}" hx-swap-oob="delete"' in changed


def job_of(photo: Photo) -> Job:
    job = jobs.newest_job(kind=INSPECT, subject=photo.pk)
    assert job is not None
    return job


def past(kind: str, *, seconds: float) -> None:
    """A job of this kind that was done and took so long."""
    now = timezone.now()
    Job.objects.create(
        kind=kind, subject=uuid4(), state="done", started_at=now - timedelta(seconds=seconds), finished_at=now
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "Looking for faces, eyes and text."),
        ({"state": "running"}, "Looking for faces, eyes and text."),
        ({"attempts": 1}, "Attempt 2 of 3 follows"),
        ({"state": "running", "lease": -1}, "taken up again by itself"),
    ],
)
def test_progress_in_words(client: Client, change: dict[str, Any], said: str) -> None:
    case = journey.new_case(client)
    journey.upload(client, case, JPEG)
    if change.get("state") == "running":
        lease = timedelta(seconds=change.pop("lease", 50))
        change |= {"token": uuid4(), "lease_until": timezone.now() + lease, "started_at": timezone.now()}
    Job.objects.update(**change)
    text = page(client, "pictures", case.pk)
    assert said in text
    assert "seconds more" not in text  # nothing was measured yet


def test_place_in_the_queue_and_time_to_expect(client: Client) -> None:
    case = journey.new_case(client)
    for _number in range(3):
        journey.upload(client, case, JPEG)
    for seconds in (9, 10, 30):
        past(INSPECT, seconds=seconds)
    text = page(client, "pictures", case.pk)
    for said in (
        "Looking for faces, eyes and text. About 10 seconds more.",
        "one other comes first. About 20 seconds more.",
        "2 others come first. About 30 seconds more.",
    ):
        assert said in text


@pytest.mark.parametrize(
    ("state", "swapped"),
    [("received", False), ("review", False), ("confirmed", False), ("sealed", True), ("refused", True)],
)
def test_progress_leaves_the_preview_until_there_is_a_picture(
    client: Client, draft: Case, state: str, swapped: bool
) -> None:
    """A picture that arrives while the page asks is unknown to it, and what the browser drew of it stays."""
    photo = Photo.objects.get()
    if state != "sealed":
        photo.renditions.all().delete()
        Photo.objects.update(state=state, confirmed_at=None, confirmed_by=None, sealed_at=None)
        if state == "confirmed":
            Photo.objects.update(confirmed_at=timezone.now(), confirmed_by=photo.owner)
    told = progress_of(client, draft)
    assert f'id="status-{photo.pk}"' in told
    assert (f'id="image-{photo.pk}"' in told) is swapped


def test_progress_costs_the_same_for_one_and_for_many(
    client: Client, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    case = journey.new_case(client)
    for _number in range(6):
        journey.upload(client, case, JPEG)
    with django_assert_max_num_queries(20):
        progress_of(client, case)


def test_what_was_given_up_can_be_tried_again(client: Client, alice: Member, run_jobs: Callable[[], int]) -> None:
    case = journey.new_case(client)
    journey.upload(client, case, JPEG)
    photo = Photo.objects.get()
    known = known_of(page(client, "pictures", case.pk))
    Job.objects.update(state="parked", error="Refused", attempts=3, finished_at=timezone.now())
    told = progress_of(client, case, *known)
    assert "set aside" in told
    assert "every 2s" not in told
    retry = journey.address("retry_picture", photo)
    assert retry in told
    for _click in range(2):
        assert client.post(retry)["Location"] == reverse("consults:pictures", args=[case.pk])
    assert (job_of(photo).state, job_of(photo).attempts) == ("queued", 0)
    event = Event.objects.get(verb="photo.tried_again")
    assert (event.actor_id, event.subject_id) == (alice.pk, photo.pk)
    run_jobs()
    photo.refresh_from_db()
    assert photo.state == State.REVIEW
    client.post(retry)  # nothing is parked any more
    assert job_of(photo).state == "done"


def test_what_a_picture_is(client: Client, draft: Case) -> None:
    photo = Photo.objects.get()
    answer = journey.describe(client, photo, "histology", stain="he", objective="10x", mode="contact-polarised")
    assert answer.status_code == 302
    picture = CasePhoto.objects.get()
    assert (picture.kind, picture.stain, picture.mode) == ("histology", "he", "")
    journey.describe(client, photo, "close-up", stain="he", caption="Left cheek")
    picture.refresh_from_db()
    assert (picture.kind, picture.stain, picture.caption) == ("close-up", "", "Left cheek")


def test_a_kind_that_does_not_exist_is_not_saved(client: Client, draft: Case) -> None:
    photo = Photo.objects.get()
    answer = client.post(
        journey.address("about_picture", photo), {f"{photo.pk}-kind": "selfie"}, headers={"X-Autosave": "1"}
    )
    assert answer.status_code == 200
    assert list(answer.json()["errors"]) == [f"{photo.pk}-kind"]
    assert CasePhoto.objects.get().kind == "close-up"
    journey.describe(client, photo, "selfie")
    assert "selfie" in page(client, "pictures", draft.pk)


def test_what_a_picture_is_is_saved_as_one_types(client: Client, draft: Case) -> None:
    photo = Photo.objects.get()
    fields = {f"{photo.pk}-kind": "histology", f"{photo.pk}-caption": "Shave biopsy"}
    answer = client.post(journey.address("about_picture", photo), fields, headers={"X-Autosave": "1"})
    assert (answer.status_code, answer.json()["errors"]) == (200, {})
    assert "Choose the stain of picture 1" in answer.json()["missing_html"]
    assert CasePhoto.objects.get().caption == "Shave biopsy"


@pytest.mark.parametrize(
    ("there", "here", "conflicts"),
    [
        ({"caption": "Theirs"}, {"kind": "overview"}, []),
        ({"caption": "Theirs"}, {"caption": "Mine"}, ["caption"]),
        ({"kind": "dermoscopy", "mode": "contact-polarised"}, {"caption": "Mine"}, []),
    ],
)
def test_two_windows_on_one_picture(
    client: Client, draft: Case, there: dict[str, str], here: dict[str, str], conflicts: list[str]
) -> None:
    photo = Photo.objects.get()
    seen = AboutPictureForm(instance=CasePhoto.objects.get()).initial["versions"]
    CasePhoto.objects.update(**there)
    sent = {"kind": "close-up", "caption": "", **here, "versions": json.dumps(seen)}
    fields = {f"{photo.pk}-{name}": value for name, value in sent.items()}
    address = journey.address("about_picture", photo)
    answer = client.post(address, fields, headers={"X-Autosave": "1"}).json()
    assert list(answer["conflicts"]) == conflicts
    picture = CasePhoto.objects.get()
    assert {name: getattr(picture, name) for name in there} == there
    told = client.post(address, fields, follow=True).content.decode()
    assert ("send it once more" in told) is bool(conflicts)


def test_too_late_words_about_a_picture_are_answered(
    client: Client, draft: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = Photo.objects.get()
    keep = case_pictures.save_picture

    def after_another_window_sent_it(**named: Any) -> None:
        Case.objects.update(state=CaseState.SUBMITTED)
        keep(**named)

    monkeypatch.setattr(case_pictures, "save_picture", after_another_window_sent_it)
    fields = {f"{photo.pk}-kind": "overview"}
    saved = client.post(journey.address("about_picture", photo), fields, headers={"X-Autosave": "1"})
    assert saved.status_code == 409
    assert saved.json()["error"].endswith(".")
    Case.objects.update(state=CaseState.DRAFT)
    assert client.post(journey.address("about_picture", photo), fields)["Location"] == reverse("consults:mine")
    assert CasePhoto.objects.get().kind == "close-up"


@pytest.mark.parametrize(("to", "order"), [("up", [1, 0, 2]), ("down", [0, 2, 1])])
def test_pictures_move(client: Client, alice: Member, to: str, order: list[int]) -> None:
    case = reading.case(alice, state=CaseState.DRAFT, kinds=("close-up",) * 3)
    before = [picture.photo for picture in case.pictures.select_related("photo")]
    client.post(journey.address("move_picture", before[1]), {"to": to})
    assert [picture.photo for picture in case.pictures.all()] == [before[place] for place in order]
    for photo in (before[0], before[2]):  # at the ends nothing falls off
        client.post(journey.address("move_picture", photo), {"to": "up"})
        client.post(journey.address("move_picture", photo), {"to": "down"})
    assert case.pictures.count() == 3


@pytest.mark.parametrize("order", [[2, 0, 1], [1], [0, 1, 2], []])
def test_pictures_are_put_in_order(client: Client, alice: Member, order: list[int]) -> None:
    case = reading.case(alice, state=CaseState.DRAFT, kinds=("close-up",) * 3)
    before = list(case.pictures.values_list("photo_id", flat=True))
    named = [before[place] for place in order]
    address = reverse("consults:arrange_pictures", args=[case.pk])
    answer = client.post(address, {"picture": [*map(str, named), str(uuid4())]})
    expected = named + [photo_id for photo_id in before if photo_id not in named]
    assert answer.json() == {"order": [str(photo_id) for photo_id in expected]}
    assert list(case.pictures.values_list("photo_id", flat=True)) == expected
    assert client.post(address, {"picture": ["1"]}).status_code == 400


def test_a_removed_picture_is_destroyed(client: Client, draft: Case) -> None:
    answer = client.post(journey.address("remove_picture", Photo.objects.get()), headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert not Photo.objects.exists()
    assert storage.renditions().listdir("")[1] == []


def test_a_picture_of_another_own_draft_is_not_found_here(client: Client, draft: Case, alice: Member) -> None:
    other = reading.case(alice, state=CaseState.DRAFT, kinds=())
    photo = Photo.objects.get()
    views = dict.fromkeys(("about_picture", "move_picture", "remove_picture", "retry_picture"), "post")
    for view, method in views.items():
        answer = getattr(client, method)(reverse(f"consults:{view}", args=[other.pk, photo.pk]))
        assert answer.status_code == 404, view
    assert Photo.objects.exists()
