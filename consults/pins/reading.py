"""The pins of a case, for its pages: its pictures, and comments that say "see 2".

Nothing here checks access. Call it for a case of the policy's `case.discuss` only: where somebody points says what they
think, and before their own answer a member sees none of it.
"""

from uuid import UUID

from consults.pins.models import Pin
from imaging.models import State


def pins_of(case_id: UUID) -> dict[int, Pin]:
    """Return the pins of a case by their number, in its order: those on pixels as they were released. One query."""
    shown = Pin.objects.filter(Pin.on_released_pixels(), case=case_id, rendition__photo__state=State.SEALED)
    return {pin.number: pin for pin in shown.select_related("by", "rendition").order_by("number")}
