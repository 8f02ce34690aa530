"""The pages of a new case: pictures, studio, words, consent, check; and the view that sends a picture."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts.models import Member
from audit.models import Event, PictureServed
from consent.models import Consent, Status, Use
from consent.service import find_by_code
from consults import gate
from consults.cases import service
from consults.models import Case, CasePhoto, CaseState, Group, Membership, SecondRead
from core import jobs, storage
from core.models import Job
from imaging.models import Photo, Rendition, State
from imaging.service import INSPECT
from tests import factories
from tests.consults import reading
from tests.imaging import pictures
from tests.imaging_app import making
from tests.matrix import journey

JPEG = pictures.encoded(pictures.chart(800, 600), "JPEG")


@pytest.fixture
def client(alice: Member) -> Client:
    """Alice's session."""
    return journey.client_of(alice)


@pytest.fixture
def draft(alice: Member) -> Case:
    """A draft of hers in which nothing is missing."""
    return reading.case(alice, state=CaseState.DRAFT, data=JPEG)


def page(client: Client, view: str, *args: object, status: int = 200) -> str:
    """The words of a page."""
    answer = client.get(reverse(f"consults:{view}", args=args))
    assert answer.status_code == status
    return answer.content.decode()


def notes(client: Client) -> str:
    """The next page, on which notices stand."""
    return client.get(reverse("consults:mine")).content.decode()


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
    job = jobs.state_of(kind=INSPECT, subject=photo.pk)
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


def test_too_late_words_about_a_picture_are_answered(
    client: Client, draft: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = Photo.objects.get()
    keep = service.keep_picture

    def after_another_window_sent_it(**named: Any) -> None:
        Case.objects.update(state=CaseState.SUBMITTED)
        keep(**named)

    monkeypatch.setattr(service, "keep_picture", after_another_window_sent_it)
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


# --- Studio


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


def test_the_servers_own_rendering(client: Client) -> None:
    photo = making.photo(pictures.encoded(pictures.chart(640, 480), "PNG"))
    making.region(photo)
    answer = client.get(journey.address("result", photo))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["Cache-Control"] == "private, no-store"


def test_a_rendering_that_is_refused_says_why(client: Client) -> None:
    photo = making.photo(b"not a picture")
    answer = client.get(journey.address("result", photo))
    assert answer.status_code == 422
    assert answer.content.decode().endswith(".")


def test_every_look_at_the_unmasked_preview_is_logged(client: Client, alice: Member) -> None:
    photo = making.photo(JPEG)
    client.get(journey.address("preview", photo))
    event = Event.objects.get(verb="photo.previewed")
    assert (event.actor_id, event.subject_id) == (alice.pk, photo.pk)


# --- The case in words


def test_words_are_saved_and_lead_on(client: Client) -> None:
    case = journey.new_case(client)
    answer = journey.facts(client, case)
    assert answer["Location"] == reverse("consults:consent", args=[case.pk])
    case.refresh_from_db()
    assert (case.title, case.differential) == (reading.FACTS["title"], reading.FACTS["differential"])
    assert case.content_sha256 == case.digest()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"site": "on the moon"}, "site"),
        ({"age_band": "old"}, "age_band"),
        ({"differential_1": "nonsense"}, "differential"),
        ({"differential_1": "", "differential_1_text": "some rash"}, "differential"),
        ({"title": "x" * 101}, "title"),
    ],
)
def test_one_mistake_loses_nothing_else(client: Client, wrong: dict[str, str], field: str) -> None:
    case = journey.new_case(client)
    answer = journey.facts(client, case, **wrong)
    assert answer.status_code == 422
    case.refresh_from_db()
    assert case.note == reading.FACTS["note"]
    assert not getattr(case, field)


