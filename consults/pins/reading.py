"""The pins of a case, for its pages: its pictures, and comments that say "see 2".

Nothing here checks access. Call it for a case of the policy's `case.discuss` only: where somebody points says what they
think, and before their own answer a member sees none of it.
"""

from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from consults.pins.models import Pin
from core.prepared import Prepared
from imaging.models import State


def pins_of(case_id: UUID) -> dict[int, Pin]:
    """Return the pins of a case by number, in its order: those on pixels as they were released. One kept query."""
    return {pin.number: pin for pin in _PINS.objects("pins", _shown, [case_id])}


def _shown(case_id: UUID) -> QuerySet[Pin]:
    shown = Pin.objects.filter(Pin.on_released_pixels(), case=case_id, rendition__photo__state=State.SEALED)
    return shown.select_related("by", "rendition").order_by("number")


_PINS: Final = Prepared()
