"""Hiding of a case by a moderator: nobody sees it from the next request on; a second moderator confirms or lifts it."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consults.cases.gate import listing
from consults.cases.gate.models import CaseHold
from consults.cases.models import Case
from consults.exceptions import ChangeRefused
from consults.holds import HIDING, MOVES, HoldState, Moved, decide
from core.states import Machine

CASE_HOLD = Machine(CaseHold, MOVES, moved=Moved)


@transaction.atomic
def hold(*, case: Case, by: Member | None, reason: str, words: str = "") -> CaseHold:
    """Hide a case at once, by a moderator or by members' reports alone; the caller checks the policy.

    Raises ChangeRefused when it is hidden already.
    """
    Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    try:
        with transaction.atomic():
            placed = CaseHold.objects.create(case=case, by=by, reason=reason, words=words)
    except IntegrityError as error:
        raise ChangeRefused(_("Somebody else has hidden this case already.")) from error
    listing.refresh(cases=[case.pk])
    record(verb="case.held", actor=by, subject=("case", case.pk), hold=str(placed.pk), reason=str(reason))
    return placed


@transaction.atomic
def confirm(*, hold: CaseHold, by: Member) -> None:
    """Keep a case hidden, as a second moderator. Raises ChangeRefused."""
    decide(CASE_HOLD, hold, by=by, to=HoldState.CONFIRMED)
    record(verb="case.hold_confirmed", actor=by, subject=("case", hold.case_id), hold=str(hold.pk))


@transaction.atomic
def lift(*, hold: CaseHold, by: Member) -> None:
    """Show a case again, as a second moderator. Raises ChangeRefused."""
    Case.objects.select_for_update(of=("self",)).get(pk=hold.case_id)
    decide(CASE_HOLD, hold, by=by, to=HoldState.LIFTED)
    listing.refresh(cases=[hold.case_id])
    record(verb="case.hold_lifted", actor=by, subject=("case", hold.case_id), hold=str(hold.pk))


def hidden_by(*, case: Case, member: Member) -> bool:
    """Whether this member has hidden the case, and nobody has lifted that."""
    return CaseHold.objects.filter(case=case, by=member, state__in=HIDING).exists()


def lift_all(*, case: Case, by: Member) -> None:
    """Lift the hold of a case that is released anew: its second reader is the second moderator."""
    for placed in CaseHold.objects.filter(case=case, state__in=HIDING):
        decide(CASE_HOLD, placed, by=by, to=HoldState.LIFTED)
        record(verb="case.hold_lifted", actor=by, subject=("case", case.pk), hold=str(placed.pk))
