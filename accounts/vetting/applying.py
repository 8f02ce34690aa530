"""Applications, first and renewed: the claim, confirmation of the address, questions to named colleagues."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exceptions import AlreadyDecided, NotYours
from accounts.membership.models import Member, Profession, Standing, normalise_email
from accounts.vetting import events, evidence
from accounts.vetting.models import OPEN, Application, EvidenceKind, Reference, ReferenceKind, comparable
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


def apply(
    *,
    email: str,
    password: str,
    claim: Claim,
    picture: evidence.SentPicture | None = None,
) -> Application | None:
    """Create an applicant and their application, with the guidelines accepted now.

    Return None if the address already has an account: its owner gets a mail, the visitor learns nothing.
    """
    email = normalise_email(email)
    # Hashed before the address is looked up, so that the answer takes as long for a known one.
    hashed = make_password(password)
    with transaction.atomic():
        known = Member.objects.filter(email=email).first()
        if known is not None:
            jobs.enqueue(kind=events.KNOWN, subject=known.pk)
            return None
        member = Member(
            email=email,
            name=claim.name,
            profession=claim.profession,
            country=claim.country,
        )
        member.institution = claim.institution
        member.password = hashed
        member.save()
        return _submit(member=member, claim=claim, picture=picture, confirmed=False)


def apply_again(*, member: Member, claim: Claim, picture: evidence.SentPicture | None = None) -> Application:
    """Create a new application of a lapsed member. Raises NotYours, AlreadyDecided."""
    with transaction.atomic():
        row = Member.objects.select_for_update().get(pk=member.pk)
        if not may_apply_again(row):
            raise NotYours(_("Only a lapsed membership can be applied for again."))
        if row.applications.filter(state__in=OPEN).exists():
            raise AlreadyDecided(_("Your application is already being read."))
        confirmed = row.applications.filter(address_confirmed_at__isnull=False).exists()
        return _submit(member=row, claim=claim, picture=picture, confirmed=confirmed)


def may_apply_again(member: Member) -> bool:
    """Whether the membership has lapsed, by standing or by date."""
    return member.standing_today == Standing.LAPSED


def _submit(
    *,
    member: Member,
    claim: Claim,
    picture: evidence.SentPicture | None,
    confirmed: bool,
) -> Application:
    now = timezone.now()
    application = Application.objects.create(
        member=member,
        profession=claim.profession,
        country=claim.country,
        institution=claim.institution,
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
    if picture is not None and claim.evidence_kind == EvidenceKind.PICTURE:
        evidence.store(application=application, picture=picture)
    if not confirmed:
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
    """Create a reference for each colleague; verified members are asked once the address is confirmed."""
    for email in dict.fromkeys(normalise_email(email) for email in emails if email):
        member = Member.objects.verified().filter(email=email, is_staff=False, is_privacy_officer=False).first()
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
        for reference in application.references.filter(member__isnull=False, answer__isnull=True):
            jobs.enqueue(kind=events.ASKED, subject=reference.pk)
        record(
            verb="application.address_confirmed",
            actor=application.member,
            subject=("application", application.pk),
        )
    return True


def resend_link(*, application: Application) -> None:
    """Mail the confirmation link again, if the application still needs it."""
    with transaction.atomic():
        if Application.objects.filter(pk=application.pk, address_confirmed_at__isnull=True, state__in=OPEN).exists():
            jobs.enqueue(kind=events.RECEIVED, subject=application.pk)


def answer(*, reference: Reference, by: Member, vouches: bool) -> None:
    """Store whether a named colleague vouches for the applicant. Raises NotYours, AlreadyDecided."""
    with transaction.atomic():
        if not permissions.allows(by, "reference.answer", reference):
            raise NotYours(_("This question is not open to you. It may have been answered already."))
        done = Reference.objects.filter(pk=reference.pk, answer__isnull=True).update(
            answer=vouches, answered_at=timezone.now()
        )
        if not done:
            raise AlreadyDecided(_("You have answered this already."))
        record(
            verb="reference.answered",
            actor=by,
            subject=("application", reference.application_id),
            kind=reference.kind,
            vouches=vouches,
        )
