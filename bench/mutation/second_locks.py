"""Guards of which another one stands in front, and conditions that guard nothing: each with the reason."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Lock:
    """Guards that keep the same thing: any of them may go, all of them together may not."""

    others: tuple[str, ...]
    why: str


# A guard's name -> those that are taken away with it. One test has to go red then.
SECOND_LOCKS: dict[str, Lock] = {}

# What looks like a guard to `guards.py` and keeps nobody from anything.
NO_GUARDS: dict[str, str] = {}
