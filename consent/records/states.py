"""The state machine of consents."""

from consent.models import Consent, Status
from core import states


class Moved(states.Moved):
    """The consent was not, or was no longer, in a status that allows this step."""


CONSENT = states.Machine(
    Consent,
    {
        # Signed or refused, `consent.records.recording` writes the whole record over the draft.
        Status.DRAFT: (Status.ACTIVE, Status.REFUSED),
        Status.ACTIVE: (Status.SUPERSEDED, Status.EXPIRED, Status.WITHDRAWN, Status.ENTERED_IN_ERROR),
        Status.REFUSED: (Status.ENTERED_IN_ERROR,),
        # A patient can withdraw a consent in any of its later statuses.
        Status.SUPERSEDED: (Status.WITHDRAWN, Status.ENTERED_IN_ERROR),
        Status.EXPIRED: (Status.WITHDRAWN, Status.ENTERED_IN_ERROR),
        Status.ENTERED_IN_ERROR: (Status.WITHDRAWN,),
        Status.WITHDRAWN: (),
    },
    field="status",
    moved=Moved,
)
