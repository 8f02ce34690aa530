"""Vetting: two independent votes, one appeal. Every step is one transaction with its line in the log.

Applications are made in `accounts.vetting.applying`; members change later in `accounts.membership.lifecycle`.
"""

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exceptions import AlreadyDecided, BadReason, NotYet, NotYours, TooLate
from accounts.membership.lifecycle import SuspensionReason, reinstate, standing_changed, suspend, verify
from accounts.membership.models import Member, Standing
from accounts.membership.states import STANDING
from accounts.membership.supervision import service as supervision
from accounts.vetting import events, evidence, letters
from accounts.vetting.applying import (
    TARGET_WORKING_DAYS,
    Claim,
    answer,
    apply_again,
    confirm_address,
    may_apply_again,
    resend_link,
)
from accounts.vetting.joining import apply, finish
from accounts.vetting.models import (
    ACCEPTING,
    APPEAL_DAYS,
    DECLINING,
    Application,
    EvidenceKind,
    Recusal,
    ReferenceKind,
    Sight,
    State,
    Vote,
)
from accounts.vetting.states import APPLICATION
from audit.record import record
from core import jobs, permissions
from core.deadlines import add_working_days
from core.states import Moved

VOUCHERS = 2
VOTES_A_DAY = 40
REFUSABLE = (Standing.APPLICANT, Standing.LAPSED)  # who is verified stays so until the last day

__all__ = [
    "Claim",
    "SuspensionReason",
    "answer",
    "appeal",
    "apply",
    "apply_again",
    "confirm_address",
    "finish",
    "may_apply_again",
    "obstacles",
    "recuse",
    "reinstate",
    "resend_link",
    "suspend",
    "vote",
]


def recuse(*, application: Application, by: Member) -> None:
    """Record that a moderator steps aside, because they work with the applicant. Raises NotYours."""
    with transaction.atomic():
        _lock_for(application, by)
        Recusal.objects.create(application=application, moderator=by)
        application.half_decisions.filter(moderator=by).delete()
        record(
            verb="application.recused",
            actor=by,
            subject=("application", application.pk),
        )


def obstacles(*, application: Application, by: Member) -> dict[str, str]:
    """Return why `by` may not accept this application yet, as code -> sentence; empty if they may."""
    missing: dict[str, str] = {}
    if application.address_confirmed_at is None:
        missing["unconfirmed"] = _("The applicant must first open the link in the mail we sent.")
    if application.evidence_kind == EvidenceKind.PICTURE:
        seen = Sight.objects.filter(
            picture__application=application,
            picture__round=application.round,
            moderator=by,
        )
        if not seen.exists():
            missing["unseen"] = _("Open the picture of the licence before you accept.")
    if application.evidence_kind == EvidenceKind.VOUCHERS:
        yes = application.references.filter(kind=ReferenceKind.VOUCHER, answer=True).count()
        if yes < VOUCHERS:
            missing["unvouched"] = _("Two vouchers must have said yes before you can accept.")
    return missing


def vote(
    *,
    application: Application,
    by: Member,
    accept: bool,
    reason: str,
    looked_up_on: date,
    words: str = "",
) -> Vote:
    """Cast a moderator's vote; the second one if it agrees, or the third, decides the application.

    The applicant reads the reasons and `words` of all, without names. `looked_up_on` is the day on which `by` looked
    the number up in the register. Raises NotYours, AlreadyDecided, NotYet, BadReason, TooLate, without any change.
    """
    if reason not in (ACCEPTING if accept else DECLINING):
        raise BadReason(_("Choose a reason that fits your decision."))
    with transaction.atomic():
        row = _lock_for(application, by)
        today = timezone.localdate()
        if not timezone.localdate(row.created_at) <= looked_up_on <= today:
            raise NotYet(_("The register must be looked up after the application came in, and not in the future."))
        if accept and (missing := obstacles(application=row, by=by)):
            raise NotYet(" ".join(missing.values()))
        if by.votes_cast.filter(cast_at__gte=timezone.now() - timedelta(days=1)).count() >= VOTES_A_DAY:
            raise TooLate(_("You have decided as many applications as one person may in a day. Go on tomorrow."))
        cast = Vote.objects.create(
            application=row,
            round=row.round,
            seat=row.votes.filter(round=row.round).count() + 1,
            moderator=by,
            accept=accept,
            reason=reason,
            words=words.strip(),
            looked_up_on=looked_up_on,
        )
        row.half_decisions.filter(moderator=by).delete()
        deciding = _decide_by_votes(row)
        # The log is written last: all writers share its lock, so nothing may wait for a row while holding it.
        record(
            verb="application.voted",
            actor=by,
            subject=("application", row.pk),
            round=row.round,
            seat=cast.seat,
            accept=accept,
            reason=reason,
            looked_up_on=looked_up_on.isoformat(),
        )
        if deciding is not None:
            record(
                verb="application.decided",
                actor=None,
                subject=("application", row.pk),
                member=str(row.member_id),
                accepted=deciding.accept,
                reason=deciding.reason,
                round=row.round,
                votes=cast.seat,
            )
    return cast


