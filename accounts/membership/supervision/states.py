"""The state machine of a supervision."""

from django.utils.translation import gettext as _

from accounts.exceptions import AlreadyDecided
from accounts.membership.supervision.models import Supervision, SupervisionState
from core import states


class Moved(states.Moved, AlreadyDecided):
    """The question was answered or taken back."""

    def __init__(self) -> None:
        AlreadyDecided.__init__(self, _("This was answered or taken back already."))


SUPERVISION = states.Machine(
    Supervision,
    {
        SupervisionState.ASKED: (SupervisionState.ACTIVE, SupervisionState.REFUSED, SupervisionState.CANCELLED),
        SupervisionState.ACTIVE: (SupervisionState.ENDED,),
        SupervisionState.REFUSED: (),
        SupervisionState.CANCELLED: (),
        SupervisionState.ENDED: (),
    },
    moved=Moved,
)