def test_autosave_answers_with_what_is_wrong_and_missing(client: Client) -> None:
    case = journey.new_case(client)
    address = reverse("consults:facts", args=[case.pk])
    answer = client.post(address, {"title": "A plaque", "age_band": "old"}, headers={"X-Autosave": "1"})
    assert answer.status_code == 200
    body = answer.json()
    assert "age_band" in body["errors"]
    assert re.fullmatch(r"\d\d:\d\d", body["saved_at"])
    assert "picture" in body["missing_html"]
    case.refresh_from_db()
    assert case.title == "A plaque"


def test_an_empty_form_is_no_fault(client: Client) -> None:
    case = journey.new_case(client)
    assert client.post(reverse("consults:facts", args=[case.pk])).status_code == 422
    case.refresh_from_db()
    assert case.state == CaseState.DRAFT


def test_too_late_words_are_answered(client: Client, draft: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    from consults.forms.facts import FactsForm

    save = FactsForm.save_what_is_right

    def after_another_window_sent_it(form: FactsForm) -> Case:
        Case.objects.update(state=CaseState.SUBMITTED)
        return save(form)

    monkeypatch.setattr(FactsForm, "save_what_is_right", after_another_window_sent_it)
    answer = journey.facts(client, draft, note="Too late.")
    assert answer["Location"] == reverse("consults:mine")
    Case.objects.update(state=CaseState.DRAFT)
    address = reverse("consults:facts", args=[draft.pk])
    autosaved = client.post(address, {"note": "Too late."}, headers={"X-Autosave": "1"})
    assert autosaved.status_code == 409
    assert autosaved.json()["error"].endswith(".")
    draft.refresh_from_db()
    assert (draft.state, draft.note) == (CaseState.SUBMITTED, reading.FACTS["note"])


# --- Consent


CODE = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b")


def test_a_recorded_consent_shows_its_code_once(client: Client, draft: Case, alice: Member) -> None:
    answer = journey.consent(client, draft)
    assert answer.status_code == 200
    (code,) = set(CODE.findall(answer.content.decode()))
    draft.refresh_from_db()
    assert draft.consent == find_by_code(code)
    assert draft.consent is not None
    assert draft.consent.recorded_by == alice
    assert set(draft.consent.uses.values_list("use", flat=True)) == {Use.ALL_MEMBERS}
    for view in ("consent", "check"):
        assert not CODE.search(page(client, view, draft.pk))
    pdf = client.post(reverse("consults:receipt", args=[draft.pk]), {"code": code})
    assert pdf.content.startswith(b"%PDF")
    assert pdf["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("code", ["", "0000-0000-0000-0000", "of another consent"])
def test_a_receipt_needs_the_code_of_this_consent(client: Client, draft: Case, code: str) -> None:
    answer = client.post(reverse("consults:receipt", args=[draft.pk]), {"code": code})
    assert answer["Location"] == reverse("consults:consent", args=[draft.pk])


@pytest.mark.parametrize(
    "wrong",
    [
        {"uses": []},
        {"uses": ["named_group"]},
        {"uses": ["everything"]},
        {"capacity": "sedated"},
        {"capacity": "fluctuating"},
        {"capacity": "child", "relation": "guardian", "authority": "mother"},
        {"capacity": "child", "relation": "guardian", "authority": "mother", "assent": "objected"},
        {"relation": "guardian"},
        {"capacity": "lacks", "relation": "representative"},
        {"signature": ""},
        {"signature": "data:image/png;base64,????"},
        {"signature": "data:text/html;base64,PGI+"},
        {"signature_kind": "clinic_held"},
        {"signature_kind": "clinic_held", "clinic_form": "a" * 64},
        {"copy_given": ""},
        {"shown": ""},
        {"signed_on": "2999-01-01"},
        {"signed_on": "yesterday"},
        {"expires_on": "2020-01-31"},
        {"form": "00000000-0000-0000-0000-000000000000"},
    ],
)
def test_a_consent_that_is_none_is_not_recorded(client: Client, draft: Case, wrong: dict[str, Any]) -> None:
    before = Consent.objects.count()
    answer = journey.consent(client, draft, **wrong)
    assert answer.status_code == 422
    assert Consent.objects.count() == before
    assert not CODE.search(answer.content.decode())
    assert Case.objects.get().consent == draft.consent


@pytest.mark.parametrize(
    "right",
    [
        {"signature_kind": "clinic_held", "clinic_form": "a" * 64, "attested": "on", "signature": ""},
        {"capacity": "child", "relation": "guardian", "authority": "mother", "assent": "agreed"},
        {"shown": "shown"},
        {"expires_on": str(timezone.localdate() + timedelta(days=30))},
        {"uses": ["all_members", "lectures", "identifiable_mark"]},
    ],
)
def test_other_ways_to_consent(client: Client, draft: Case, right: dict[str, Any]) -> None:
    assert journey.consent(client, draft, **right).status_code == 200
    draft.refresh_from_db()
    assert gate.blockers(draft) == []


def test_the_audience_is_a_group_of_ones_own(client: Client, draft: Case, alice: Member) -> None:
    mine, foreign = Group.objects.create(name="Mine"), Group.objects.create(name="Foreign")
    Membership.objects.create(group=mine, member=alice)
    address = reverse("consults:consent", args=[draft.pk])
    assert client.post(address, {"action": "audience", "group": str(foreign.pk)}).status_code == 422
    assert client.post(address, {"action": "audience", "group": str(mine.pk)}).status_code == 302
    draft.refresh_from_db()
    assert draft.group == mine
    assert journey.consent(client, draft, uses=["named_group"]).status_code == 200
    draft.refresh_from_db()
    assert draft.consent is not None
    assert list(draft.consent.uses.values_list("use", "scope")) == [("named_group", mine.pk)]
    client.post(address, {"action": "audience", "group": ""})
    draft.refresh_from_db()
    assert [blocker.code for blocker in gate.blockers(draft)] == ["consent_audience"]


def test_a_consent_recorded_before(client: Client, draft: Case, alice: Member, bob: Member) -> None:
    address = reverse("consults:consent", args=[draft.pk])
    refused = [
        reading.consent(bob),
        reading.consent(alice, status=Status.WITHDRAWN),
        reading.consent(alice, expires_on="2020-01-31"),
    ]
    for consent in refused:
        assert client.post(address, {"action": "existing", "consent": str(consent.pk)}).status_code == 422
    good = reading.consent(alice)
    answer = client.post(address, {"action": "existing", "consent": str(good.pk)})
    assert answer["Location"] == reverse("consults:check", args=[draft.pk])
    draft.refresh_from_db()
    assert draft.consent == good


def test_a_withdrawn_draft_takes_no_new_consent(client: Client, draft: Case) -> None:
    reading.withdraw(draft)
    before = Consent.objects.count()
    assert journey.consent(client, draft)["Location"] == reverse("consults:mine")
    assert Consent.objects.count() == before


# --- Check, send, take back, delete


def test_what_is_missing_keeps_it_from_being_sent(client: Client) -> None:
    case = journey.new_case(client)
    text = page(client, "check", case.pk)
    for sentence in ("Add at least one picture.", "Record the patient"):
        assert sentence in text
    assert journey.submit(client, case)["Location"] == reverse("consults:check", args=[case.pk])
    case.refresh_from_db()
    assert case.state == CaseState.DRAFT


def test_sent_taken_back_and_sent_again(client: Client, draft: Case) -> None:
    for _time in range(2):
        assert journey.submit(client, draft)["Location"] == reverse("consults:mine")
        draft.refresh_from_db()
        assert draft.state == CaseState.SUBMITTED
        assert journey.submit(client, draft).status_code == 404
        answer = client.post(reverse("consults:take_back", args=[draft.pk]))
        assert answer["Location"] == reverse("consults:check", args=[draft.pk])
        draft.refresh_from_db()
        assert draft.state == CaseState.DRAFT
    assert client.post(reverse("consults:take_back", args=[draft.pk]))["Location"] == reverse("consults:mine")


def test_what_was_sent_back_says_why(client: Client, draft: Case, mod1: Member) -> None:
    SecondRead.objects.create(
        case=draft, reader=mod1, decision="sent_back", reason="other", words="Cover the ring.", content_sha256="0" * 64
    )
    Case.objects.update(state=CaseState.RETURNED)
    assert "Cover the ring." in page(client, "check", draft.pk)
    Case.objects.update(state=CaseState.SUBMITTED)
    assert "Cover the ring." not in page(client, "check", draft.pk)


def test_a_deleted_draft_is_gone(client: Client, draft: Case) -> None:
    assert client.post(reverse("consults:discard", args=[draft.pk]))["Location"] == reverse("consults:mine")
    assert not Case.objects.exists()
    assert draft.title not in notes(client)


def test_what_was_released_once_is_kept(client: Client, draft: Case) -> None:
    Case.objects.update(released_at=timezone.now())
    client.post(reverse("consults:discard", args=[draft.pk]))
    assert Case.objects.exists()


# --- The view that sends a picture


def get_picture(member: Member, rendition: Rendition) -> HttpResponse:
    return journey.client_of(member).get(reverse("consults:picture", args=[rendition.pk]))


@pytest.fixture
def rendition(alice: Member) -> Rendition:
    """A picture that members see."""
    reading.case(alice, data=JPEG)
    return Rendition.objects.get(name="display")


def test_a_picture_as_it_is_sent(rendition: Rendition, bob: Member) -> None:
    answer = get_picture(bob, rendition)
    assert answer.content == JPEG
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"] == "inline"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    served = PictureServed.objects.get()
    assert (served.member_id, served.rendition_id, served.name) == (bob.pk, rendition.pk, "display")


def test_what_is_not_sent_is_not_logged_as_sent(rendition: Rendition, nurse: Member) -> None:
    answer = get_picture(nurse, rendition)
    assert answer.status_code == 404
    assert "no-store" in answer["Cache-Control"]
    assert not PictureServed.objects.exists()


def test_a_copied_address_is_worth_nothing(rendition: Rendition, bob: Member) -> None:
    client = journey.client_of(bob)
    address = reverse("consults:picture", args=[rendition.pk])
    assert client.get(address).status_code == 200
    answer = Client().get(address)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))
    client.post(reverse("account_logout"))
    assert client.get(address).status_code == 302


