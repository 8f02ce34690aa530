"""Joining: a newcomer's draft, and the account that the owner of the mailbox makes of it.

Threat: somebody applies in the name of a real doctor, with the doctor's address and a password of their own, and the
doctor opens the link in the mail. Nothing that the sender of a draft chose lets anybody in: the account is made by the
person behind the link, who sees what was sent and chooses the password. Several drafts of one address lie side by
side, so that the first sender does not shut the second out.
"""

from dataclasses import asdict
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exceptions import AlreadyDecided
from accounts.membership.models import Member, Profession, normalise_email
from accounts.vetting import events, evidence
from accounts.vetting.applying import Claim, submit
from accounts.vetting.checking.marks import Origin
from accounts.vetting.confirmation_link import LINK_DAYS
from accounts.vetting.models import Application, Draft, EvidenceKind
from audit.record import record
from core import jobs

MAX_DRAFTS = 10  # of one address; who opens the link can throw them all away


def apply(*, email: str, claim: Claim, picture: evidence.SentPicture | None = None) -> None:
    """Keep a draft and enqueue the mail to its address.

    Does not look whether there is an account, so that no answer and no delay tells: the mail's job does.
    """
    email = normalise_email(email)
    keeps = picture is not None and claim.evidence_kind == EvidenceKind.PICTURE
    with transaction.atomic():
        earlier = list(Draft.objects.filter(email=email)[:MAX_DRAFTS])
        if len(earlier) == MAX_DRAFTS:
            jobs.enqueue(kind=events.DRAFTED, subject=earlier[0].pk)
            return
        draft = Draft.objects.create(email=email, claim=asdict(claim), has_picture=keeps)
        if picture is not None and keeps:
            evidence.store_for_draft(draft=draft, picture=picture)
        jobs.enqueue(kind=events.DRAFTED, subject=draft.pk)


def claim_of(draft: Draft) -> Claim:
    """Return what the sender of a draft stated."""
    said = dict(draft.claim)
    said["profession"] = Profession(said["profession"])
    said["evidence_kind"] = EvidenceKind(said["evidence_kind"])
    for several in ("voucher_emails", "colleague_emails"):  # JSON knows lists only; older drafts lack the second
        said[several] = tuple(said.get(several, ()))
    return Claim(**said)


def drafts_beside(draft: Draft) -> list[Draft]:
    """Return all drafts of the same address, newest first."""
    return list(Draft.objects.filter(email=draft.email))


def finish(*, draft: Draft, password: str, origin: Origin | None = None) -> Application:
    """Make the account and the application of a draft, and throw its address's other drafts away.

    Call it for the person behind the link only; `password` is theirs. Raises AlreadyDecided.
    """
    try:
        with transaction.atomic():
            found = {row.pk: row for row in Draft.objects.select_for_update().filter(email=draft.email)}
            if draft.pk not in found:
                raise AlreadyDecided(_("This has been done already. Sign in to follow your application."))
            claim = claim_of(found[draft.pk])
            member = Member.objects.create_user(
                draft.email,
                password,
                name=claim.name,
                profession=claim.profession,
                country=claim.country,
                institution=claim.institution,
            )
            application = submit(member=member, claim=claim, confirmed=True, pk=draft.pk, origin=origin)
            evidence.take_over(draft=found[draft.pk], application=application)
            discard(draft.email, but=draft)
            found[draft.pk].delete()
            record(verb="application.address_confirmed", actor=member, subject=("application", application.pk))
    except IntegrityError as error:
        raise AlreadyDecided(_("There is an account for this address already. Sign in.")) from error
    return application


def discard(email: str, *, but: Draft | None = None) -> int:
    """Delete the drafts of an address, and destroy their pictures; return how many."""
    return _delete([row for row in Draft.objects.filter(email=email) if but is None or row.pk != but.pk])


def discard_old() -> int:
    """Delete the drafts whose link is over; return how many."""
    over = timezone.now() - timedelta(days=LINK_DAYS)
    return _delete(list(Draft.objects.filter(created_at__lt=over)))


def _delete(drafts: list[Draft]) -> int:
    with transaction.atomic():
        for draft in drafts:
            if draft.has_picture:
                jobs.enqueue(kind=evidence.DESTROY, subject=draft.pk)
        Draft.objects.filter(pk__in=[draft.pk for draft in drafts]).delete()
    return len(drafts)
