"""Release: what it does, what it refuses, what the database refuses, and a withdrawal at the same time."""

import os
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.utils import timezone

from accounts.models import Member
from audit.models import Event
from consent.models import WithdrawnBy
from consent.withdrawal import withdraw
from consults.cases import gate
from consults.cases.gate import holding
from consults.cases.states import CASE
from consults.models import Case, CaseState, Group, Membership, Release, SecondRead
from imaging.models import Rendition
from tests import factories
from tests.consults import reading
from tests.consults.changes import (
    YESTERDAY,
    allowed_for_a_group_only,
    author_is,
    consent_is,
    moved_to_an_own_group,
    photo_is,
)

SUBMITTED = CaseState.SUBMITTED


@pytest.fixture
def waiting(db: None) -> Case:
    """A case of alice's that waits for its second read."""
    return reading.case(state=SUBMITTED)


def test_release_makes_it_visible_and_is_logged(waiting: Case, mod1: Member, bob: Member, alice: Member) -> None:
    assert not gate.visible_cases(bob).exists()
    before = alice.posts_released
    released = gate.release(case=waiting, by=mod1)
    assert released.state == CaseState.RELEASED
    assert set(gate.visible_cases(bob)) == {waiting}
    assert gate.visible_renditions(bob).count() == 3
    assert set(waiting.releases.values_list("approver", "consent", "content_sha256")) == {
        (mod1.pk, waiting.consent_id, waiting.content_sha256)
    }
    alice.refresh_from_db()
    assert alice.posts_released == before + 1
    assert set(Member.objects.exclude(pk=alice.pk).values_list("posts_released", flat=True)) == {before}
    event = Event.objects.get(verb="case.released")
    assert (event.actor_id, event.subject_id) == (mod1.pk, waiting.pk)
    assert event.facts["pictures"] == sorted(waiting.releases.values_list("sha256", flat=True))


def test_a_group_s_case_is_released_by_a_moderator_of_the_group(waiting: Case, mod1: Member, mod2: Member) -> None:
    moved_to_an_own_group(waiting)
    Membership.objects.create(group=waiting.group, member=mod2)
    Membership.objects.create(group=Group.objects.create(name="Another one"), member=mod1)
    with pytest.raises(gate.NotYours):
        gate.release(case=waiting, by=mod1)
    assert gate.release(case=waiting, by=mod2).state == CaseState.RELEASED


def test_one_moderator_releases_only_so_many_in_a_day(
    waiting: Case, mod1: Member, mod2: Member, alice: Member, settings: Any
) -> None:
    settings.RULES = settings.RULES | {"releases_a_day": 1}
    gate.send_back(case=reading.case(alice, state=SUBMITTED), by=mod1, reason=SecondRead.Reason.WORDS, words="A name.")
    gate.release(case=waiting, by=mod1)
    other = reading.case(alice, state=SUBMITTED)
    with pytest.raises(gate.Blocked) as blocked:
        gate.release(case=other, by=mod1)
    assert [blocker.code for blocker in blocked.value.blockers] == ["too_many"]
    gate.release(case=other, by=mod2)
    another = reading.case(alice, state=SUBMITTED)
    SecondRead.objects.update(decided_at=timezone.now() - timedelta(days=1, minutes=1))
    gate.release(case=another, by=mod1)


def test_a_case_that_came_back_once_counts_as_released(waiting: Case, mod1: Member, alice: Member) -> None:
    before = alice.posts_released
    gate.send_back(case=waiting, by=mod1, reason=SecondRead.Reason.WORDS, words="A name.")
    for _time in range(2):  # it counts once
        CASE.move(waiting, to=SUBMITTED)
        gate.release(case=waiting, by=mod1)
        alice.refresh_from_db()
        assert alice.posts_released == before + 1
        Case.objects.filter(pk=waiting.pk).update(state=CaseState.DRAFT)
        waiting.refresh_from_db()


def test_who_hid_a_case_does_not_release_it_and_a_release_lifts_that(
    waiting: Case, mod1: Member, mod2: Member, alice: Member
) -> None:
    other = holding.hold(case=reading.case(alice), by=mod2, reason="conduct")
    for lifted in (False, True):
        holding.hold(case=waiting, by=mod1, reason="conduct")
        with pytest.raises(gate.Blocked, match="held"):
            gate.release(case=waiting, by=mod1)
        gate.release(case=waiting, by=mod2)  # who hid another one; the second time one hold is lifted already
        assert waiting.holds.filter(state="lifted").count() == 1 + lifted
        other.refresh_from_db()
        assert other.state == "held"
        Case.objects.filter(pk=waiting.pk).update(state=SUBMITTED)
    assert gate.release(case=waiting, by=mod1).state == CaseState.RELEASED  # what is lifted is over


def test_nobody_releases_their_own_case(db: None, mod1: Member) -> None:
    own = reading.case(mod1, state=SUBMITTED)
    with pytest.raises(gate.NotYours):
        gate.release(case=own, by=mod1)
    assert not Release.objects.exists()


