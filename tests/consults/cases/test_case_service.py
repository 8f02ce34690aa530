"""What authors and second readers do with a case: which step is possible when, what it leaves behind."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Member
from audit.models import Event
from consent.models import Consent, Status, WithdrawnBy
from consent.withdrawal import withdraw
from consults import exceptions
from consults.cases import gate
from consults.cases.authoring import case_pictures, drafts
from consults.cases.authoring.forms import FactsForm
from consults.cases.consenting import case_consent
from consults.discussion import closing
from consults.models import Case, CaseState, Group, Outcome, SecondRead
from consults.withdrawal import hide
from core import storage
from core.crypto import vault
from imaging.models import Photo, State
from tests import factories
from tests.consults import reading
from tests.imaging.engine import pictures

DRAFT, RETURNED, SUBMITTED = CaseState.DRAFT, CaseState.RETURNED, CaseState.SUBMITTED
RELEASED, CLOSED, WITHDRAWN = CaseState.RELEASED, CaseState.CLOSED, CaseState.WITHDRAWN
JPEG = pictures.encoded(pictures.chart(), "JPEG")


def verbs() -> list[str]:
    return list(Event.objects.values_list("verb", flat=True))


# --- Which step from which state


def outcome() -> Outcome:
    return Outcome(diagnosis="actinic-keratosis", reference="histopathology")


STEPS: dict[str, tuple[Callable[[Case, Member, Member], object], dict[str, str]]] = {
    # step -> how, and from which state to which
    "submit": (
        lambda case, author, _mod: drafts.submit(case=case, by=author),
        {DRAFT: SUBMITTED, RETURNED: SUBMITTED},
    ),
    "take back": (lambda case, author, _mod: drafts.take_back(case=case, by=author), {SUBMITTED: DRAFT}),
    "send back": (
        lambda case, _author, mod: gate.send_back(case=case, by=mod, reason=SecondRead.Reason.EYES, words=""),
        {SUBMITTED: RETURNED},
    ),
    "approve": (lambda case, _author, mod: gate.release(case=case, by=mod), {SUBMITTED: RELEASED}),
    "close": (lambda case, author, _mod: closing.close(case=case, by=author, outcome=outcome()), {RELEASED: CLOSED}),
    "keep words": (
        lambda case, _author, _mod: drafts.save_facts(case=case, fill=lambda stored: stored),
        {DRAFT: DRAFT, RETURNED: RETURNED},
    ),
    "keep a picture": (
        lambda case, _author, _mod: case_pictures.save_picture(picture=case.pictures.get(), fill=lambda stored: stored),
        {DRAFT: DRAFT, RETURNED: RETURNED},
    ),
    "choose the audience": (
        lambda case, _author, _mod: case_consent.choose_audience(case=case, group=None),
        {DRAFT: DRAFT, RETURNED: RETURNED},
    ),
    "attach a consent": (
        lambda case, author, _mod: case_consent.attach_consent(case=case, consent=case.consent, by=author),
        {DRAFT: DRAFT, RETURNED: RETURNED},
    ),
    "add a picture": (
        lambda case, author, _mod: case_pictures.add_picture(
            case=case, by=author, data=JPEG, idempotency_key=uuid.UUID(int=1)
        ),
        {DRAFT: DRAFT, RETURNED: RETURNED},
    ),
}


@pytest.mark.parametrize("state", CaseState.values)
@pytest.mark.parametrize("step", STEPS)
def test_which_step_is_possible_when(alice: Member, mod1: Member, step: str, state: str) -> None:
    case = reading.case(alice, state=state)
    do, moves = STEPS[step]
    photos = set(Photo.objects.values_list("pk", flat=True))
    events = Event.objects.count()
    if state in moves:
        do(case, alice, mod1)
        assert Case.objects.get().state == moves[state]
        return
    with pytest.raises((exceptions.ChangeRefused, gate.Blocked)):
        do(case, alice, mod1)
    assert Case.objects.get().state == state
    assert set(Photo.objects.values_list("pk", flat=True)) == photos
    assert not SecondRead.objects.exists()
    left = {"photo.received", "photo.destroyed"} if step == "add a picture" else set()
    assert set(verbs()[events:]) <= left
    assert storage.originals().listdir("")[1] == []


@pytest.mark.parametrize("step", ["submit", "take back", "send back", "approve", "close"])
def test_each_step_leaves_one_line_in_the_log(alice: Member, mod1: Member, step: str) -> None:
    do, moves = STEPS[step]
    case = reading.case(alice, state=next(iter(moves)))
    do(case, alice, mod1)
    expected = {
        "submit": "case.submitted",
        "take back": "case.taken_back",
        "send back": "case.sent_back",
        "approve": "case.released",
        "close": "case.closed",
    }
    assert verbs() == [expected[step]]
    event = Event.objects.get()
    assert event.subject_id == case.pk
    assert case.title not in str(event.facts)


# --- Beginning


def test_an_untouched_draft_is_used_again(alice: Member, bob: Member) -> None:
    first = drafts.start(author=alice)
    assert drafts.start(author=alice) == first
    assert drafts.start(author=bob) != first
    Case.objects.filter(pk=first.pk).update(title="Begun")
    second = drafts.start(author=alice)
    assert second != first
    reading.picture(second)
    assert drafts.start(author=alice) not in (first, second)
    assert verbs() == ["case.started"] * 4


def test_pictures_are_put_in_order(alice: Member) -> None:
    case = reading.case(alice, state=DRAFT, kinds=("close-up",) * 3)
    first, second, third = (picture.photo_id for picture in case.pictures.all())
    case_pictures.arrange(case=case, order=[third, uuid.uuid4(), first])
    assert [picture.photo_id for picture in case.pictures.all()] == [third, first, second]


def test_too_late_an_upload_leaves_nothing_behind(alice: Member) -> None:
    case = reading.case(alice, state=DRAFT, kinds=())
    Case.objects.update(state=SUBMITTED)
    with pytest.raises(exceptions.ChangeRefused):
        case_pictures.add_picture(case=case, by=alice, data=JPEG, idempotency_key=uuid.uuid4())
    assert (Photo.objects.count(), storage.originals().listdir("")[1]) == (0, [])


def test_a_second_try_of_an_upload_that_lies_elsewhere_does_not_destroy_it(alice: Member) -> None:
    case, other = (reading.case(alice, state=DRAFT, kinds=()) for _number in range(2))
    key = uuid.uuid4()
    placed = case_pictures.add_picture(case=case, by=alice, data=JPEG, idempotency_key=key)
    for state in (DRAFT, SUBMITTED):
        Case.objects.filter(pk=other.pk).update(state=state)
        with pytest.raises(exceptions.ChangeRefused):
            case_pictures.add_picture(case=other, by=alice, data=JPEG, idempotency_key=key)
    assert Photo.objects.get() == placed.photo
    assert vault.has_key(placed.photo.original_key)


# --- Two windows


def typed(case: Case, **changes: Any) -> FactsForm:
    fields = {name: value for name, value in reading.FACTS.items() if name != "differential"}
    return FactsForm({**fields, "kind": "difficult", **changes}, instance=case)


def test_saving_words_does_not_undo_what_another_window_did(alice: Member) -> None:
    case = reading.case(alice, state=DRAFT)
    window = Case.objects.get()
    drafts.submit(case=case, by=alice)
    with pytest.raises(exceptions.ChangeRefused):
        typed(window, note="Too late.").save_valid_fields()
    now = Case.objects.get()
    assert (now.state, now.note) == (SUBMITTED, reading.FACTS["note"])
    assert now.content_sha256 == now.digest()


def test_saving_words_keeps_the_audience_that_another_window_chose(alice: Member) -> None:
    case = reading.case(alice, state=DRAFT)
    window = Case.objects.get()
    group = Group.objects.create(name="Hall")
    case_consent.choose_audience(case=case, group=group)
    typed(window, note="Other words.").save_valid_fields()
    now = Case.objects.get()
    assert (now.group, now.note) == (group, "Other words.")
    assert now.content_sha256 == now.digest()


def test_words_of_an_emptied_case_do_not_come_back(alice: Member) -> None:
    case = reading.case(alice, state=DRAFT)
    window = Case.objects.get()
    withdraw(consent_id=case.consent_id, by=WithdrawnBy.PATIENT)
    from consults.withdrawal.purge import purge

    purge(consent_id=case.consent_id)
    with pytest.raises(exceptions.ChangeRefused):
        typed(window, note="Back again.").save_valid_fields()
    now = Case.objects.get()
    assert (now.state, now.note, now.title) == (WITHDRAWN, "", "")


# --- Consent


def test_attached_consent_is_ones_own_and_active(alice: Member, bob: Member) -> None:
    case = reading.case(alice, state=DRAFT)
    before = case.consent
    refused = [
        reading.consent(bob),
        reading.consent(alice, status=Status.WITHDRAWN),
        reading.consent(alice, status=Status.DRAFT),
        reading.consent(alice, expires_on="2020-01-31"),
    ]
    for consent in refused:
        with pytest.raises(exceptions.ChangeRefused):
            case_consent.attach_consent(case=case, consent=consent, by=alice)
        assert Case.objects.get().consent == before
    assert before is not None
    with pytest.raises(exceptions.ChangeRefused):  # another patient's
        case_consent.attach_consent(case=case, consent=reading.consent(alice), by=alice)
    good = reading.consent(alice, patient=before.patient)
    case_consent.attach_consent(case=case, consent=good, by=alice)
    assert Case.objects.get().consent == good
    assert verbs() == ["consent.superseded", "case.consent_attached"]


def test_a_case_whose_consent_was_withdrawn_is_not_saved_by_another(alice: Member) -> None:
    case = reading.case(alice, state=DRAFT)
    withdraw(consent_id=case.consent_id, by=WithdrawnBy.PATIENT)
    with pytest.raises(exceptions.ChangeRefused):
        case_consent.attach_consent(case=case, consent=reading.consent(alice), by=alice)
    assert Case.objects.get().consent_id == case.consent_id
    first = Case.objects.create(author=alice)
    case_consent.attach_consent(case=first, consent=reading.consent(alice), by=alice)
    assert Case.objects.get(pk=first.pk).consent is not None


def test_submitting_is_refused_with_what_is_missing(alice: Member) -> None:
    case = reading.case(alice, state=DRAFT, title="", consent=None)
    with pytest.raises(gate.Blocked) as blocked:
        drafts.submit(case=case, by=alice)
    assert {blocker.code for blocker in blocked.value.blockers} == {"facts", "no_consent"}
    assert Case.objects.get().state == DRAFT


def test_submitting_looks_at_what_is_saved_now(alice: Member) -> None:
    page = reading.case(alice, state=DRAFT)
    Consent.objects.update(status=Status.WITHDRAWN)
    with pytest.raises(gate.Blocked):
        drafts.submit(case=page, by=alice)


# --- The second reader


def test_nobody_reads_their_own(mod1: Member) -> None:
    case = reading.case(mod1, state=SUBMITTED)
    with pytest.raises(gate.NotYours):
        gate.send_back(case=case, by=mod1, reason=SecondRead.Reason.EYES, words="")
    with pytest.raises(gate.NotYours):
        gate.release(case=case, by=mod1)
    assert Case.objects.get().state == SUBMITTED
    assert verbs() == []


def test_another_reason_needs_words(alice: Member, mod1: Member) -> None:
    case = reading.case(alice, state=SUBMITTED)
    with pytest.raises(exceptions.ChangeRefused):
        gate.send_back(case=case, by=mod1, reason=SecondRead.Reason.OTHER, words="  ")
    gate.send_back(case=case, by=mod1, reason=SecondRead.Reason.OTHER, words=" Show the edge. ")
    read = SecondRead.objects.get()
    assert (read.reader, read.words, read.content_sha256) == (mod1, "Show the edge.", case.content_sha256)


def test_one_of_two_readers_decides(alice: Member, mod1: Member, mod2: Member) -> None:
    case = reading.case(alice, state=SUBMITTED)
    second_window = Case.objects.get()
    gate.send_back(case=case, by=mod1, reason=SecondRead.Reason.EYES, words="")
    with pytest.raises(gate.Blocked):
        gate.release(case=second_window, by=mod2)
    assert SecondRead.objects.count() == 1
    assert not gate.visible_cases(factories.person("bob")).exists()


# --- The end


def test_a_discarded_draft_is_gone_with_its_key(alice: Member) -> None:
    case = reading.case(alice, state=DRAFT, data=JPEG)
    key = Photo.objects.get().key_id
    drafts.discard(case=case, by=alice)
    assert (Case.objects.count(), Photo.objects.count()) == (0, 0)
    assert storage.renditions().listdir("")[1] == []
    assert not vault.has_key(key)
    assert verbs()[-2:] == ["case.discarded", "photo.destroyed"]  # out of sight first
    with pytest.raises(exceptions.ChangeRefused):
        drafts.discard(case=case, by=alice)


@pytest.mark.parametrize("state", [SUBMITTED, RELEASED, CLOSED, WITHDRAWN])
def test_only_drafts_are_discarded(alice: Member, state: CaseState) -> None:
    case = reading.case(alice, state=state, data=JPEG)
    with pytest.raises(exceptions.ChangeRefused):
        drafts.discard(case=case, by=alice)
    assert vault.has_key(Photo.objects.get().key_id)
    assert Photo.objects.get().state == State.SEALED


def test_what_was_released_once_is_not_discarded(alice: Member) -> None:
    case = reading.case(alice, data=JPEG)
    Case.objects.update(state=DRAFT)
    with pytest.raises(exceptions.ChangeRefused):
        drafts.discard(case=case, by=alice)


def test_a_removed_picture_leaves_nothing(alice: Member) -> None:
    case = reading.case(alice, state=DRAFT, data=JPEG, kinds=("close-up", "overview"))
    gone, kept = (picture.photo for picture in case.pictures.all())
    case_pictures.remove_picture(photo=gone)
    assert list(Photo.objects.all()) == [kept]
    assert len(storage.renditions().listdir("")[1]) == 3


def test_withdrawn_on_the_patients_word(alice: Member, bob: Member) -> None:
    case, sibling = reading.case(alice), reading.case(alice)
    Case.objects.filter(pk=sibling.pk).update(consent=case.consent)
    sibling.releases.update(consent=case.consent)
    assert gate.visible_cases(bob).count() == 2
    hide.withdraw(case=case, by=alice)
    assert not gate.visible_cases(bob).exists()
    assert case.consent is not None
    assert case.consent.withdrawal.by == WithdrawnBy.CLINICIAN


def test_nothing_to_withdraw(alice: Member) -> None:
    case = reading.case(alice, education_model=True)
    with pytest.raises(exceptions.ChangeRefused):
        hide.withdraw(case=case, by=alice)
