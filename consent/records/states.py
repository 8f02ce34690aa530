"""The one way in which a consent changes its status."""

from consent.models import Consent, Status

MOVES: dict[Status, tuple[Status, ...]] = {
    Status.DRAFT: (),  # signed or refused, `consent.records.recording` writes the whole record over it
    Status.ACTIVE: (Status.SUPERSEDED, Status.EXPIRED, Status.WITHDRAWN, Status.ENTERED_IN_ERROR),
    Status.REFUSED: (Status.ENTERED_IN_ERROR,),
    # Whatever became of a consent, a patient can still withdraw it.
    Status.SUPERSEDED: (Status.WITHDRAWN, Status.ENTERED_IN_ERROR),
    Status.EXPIRED: (Status.WITHDRAWN, Status.ENTERED_IN_ERROR),
    Status.ENTERED_IN_ERROR: (Status.WITHDRAWN,),
    Status.WITHDRAWN: (),
}


class Moved(Exception):
    """The consent was not, or no longer, in a status from which this step starts."""


def move(*, consent: Consent, to: Status, **fields: object) -> None:
    """Move a consent by one conditional update, with `fields` set in the same statement. Raises Moved."""
    sources = [start for start, ends in MOVES.items() if to in ends]
    if not Consent.objects.filter(pk=consent.pk, status__in=sources).update(status=to, **fields):
        raise Moved
    consent.refresh_from_db()