def _lock_for(application: Application, by: Member) -> Application:
    """Return the application with its row locked, if `by` may decide it. Raises AlreadyDecided, NotYours."""
    row = Application.objects.select_for_update(of=("self",)).select_related("member").get(pk=application.pk)
    if not row.is_open:
        raise AlreadyDecided(_("This application has been decided. Thank you; nothing is left to do."))
    if not permissions.allows(by, "application.decide", row):
        raise NotYours(_("You have voted on this application already, or others must decide it."))
    return row


def _decide_by_votes(row: Application) -> Vote | None:
    """Decide the locked application if this round's votes suffice; return the vote that gives the reason, or None."""
    votes = list(row.votes.filter(round=row.round).order_by("seat"))
    if len(votes) < 2:
        return None
    deciding = votes[-1]
    if len(votes) == 2:
        deciding = votes[0]
        if votes[0].accept != votes[1].accept:
            _move(row, to=State.THIRD)
            return None
    now = timezone.now()
    state = State.ACCEPTED if deciding.accept else State.DECLINED
    _move(row, to=state, reason=deciding.reason, decided_at=now)
    if deciding.accept:
        _verify(row)
    else:
        STANDING.update(Member.objects.filter(pk=row.member_id), to=Standing.DECLINED, start=REFUSABLE)
        standing_changed.send(sender=Member, member_id=row.member_id)
    # The address of a person who is no member served only to find them here.
    row.references.filter(member__isnull=True).update(email="")
    row.half_decisions.all().delete()
    evidence.destroy_after_decision(row)
    letters.write(application=row, votes=votes)
    jobs.enqueue(kind=events.DECIDED, subject=row.pk)
    return deciding


def _move(row: Application, *, to: State, **fields: object) -> None:
    """Move from the state and round that were read. Raises AlreadyDecided."""
    try:
        APPLICATION.move(row, start=row.state, to=to, where=Q(round=row.round), **fields)
    except Moved as moved:
        sentence = _("Somebody decided this application at the same moment. Load the page again.")
        raise AlreadyDecided(sentence) from moved


def _verify(row: Application) -> None:
    supervisor = _supervisor_of(row)
    if supervisor != row.member.supervisor_id:
        supervision.end_rows(row.member)
    verify(
        member_id=row.member_id,
        profession=row.profession,
        country=row.country,
        institution=row.institution,
        supervisor=supervisor,
    )


def _supervisor_of(row: Application) -> UUID | None:
    """Return who supervises an accepted applicant: who said yes, or who does already, unless another one was named."""
    named = row.references.filter(kind=ReferenceKind.SUPERVISOR)
    agreed = named.filter(member__isnull=False, answer=True).first()
    if agreed is not None:
        return agreed.member_id
    present = row.member.supervisor_id
    if row.profession != row.member.profession or named.exclude(member=present, answer__isnull=True).exists():
        return None
    return present


def appeal(
    *,
    application: Application,
    by: Member,
    statement: str,
    picture: evidence.SentPicture | None = None,
) -> Application:
    """Reopen a declined application for moderators who did not vote on it.

    Raises NotYours, TooLate, NotYet.
    """
    with transaction.atomic():
        row = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
        if not permissions.allows(by, "application.appeal", row):
            raise NotYours(_("There is no decision here that you can appeal."))
        if not row.may_be_appealed:
            raise TooLate(_("The %(days)d days for an appeal are over.") % {"days": APPEAL_DAYS})
        if row.evidence_kind == EvidenceKind.PICTURE and picture is None:
            raise NotYet(_("Add the picture again: the first one was destroyed after the decision."))
        now = timezone.now()
        _move(
            row,
            to=State.WAITING,
            round=2,
            decided_at=None,
            reason="",
            appealed_at=now,
            appeal_statement=statement,
            target_on=add_working_days(timezone.localdate(now), TARGET_WORKING_DAYS),
        )
        if picture is not None and row.evidence_kind == EvidenceKind.PICTURE:
            evidence.store(application=row, picture=picture)
        record(verb="application.appealed", actor=by, subject=("application", row.pk))
    return row
