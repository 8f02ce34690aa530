"""Supervision: a resident or nurse asks, a specialist takes it on, and either ends it.

Without a supervisor nothing new is released (`accounts.policy.rights`, a blocker of the gate); what was released stays.
"""

from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exceptions import NotYet, NotYours, TooLate
from accounts.membership.models import Member, normalise_email
from accounts.membership.supervision.models import Supervision, SupervisionState
from accounts.membership.supervision.states import SUPERVISION
from accounts.policy import needs_supervisor, supervising_members
from audit.record import record
from core import jobs, permissions

ASKED: Final = "accounts.supervision_asked"  # subject: the question
ANSWERED: Final = "accounts.supervision_answered"  # subject: the question
ENDED: Final = "accounts.supervision_ended"  # subject: whom the other one left


def open_question(member: Member) -> Supervision | None:
    """Return the question of this member that waits for an answer."""
    return Supervision.objects.filter(resident=member, state=SupervisionState.ASKED).first()


def ask(*, resident: Member, email: str) -> Supervision:
    """Ask the specialist with this address; the answer is the same when there is none. Raises NotYours, NotYet."""
    email = normalise_email(email)
    if not needs_supervisor(resident):
        raise NotYours(_("Your profession posts without a supervisor."))
    if email == resident.email:
        raise NotYet(_("This is your own address. Name somebody else."))
    supervisor = supervising_members().filter(email=email).exclude(pk=resident.pk).first()
    if supervisor is not None and supervisor.pk == resident.supervisor_id:
        raise NotYet(_("They supervise you already."))
    with transaction.atomic():
        try:
            with transaction.atomic():
                made = Supervision.objects.create(resident=resident, supervisor=supervisor, email=email)
        except IntegrityError as error:
            raise NotYet(_("You have asked somebody already. Take that question back first.")) from error
        if supervisor is not None:
            jobs.enqueue(kind=ASKED, subject=made.pk)
        record(verb="supervision.asked", actor=resident, subject=("member", resident.pk))
    return made


def cancel(*, question: Supervision, by: Member) -> None:
    """Take an own question back. Raises NotYours, AlreadyDecided."""
    if question.resident_id != by.pk:
        raise NotYours(_("This is not your question."))
    SUPERVISION.move(question, to=SupervisionState.CANCELLED, email="", ended_at=timezone.now())


def residents_of(supervisor: Member) -> int:
    """Return how many members this one supervises."""
    count: int = Member.objects.filter(supervisor=supervisor).count()
    return count


def require_room(supervisor: Member) -> None:
    """Raise TooLate when this member supervises as many as one may. Locks their row, in the caller's transaction."""
    list(Member.objects.select_for_update(no_key=True).filter(pk=supervisor.pk).values_list("pk"))
    most = int(settings.RULES["residents_a_supervisor"])
    if residents_of(supervisor) >= most:
        raise TooLate(
            _("You supervise %(n)d members already, as many as one may. Step back from one first.") % {"n": most}
        )


def answer(*, question: Supervision, by: Member, takes: bool) -> None:
    """Take a supervision on, in place of a former supervisor, or refuse it.

    Raises NotYours, AlreadyDecided, TooLate.
    """
    with transaction.atomic():
        if not permissions.allows(by, "supervision.answer", question):
            raise NotYours(_("This question is not open to you. It may have been taken back."))
        if takes:
            require_room(by)
            end_rows(question.resident)
        to = SupervisionState.ACTIVE if takes else SupervisionState.REFUSED
        SUPERVISION.move(question, to=to, email="", answered_at=timezone.now())
        if takes:
            _replace_supervisor(question.resident_id, by=by)
        jobs.enqueue(kind=ANSWERED, subject=question.pk)
        record(verb="supervision.answered", actor=by, subject=("member", question.resident_id), takes=takes)


def _replace_supervisor(resident_id: UUID, *, by: Member) -> None:
    row = Member.objects.select_for_update(no_key=True).get(pk=resident_id)
    if row.supervisor_id is not None and row.supervisor_id != by.pk:
        jobs.enqueue(kind=ENDED, subject=row.supervisor_id)
    Member.objects.filter(pk=row.pk).update(supervisor=by)


def step_back(*, resident: Member, by: Member) -> None:
    """End the supervision of a member; what they have released stays, what they have not waits. Raises NotYours."""
    with transaction.atomic():
        if not permissions.allows(by, "supervision.end", resident):
            raise NotYours(_("You do not supervise this person, or do not any more."))
        Member.objects.filter(pk=resident.pk, supervisor=by).update(supervisor=None)
        end_rows(resident)
        jobs.enqueue(kind=ENDED, subject=resident.pk)
        record(verb="supervision.ended", actor=by, subject=("member", resident.pk))


def end_rows(resident: Member) -> None:
    """End the supervision in force, in the caller's transaction; `Member.supervisor` is the caller's."""
    rows = Supervision.objects.filter(resident=resident)
    SUPERVISION.update(rows, start=SupervisionState.ACTIVE, to=SupervisionState.ENDED, ended_at=timezone.now())
