"""Which data keys a withdrawal destroys: one a case. The certificate shows when they went."""

from uuid import UUID

from consent import progress
from consent.models import Consent
from consults.models import Case


@progress.register
def keys_of(consent: Consent) -> list[UUID]:
    """A case's id is also the id of the key that seals its pictures."""
    return list(Case.objects.filter(consent=consent).values_list("pk", flat=True))
