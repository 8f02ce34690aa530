"""The other ends of a consent: its last day, coming of age, a mistake, a refusal, an author who hides a case."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone

from consent import lifecycle, reminders
from consent.models import (
    Assent,
    Capacity,
    Cause,
    Consent,
    Relation,
    Reminder,
    Removal,
    Status,
    WithdrawnBy,
)
from consent.records.states import CONSENT, Moved
from consent.withdrawal import NotPossible, withdraw
from consults import exceptions
from consults.cases import gate
from consults.cases.authoring import drafts
from consults.cases.consenting import case_consent
from consults.models import Case, CaseState
from core import storage
from imaging.models import Photo
from tests import factories
from tests.consent import making
from tests.consults import reading
from tests.consults.reading import seen

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date

# --- Expiry


def set_end(consent: Consent, days: int) -> None:
    Consent.objects.filter(pk=consent.pk).update(expires_on=TODAY() + timedelta(days=days))


@pytest.mark.parametrize(
    ("days", "status", "ended"),
    [(0, Status.ACTIVE, False), (-1, Status.EXPIRED, False), (-30, Status.EXPIRED, False), (-31, Status.EXPIRED, True)],
)
def test_expired_is_hidden_at_once_and_destroyed_after_the_rules_time(
    run_jobs: Callable[[], int], days: int, status: Status, ended: bool
) -> None:
    assert settings.RULES["expired_consent_days"] == 30
    published = making.published(comments=("one",))
    set_end(published.consent, days)
    assert seen(published.case) is (days >= 0)
    for _time in range(2):
        lifecycle.expire_due()
        lifecycle.destroy_expired()
        run_jobs()
    assert published.again().consent.status == status
    assert Removal.objects.filter(cause=Cause.EXPIRED, completed_at__isnull=False).count() == ended
    assert Photo.objects.exists() is not ended
    assert (published.again().case.state == CaseState.WITHDRAWN) is ended


def test_a_case_under_a_new_consent_outlives_the_old_one(run_jobs: Callable[[], int]) -> None:
    published = making.published()
    alice, mod1 = published.case.author, factories.person("mod1")
    set_end(published.consent, -5)
    lifecycle.expire_due()
    assert not seen(published.case)
    drafts.retract(case=published.case, by=alice)
    newer, _code = making.consent(alice, patient=published.consent.patient)
    case_consent.attach_consent(case=published.again().case, consent=newer, by=alice)
    drafts.submit(case=published.again().case, by=alice)
    gate.release(case=published.again().case, by=mod1)
    set_end(published.consent, -99)
    lifecycle.destroy_expired()
    run_jobs()
    assert seen(published.case)


@pytest.mark.parametrize(
    ("days", "steps"),
    [(90, []), (61, []), (60, ["60"]), (15, ["60"]), (14, ["14"]), (2, ["14"]), (1, ["1"]), (0, ["1"]), (-1, [])],
)
def test_reminders_are_sent_once_a_step(
    run_jobs: Callable[[], int], mailoutbox: list[EmailMessage], days: int, steps: list[str]
) -> None:
    published = making.published(title="Zebracanary plaque")
    set_end(published.consent, days)
    for _time in range(3):
        reminders.enqueue_due_reminders()
        run_jobs()
    assert list(Reminder.objects.values_list("step", flat=True)) == steps
    mails = [f"{sent.subject} {sent.body}" for sent in mailoutbox]
    assert len(mails) == len(steps)
    assert "Zebracanary" not in "".join(mails)


def test_three_steps_on_the_way_to_the_end(run_jobs: Callable[[], int]) -> None:
    published = making.published()
    making.consent(published.case.author, expires_on=TODAY() + timedelta(days=1))  # nothing hangs on this one
    for days in (60, 30, 14, 7, 1, 0):
        Reminder.objects.update(about=TODAY() + timedelta(days=days))
        set_end(published.consent, days)
        reminders.enqueue_due_reminders()
    run_jobs()
    assert sorted(Reminder.objects.values_list("step", flat=True)) == ["1", "14", "60"]
    assert not Reminder.objects.filter(sent_at=None).exists()


# --- Coming of age


SIGNED_FOR = {
    Capacity.CHILD: {"relation": Relation.GUARDIAN, "authority": "mother", "assent": Assent.AGREED},
    Capacity.CAPABLE: {"relation": Relation.SELF},
}


@pytest.mark.parametrize(
    ("capacity", "year", "accepted"),
    [
        (Capacity.CHILD, 0, True),
        (Capacity.CHILD, 5, True),
        (Capacity.CHILD, 18, True),
        (Capacity.CHILD, -1, False),
        (Capacity.CHILD, 19, False),
        (Capacity.CAPABLE, 3, False),
    ],
)
def test_the_year_of_majority_ends_a_guardians_consent(capacity: Capacity, year: int, accepted: bool) -> None:
    published = making.published()
    Consent.objects.update(capacity=capacity, **SIGNED_FOR[capacity])
    year += published.consent.signed_on.year
    before = published.again().consent.expires_on
    try:
        lifecycle.note_majority(consent_id=published.consent.pk, year=year, by=published.case.author)
    except NotPossible:
        assert not accepted
        assert published.again().consent.expires_on == before
        return
    assert accepted
    consent = published.again().consent
    assert (consent.majority_year, consent.expires_on) == (year, date(year, 12, 31))


def test_who_comes_of_age_is_asked_again(run_jobs: Callable[[], int], mailoutbox: list[EmailMessage]) -> None:
    published = making.published()
    Consent.objects.update(capacity=Capacity.CHILD, majority_year=TODAY().year, **SIGNED_FOR[Capacity.CHILD])
    for _time in range(2):
        reminders.enqueue_due_reminders()
        run_jobs()
    assert Reminder.objects.get().step == Reminder.Step.MAJORITY
    (sent,) = mailoutbox
    assert "comes of age" in sent.subject
    assert f"/consents/{published.consent.pk}/" in sent.body


# --- Mistakes and refusals


def test_a_mistake_gives_the_cases_back_and_destroys_the_form(run_jobs: Callable[[], int]) -> None:
    published = making.published(comments=("one",))
    lifecycle.mark_entered_in_error(consent_id=published.consent.pk, by=published.case.author)
    now = published.again()
    assert (now.consent.status, now.case.state) == (Status.ENTERED_IN_ERROR, CaseState.DRAFT)
    assert not seen(published.case)
    run_jobs()
    assert storage.documents().listdir("")[1] == []
    assert len(storage.renditions().listdir("")[1]) == 3
    with pytest.raises(Moved):
        lifecycle.mark_entered_in_error(consent_id=published.consent.pk, by=published.case.author)


def test_a_refusal_is_an_end() -> None:
    given, _code = making.consent(factories.person("alice"))
    Consent.objects.update(status=Status.REFUSED)
    with pytest.raises(Moved):
        withdraw(consent_id=given.pk, by=WithdrawnBy.CLINICIAN)


@pytest.mark.parametrize("start", Status)
@pytest.mark.parametrize("to", Status)
def test_moves(start: Status, to: Status) -> None:
    given, _code = making.consent(factories.person("alice"))
    Consent.objects.update(status=start)
    try:
        CONSENT.move(given, to=to)
        moved = True
    except Moved:
        moved = False
    assert moved is (to in CONSENT.moves[start])
    assert Consent.objects.get().status == (to if moved else start)


# --- Hiding one's own case


@pytest.mark.parametrize("kind", ["consent", "expired", "model"])
def test_an_author_hides_their_own_case(kind: str) -> None:
    alice = factories.person("alice")
    case = reading.case(alice, education_model=kind == "model")
    reading.closed(case, "actinic-keratosis")
    if kind == "expired":
        set_end(case.consent, -3)
    with pytest.raises(exceptions.ChangeRefused):
        drafts.retract(case=case, by=factories.person("bob"))
    drafts.retract(case=case, by=alice)
    case.refresh_from_db()
    assert (case.state, case.releases.count(), hasattr(case, "outcome")) == (CaseState.DRAFT, 0, False)
    assert not seen(case)
    with pytest.raises(exceptions.ChangeRefused):
        drafts.retract(case=case, by=alice)
    deletable = kind == "model"
    try:
        drafts.discard(case=case, by=alice)
    except exceptions.ChangeRefused:
        assert not deletable
    assert Case.objects.exists() is not deletable
