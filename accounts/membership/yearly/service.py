"""Yearly light checks: sent by the member in the last 60 days of a year, decided by one moderator.

A full check by two moderators takes its place every third year, and whenever something has changed.
"""

from datetime import date, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exceptions import AlreadyDecided, BadReason, NotYet, NotYours, TooLate
from accounts.membership.lifecycle import extend
from accounts.membership.models import Member, Verification
from accounts.membership.yearly.models import CheckState, Finding, YearlyCheck
from accounts.membership.yearly.states import CHECK
from accounts.vetting.models import OPEN, Application, State
from audit.record import record
from core import jobs, permissions
from core.deadlines import add_months, add_working_days

DECIDED: Final = "accounts.check_decided"  # subject: the check
TARGET_WORKING_DAYS: Final = 5


class Kind(StrEnum):
    """Kinds of checks."""

    LIGHT = "light"
    FULL = "full"


def kind_due(member: Member) -> Kind:
    """Return which check is due at the end of the running verification. Costs a query."""
    until = member.verified_until
    known = Verification.objects.filter(pk=member.pk).first()
    light = until is not None and known is not None and until < known.full_due_on and application_of(member) is not None
    return Kind.LIGHT if light else Kind.FULL


def application_of(member: Member) -> Application | None:
    """Return the application on which the present verification rests."""
    return member.applications.filter(state=State.ACCEPTED).order_by("-decided_at").first()


def waiting(member: Member) -> YearlyCheck | None:
    """Return the member's check that waits for a moderator."""
    return YearlyCheck.objects.filter(member=member, state=CheckState.WAITING).first()


def may_send(member: Member) -> bool:
    """Whether the member may confirm now that nothing has changed."""
    if not member.may_renew or not member.profession or kind_due(member) != Kind.LIGHT:
        return False
    return waiting(member) is None and not member.applications.filter(state__in=OPEN).exists()


def send(*, member: Member) -> YearlyCheck:
    """Take the member's word that register, profession, institution and supervisor are as before. Raises NotYours."""
    refused = _("There is nothing to confirm now. Your membership page says what is due, and when.")
    with transaction.atomic():
        row = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
        application = application_of(row)
        if not may_send(row) or application is None:
            raise NotYours(refused)
        try:
            with transaction.atomic():
                made = YearlyCheck.objects.create(
                    member=row,
                    application=application,
                    until=row.verified_until,
                    target_on=add_working_days(timezone.localdate(), TARGET_WORKING_DAYS),
                )
        except IntegrityError as error:
            raise NotYours(refused) from error
        record(verb="check.sent", actor=row, subject=("member", row.pk))
    return made


def decide(*, check: YearlyCheck, by: Member, finding: str, looked_up_on: date) -> None:
    """Record what the register says: another year, or a full check at the end of this one.

    `looked_up_on` is the day on which `by` looked. Raises NotYours, AlreadyDecided, BadReason, NotYet, TooLate.
    """
    if finding not in Finding.values:
        raise BadReason(_("Choose what you found in the register."))
    with transaction.atomic():
        row = YearlyCheck.objects.select_for_update(of=("self",)).get(pk=check.pk)
        if row.state != CheckState.WAITING:
            raise AlreadyDecided(_("This check has been decided. Thank you; nothing is left to do."))
        if not permissions.allows(by, "check.decide", row):
            raise NotYours(_("Another moderator decides this one: you know this person, or it is yours."))
        if not timezone.localdate(row.sent_at) <= looked_up_on <= timezone.localdate():
            raise NotYet(_("The register must be looked up after the check came in, and not in the future."))
        if _decided_today(by, of=row.member_id) >= int(settings.RULES["yearly_checks_a_day"]):
            raise TooLate(_("You have decided as many checks as one person may in a day. Go on tomorrow."))
        holds = finding == Finding.UNCHANGED
        CHECK.move(
            row,
            to=CheckState.CONFIRMED if holds else CheckState.FULL,
            finding=finding,
            decided_by=by,
            decided_at=timezone.now(),
            looked_up_on=looked_up_on,
        )
        known = Verification.objects.select_for_update(no_key=True).get(pk=row.member_id)
        if holds:
            months = int(settings.RULES["membership_months"])
            extend(member_id=row.member_id, until=min(add_months(row.until, months), known.full_due_on))
        else:
            Verification.objects.filter(pk=known.pk).update(full_due_on=max(row.until, known.since))
        jobs.enqueue(kind=DECIDED, subject=row.pk)
        record(
            verb="check.decided",
            actor=by,
            subject=("member", row.member_id),
            finding=finding,
            looked_up_on=looked_up_on.isoformat(),
        )


def _decided_today(by: Member, *, of: UUID) -> int:
    """Return how many checks this moderator decided within a day.

    Locks both rows in the order of their ids: so that all are counted, and two moderators may decide one another's.
    """
    list(Member.objects.select_for_update(no_key=True).filter(pk__in=(by.pk, of)).order_by("pk").values_list("pk"))
    return by.checks_decided.filter(decided_at__gt=timezone.now() - timedelta(days=1)).count()


def late() -> int:
    """Return how many checks are past their target date."""
    return YearlyCheck.objects.filter(state=CheckState.WAITING, target_on__lt=timezone.localdate()).count()
