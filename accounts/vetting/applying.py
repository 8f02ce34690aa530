"""Applications: the claim, confirmation of the address, questions to named colleagues.

A newcomer's first application begins as a draft (`accounts.vetting.joining`).
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exceptions import AlreadyDecided, NotYours
from accounts.membership.models import RENEWAL_DAYS, Member, Profession, Standing, normalise_email
from accounts.membership.supervision import service as supervision
from accounts.vetting import events, evidence
from accounts.vetting.checking import marks
from accounts.vetting.checking.institutions import institution_key
from accounts.vetting.models import (
    ASKED,
    OPEN,
    Application,
    EvidenceKind,
    Reference,
    ReferenceKind,
    State,
    comparable,
)
from audit.record import record
from core import jobs, permissions
from core.deadlines import add_working_days

TARGET_WORKING_DAYS = 5


@dataclass(frozen=True)
class Claim:
    """The statements of an applicant about themselves."""

    name: str
    country: str
    profession: Profession
    institution: str
    registry_name: str
    registry_url: str
    registry_number: str
    evidence_kind: EvidenceKind
    supervisor_email: str = ""
    voucher_emails: tuple[str, ...] = ()
    mentor_email: str = ""
    colleague_emails: tuple[str, ...] = ()


def apply_again(
    *,
    member: Member,
    claim: Claim,
    picture: evidence.SentPicture | None = None,
    origin: marks.Origin | None = None,
) -> Application:
    """Create a new application of a member who has lapsed or soon will. Raises NotYours, AlreadyDecided."""
    with transaction.atomic():
        row = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
        if not may_apply_again(row):
            raise NotYours(
                _("You can apply again %(days)d days before your verification ends.") % {"days": RENEWAL_DAYS}
            )
        if row.applications.filter(state__in=OPEN).exists():
            raise AlreadyDecided(_("Your application is already being read."))
        confirmed = row.applications.filter(address_confirmed_at__isnull=False).exists()
        application = submit(member=row, claim=claim, confirmed=confirmed, origin=origin)
        if picture is not None and claim.evidence_kind == EvidenceKind.PICTURE:
            evidence.store(application=application, picture=picture)
        return application


def may_apply_again(member: Member) -> bool:
    """Whether the membership has lapsed or soon will. Officers without a profession are renewed by the command."""
    if member.is_officer and not member.profession:
        return False
    return member.standing_today == Standing.LAPSED or member.may_renew


def submit(
    *, member: Member, claim: Claim, confirmed: bool, pk: uuid.UUID | None = None, origin: marks.Origin | None = None
) -> Application:
    """Create an application with its questions to colleagues, in the caller's transaction.

    `origin` is the browser it came from; nothing of it is kept but keyed marks (`accounts.vetting.checking.marks`).
    """
    now = timezone.now()
    application = Application.objects.create(
        pk=pk or uuid.uuid4(),
        member=member,
        profession=claim.profession,
        country=claim.country,
        institution=claim.institution,
        institution_key=institution_key(claim.institution),
        registry_name=claim.registry_name,
        registry_url=claim.registry_url,
        registry_number=claim.registry_number,
        number_key=comparable(claim.registry_number),
        evidence_kind=claim.evidence_kind,
        guidelines_accepted_at=now,
        created_at=now,
        target_on=add_working_days(timezone.localdate(now), TARGET_WORKING_DAYS),
        address_confirmed_at=now if confirmed else None,
    )
    if claim.profession == Profession.RESIDENT:
        _add_references(application, ReferenceKind.SUPERVISOR, [claim.supervisor_email])
    if claim.evidence_kind == EvidenceKind.VOUCHERS:
        _add_references(application, ReferenceKind.VOUCHER, claim.voucher_emails)
    marks.note_address(application, member.email)
    marks.note_origin(application, origin)
    _add_references(application, ReferenceKind.MENTOR, [claim.mentor_email])
    _add_references(application, ReferenceKind.COLLEAGUE, claim.colleague_emails)
    if confirmed:
        _announce(application)
    else:
        jobs.enqueue(kind=events.RECEIVED, subject=application.pk)
    record(
        verb="application.submitted",
        actor=member,
        subject=("application", application.pk),
        profession=str(claim.profession),
        evidence=str(claim.evidence_kind),
    )
    return application


def _add_references(application: Application, kind: ReferenceKind, emails: Iterable[str]) -> None:
    """Create a reference for each colleague; vouchers and supervisors who are members are asked (`_announce`).

    Of mentors and colleagues who are no members nothing is kept: nobody asks them, and no moderator is among them.
    """
    for email in dict.fromkeys(normalise_email(email) for email in emails if email):
        member = Member.objects.verified().filter(email=email, is_staff=False, is_privacy_officer=False).first()
        if member is None and kind not in ASKED:
            continue
        Reference.objects.create(
            application=application,
            kind=kind,
            member=member,
            email="" if member else email,
        )


def confirm_address(*, application: Application) -> bool:
    """Mark the address as confirmed and ask the named colleagues; return False if it was confirmed before."""
    with transaction.atomic():
        first = Application.objects.filter(pk=application.pk, address_confirmed_at__isnull=True).update(
            address_confirmed_at=timezone.now()
        )
        if not first:
            return False
        evidence.prepare_after_confirmation(application)
        _announce(application)
        record(
            verb="application.address_confirmed",
            actor=application.member,
            subject=("application", application.pk),
        )
    return True


def _announce(application: Application) -> None:
    """Have moderators told that it waits, and the named colleagues asked."""
    jobs.enqueue(kind=events.WAITS, subject=application.pk)
    for reference in application.references.filter(member__isnull=False, answer__isnull=True, kind__in=ASKED):
        jobs.enqueue(kind=events.ASKED, subject=reference.pk)


def resend_link(*, application: Application) -> None:
    """Mail the confirmation link again, if the application still needs it."""
    with transaction.atomic():
        if Application.objects.filter(pk=application.pk, address_confirmed_at__isnull=True, state__in=OPEN).exists():
            jobs.enqueue(kind=events.RECEIVED, subject=application.pk)


def _supervise(application_id: uuid.UUID, by: Member) -> None:
    """Name the supervisor of a resident who was accepted before their supervisor said yes."""
    accepted = Application.objects.filter(pk=application_id, state=State.ACCEPTED)
    Member.objects.filter(pk__in=accepted.values("member"), profession=Profession.RESIDENT, supervisor=None).update(
        supervisor=by
    )


def answer(*, reference: Reference, by: Member, vouches: bool) -> None:
    """Store whether a named colleague vouches for the applicant. Raises NotYours, AlreadyDecided."""
    with transaction.atomic():
        if not permissions.allows(by, "reference.answer", reference):
            raise NotYours(_("This question is not open to you. It may have been answered already."))
        if vouches and reference.kind == ReferenceKind.SUPERVISOR:
            supervision.require_room(by)
        done = Reference.objects.filter(pk=reference.pk, answer__isnull=True).update(
            answer=vouches, answered_at=timezone.now()
        )
        if not done:
            raise AlreadyDecided(_("You have answered this already."))
        if vouches and reference.kind == ReferenceKind.SUPERVISOR:
            _supervise(reference.application_id, by)
        record(
            verb="reference.answered",
            actor=by,
            subject=("application", reference.application_id),
            kind=reference.kind,
            vouches=vouches,
        )
