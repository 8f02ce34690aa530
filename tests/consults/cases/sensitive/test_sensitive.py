"""The sensitive class: no byte before it is asked for, nothing in lists, and only for those who need to see it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member, Profession
from accounts.policy import RIGHTS, rights
from audit.models import Event, PictureServed
from consent.models import WithdrawnBy
from consent.withdrawal import withdraw
from consults.browse import feed
from consults.browse.filters import Filters
from consults.cases import gate
from consults.cases.gate import listing
from consults.cases.review import second_read
from consults.cases.sensitive import service
from consults.exceptions import ChangeRefused
from consults.models import AskedToSee, Case, CaseState, Group, Listing, Membership
from core import jobs
from core.permissions import allows
from imaging.models import Rendition
from tests import factories
from tests.consults import additions, reading
from tests.consults.new_case import JPEG, page
from tests.matrix import journey

MEDIA = re.compile(r"/m/[0-9a-f-]{36}/")


@pytest.fixture
def case(alice: Member) -> Case:
    return reading.case(alice, data=JPEG, sensitive=["child"])


def displays(case: Case) -> list[str]:
    found = Rendition.objects.filter(photo__placement__case=case)
    return [reverse("consults:picture", args=[rendition.pk]) for rendition in found]


def statuses(client: Client, case: Case) -> set[int]:
    return {client.get(address).status_code for address in displays(case)}


# --- Who


@pytest.mark.parametrize(
    ("profession", "may"),
    [
        ("dermatologist", True),
        ("dermatopathologist", True),
        ("resident", True),
        ("physician", True),
        ("nurse", True),
        ("student", False),
    ],
)
def test_which_professions_may(db: None, profession: str, may: bool) -> None:
    assert RIGHTS[Profession(profession)].sensitive == may
    assert rights(factories.member(profession=profession)).sensitive == may
    assert not rights(factories.member(profession=profession, standing="suspended")).sensitive


@pytest.mark.parametrize(
    ("who", "group", "closed_teaching", "case_seen", "asks"),
    [
        ("bob", False, False, True, True),
        ("resident", False, False, True, True),
        ("mod1", False, False, True, True),
        ("alice", False, False, True, False),  # her own: she need not ask
        ("nurse", False, False, False, False),
        ("nurse", True, False, True, True),
        ("student", False, False, False, False),
        ("student", False, True, True, False),  # the words alone
        ("officer", False, False, False, False),
        ("applicant", False, False, False, False),
    ],
)
def test_who_sees_what(
    alice: Member, who: str, group: bool, closed_teaching: bool, case_seen: bool, asks: bool
) -> None:
    member = factories.person(who)
    fields: dict[str, Any] = {}
    if group:
        fields["group"] = Group.objects.create(name="Ward", open_to_nurses=True)
        Membership.objects.create(group=fields["group"], member=member)
    if closed_teaching:
        fields |= {"kind": "teaching", "state": CaseState.CLOSED}
    case = reading.case(alice, sensitive=["intimate"], **fields)
    assert gate.visible_cases(member).filter(pk=case.pk).exists() == case_seen
    assert gate.visible_renditions(member).exists() == (who == "alice")
    assert allows(member, "case.ask_to_see", case) == asks
    service.ask(case=case, by=member)  # were it recorded for somebody who may not, it would open nothing
    assert gate.visible_renditions(member).exists() == (asks or who == "alice")


@pytest.mark.parametrize(
    ("who", "expected"),
    [("alice", True), ("bob", False), ("resident", False), ("mod1", True), ("officer", False), ("student", False)],
)
def test_who_marks(case: Case, who: str, expected: bool) -> None:
    assert allows(factories.person(who), "case.mark_sensitive", case) == expected


def test_what_is_not_sensitive_is_not_asked_for(alice: Member, bob: Member) -> None:
    assert not allows(bob, "case.ask_to_see", reading.case(alice))


# --- Asking


def test_no_byte_and_no_address_before_it_is_asked_for(case: Case, bob: Member) -> None:
    client = journey.client_of(bob)
    html = page(client, "case", case.pk)
    assert not MEDIA.search(html)
    assert "Sensitive pictures" in html
    assert "A child is undressed" in html
    assert statuses(client, case) == {404}
    assert not PictureServed.objects.exists()
    answer = client.post(reverse("consults:ask_to_see", args=[case.pk]))
    assert answer["Location"] == reverse("consults:case", args=[case.pk])
    html = page(client, "case", case.pk)
    assert MEDIA.search(html)
    assert "Show the pictures" not in html
    assert statuses(client, case) == {200}
    assert PictureServed.objects.count() == 3
    event = Event.objects.get(verb="case.sensitive_asked")
    assert (event.actor_id, event.subject_id, event.facts) == (bob.pk, case.pk, {"classes": ["child"]})


def test_asking_opens_it_to_nobody_else_and_nothing_else(case: Case, bob: Member, resident: Member) -> None:
    other = reading.case(case.author, sensitive=["child"])
    service.ask(case=case, by=bob)
    service.ask(case=case, by=bob)
    assert Event.objects.filter(verb="case.sensitive_asked").count() == 1
    assert set(gate.visible_renditions(bob).values_list("photo__placement__case", flat=True)) == {case.pk}
    assert not gate.visible_renditions(resident).exists()
    assert not gate.cases_to_look_at(bob).filter(pk=other.pk).exists()
    assert gate.visible_cases(bob).count() == 2


def test_it_holds_for_the_day(case: Case, bob: Member) -> None:
    service.ask(case=case, by=bob)
    client = journey.client_of(bob)
    assert statuses(client, case) == {200}
    AskedToSee.objects.update(day=timezone.localdate() - timedelta(days=1))
    assert statuses(client, case) == {404}
    assert service.forget() == 0
    AskedToSee.objects.update(day=timezone.localdate() - timedelta(days=2))
    assert service.forget() == 1
    assert str(AskedToSee(case_id=case.pk)) == f"request to see case {case.pk}"


def test_asking_opens_nothing_that_is_not_shown(case: Case, bob: Member) -> None:
    service.ask(case=case, by=bob)
    withdraw(consent_id=case.consent_id, by=WithdrawnBy.PATIENT)
    client = journey.client_of(bob)
    assert statuses(client, case) == {404}
    assert client.post(reverse("consults:ask_to_see", args=[case.pk])).status_code == 404
    jobs.run_waiting()
    assert not AskedToSee.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("bob", 302), ("alice", 403), ("nurse", 404), ("student", 404)])
def test_the_button(case: Case, who: str, status: int) -> None:
    client = journey.client_of(factories.person(who))
    assert client.post(reverse("consults:ask_to_see", args=[case.pk])).status_code == status


def test_a_student_reads_the_words_alone(alice: Member, student: Member) -> None:
    case = reading.case(alice, sensitive=["gruesome"], kind="teaching", state=CaseState.CLOSED)
    client = journey.client_of(student)
    html = page(client, "case", case.pk)
    assert case.note in html
    assert "Show the pictures" not in html
    assert not MEDIA.search(html)
    assert client.post(reverse("consults:ask_to_see", args=[case.pk])).status_code == 403


# --- Lists


@pytest.mark.parametrize("who", ["alice", "bob", "resident", "mod1"])
def test_no_list_has_a_thumbnail_of_it(case: Case, alice: Member, who: str) -> None:
    plain = reading.case(alice)
    member = factories.person(who)
    service.ask(case=case, by=member)
    shown = {one.pk: one.thumbnail for one in gate.visible_cases_with_thumbnails(member)}  # type: ignore[attr-defined]
    assert shown[case.pk] is None
    assert shown[plain.pk] is not None
    cards = feed.page(member=member, filters=Filters()).cards
    assert {card.pk for card in cards} == {case.pk, plain.pk}
    html = page(journey.client_of(member), "cases")
    for address in displays(case):
        assert address not in html


def test_the_listing_says_so(case: Case, alice: Member) -> None:
    plain = reading.case(alice)
    assert dict(Listing.objects.values_list("case", "sensitive")) == {case.pk: True, plain.pk: False}
    service.mark(case=plain, by=alice, classes=["gruesome"])
    assert Listing.objects.get(case=plain).sensitive
    assert listing.compare() == 0


# --- Marking


def test_marks_are_added_from_the_next_request_on(alice: Member, bob: Member, mod1: Member) -> None:
    case = reading.case(alice, data=JPEG)
    client = journey.client_of(bob)
    assert statuses(client, case) == {200}
    service.mark(case=case, by=mod1, classes=["gruesome"])
    service.mark(case=case, by=alice, classes=["child"])
    case.refresh_from_db()
    assert case.sensitive == ["child", "gruesome"]
    assert statuses(client, case) == {404}
    assert gate.visible_cases(bob).exists()  # no word has changed: no second read is needed
    facts = list(Event.objects.filter(verb="case.sensitive_marked").order_by("seq").values_list("facts", flat=True))
    assert facts == [{"classes": ["gruesome"]}, {"classes": ["child", "gruesome"]}]


@pytest.mark.parametrize(
    ("state", "before", "classes"), [("draft", [], ["child"]), ("released", ["child"], ["child"]), ("released", [], [])]
)
def test_what_is_not_marked(alice: Member, state: str, before: list[str], classes: list[str]) -> None:
    case = reading.case(alice, state=state, sensitive=before)
    with pytest.raises(ChangeRefused):
        service.mark(case=case, by=alice, classes=classes)


def test_the_form_that_marks(client: Client, alice: Member, bob: Member) -> None:
    case = reading.case(alice)
    assert "Mark the pictures as sensitive" in page(client, "case", case.pk)
    address = reverse("consults:mark_sensitive", args=[case.pk])
    assert client.post(address, {"classes": []}).status_code == 302
    assert client.post(address, {"classes": ["rude"]}).status_code == 302
    case.refresh_from_db()
    assert case.sensitive == []
    assert client.post(address, {"classes": ["intimate", "child", "gruesome"]}).status_code == 302
    case.refresh_from_db()
    assert case.sensitive == ["child", "intimate", "gruesome"]
    assert "Mark the pictures as sensitive" not in page(client, "case", case.pk)
    assert journey.client_of(bob).post(address, {"classes": ["child"]}).status_code == 403


def test_the_author_marks_in_the_draft(client: Client, draft: Case) -> None:
    fields = {name: value for name, value in reading.FACTS.items() if name != "differential"}
    fields |= {"kind": "difficult", "differential_1": "psoriasis", "sensitive": ["intimate", "child"]}
    client.post(reverse("consults:facts", args=[draft.pk]), fields)
    draft.refresh_from_db()
    assert set(draft.sensitive) == {"child", "intimate"}
    assert "Intimate" in page(client, "check", draft.pk)


def test_the_second_reader_adds(mod1: Member, bob: Member) -> None:
    case = reading.case(state=CaseState.SUBMITTED, sensitive=["intimate"])
    client = journey.client_of(mod1)
    html = page(client, "second_read", case.pk)
    assert "Marked as sensitive:" in html
    assert MEDIA.search(html)  # the reader has to see them
    seen = second_read.digest(case)
    fields = {"decision": "release", "looked": "on", "seen": seen, "sensitive": ["child"]}
    assert client.post(reverse("consults:second_read", args=[case.pk]), fields).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.sensitive) == ("released", ["child", "intimate"])
    assert not gate.visible_renditions(bob).exists()


def test_a_follow_up_makes_its_case_sensitive(alice: Member, bob: Member, mod1: Member) -> None:
    case, other = reading.case(alice), reading.case(alice)
    reading.answer(case, bob, "psoriasis")
    assert gate.visible_renditions(bob).filter(photo__placement__case=case).exists()
    added = additions.addition(case, state="submitted", sensitive=["intimate"])
    gate.release(case=added, by=mod1)
    case.refresh_from_db()
    assert case.sensitive == ["intimate"]
    assert Listing.objects.get(case=case).sensitive
    shown = gate.visible_renditions(bob)
    assert set(shown.values_list("photo__placement__case", flat=True)) == {other.pk}
    service.ask(case=case, by=bob)
    assert set(shown.values_list("photo__placement__case", flat=True)) == {case.pk, added.pk, other.pk}


def test_a_digest_of_the_second_read_knows_the_marks(alice: Member, mod1: Member) -> None:
    case = reading.case(alice, state=CaseState.SUBMITTED)
    seen = second_read.digest(case)
    Case.objects.filter(pk=case.pk).update(sensitive=["child"])
    with pytest.raises(gate.Blocked):
        second_read.release(case=case, by=mod1, seen=seen)


def test_the_page_asks_as_many_questions_as_for_any_case(case: Case, alice: Member, bob: Member) -> None:
    plain, client = reading.case(alice, data=JPEG), journey.client_of(bob)
    counts = []
    for each in (plain, case):
        page(client, "case", each.pk)
        with CaptureQueriesContext(connections["default"]) as asked:
            page(client, "case", each.pk)
        counts.append(len(asked))
    assert counts[1] <= counts[0]
