"""A member's data in this app: the consents that they recorded, which stay when they leave: they are the patients'."""

from collections.abc import Mapping
from typing import Any, Final

from accounts.leaving.rooms import Wishes
from accounts.models import Member
from consent.models import Consent


class ConsentRoom:
    """The consents that a member recorded. Implements `accounts.leaving.rooms.Room`."""

    def export(self, member: Member) -> Mapping[str, Any]:
        """Return ids, dates, forms and uses; no code, no signature, nothing that a patient wrote or signed."""
        rows = Consent.objects.filter(recorded_by=member).select_related("form").prefetch_related("uses")
        return {"consents": [_facts(consent) for consent in rows.order_by("recorded_at", "pk")]}

    def erase(self, member: Member, wishes: Wishes) -> None:
        """Leave everything: the record, its log and the patient's code outlive whoever recorded it."""


def _facts(consent: Consent) -> dict[str, Any]:
    return {
        "id": consent.pk,
        "status": consent.status,
        "form": [consent.form.code, consent.form.version, consent.form.language],
        "recorded_at": consent.recorded_at,
        "signed_on": consent.signed_on,
        "expires_on": consent.expires_on,
        "uses": sorted(use.use for use in consent.uses.all()),
    }


ROOM: Final = ConsentRoom()
