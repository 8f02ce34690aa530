"""What hangs on a consent, and what happens to it when the consent, or a part of it, is taken back.

Consent knows nothing of cases; the app above registers how to count what hangs on a consent, which pictures
there are, and how to hide what is no longer allowed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from consent.models import Consent, Removal


@dataclass(frozen=True)
class Effects:
    """Counts of what is hidden at once and then destroyed."""

    cases: int = 0
    pictures: int = 0
    comments: int = 0

    def __add__(self, more: "Effects") -> "Effects":
        return Effects(self.cases + more.cases, self.pictures + more.pictures, self.comments + more.comments)

    def __sub__(self, left: "Effects") -> "Effects":
        return Effects(self.cases - left.cases, self.pictures - left.pictures, self.comments - left.comments)


@dataclass(frozen=True)
class Picture:
    """One picture under a consent, told apart in words: nobody without an account is shown a picture."""

    id: UUID
    words: str


Counter = Callable[[Consent], Effects]
Lister = Callable[[Consent], list[Picture]]
# What is lost: a part (the removal), or, with None, all that the consent's new status no longer allows.
Loss = Callable[[Consent, Removal | None], None]

_counters: list[Counter] = []
_listers: list[Lister] = []
_hiders: list[Loss] = []
_followers: list[Loss] = []


def register(counter: Counter) -> Counter:
    """Register a counter; usable as a decorator. Registering the same one twice has no effect."""
    if counter not in _counters:
        _counters.append(counter)
    return counter


def lists_pictures(lister: Lister) -> Lister:
    """Register who knows the pictures under a consent."""
    if lister not in _listers:
        _listers.append(lister)
    return lister


def hides(hider: Loss) -> Loss:
    """Register how to hide what is no longer allowed.

    Called in the transaction that takes it back, with the consent row locked. It may lock rows, and must not
    write to the log: whoever holds the log must not wait for rows.
    """
    if hider not in _hiders:
        _hiders.append(hider)
    return hider


def follows(follower: Loss) -> Loss:
    """Register what else happens in the same transaction once all is hidden, for example marking exports.

    It may write to the log, and must not lock rows that others lock before they write to the log.
    """
    if follower not in _followers:
        _followers.append(follower)
    return follower


def of(consent: Consent) -> Effects:
    """Everything that hangs on this consent."""
    found = [counter(consent) for counter in _counters]
    return Effects(
        cases=sum(e.cases for e in found),
        pictures=sum(e.pictures for e in found),
        comments=sum(e.comments for e in found),
    )


def pictures(consent: Consent) -> list[Picture]:
    """The pictures under this consent, in the order in which they were posted."""
    return [picture for lister in _listers for picture in lister(consent)]


def hide(consent: Consent, removal: Removal | None = None) -> Effects:
    """Hide what is no longer allowed; returns what that took away."""
    before = of(consent)
    for hider in _hiders:
        hider(consent, removal)
    return before - of(consent)


def follow(consent: Consent, removal: Removal | None = None) -> None:
    """Everything else that a loss entails."""
    for follower in _followers:
        follower(consent, removal)
