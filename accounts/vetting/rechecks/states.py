"""The state machine of a re-check."""

from django.utils.translation import gettext as _

from accounts.exceptions import AlreadyDecided
from accounts.vetting.rechecks.models import Recheck, RecheckState
from core import states


class Moved(states.Moved, AlreadyDecided):
    """Somebody else has decided the re-check."""

    def __init__(self) -> None:
        AlreadyDecided.__init__(self, _("Somebody decided this at the same moment. Load the page again."))


RECHECK = states.Machine(
    Recheck,
    {
        RecheckState.WAITING: (RecheckState.CONFIRMED, RecheckState.REVIEW),
        RecheckState.REVIEW: (RecheckState.CONFIRMED, RecheckState.OVERTURNED),
        RecheckState.CONFIRMED: (),
        RecheckState.OVERTURNED: (),
    },
    moved=Moved,
)
