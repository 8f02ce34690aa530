"""The appeal against a suspension, which somebody answers who took no part in it.

The suspended cannot sign in: a signed link in the mail, and on the page that turns them away, leads to theirs.
"""

import uuid
from typing import Final

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exceptions import NotYours, TooLate
from accounts.membership.models import Member, Standing
from accounts.membership.suspension import events
from accounts.membership.suspension.models import Suspension, SuspensionState
from accounts.membership.suspension.states import SUSPENSION
from audit.record import record
from core import jobs, permissions

_SALT: Final = "accounts.suspension"
MOST_TOLD: Final = 20


def _signer() -> signing.Signer:
    """Return the signer of the links: without a time, because the suspension itself says how long one may appeal."""
    return signing.Signer(salt=_SALT)


def path_of(suspension: Suspension) -> str:
    """Return the path of the page on which a suspended member reads why, and appeals."""
    return reverse("accounts:suspension", args=[_signer().sign(str(suspension.pk))])


def suspension_of(token: str) -> Suspension | None:
    """Return the suspension to which this link leads; None for a forged one, or one that was lifted."""
    try:
        pk = uuid.UUID(_signer().unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    return Suspension.objects.filter(pk=pk, member__standing=Standing.SUSPENDED).exclude(state="lifted").first()


def current(member: Member) -> Suspension | None:
    """Return the suspension in force; None for a member who was suspended before the site kept them."""
    return Suspension.objects.filter(member=member).exclude(state=SuspensionState.LIFTED).first()


def facts_of(member: Member) -> dict[str, object]:
    """Return what the page that turns a suspended member away tells: why, since when, whom to write to, where next."""
    found = current(member)
    path = path_of(found) if found is not None else ""
    return {"suspension": found, "path": path, "write_to": settings.APPEALS_ADDRESS}


def appeal(*, suspension: Suspension, statement: str) -> None:
    """Take the suspended member's statement, once and in time. Raises TooLate, NotYours."""
    with transaction.atomic():
        row = Suspension.objects.select_for_update(of=("self",)).select_related("member").get(pk=suspension.pk)
        if not row.may_be_appealed:
            days = settings.RULES["suspension_appeal_days"]
            raise TooLate(_("You have appealed already, or the %(days)d days for it are over.") % {"days": days})
        SUSPENSION.move(row, to=SuspensionState.APPEALED, appealed_at=timezone.now(), statement=statement.strip())
        for one in _who_may_answer(row)[:MOST_TOLD]:
            jobs.enqueue(kind=events.APPEALED, subject=one.pk)
        record(verb="suspension.appealed", actor=row.member, subject=("member", row.member_id))


def _who_may_answer(row: Suspension) -> list[Member]:
    staff = Member.objects.moderators() | Member.objects.verified().filter(is_staff=True)
    return [one for one in staff.order_by("pk") if permissions.allows(one, "suspension.answer", row)]


def uphold(*, suspension: Suspension, by: Member, answer: str) -> None:
    """Keep an appealed suspension in force, with an answer to the member. Raises NotYours."""
    with transaction.atomic():
        if not permissions.allows(by, "suspension.answer", suspension):
            raise NotYours(_("Somebody who took no part in the suspension answers the appeal."))
        SUSPENSION.move(
            suspension,
            to=SuspensionState.UPHELD,
            answered_by=by,
            answered_at=timezone.now(),
            answer=answer.strip(),
            alone=suspension.by_id == by.pk,
        )
        jobs.enqueue(kind=events.UPHELD, subject=suspension.pk)
        record(verb="suspension.upheld", actor=by, subject=("member", suspension.member_id))
