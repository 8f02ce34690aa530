"""The states of a consent."""

from consent.models import Consent, Status
from core import states


class Moved(states.Moved):
    """The consent was not, or no longer, in a status from which this step starts."""


CONSENT = states.Machine(
    Consent,
    {
        # Signed or refused, `consent.records.recording` writes the whole record over the draft.
        Status.DRAFT: (Status.ACTIVE, Status.REFUSED),
        Status.ACTIVE: (Status.SUPERSEDED, Status.EXPIRED, Status.WITHDRAWN, Status.ENTERED_IN_ERROR),
        Status.REFUSED: (Status.ENTERED_IN_ERROR,),
        # Whatever became of a consent, a patient can still withdraw it.
        Status.SUPERSEDED: (Status.WITHDRAWN, Status.ENTERED_IN_ERROR),
        Status.EXPIRED: (Status.WITHDRAWN, Status.ENTERED_IN_ERROR),
        Status.ENTERED_IN_ERROR: (Status.WITHDRAWN,),
        Status.WITHDRAWN: (),
    },
    field="status",
    moved=Moved,
)