@pytest.mark.parametrize(
    ("ending", "status"), [("x.css", 404), ("x.css/", 404), ("?size=full", 200), ("thumbnail/", 404), (".jpg", 404)]
)
def test_only_the_exact_address(rendition: Rendition, bob: Member, ending: str, status: int) -> None:
    answer = journey.client_of(bob).get(reverse("consults:picture", args=[rendition.pk]) + ending)
    assert answer.status_code == status
    assert "no-store" in answer["Cache-Control"]


def test_an_unreachable_store_is_a_moments_trouble(
    rendition: Rendition, bob: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*args: object, **named: object) -> bytes:
        raise storage.StoreUnavailable("EndpointConnectionError")

    monkeypatch.setattr(storage, "get_sealed", unreachable)
    answer = get_picture(bob, rendition)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert not PictureServed.objects.exists()


def test_masks_as_the_script_reads_them(client: Client) -> None:
    photo = making.photo(JPEG)
    eye = making.region(photo, kind="eye", choice="check")
    answer = journey.save_masks(client, photo, journey.masks_of(photo))
    body = json.loads(answer.content)
    assert body["revision"] == 1
    assert [(mask["id"], mask["state"]) for mask in body["masks"]] == [(str(eye.pk), "accepted")]
    assert body["rules"] == []
