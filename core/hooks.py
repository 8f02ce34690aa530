"""Slots through which a lower app calls a higher one: a protocol, implemented once at start-up, checked on start.

    holder: Slot[Holder] = Slot("consent.hooks.Holder")      # in consent, which states the protocol
    hooks.holder.fill(CaseHolder())                          # in consults, which implements it

An empty slot fails closed: using it raises, and the system check `core.E002` refuses to start.
"""

from typing import Any, Generic, TypeVar

from django.core.checks import CheckMessage, Error, register

T = TypeVar("T")
_slots: list["Slot[Any]"] = []


class EmptySlot(Exception):
    """A slot whose protocol nobody implements."""


class FilledTwice(Exception):
    """A second implementation for a slot, which would silently be ignored."""


class Slot(Generic[T]):
    """A place for the one implementation of a protocol; `name` is the protocol's dotted name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._filled_by: T | None = None
        _slots.append(self)

    def fill(self, implementation: T) -> None:
        """Set the implementation; the same one again has no effect. Raises FilledTwice."""
        if self._filled_by is not None and self._filled_by is not implementation:
            raise FilledTwice(self.name)
        self._filled_by = implementation

    def get(self) -> T:
        """Return the implementation. Raises EmptySlot."""
        if self._filled_by is None:
            raise EmptySlot(self.name)
        return self._filled_by

    @property
    def is_empty(self) -> bool:
        """Whether nobody implements the protocol."""
        return self._filled_by is None


@register()
def check_slots(**kwargs: Any) -> list[CheckMessage]:
    """Refuse to start with an empty slot: a withdrawal would hide nothing and raise no error."""
    return [
        Error(
            f"No installed app implements {slot.name}.", hint="Add the app that does to INSTALLED_APPS.", id="core.E002"
        )
        for slot in _slots
        if slot.is_empty
    ]
