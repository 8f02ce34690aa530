"""What a withdrawal will take away.

Consent knows nothing of cases; the app above registers how to count what hangs on a consent, so that the
patient sees it before deciding.
"""

from collections.abc import Callable
from dataclasses import dataclass

from consent.models import Consent


@dataclass(frozen=True)
class Effects:
    """Counts of what would be hidden at once and then destroyed."""

    cases: int = 0
    pictures: int = 0
    comments: int = 0


_counters: list[Callable[[Consent], Effects]] = []


def register(counter: Callable[[Consent], Effects]) -> Callable[[Consent], Effects]:
    """Register a counter; usable as a decorator. Registering the same one twice has no effect."""
    if counter not in _counters:
        _counters.append(counter)
    return counter


def of(consent: Consent) -> Effects:
    """Everything that hangs on this consent."""
    found = [counter(consent) for counter in _counters]
    return Effects(
        cases=sum(e.cases for e in found),
        pictures=sum(e.pictures for e in found),
        comments=sum(e.comments for e in found),
    )
