"""The log as sixteen strands: each is a chain of its own, and the first ties in the heads of the others.

Whoever appends takes the first strand that nobody holds, so that writers do not wait for one another. One writer at a
time uses strand 0 alone, whose events are numbered 1, 2, 3 …; those of strand n begin at n·2⁴⁰ + 1.
"""

from django.db.models import Q, QuerySet

from audit.models import STRAND_BITS, STRANDS, Event


def first_of(strand: int) -> int:
    """The number before a strand's first event."""
    return strand << STRAND_BITS


def strand_of(seq: int) -> int:
    """The strand that an event's number belongs to."""
    return seq >> STRAND_BITS


def events_of(strand: int) -> QuerySet[Event]:
    """The events of one strand."""
    return Event.objects.filter(seq__gt=first_of(strand), seq__lt=first_of(strand + 1))


def head_of(strand: int) -> Event | None:
    """The last event of a strand, or None before the first."""
    return events_of(strand).order_by("-seq").first()


def other_heads() -> list[Event]:
    """The last events of all strands but the first, in order. Two queries at most."""
    others = Event.objects.filter(seq__gte=first_of(1))
    if not others.exists():
        return []
    wanted = Q(pk__in=[])
    for strand in range(1, STRANDS):
        wanted |= Q(seq__in=events_of(strand).order_by("-seq").values("seq")[:1])
    return list(others.filter(wanted).order_by("seq"))
