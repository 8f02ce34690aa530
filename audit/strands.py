"""The sixteen strands of the log: each is a chain of its own, and the first one holds the heads of the others.

A writer takes the first free strand, so that writers do not wait for each other. As long as only one writes at a time,
all events are in strand 0, numbered 1, 2, 3 …; those of strand n begin at n·2⁴⁰ + 1.
"""

from django.db.models import Q, QuerySet

from audit.models import STRAND_BITS, STRANDS, Event


def first_of(strand: int) -> int:
    """Return the number before the first event of a strand."""
    return strand << STRAND_BITS


def strand_of(seq: int) -> int:
    """Return the strand to which an event's number belongs."""
    return seq >> STRAND_BITS


def events_of(strand: int) -> QuerySet[Event]:
    """Return the events of one strand."""
    return Event.objects.filter(seq__gt=first_of(strand), seq__lt=first_of(strand + 1))


def head_of(strand: int) -> Event | None:
    """Return the last event of a strand, or None before the first."""
    return events_of(strand).order_by("-seq").first()


def other_heads() -> list[Event]:
    """Return the last events of all strands but the first, in order. Two queries at most."""
    others = Event.objects.filter(seq__gte=first_of(1))
    if not others.exists():
        return []
    wanted = Q(pk__in=[])
    for strand in range(1, STRANDS):
        wanted |= Q(seq__in=events_of(strand).order_by("-seq").values("seq")[:1])
    return list(others.filter(wanted).order_by("seq"))
