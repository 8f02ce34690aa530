"""The state machines of a copy of one's data, and of leaving."""

from django.utils.translation import gettext as _

from accounts.exceptions import NotYet
from accounts.leaving.models import DataExport, ExportState, Leaving, LeavingState
from core import states


class Moved(states.Moved, NotYet):
    """It was no longer in a state from which this step starts."""

    def __init__(self) -> None:
        NotYet.__init__(self, _("This has changed in the meantime. Reload the page."))


EXPORT = states.Machine(
    DataExport,
    {
        ExportState.ASKED: (ExportState.READY, ExportState.GONE),
        ExportState.READY: (ExportState.GONE,),
        ExportState.GONE: (),
    },
    moved=Moved,
)
LEAVING = states.Machine(
    Leaving,
    {
        LeavingState.ASKED: (LeavingState.STOPPED, LeavingState.ERASING),
        LeavingState.STOPPED: (),
        LeavingState.ERASING: (LeavingState.ERASED,),
        LeavingState.ERASED: (),
    },
    moved=Moved,
)
