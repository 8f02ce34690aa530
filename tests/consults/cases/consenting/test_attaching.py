"""A consent that was recorded for another case: compared, said in words, accepted by the second reader, undone."""

from itertools import product
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Exists
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from audit.models import Event
from consent import lifecycle
from consent.models import Consent, Status, WithdrawnBy
from consent.records.lookup import find_by_code
from consent.withdrawal import withdraw
from consults import exceptions
from consults.cases import gate, same_patient
from consults.cases.authoring import drafts
from consults.cases.consenting import case_consent
from consults.cases.review import second_read
from consults.models import Attachment, Case, CaseState, SecondRead
from imaging.models import Rendition
from tests import factories
from tests.consent import making
from tests.consults import reading
from tests.consults.cases.consenting import test_handover as handing
from tests.consults.new_case import JPEG, page
from tests.matrix import journey
from vocabulary.terms import AgeBand

DRAFT = CaseState.DRAFT


@pytest.fixture
def first(alice: Member) -> making.Published:
    """A released case of one patient, with the code that the patient has."""
    return making.published(alice)


@pytest.fixture
def second(alice: Member) -> Case:
    """A complete draft of another case, without a consent."""
    return bare(alice)


def bare(author: Member, **fields: Any) -> Case:
    return reading.case(author, state=DRAFT, consent=None, data=JPEG, **fields)


def attach(case: Case, consent: Consent, *, by: Member | None = None) -> None:
    """Attach as the author does who looked at the page a moment ago."""
    seen = same_patient.digest(case, consent, same_patient.other_cases(case, consent))
    case_consent.attach_existing(case=case, consent=consent, by=by or case.author, seen=seen)


