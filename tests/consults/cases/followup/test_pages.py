"""Pages of a follow-up: from the button on the case to the case page that shows it."""

from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Member
from consults.cases.followup import comparisons, timeline
from consults.cases.presenters import ViewerPicture, when_in_words
from consults.models import Case, CaseState
from tests import factories
from tests.consults import additions, reading
from tests.consults.new_case import page
from tests.imaging.engine import pictures
from tests.imaging.engine.test_comparison import SKIN, moved
from tests.matrix import journey

FIRST = pictures.encoded(SKIN, "JPEG")
FURTHER = pictures.encoded(moved(scale=0.625), "JPEG")


@pytest.fixture
def case(alice: Member) -> Case:
    return reading.case(alice, data=FIRST)


def test_from_the_button_to_the_second_reader(client: Client, case: Case, mod1: Member, alice: Member) -> None:
    assert "Add a follow-up" in page(client, "case", case.pk)
    answer = client.post(reverse("consults:add_followup", args=[case.pk]))
    added = Case.objects.get(follows=case)
    assert answer["Location"] == reverse("consults:pictures", args=[added.pk])
    html = page(client, "pictures", added.pk)
    assert "Follow-up" in html
    assert case.title in html
    following_picture(added)
    html = page(client, "facts", added.pk)
    assert "How long after the first pictures?" in html
    sent = client.post(
        reverse("consults:facts", args=[added.pk]),
        {"addition": "visit", "after": "6", "after_unit": "week", "note": "Flatter now."},
    )
    assert sent["Location"] == reverse("consults:consent", args=[added.pk])
    html = page(client, "consent", added.pk)
    assert "that of the case that this is added to" in html
    assert "Save the audience" not in html
    journey.consent(client, added)
    added.refresh_from_db()
    assert added.consent is not None
    assert case.consent is not None
    assert added.consent.patient == case.consent.patient
    html = page(client, "check", added.pk)
    assert "6 weeks after" in html
    journey.submit(client, added)
    added.refresh_from_db()
    assert added.state == CaseState.SUBMITTED
    assert "Follow-up" in page(client, "mine")
    reader = journey.client_of(mod1)
    assert "Follow-up" in page(reader, "second_reads")
    html = page(reader, "second_read", added.pk)
    assert "A follow-up:" in html
    assert "Pictures of the case so far" in html
    journey.release(reader, added)
    html = page(client, "case", case.pk)
    assert "Over time" in html
    assert "Flatter now." in html
    assert reverse("consults:case", args=[case.pk]) in page(client, "mine")


def following_picture(added: Case) -> None:
    reading.picture(added, data=FURTHER)


@pytest.mark.parametrize(
    ("data", "field", "said"),
    [
        ({"after": "6", "after_unit": ""}, "after_unit", "Choose days, weeks, months or years."),
        ({"after": "1000", "after_unit": "day"}, "after", "Choose a larger unit."),
        ({"note": "x" * 501}, "note", "At most 500 characters"),
        ({"after": "12.3.2020"}, "after", "Enter a whole number."),
        ({"addition": "x-ray"}, "addition", "Select a valid choice"),
        ({"sensitive": ["rude"]}, "sensitive", "Select a valid choice"),
    ],
)
def test_what_the_form_refuses(client: Client, case: Case, data: dict[str, Any], field: str, said: str) -> None:
    added = additions.addition(case, state=CaseState.DRAFT)
    answer = client.post(
        reverse("consults:facts", args=[added.pk]),
        {"addition": "visit", "after": "6", "after_unit": "week", "note": "Flatter."} | data,
    )
    assert answer.status_code == 422
    assert said in answer.content.decode()


@pytest.mark.parametrize(("after", "unit"), [("0", ""), ("3", "day")])
def test_what_it_takes(client: Client, case: Case, after: str, unit: str) -> None:
    added = additions.addition(case, state=CaseState.DRAFT)
    answer = client.post(
        reverse("consults:facts", args=[added.pk]),
        {"addition": "histology", "after": after, "after_unit": unit, "note": "Biopsy.", "sensitive": ["intimate"]},
    )
    assert answer.status_code == 302
    added.refresh_from_db()
    assert (added.addition, added.after, added.after_unit) == ("histology", int(after), unit)
    assert added.sensitive == ["intimate"]


def test_a_choice_of_audience_is_not_taken(client: Client, case: Case) -> None:
    added = additions.addition(case, state=CaseState.DRAFT)
    answer = client.post(reverse("consults:consent", args=[added.pk]), {"group": "", "action": "audience"})
    assert answer.status_code == 302


def test_whose_case_it_is_not(case: Case, bob: Member) -> None:
    client = journey.client_of(bob)
    assert "Add a follow-up" not in page(client, "case", case.pk)
    assert client.post(reverse("consults:add_followup", args=[case.pk])).status_code == 403
    assert not Case.objects.filter(follows=case).exists()


