"""What a patient has when their clinician leaves: the consent and its code, and a certificate of what was destroyed."""

from collections.abc import Callable

import pytest

from consent import lifecycle
from consent.models import Cause, Consent, Removal, Status, WithdrawnBy
from consent.withdrawal import withdraw
from consent.withdrawal.certificate_text import (
    list_kept,
    list_steps,
    list_taken_back,
    opening_sentences,
)
from consults.models import CaseState
from tests.consent import making
from tests.consent.making import Published

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Published:
    return making.published(comments=("one",))


def left(made: Published) -> Removal:
    removal = lifecycle.remove_with_clinician(consent_id=made.consent.pk, clinician=made.case.author)
    assert removal is not None
    return removal


def test_everything_under_the_consent_is_hidden_and_destroyed(made: Published, run_jobs: Callable[[], int]) -> None:
    removal = left(made)
    assert (removal.cause, removal.by, removal.cases, removal.pictures) == (Cause.LEFT, WithdrawnBy.CLINICIAN, 1, 1)
    assert made.again().case.state == CaseState.WITHDRAWN
    run_jobs()
    removal.refresh_from_db()
    assert removal.completed_at is not None
    assert made.again().case.content_erased_at is not None
    assert made.again().consent.status == Status.ACTIVE


def test_it_happens_once(made: Published) -> None:
    assert left(made) == left(made)
    assert Removal.objects.count() == 1


def test_a_withdrawn_consent_has_nothing_left(made: Published) -> None:
    withdraw(consent_id=made.consent.pk, by=WithdrawnBy.PATIENT)
    assert lifecycle.remove_with_clinician(consent_id=made.consent.pk, clinician=made.case.author) is None


# The consent's status when the certificate is read -> what it says of the rest, and what is kept.
SAYS = {
    Status.ACTIVE: ("your code still works", "Nothing is shared under it any more."),
    Status.EXPIRED: ("The rest of the consent has ended since.", "when it ended"),
    Status.WITHDRAWN: ("The whole consent was withdrawn after that", "when it ended"),
}


@pytest.mark.parametrize("status", SAYS)
def test_the_certificate_says_what_happened(made: Published, run_jobs: Callable[[], int], status: Status) -> None:
    removal = left(made)
    run_jobs()
    Consent.objects.filter(pk=made.consent.pk).update(status=status)
    removal = Removal.objects.get(pk=removal.pk)
    rest, kept = SAYS[status]
    opening = opening_sentences(removal)
    assert "has left this site" in opening
    assert "What was shared under it has been hidden and destroyed." in opening
    assert rest in opening
    assert list_taken_back(removal) == ["All that the clinician had shared under it"]
    assert kept in " ".join(list_kept(removal))
    assert list_steps(removal)[0].sentence == "The clinician left this site"
