"""Starting, sending and releasing a follow-up: whose, under which consent, and what keeps it back."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Member
from audit.models import Event
from consent.models import Consent, ConsentUse, ShownPicture, Status, Until, Use
from consults.cases import exemption, gate
from consults.cases.authoring import drafts
from consults.cases.consenting import case_consent
from consults.cases.followup import service
from consults.cases.review import second_read
from consults.discussion import closing
from consults.exceptions import ChangeRefused
from consults.models import Case, CaseState, Group, Membership, Outcome, Release
from consults.withdrawal.policy import POLICY as WITHDRAWAL
from core.permissions import allows
from notifications.notices.models import Notice
from tests import factories
from tests.consults import additions, reading


@pytest.fixture
def case(alice: Member) -> Case:
    return reading.case(alice)


# --- Starting


@pytest.mark.parametrize(
    ("state", "expected"),
    [(state, state in ("released", "closed")) for state in CaseState.values],
)
def test_only_to_a_published_case(alice: Member, state: str, expected: bool) -> None:
    case = reading.case(alice, state=state)
    if not expected:
        with pytest.raises(ChangeRefused):
            service.start(case=case, by=alice)
        return
    added = service.start(case=case, by=alice)
    assert (added.follows_id, added.state, added.author_id) == (case.pk, "draft", alice.pk)
    assert {name: getattr(added, name) for name in service.SHARED} == {
        name: getattr(case, name) for name in service.SHARED
    }
    assert (added.note, added.differential, added.consent_id) == ("", [], None)
    event = Event.objects.get(verb="case.followup_started")
    assert (event.subject_id, event.facts) == (added.pk, {"follows": str(case.pk)})


def test_only_by_its_author_and_not_to_a_follow_up(case: Case, alice: Member, bob: Member) -> None:
    with pytest.raises(ChangeRefused):
        service.start(case=case, by=bob)
    with pytest.raises(ChangeRefused):
        service.start(case=additions.addition(case), by=alice)


@pytest.mark.parametrize(
    ("who", "action", "expected"),
    [
        ("alice", "case.follow_up", True),
        ("bob", "case.follow_up", False),
        ("mod1", "case.follow_up", False),
        ("officer", "case.follow_up", False),
    ],
)
def test_who_may(case: Case, who: str, action: str, expected: bool) -> None:
    assert allows(factories.person(who), action, case) == expected


def test_what_a_follow_up_is_not_asked(case: Case, alice: Member, bob: Member) -> None:
    added = additions.addition(case)
    for action in ("case.view", "case.close", "case.follow_up", "case.discuss"):
        assert not allows(alice, action, added), action
    for action in ("case.own", "case.retract", "case.withdraw"):
        assert allows(alice, action, added), action
        assert not allows(bob, action, added), action
    assert "case.withdraw" in WITHDRAWAL


def test_begun_twice_is_one(case: Case, alice: Member) -> None:
    first = service.start(case=case, by=alice)
    assert service.start(case=case, by=alice) == first
    Case.objects.filter(pk=first.pk).update(state="submitted")
    assert service.start(case=case, by=alice) != first


def test_so_many_and_no_more(case: Case, alice: Member, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(service, "MOST_ADDITIONS", 1)
    added = additions.addition(case)
    with pytest.raises(ChangeRefused):
        service.start(case=case, by=alice)
    Case.objects.filter(pk=added.pk).update(state="withdrawn")
    settings.RULES = settings.RULES | {"drafts": 0}
    with pytest.raises(ChangeRefused):
        service.start(case=case, by=alice)
    settings.RULES = settings.RULES | {"drafts": 1}
    assert service.start(case=case, by=alice)


@pytest.mark.parametrize("fields", [{"addition": "visit"}, {"after": 3}, {"after_unit": "day"}, {"follows": "itself"}])
def test_the_database_knows_what_follows(case: Case, fields: dict[str, Any]) -> None:
    if "follows" in fields:
        fields = {"follows": case}
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(**fields)


@pytest.mark.parametrize("name", ["addition", "after", "after_unit"])
def test_a_release_covers_what_was_added_and_when(case: Case, name: str) -> None:
    added = additions.addition(case)
    before = added.content_sha256
    setattr(added, name, {"addition": "histology", "after": 7, "after_unit": "day"}[name])
    added.save()
    assert added.content_sha256 != before
    before = case.content_sha256
    case.save()
    assert case.content_sha256 == before


# --- Consent


def test_its_patient_is_that_of_the_case(case: Case, alice: Member) -> None:
    added = service.start(case=case, by=alice)
    assert case.consent is not None
    assert case_consent.patient_of(added) == case.consent.patient
    stranger = reading.consent(alice)
    with pytest.raises(ChangeRefused):
        case_consent.attach_consent(case=added, consent=stranger, by=alice)
    same = reading.consent(alice, patient=case.consent.patient)
    case_consent.attach_consent(case=added, consent=same, by=alice)
    added.refresh_from_db()
    case.refresh_from_db()
    assert added.consent == same
    assert case.consent.status == Status.ACTIVE
    assert case.consent.superseded_by is None


@pytest.mark.parametrize("status", [None, Status.ENTERED_IN_ERROR])
def test_where_nobody_was_asked_nobody_is_known(case: Case, alice: Member, status: str | None) -> None:
    added = service.start(case=case, by=alice)
    if status is None:
        Case.objects.filter(pk=case.pk).update(state="draft", consent=None)
    else:
        Consent.objects.filter(pk=case.consent_id).update(status=status)
    assert case_consent.patient_of(Case.objects.get(pk=added.pk)) is None


def test_the_consent_of_the_case_is_not_stretched(case: Case, alice: Member) -> None:
    added = service.start(case=case, by=alice)
    assert case.consent is not None
    assert not case_consent.usable_consents(added).exists()
    assert case_consent.why_not_usable(case=added, consent=case.consent)


def test_it_has_the_audience_of_its_case(case: Case, alice: Member) -> None:
    added = service.start(case=case, by=alice)
    with pytest.raises(ChangeRefused):
        case_consent.choose_audience(case=added, group=None)


def test_with_another_audience_of_its_case_its_consent_has_to_cover_that(
    case: Case, alice: Member, bob: Member
) -> None:
    added = additions.addition(case)
    reading.answer(case, bob, "psoriasis")
    group = Group.objects.create(name="Hall")
    for member in (alice, bob):
        Membership.objects.create(group=group, member=member)
    drafts.retract(case=case, by=alice)
    case_consent.choose_audience(case=case, group=group)
    case.refresh_from_db()
    additions.released(case)
    assert set(gate.visible_additions(bob)) == {added}  # for all members covers a group too
    ConsentUse.objects.filter(consent=added.consent).update(
        use=Use.NAMED_GROUP, scope=Group.objects.create(name="B").pk
    )
    assert not gate.visible_additions(bob).exists()


@pytest.mark.parametrize(("exempt", "offered"), [(True, True), (False, False)])
def test_histology_needs_no_consent_where_its_case_needed_none(
    alice: Member, settings: Any, exempt: bool, offered: bool
) -> None:
    settings.HISTOLOGY_EXEMPTION = True
    fields: dict[str, Any] = {"consent": None, "histology_exempt": True} if exempt else {}
    case = reading.case(alice, kinds=("histology",), state=CaseState.DRAFT, **fields)
    added = additions.addition(case, kinds=("histology",), state=CaseState.DRAFT, consent=None)
    assert exemption.is_offered(added) == offered


# --- What keeps it back


def _group_of_its_own(added: Case) -> None:
    Case.objects.filter(pk=added.pk).update(group=Group.objects.create(name="Others"))


def _shown_others(added: Case) -> None:
    Consent.objects.filter(pk=added.consent_id).update(shown="shown")
    ShownPicture.objects.create(consent_id=added.consent_id, sha256="0" * 64)


def _with(**fields: Any) -> Callable[[Case], object]:
    return lambda added: Case.objects.filter(pk=added.pk).update(**fields)


KEPT: dict[str, tuple[Callable[[Case], object], str]] = {
    "no kind": (_with(addition=""), "facts"),
    "no time": (_with(after=None), "facts"),
    "no words": (_with(note=""), "facts"),
    "a name": (_with(note="Mr John Smith came back."), "identifier"),
    "no consent": (_with(consent=None), "no_consent"),
    "other pictures shown": (_shown_others, "consent_pictures"),
    "case retracted": (lambda added: drafts.retract(case=added.follows, by=added.author), "followed"),
    "case under a withdrawn consent": (
        lambda added: Consent.objects.filter(pk=added.follows.consent_id).update(status="withdrawn"),
        "followed",
    ),
    "another audience": (_group_of_its_own, "followed_audience"),
}


@pytest.mark.parametrize("what", KEPT)
def test_what_keeps_it_from_being_sent_and_released(case: Case, mod1: Member, what: str) -> None:
    reading.case(case.author)  # another one that is shown does not stand for it
    added = additions.addition(case, state="submitted")
    assert gate.blockers(added) == []
    change, code = KEPT[what]
    change(added)
    added = Case.objects.get(pk=added.pk)
    assert code in {blocker.code for blocker in gate.blockers(added)}
    with pytest.raises((gate.Blocked, gate.NotYours)):
        gate.release(case=added, by=mod1)
    assert not Release.objects.filter(case=added).exists()


def test_the_same_day_is_a_time(case: Case) -> None:
    assert gate.blockers(additions.addition(case, state="draft", after=0, after_unit="")) == []


# --- Release


def test_released_it_is_shown_with_its_case(case: Case, mod1: Member, bob: Member, alice: Member) -> None:
    before = alice.posts_released
    added = additions.addition(case, state="submitted")
    assert set(gate.cases_to_second_read(mod1)) == {added}
    assert [one.case for one in second_read.queue(mod1)] == [added]
    second_read.release(case=added, by=mod1, seen=second_read.digest(added))
    reading.answer(case, bob, "basal-cell-carcinoma")
    assert set(gate.visible_additions(bob)) == {added}
    alice.refresh_from_db()
    assert alice.posts_released == before  # probation counts cases
    event = Event.objects.get(verb="case.released")
    assert (event.subject_id, event.facts["follows"]) == (added.pk, str(case.pk))


def test_those_who_have_opened_the_discussion_are_told(case: Case, mod1: Member, bob: Member, resident: Member) -> None:
    reading.answer(case, bob, "psoriasis")
    reading.answer(case, mod1)
    gate.release(case=additions.addition(case, state="submitted"), by=mod1)
    told = Notice.objects.values_list("member", "kind", "case_id", "path")
    at = f"/cases/{case.pk}/"  # a follow-up has no page, and nobody but its author could open it by its id
    assert set(told) == {(bob.pk, "follow_up", case.pk, at), (case.author_id, "released", case.pk, at)}
    gate.release(case=reading.case(case.author, state="submitted"), by=mod1)
    assert Notice.objects.filter(kind="follow_up").count() == 1


def test_its_author_reads_it_not(case: Case) -> None:
    author = factories.person("mod1")
    case = reading.case(author)
    added = additions.addition(case, state="submitted")
    assert not gate.cases_to_second_read(author).exists()
    with pytest.raises(gate.NotYours):
        gate.release(case=added, by=author)


def test_sent_back_it_is_a_draft_again(case: Case, mod1: Member, alice: Member) -> None:
    added = additions.addition(case, state="submitted")
    gate.send_back(case=added, by=mod1, reason="words", words="Shorter.")
    added.refresh_from_db()
    assert added.state == CaseState.RETURNED
    drafts.submit(case=added, by=alice)
    assert added.state == CaseState.SUBMITTED


# --- Closing the case


@pytest.mark.parametrize(
    ("until", "state", "ended"),
    [("case_closed", "released", True), ("", "released", False), ("case_closed", "withdrawn", False)],
)
def test_a_consent_until_the_closing_ends_with_the_case(
    case: Case, alice: Member, until: str, state: str, ended: bool
) -> None:
    added = additions.addition(case)
    Consent.objects.filter(pk=added.consent_id).update(until_event=until and Until.CASE_CLOSED)
    Case.objects.filter(pk=added.pk).update(state=state)
    closing.close(
        case=case, by=alice, outcome=Outcome(diagnosis="psoriasis", reference="histopathology", done="Cream.")
    )
    active = Consent.objects.active().filter(pk=added.consent_id).exists()
    assert active != ended


def test_a_model_is_closed_with_its_follow_ups(alice: Member) -> None:
    case = reading.case(alice, education_model=True)
    additions.addition(case)
    closing.close(
        case=case, by=alice, outcome=Outcome(diagnosis="psoriasis", reference="histopathology", done="Cream.")
    )
    case.refresh_from_db()
    assert case.state == CaseState.CLOSED


def test_days_after() -> None:
    later = [Case(after=n, after_unit=unit).days_after for n, unit in ((0, ""), (3, "day"), (2, "week"), (1, "year"))]
    assert later == [0, 3, 14, 365]
    assert Case().days_after == 0
