"""The question whether a member may open a case, which only an app above this one can answer."""

from collections.abc import Collection
from typing import Protocol
from uuid import UUID

from accounts.models import Member
from core.hooks import Slot


class MayOpen(Protocol):
    """The gate, asked about the cases that notices are about."""

    def __call__(self, member: Member, case_ids: Collection[UUID]) -> set[UUID]:
        """Return those of these cases that this member may open now. At most one query."""


may_open: Slot[MayOpen] = Slot("notifications.notices.hooks.MayOpen")
