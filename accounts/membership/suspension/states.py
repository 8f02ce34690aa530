"""The state machine of a suspension."""

from django.utils.translation import gettext as _

from accounts.exceptions import NotYours
from accounts.membership.suspension.models import Suspension, SuspensionState
from core import states


class Moved(states.Moved, NotYours):
    """Somebody else has decided about the suspension."""

    def __init__(self) -> None:
        NotYours.__init__(self, _("Somebody else has decided this already. Load the page again."))


SUSPENSION = states.Machine(
    Suspension,
    {
        SuspensionState.IN_FORCE: (SuspensionState.APPEALED, SuspensionState.LIFTED),
        SuspensionState.APPEALED: (SuspensionState.UPHELD, SuspensionState.LIFTED),
        SuspensionState.UPHELD: (SuspensionState.LIFTED,),
        SuspensionState.LIFTED: (),
    },
    moved=Moved,
)
