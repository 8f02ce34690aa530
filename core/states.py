"""State machines of rows: a table of transitions, one conditional update, one event.

    CASE = Machine(Case, {CaseState.DRAFT: (CaseState.SUBMITTED,), ...})
    CASE.move(case, to=CaseState.SUBMITTED, submitted_at=now)

No other code writes a state. The update is conditional on the states from which it starts, so that of two concurrent
ones the first changes the row and the other gets `Moved`; a transition that is not in the table is a mistake in the
code and raises ValueError. `transitioned` is sent in the same transaction.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.dispatch import Signal

M = TypeVar("M", bound=Model)

# Sent after each `move`, in its transaction: sender is the model, `row` the row as it is now, `to` its new state.
transitioned = Signal()


class Moved(Exception):
    """A row that is not, or no longer, in a state from which the transition starts; nothing was changed."""


class Machine(Generic[M]):
    """The state machine of a model: its transitions, and the one way to make them."""

    def __init__(
        self,
        model: type[M],
        moves: Mapping[Any, Collection[Any]],
        *,
        field: str = "state",
        moved: type[Moved] = Moved,
    ) -> None:
        """Take the table {start: ends}, the name of the field, and the exception to raise for a lost race."""
        self.model = model
        self.field = field
        self.moved = moved
        self.moves = {str(start): tuple(map(str, ends)) for start, ends in moves.items()}
        MACHINES.append(self)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Yield every transition as (start, end)."""
        return ((start, end) for start, ends in self.moves.items() for end in ends)

    def starts_of(self, to: str) -> tuple[str, ...]:
        """Return the states from which `to` is reached."""
        return tuple(start for start, ends in self.moves.items() if str(to) in ends)

    def move(
        self, row: M, *, to: str, start: str | Collection[str] = (), where: Q | None = None, **fields: object
    ) -> None:
        """Move one row to `to`, set `fields` in the same statement, and refresh the row.

        From the states `start`, or from every state that leads to `to`; `where` narrows it further. Raises Moved,
        and ValueError for a transition that is not in the table.
        """
        rows = self._rows(self.model._default_manager.filter(pk=row.pk), to=to, start=start)
        if not rows.filter(where or Q()).update(**{self.field: to}, **fields):
            raise self.moved
        row.refresh_from_db()
        transitioned.send(sender=self.model, row=row, to=to)

    def update(self, rows: QuerySet[M], *, to: str, start: str | Collection[str] = (), **fields: object) -> int:
        """Move those of `rows` that are in a state which leads to `to`; return how many. Sends no event."""
        return self._rows(rows, to=to, start=start).update(**{self.field: to}, **fields)

    def _rows(self, rows: QuerySet[M], *, to: str, start: str | Collection[str]) -> QuerySet[M]:
        known = self.starts_of(to)
        wanted = (start,) if isinstance(start, str) else tuple(start)
        unknown = {str(state) for state in wanted} - set(known)
        if unknown:
            raise ValueError(f"{self.model.__name__} never goes from {', '.join(sorted(unknown))} to {to}.")
        return rows.filter(**{f"{self.field}__in": [str(state) for state in wanted or known]})

    def diagram(self) -> str:
        """Return the table as a Mermaid state diagram."""
        return "\n".join(["stateDiagram-v2", *(f"    {start} --> {end}" for start, end in self)])


MACHINES: list[Machine[Any]] = []
