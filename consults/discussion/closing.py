"""Closing a case with its outcome."""

from django.db import transaction

from accounts.models import Member
from audit.record import record
from consent.models import Until
from consent.records.recording import end_at_event
from consults.cases.followup import service as followups
from consults.cases.gate import listing
from consults.cases.models import Case, CaseState
from consults.cases.states import CASE
from consults.discussion.models import Outcome
from consults.discussion.outcomes.right import tell_right
from consults.following import news
from notifications.notices import Kind, tell


def tell_of_outcome(*, case: Case, by: Member) -> None:
    """Tell everybody who answered, read, commented on or saved a case that its outcome is there."""
    members = {
        *case.answers.values_list("member_id", flat=True),
        *case.comments.filter(deleted_at=None).values_list("author_id", flat=True),
        *case.bookmarks.values_list("member_id", flat=True),
    }
    tell(Kind.OUTCOME, members, view="consults:case", args=[case.pk], case=case.pk, by=by.pk)


def close_unresolved(*, case: Case, by: Member) -> None:
    """Close an open case whose outcome nobody will learn. Raises ChangeRefused.

    The answers stay and are measured against nothing; should an outcome come after all, the author adds it
    (`outcomes.corrections`), and it is told then.
    """
    close(case=case, by=by, outcome=Outcome())


@transaction.atomic
def close(*, case: Case, by: Member, outcome: Outcome) -> None:
    """Close an open case with its outcome; end a consent that was given until the closing. Raises ChangeRefused."""
    followups.lock_consents(case)
    CASE.move(case, to=CaseState.CLOSED)
    outcome.case = case
    outcome.save()
    listing.refresh(cases=[case.pk])
    if outcome.is_known:
        tell_of_outcome(case=case, by=by)
    tell_right(case=case, outcome=outcome)
    news.note_closing(case.pk)
    record(
        verb="case.closed",
        actor=by,
        subject=("case", case.id),
        diagnosis=outcome.diagnosis,
        reference=outcome.reference,
    )
    done = (CaseState.CLOSED, CaseState.WITHDRAWN)
    if case.consent is not None and not Case.objects.filter(consent=case.consent).exclude(state__in=done).exists():
        end_at_event(event=Until.CASE_CLOSED, consent=case.consent)
    followups.end_with_case(case)