@pytest.mark.parametrize(
    ("who", "answered", "state", "status"),
    [
        ("alice", False, "released", 302),
        ("alice", False, "draft", 302),
        ("bob", True, "released", 302),
        ("bob", True, "draft", 404),
        ("bob", False, "released", 404),
        ("mod1", False, "submitted", 404),
    ],
)
def test_its_address_leads_to_its_case(case: Case, who: str, answered: bool, state: str, status: int) -> None:
    added = additions.addition(case, state=state)
    member = factories.person(who)
    if answered:
        reading.answer(case, member, "psoriasis")
    answer = journey.client_of(member).get(reverse("consults:case", args=[added.pk]))
    assert answer.status_code == status
    if status == 302:
        assert answer["Location"] == reverse("consults:case", args=[case.pk])


def test_nothing_is_added_to_a_follow_up(client: Client, case: Case) -> None:
    added = additions.addition(case)
    assert client.post(reverse("consults:add_followup", args=[added.pk])).status_code == 404


# --- The case page


def test_before_one_s_own_answer_it_is_closed(case: Case, bob: Member) -> None:
    added = additions.addition(case, data=FURTHER, note="The biopsy showed CANARYWORD.")
    client = journey.client_of(bob)
    html = page(client, "case", case.pk)
    assert "1 follow-up opens with your own answer." in html
    for word in ("CANARYWORD", "Over time", "6 weeks after"):
        assert word not in html
    for rendition in added.pictures.get().photo.renditions.all():
        assert str(rendition.pk) not in html
        assert client.get(reverse("consults:picture", args=[rendition.pk])).status_code == 404
    reading.answer(case, bob, "psoriasis")
    html = page(client, "case", case.pk)
    assert "opens with your own answer" not in html
    assert "CANARYWORD" in html
    assert "6 weeks after" in html


def test_pictures_stand_in_the_order_of_time(client: Client, case: Case) -> None:
    additions.addition(case, after=1, after_unit="year", note="Last")
    additions.addition(case, after=3, after_unit="day", note="First")
    additions.addition(case, after=2, after_unit="month", note="Middle")
    shown = client.get(reverse("consults:case", args=[case.pk])).context
    assert [moment.when for moment in shown["timeline"]] == ["At first", "Day 3", "2 months after", "1 year after"]
    assert [moment.note for moment in shown["timeline"]] == ["", "First", "Middle", "Last"]
    assert [picture.label.split(" · ")[0] for picture in shown["pictures"]] == ["1", "2", "3", "4"]
    assert shown["pictures"][1].when == "Day 3"


def test_pairs_for_the_viewer(client: Client, case: Case) -> None:
    added = additions.addition(case, data=FURTHER)
    comparisons.compare(addition_id=added.pk)
    (pair,) = client.get(reverse("consults:case", args=[case.pk])).context["pairs"]
    assert (pair.before.part, pair.after.part) == (case, added)
    assert (pair.before_when, pair.after_when) == ("At first", "6 weeks after")
    assert pair.comparable
    assert pair.scale == pytest.approx(0.625, rel=0.05)
    html = page(client, "case", case.pk)
    assert "Taken from further away (about 1.6 ×)." in html
    assert f'data-compare-after="{pair.after.rendition_id}"' in html


def test_what_does_not_fit_has_no_scale(client: Client, case: Case) -> None:
    added = additions.addition(case, data=pictures.encoded(pictures.chart(800, 600), "JPEG"))
    comparisons.compare(addition_id=added.pk)
    (pair,) = client.get(reverse("consults:case", args=[case.pk])).context["pairs"]
    assert (pair.comparable, pair.scale) == (False, 0.0)


def test_without_a_follow_up_nothing_is_asked_and_nothing_said(client: Client, case: Case) -> None:
    shown = client.get(reverse("consults:case", args=[case.pk])).context
    assert (shown["timeline"], shown["pairs"], shown["additions_closed"]) == ([], [], 0)


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_more_follow_ups_cost_no_more_queries(case: Case, who: str) -> None:
    client = journey.client_of(factories.person(who))
    counts = []
    for _round in range(3):
        additions.addition(case)
        page(client, "case", case.pk)
        with CaptureQueriesContext(connections["default"]) as asked:
            page(client, "case", case.pk)
        counts.append(len(asked))
    assert len(set(counts)) == 1, counts


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (Case(), "At first"),
        (Case(follows=Case(), after=0), "The same day"),
        (Case(follows=Case()), "The same day"),
        (Case(follows=Case(), after=3, after_unit="day"), "Day 3"),
        (Case(follows=Case(), after=1, after_unit="week"), "1 week after"),
        (Case(follows=Case(), after=6, after_unit="month"), "6 months after"),
        (Case(follows=Case(), after=2, after_unit="year"), "2 years after"),
    ],
)
def test_time_in_words(case: Case, words: str) -> None:
    assert when_in_words(case) == words


def test_a_picture_of_no_known_case_is_a_moment_too() -> None:
    picture = ViewerPicture(
        photo_id=None, rendition_id=None, href="", full_href="", thumbnail_href="", label="1", kind="", alt="",
        details="", caption="", width=1, height=1, full_width=1, full_height=1, type="clinical", micrometres=None,
        is_about=False,
    )  # type: ignore[arg-type]  # fmt: skip
    assert [moment.when for moment in timeline.moments([picture])] == [""]
