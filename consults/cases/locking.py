"""Locks and refusals that every step of a case shares."""

from django.utils.translation import gettext as _

from consults.cases.models import EDITABLE
from consults.exceptions import NotPossible
from consults.models import Case


def changed_meanwhile() -> NotPossible:
    """Return the refusal of a step whose case has changed since the page was made."""
    return NotPossible(_("The case has changed in the meantime. Reload the page."))


def lock_draft(case: Case) -> None:
    """Hold a draft until the transaction ends, so that it is not sent or emptied meanwhile. Raises NotPossible."""
    if not Case.objects.select_for_update().filter(pk=case.pk, state__in=EDITABLE).exists():
        raise changed_meanwhile()
