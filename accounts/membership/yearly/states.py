"""The state machine of a yearly check."""

from django.utils.translation import gettext as _

from accounts.exceptions import AlreadyDecided
from accounts.membership.yearly.models import CheckState, YearlyCheck
from core import states


class Moved(states.Moved, AlreadyDecided):
    """Somebody else has decided the check."""

    def __init__(self) -> None:
        AlreadyDecided.__init__(self, _("Somebody else has decided this already."))


CHECK = states.Machine(
    YearlyCheck,
    {
        CheckState.WAITING: (CheckState.CONFIRMED, CheckState.FULL, CheckState.SUPERSEDED),
        CheckState.CONFIRMED: (),
        CheckState.FULL: (),
        CheckState.SUPERSEDED: (),
    },
    moved=Moved,
)
