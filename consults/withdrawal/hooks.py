"""The interface through which a withdrawal recalls exports."""

from typing import Protocol
from uuid import UUID

from core.hooks import Slot


class ExportKeeper(Protocol):
    """The app that records which exports were made and which consents they contain."""

    def recall(self, *, consent_id: UUID) -> object:
        """Mark every export that contains a withdrawn consent as out of date, and notify its maker."""


export_keeper: Slot[ExportKeeper] = Slot("consults.withdrawal.hooks.ExportKeeper")
