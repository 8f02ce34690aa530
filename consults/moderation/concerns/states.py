"""The state machine of a concern: closed ones are opened again by their reporter, once, for another trusted person."""

from django.utils.translation import gettext as _

from consults.exceptions import ChangeRefused
from consults.moderation.concerns.models import Concern, ConcernState
from core import states


class Moved(states.Moved, ChangeRefused):
    """Somebody else has taken or closed it."""

    def __init__(self) -> None:
        ChangeRefused.__init__(self, _("Somebody else has changed this already. Reload the page."))


CONCERN = states.Machine(
    Concern,
    {
        ConcernState.WAITING: (ConcernState.TAKEN,),
        ConcernState.TAKEN: (ConcernState.WAITING, ConcernState.CLOSED),
        ConcernState.CLOSED: (ConcernState.WAITING,),
    },
    moved=Moved,
)
