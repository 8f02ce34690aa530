"""The question whether a member may open a case, which only an app above this one can answer."""

from collections.abc import Collection, Mapping
from typing import Protocol
from uuid import UUID

from accounts.models import Member
from core.hooks import Slot


class MayOpen(Protocol):
    """The gate, asked about the cases that notices are about."""

    def __call__(self, member: Member, case_ids: Collection[UUID]) -> Mapping[UUID, str]:
        """Return those of these cases that this member may open now, each with its title. At most one query.

        The title is for a page that is shown to this member now; no notice and no mail holds it.
        """


may_open: Slot[MayOpen] = Slot("notifications.notices.hooks.MayOpen")
