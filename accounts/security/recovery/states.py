"""The state machine of a recovery."""

from django.utils.translation import gettext as _

from accounts.exceptions import NotYours
from accounts.security.recovery.models import Recovery, RecoveryState
from core import states


class Moved(states.Moved, NotYours):
    """The recovery went on, or ended, meanwhile."""

    def __init__(self) -> None:
        NotYours.__init__(self, _("This recovery is not open any more. The page says what became of it."))


RECOVERY = states.Machine(
    Recovery,
    {
        RecoveryState.ASKED: (RecoveryState.CONFIRMED, RecoveryState.STOPPED, RecoveryState.EXPIRED),
        RecoveryState.CONFIRMED: (
            RecoveryState.APPROVED,
            RecoveryState.REFUSED,
            RecoveryState.STOPPED,
            RecoveryState.EXPIRED,
        ),
        RecoveryState.APPROVED: (RecoveryState.DONE, RecoveryState.STOPPED),
        RecoveryState.DONE: (),
        RecoveryState.STOPPED: (),
        RecoveryState.REFUSED: (),
        RecoveryState.EXPIRED: (),
    },
    moved=Moved,
)