@pytest.mark.parametrize("state", [s for s in CaseState if s != SUBMITTED])
def test_only_what_was_submitted_is_released(waiting: Case, mod1: Member, state: CaseState) -> None:
    Case.objects.filter(pk=waiting.pk).update(state=state, released_at=timezone.now())
    with pytest.raises(gate.Blocked, match="changed"):
        gate.release(case=waiting, by=mod1)
    assert not Release.objects.exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (consent_is(status="withdrawn"), "consent_not_active"),
        (consent_is(expires_on=YESTERDAY), "consent_not_active"),
        (allowed_for_a_group_only, "consent_audience"),
        (author_is(standing="suspended"), "author"),
        (photo_is(state="received"), "picture_received"),
        (lambda case: Case.objects.filter(pk=case.pk).update(note="Mail to jo@example.org"), "identifier"),
        (lambda case: Case.objects.filter(pk=case.pk).update(consent=reading.consent(case.author)), "changed"),
    ],
)
def test_release_looks_again_under_its_locks(
    waiting: Case, mod1: Member, bob: Member, change: Callable[[Case], object], code: str
) -> None:
    page = Case.objects.get(pk=waiting.pk)  # what the second reader has on the screen
    change(waiting)
    with pytest.raises(gate.Blocked) as blocked:
        gate.release(case=page, by=mod1)
    assert [blocker.code for blocker in blocked.value.blockers] == [code]
    assert not Release.objects.exists()
    assert Case.objects.get(pk=waiting.pk).state == SUBMITTED
    assert not gate.visible_cases(bob).exists()


def test_released_again_after_a_change_replaces_the_old_release(waiting: Case, mod1: Member, bob: Member) -> None:
    gate.release(case=waiting, by=mod1)
    changed = Case.objects.get(pk=waiting.pk)
    changed.title = "Another title"
    changed.state = SUBMITTED
    changed.save()
    gate.release(case=changed, by=mod1)
    assert set(waiting.releases.values_list("content_sha256", flat=True)) == {changed.content_sha256}
    assert gate.visible_renditions(bob).count() == 3


def test_service_and_gate_release_the_same(waiting: Case, mod1: Member) -> None:
    gate.release(case=waiting, by=mod1)
    read = waiting.second_reads.get()
    assert (read.reader_id, read.decision, read.content_sha256) == (mod1.pk, "released", waiting.content_sha256)


# --- The database's own word


def a_release(case: Case, **fields: Any) -> Release:
    rendition = Rendition.objects.filter(photo__placement__case=case).first()
    assert rendition is not None
    return Release(
        **{
            "case": case,
            "rendition": rendition,
            "basis": "consent",
            "consent": case.consent,
            "approver": factories.person("mod1"),
            "sha256": rendition.sha256,
            "content_sha256": case.content_sha256,
        }
        | fields
    )


def test_the_database_takes_a_release_under_a_consent(waiting: Case) -> None:
    a_release(waiting).save()
    assert Release.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"consent": None}, "consults_release_needs_consent"),
        ({"basis": "education_model"}, "consults_release_needs_consent"),
        ({"basis": "because"}, "consults_release_needs_consent"),
        ({"sha256": ""}, "consults_release_names_bytes"),
        ({"sha256": "A" * 64}, "consults_release_names_bytes"),
    ],
)
def test_the_database_refuses_a_release(waiting: Case, fields: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        a_release(waiting, **fields).save()


@pytest.mark.parametrize("state", ["released", "closed"])
@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"consent": None, "released_at": timezone.now()}, "consults_case_published_has_a_basis"),
        ({"released_at": None}, "consults_case_published_has_a_time"),
    ],
)
def test_the_database_refuses_a_published_case(
    waiting: Case, state: str, fields: dict[str, Any], constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Case.objects.filter(pk=waiting.pk).update(state=state, **fields)


# --- Withdrawal against release


@pytest.fixture
def patience(transactional_db: None) -> Iterator[None]:
    """Threads close their own connections."""
    yield
    connections.close_all()


ROUNDS = int(os.environ.get("RETE_RACE_ROUNDS", "30"))  # set it to 10000 once before a release


def test_race_of_withdrawal_against_release(patience: None) -> None:
    bob, mod1, alice = (factories.person(name) for name in ("bob", "mod1", "alice"))
    leaks, crashed = [], []

    def run(work: Callable[[], None], start: threading.Barrier) -> None:
        try:
            start.wait(timeout=60)
            work()
        except gate.Blocked:
            pass
        except (gate.NotYours, DatabaseError) as error:
            crashed.append(repr(error))
        finally:
            connections.close_all()

    for number in range(ROUNDS):
        case = reading.case(alice, state=SUBMITTED)

        def take_away(case: Case = case) -> None:
            withdraw(consent_id=case.consent_id, by=WithdrawnBy.PATIENT)
            if gate.visible_cases(bob).filter(pk=case.pk).exists():
                leaks.append(case.pk)

        def let_through(case: Case = case) -> None:
            gate.release(case=case, by=mod1)

        start = threading.Barrier(2)
        work = [take_away, let_through][:: 1 if number % 2 else -1]
        threads = [threading.Thread(target=run, args=(part, start)) for part in work]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=120)
        order = list(
            Event.objects.filter(
                verb__in=["case.released", "consent.withdrawn"], subject_id__in=[case.pk, case.consent_id]
            ).values_list("verb", flat=True)
        )
        assert order in (["consent.withdrawn"], ["case.released", "consent.withdrawn"])
        assert not gate.servable_renditions(bob).exists()
        assert not gate.servable_renditions(alice).exists()
    assert crashed == []
    assert leaks == []