def now(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def published_under(case: Case, consent: Consent) -> None:
    attach(case, consent)
    drafts.submit(case=now(case), by=case.author)
    gate.release(case=now(case), by=factories.person("mod1"), accepted=[gate.ATTACHED])


# --- No code crosses from one patient to another


def test_one_wrong_pick_destroys_nothing_of_the_other_patient(first: making.Published, alice: Member) -> None:
    """The attack: the second patient's case has a consent of its own, and the first patient's is picked for it."""
    victim = making.published(alice, title="Another patient")
    drafts.retract(case=victim.case, by=alice)
    with pytest.raises(exceptions.ChangeRefused):
        attach(now(victim.case), first.consent)
    with pytest.raises(exceptions.ChangeRefused):
        case_consent.attach_consent(case=now(victim.case), consent=first.consent, by=alice)
    assert now(victim.case).consent == victim.consent
    assert find_by_code(victim.code) == victim.consent
    reached = find_by_code(first.code)
    assert reached is not None
    withdraw(consent_id=reached.pk, by=WithdrawnBy.PATIENT)
    assert (now(first.case).state, now(victim.case).state) == (CaseState.WITHDRAWN, DRAFT)
    assert victim.again().consent.status == Status.ACTIVE


@pytest.mark.parametrize("released", [False, True])
def test_a_consent_of_its_own_succeeds_no_attached_one(
    first: making.Published, second: Case, alice: Member, released: bool
) -> None:
    """The other way round: the wrong consent was attached, and then the right patient signs."""
    if released:
        published_under(second, first.consent)
        drafts.retract(case=now(second), by=alice)
    else:
        attach(second, first.consent)
    assert case_consent.patient_of(now(second)) is None
    own, code = making.consent(alice, patient=case_consent.patient_of(now(second)))
    case_consent.attach_consent(case=now(second), consent=own, by=alice)
    assert (now(second).consent, now(second).attachment) == (own, None)
    old = first.again().consent
    assert (old.status, old.superseded_by, find_by_code(first.code)) == (Status.ACTIVE, None, old)
    withdraw(consent_id=old.pk, by=WithdrawnBy.PATIENT)
    assert now(second).state == DRAFT
    assert find_by_code(code) == own
    own.refresh_from_db()
    assert own.status == Status.ACTIVE


@pytest.mark.parametrize("how", ["hand-over", "paper"])
def test_a_case_signed_for_twice_is_of_one_patient(client: Client, draft: Case, how: str) -> None:
    before = draft.consent
    assert before is not None
    if how == "paper":
        assert journey.consent(client, draft).status_code == 200
    else:
        handing.start(client, draft)
        handing.answer(client)
    after = now(draft).consent
    before.refresh_from_db()
    assert after is not None
    assert (after.patient, before.superseded_by, before.status) == (before.patient, after, Status.SUPERSEDED)


def test_the_same_patients_newer_consent_takes_the_place_of_the_older(first: making.Published, alice: Member) -> None:
    """Recorded again for the first case; the second, which was attached to the older one, may follow."""
    other = bare(alice)
    attach(other, first.consent)
    drafts.retract(case=first.case, by=alice)
    newer, _code = making.consent(alice, patient=case_consent.patient_of(now(first.case)))
    case_consent.attach_consent(case=now(first.case), consent=newer, by=alice)
    assert first.again().consent.status == Status.ACTIVE
    attach(now(other), newer)
    assert first.again().consent.status == Status.SUPERSEDED
    assert find_by_code(first.code) == newer
    case_consent.detach(case=now(other), by=alice)
    assert now(other).consent is None


# --- What is compared


@pytest.mark.parametrize(
    ("fields", "consent_fields", "refused"),
    [
        ({}, {}, False),
        ({"age_band": "70-79"}, {}, False),
        ({"age_band": "80-84"}, {}, True),
        ({"age_band": "6-12"}, {}, True),
        ({"age_band": ""}, {}, True),
        ({"sex": ""}, {}, True),
        ({"sex": "male"}, {}, True),
        ({"sex": "other"}, {}, True),
        ({"sex": "undisclosed"}, {}, False),
        ({}, {"capacity": "child", "relation": "guardian", "authority": "mother", "assent": "agreed"}, True),
        ({}, {"capacity": "supported"}, False),
        ({}, {"capacity": "deceased", "relation": "next_of_kin", "authority": "son"}, False),
    ],
)
def test_who_cannot_be_the_same_patient(
    client: Client, first: making.Published, fields: Any, consent_fields: Any, refused: bool
) -> None:
    Consent.objects.filter(pk=first.consent.pk).update(**consent_fields)
    case = bare(first.case.author, **fields)
    given = first.again().consent
    done = True
    try:
        attach(case, given)
    except exceptions.ChangeRefused:
        done = False
    assert done is not refused
    assert (now(case).consent == given) is not refused
    shown = page(client, "attach", case.pk, given.pk)
    assert ("Use this consent" in shown) is not refused


def test_pages_and_gate_exclude_the_same_patients(first: making.Published) -> None:
    """The query behind the blocker, and the comparison on the pages, over every pair of age bands and sexes."""
    pairs = [*product(AgeBand.values, AgeBand.values), ("60-69", ""), ("", "60-69")]
    people = [(here, "female", there, "female") for here, there in pairs]
    sexes = ("female", "male", "other", "undisclosed", "")
    people += [("60-69", here, "60-69", there) for here, there in product(sexes, sexes)]
    case = reading.case(first.case.author, state=DRAFT, consent=first.consent)
    for here_age, here_sex, there_age, there_sex in people:
        Case.objects.filter(pk=case.pk).update(age_band=here_age, sex=here_sex)
        Case.objects.filter(pk=first.case.pk).update(age_band=there_age, sex=there_sex)
        lines = same_patient.compare(now(case), first.consent, [now(first.case)])[:2]
        excluded = any(line.verdict == same_patient.Verdict.EXCLUDES for line in lines)
        found = Case.objects.filter(Exists(same_patient.of_another_patient()), pk=case.pk).exists()
        assert found is excluded, (here_age, here_sex, there_age, there_sex)


def test_every_line_is_in_words(first: making.Published, second: Case) -> None:
    lines = same_patient.compare(second, first.consent, [])
    assert {line.verdict for line in lines} == {"unknown", "same"}
    assert same_patient.compare(Case(), first.consent, [])[2].verdict == "unknown"
    second.consent = reading.consent(second.author, status=Status.ENTERED_IN_ERROR, capacity="supported")
    assert same_patient.compare(second, first.consent, [])[2].verdict == "differs"
    type(first.consent.form).objects.update(retired_at=timezone.now())
    second.consent = None
    assert same_patient.compare(second, first.consent, [])[3].verdict == "differs"
    assert all(str(one.words) for one in lines)


def test_facts_changed_afterwards_keep_it_from_its_release(first: making.Published, second: Case) -> None:
    attach(second, first.consent)
    assert gate.blockers(now(second)) == []
    Case.objects.filter(pk=second.pk).update(sex="male")
    assert [blocker.code for blocker in gate.blockers(now(second))] == ["consent_other_patient"]
    assert gate.blockers(now(first.case)) == []


@pytest.mark.parametrize("what", ["sex", "consent", "another case"])
def test_what_was_compared_is_what_is_used(first: making.Published, second: Case, what: str) -> None:
    seen = same_patient.digest(second, first.consent, same_patient.other_cases(second, first.consent))
    if what == "sex":
        Case.objects.filter(pk=first.case.pk).update(sex="undisclosed")
    elif what == "consent":
        Consent.objects.filter(pk=first.consent.pk).update(capacity="supported")
    else:
        making.published(under=(first.consent, first.code))
    with pytest.raises(exceptions.ChangeRefused):
        case_consent.attach_existing(case=second, consent=first.again().consent, by=second.author, seen=seen)
    assert now(second).consent is None


# --- On the pages


def test_it_is_asked_in_words_and_undone(client: Client, first: making.Published, second: Case) -> None:
    step = reverse("consults:consent", args=[second.pk])
    chosen = client.post(step, {"action": "existing", "consent": str(first.consent.pk)})
    address = reverse("consults:attach", args=[second.pk, first.consent.pk])
    assert chosen["Location"] == address
    assert now(second).consent is None
    shown = client.get(address).content.decode()
    for case in (first.case, second):
        thumbnail = Rendition.objects.get(photo__placement__case=case, name="thumbnail")
        assert reverse("consults:picture", args=[thumbnail.pk]) in shown
    assert "Now: cases 1, pictures 1." in shown
    seen = same_patient.digest(second, first.consent, [first.case])
    for missing in ({"same_patient": ""}, {"told_patient": ""}):
        answer = client.post(address, {"same_patient": "on", "told_patient": "on", "seen": seen} | missing)
        assert (answer.status_code, now(second).consent) == (422, None)
    answer = client.post(address, {"same_patient": "on", "told_patient": "on", "seen": "0" * 64})
    assert (answer["Location"], now(second).consent) == (step, None)
    answer = client.post(address, {"same_patient": "on", "told_patient": "on", "seen": seen})
    assert answer["Location"] == reverse("consults:check", args=[second.pk])
    assert now(second).consent == first.consent
    facts = Event.objects.get(verb="case.consent_attached", subject_id=second.pk).facts
    assert (facts["recorded"], facts["compared"]) == ("elsewhere", seen)
    assert "take it off this case" in client.get(step).content.decode()
    assert client.post(step, {"action": "detach"})["Location"] == step
    assert (now(second).consent, now(second).attachment) == (None, None)
    assert Event.objects.filter(verb="case.consent_detached", subject_id=second.pk).exists()
    assert first.again().consent.status == Status.ACTIVE
    client.post(step, {"action": "detach"})  # nothing is left to undo
    assert now(second).consent is None


@pytest.mark.parametrize(("whose", "status"), [("own", 200), ("bob's", 404), ("none", 404)])
def test_whose_consents_can_be_compared(
    client: Client, second: Case, alice: Member, bob: Member, whose: str, status: int
) -> None:
    given = {"own": reading.consent(alice).pk, "bob's": reading.consent(bob).pk, "none": making.nobody()}[whose]
    assert client.get(reverse("consults:attach", args=[second.pk, given])).status_code == status


@pytest.mark.parametrize(
    ("before", "usable"),
    [
        (None, True),
        ("draft", True),
        ("entered_in_error", True),
        ("active", False),
        ("expired", False),
        ("refused", False),
    ],
)
def test_a_patient_who_was_asked_decides(
    client: Client, first: making.Published, second: Case, before: str | None, usable: bool
) -> None:
    if before:
        Case.objects.filter(pk=second.pk).update(consent=reading.consent(second.author, status=before))
    shown = page(client, "consent", second.pk)
    assert (str(first.consent.pk)[:8] in shown) is usable
    assert case_consent.usable_consents(now(second)).filter(pk=first.consent.pk).exists() is usable
    done = True
    try:
        attach(now(second), first.consent)
    except exceptions.ChangeRefused:
        done = False
    assert done is usable


@pytest.mark.parametrize("before", [None, "entered_in_error"])
def test_undone_it_is_as_before(first: making.Published, second: Case, before: str | None) -> None:
    kept = reading.consent(second.author, status=before) if before else None
    Case.objects.filter(pk=second.pk).update(consent=kept)
    other = making.published(second.author)
    attach(now(second), first.consent)
    attach(now(second), other.consent)  # the choice is changed
    assert Attachment.objects.filter(ended_at=None).count() == 1
    assert other.again().consent.status == first.again().consent.status == Status.ACTIVE
    case_consent.detach(case=now(second), by=second.author)
    assert now(second).consent == kept


def test_a_refusal_ends_it(first: making.Published, second: Case, alice: Member) -> None:
    """Asked about this very case the patient said no: a consent from elsewhere does not outweigh that."""
    attach(second, first.consent)
    refusal = reading.consent(alice, status=Status.REFUSED)
    case_consent.record_refusal(case=now(second), refusal=refusal, by=alice)
    assert (now(second).consent, now(second).attachment) == (refusal, None)
    assert not Attachment.objects.filter(ended_at=None).exists()
    assert first.again().consent.status == Status.ACTIVE


def test_a_withdrawn_one_is_not_taken_off(first: making.Published, second: Case) -> None:
    attach(second, first.consent)
    withdraw(consent_id=first.consent.pk, by=WithdrawnBy.PATIENT)
    with pytest.raises(exceptions.ChangeRefused):
        case_consent.detach(case=now(second), by=second.author)
    assert now(second).consent == first.consent


def test_a_page_that_is_out_of_date_changes_nothing(first: making.Published, second: Case, alice: Member) -> None:
    stale = now(second)
    own, _code = making.consent(alice)
    case_consent.attach_consent(case=second, consent=own, by=alice)
    with pytest.raises(exceptions.ChangeRefused):
        attach(stale, first.consent)
    assert now(second).consent == own


# --- The second reader


def test_the_second_reader_is_told_and_accepts(first: making.Published, second: Case, mod1: Member) -> None:
    attach(second, first.consent)
    drafts.submit(case=now(second), by=second.author)
    reader = journey.client_of(mod1)
    address = reverse("consults:second_read", args=[second.pk])
    shown = reader.get(address).content.decode()
    assert "recorded for another case" in " ".join(shown.split())
    thumbnail = Rendition.objects.get(photo__placement__case=first.case, name="thumbnail")
    assert reverse("consults:picture", args=[thumbnail.pk]) in shown
    fields = {"decision": "release", "looked": "on", "seen": second_read.digest(now(second))}
    assert reader.post(address, fields).status_code == 422
    with pytest.raises(gate.Blocked) as blocked:
        gate.release(case=now(second), by=mod1)
    assert [blocker.code for blocker in blocked.value.blockers] == ["not_accepted"]
    assert reader.post(address, fields | {"attached": "on"}).status_code == 302
    accepted = now(second).attachment
    assert accepted is not None
    assert (accepted.accepted_by, accepted.accepted_at is not None) == (mod1, True)
    assert Event.objects.get(verb="case.released", subject_id=second.pk).facts["accepted"] == [gate.ATTACHED]


def test_pictures_that_the_reader_may_not_see_are_not_shown(
    first: making.Published, second: Case, mod1: Member
) -> None:
    attach(second, first.consent)
    drafts.retract(case=first.case, by=second.author)
    drafts.submit(case=now(second), by=second.author)
    told = second_read.attached(now(second), reader=mod1)
    assert told is not None
    assert (told.others, told.pictures) == (1, [])
    assert second_read.attached(now(first.case), reader=mod1) is None


def test_what_changed_beside_the_case_is_looked_at_again(first: making.Published, second: Case) -> None:
    attach(second, first.consent)
    before = second_read.digest(now(second))
    Case.objects.filter(pk=first.case.pk).update(sex="undisclosed")
    assert second_read.digest(now(second)) != before


def test_a_release_accepts_what_stands_and_nothing_that_ended(first: making.Published, second: Case) -> None:
    ended = Attachment.objects.create(case=second, consent=first.consent, ended_at=timezone.now())
    published_under(second, first.consent)
    kept = now(second).attachment
    assert kept is not None
    assert (kept.pk == ended.pk, kept.accepted_by) == (False, factories.person("mod1"))
    ended.refresh_from_db()
    assert ended.accepted_by is None


def test_after_the_release_it_is_not_undone(first: making.Published, second: Case, alice: Member) -> None:
    published_under(second, first.consent)
    drafts.retract(case=now(second), by=alice)
    with pytest.raises(exceptions.ChangeRefused):
        case_consent.detach(case=now(second), by=alice)
    stranger = making.published(alice).consent
    with pytest.raises(exceptions.ChangeRefused):
        attach(now(second), stranger)
    assert now(second).consent == first.consent
    drafts.submit(case=now(second), by=alice)
    gate.release(case=now(second), by=factories.person("mod2"), accepted=[gate.ATTACHED])
    kept = now(second).attachment
    assert kept is not None
    assert kept.accepted_by == factories.person("mod1")
    assert SecondRead.objects.filter(case=second).count() == 2


# --- The database


@pytest.mark.parametrize(
    ("fields", "accepted"),
    [
        ({"ended_at": timezone.now()}, True),
        ({}, False),  # a second one that stands
        ({"ended_at": timezone.now(), "accepted_at": timezone.now()}, False),  # by nobody
    ],
)
def test_the_database_keeps_one_standing(
    first: making.Published, second: Case, fields: dict[str, Any], accepted: bool
) -> None:
    attach(second, first.consent)
    saved = True
    try:
        with transaction.atomic():
            Attachment.objects.create(case=second, consent=first.consent, **fields)
    except IntegrityError:
        saved = False
    assert saved is accepted


def test_a_mistake_returns_every_case_and_frees_the_next_choice(
    first: making.Published, second: Case, alice: Member
) -> None:
    attach(second, first.consent)
    lifecycle.mark_entered_in_error(consent_id=first.consent.pk, by=alice)
    assert (now(first.case).state, case_consent.patient_of(now(first.case))) == (DRAFT, None)
    other = making.published(alice)
    attach(now(first.case), other.consent)
    assert now(first.case).consent == other.consent
