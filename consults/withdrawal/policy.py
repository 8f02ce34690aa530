"""Policy of withdrawals, changes of a consent and redactions: action -> rows."""

from django.db.models import Q, QuerySet

from accounts.models import Member
from consent.models import Consent, Status
from consults.cases import exemption, gate
from consults.cases.models import Case, CaseState
from consults.withdrawal import redaction
from core.permissions import Policy


def to_withdraw(member: object) -> QuerySet[Case]:
    """Return own cases to withdraw at the patient's request: with a consent, or released without one."""
    with_consent = Q(consent__status__in=(Status.ACTIVE, Status.EXPIRED))
    without = exemption.released_without_consent() & ~Q(state=CaseState.WITHDRAWN)
    return gate.own_cases(member).filter(with_consent | without)


def consents_to_change(member: object) -> QuerySet[Consent]:
    """Return the consents that this member recorded; all of them for privacy officers and administrators."""
    if not isinstance(member, Member) or not member.is_verified:
        return Consent.objects.none()
    given = Consent.objects.exclude(status__in=(Status.DRAFT, Status.REFUSED))
    return given if member.is_officer else given.filter(recorded_by=member)


POLICY: Policy = {
    "case.withdraw": to_withdraw,
    "consent.change": consents_to_change,
    "redaction.decide": redaction.open_redactions,
    "redaction.list": redaction.all_redactions,
}
