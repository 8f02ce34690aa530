"""What a withdrawal needs of the app that keeps track of exports."""

from typing import Protocol
from uuid import UUID

from core.hooks import Slot


class ExportKeeper(Protocol):
    """The app that knows which exports left the house and what stands in them."""

    def recall(self, *, consent_id: UUID) -> object:
        """Mark every export in which a withdrawn consent stands as out of date, and have its maker told."""


export_keeper: Slot[ExportKeeper] = Slot("consults.withdrawal.hooks.ExportKeeper")
