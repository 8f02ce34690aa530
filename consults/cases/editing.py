"""Shared steps of changing a draft: locking it, and deleting an unsigned consent."""

from consent.models import Consent, Status
from consults.cases.models import EDITABLE, Case
from consults.cases.states import Moved


def lock_draft(case: Case) -> None:
    """Lock a draft until the transaction ends, so that it is not submitted or erased meanwhile. Raises Moved."""
    if not Case.objects.select_for_update().filter(pk=case.pk, state__in=EDITABLE).exists():
        raise Moved


def delete_unsigned(consent: Consent | None) -> None:
    """Delete a consent that was never signed and that no case refers to."""
    if consent is not None:
        Consent.objects.filter(pk=consent.pk, status=Status.DRAFT, cases=None).delete()
