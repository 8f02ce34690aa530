"""What every change of a draft shares: the lock, the refusal, and the unsigned consent that goes with it."""

from consent.models import Consent, Status
from consults.cases.models import EDITABLE, Case
from consults.cases.states import Moved


def lock_draft(case: Case) -> None:
    """Hold a draft until the transaction ends, so that it is not sent or emptied meanwhile. Raises NotPossible."""
    if not Case.objects.select_for_update().filter(pk=case.pk, state__in=EDITABLE).exists():
        raise Moved


def delete_unsigned(consent: Consent | None) -> None:
    """Nothing is left of a consent that was never signed, and that no case holds."""
    if consent is not None:
        Consent.objects.filter(pk=consent.pk, status=Status.DRAFT, cases=None).delete()
