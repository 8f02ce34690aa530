"""The state machine of a case."""

from django.utils.translation import gettext as _

from consults.cases.models import Case, CaseState
from consults.exceptions import ChangeRefused
from core import states


class Moved(states.Moved, ChangeRefused):
    """The case was no longer in a state from which this transition starts."""

    def __init__(self) -> None:
        ChangeRefused.__init__(self, _("The case has changed in the meantime. Reload the page."))


CASE = states.Machine(
    Case,
    {
        CaseState.DRAFT: (CaseState.SUBMITTED, CaseState.WITHDRAWN),
        CaseState.SUBMITTED: (CaseState.DRAFT, CaseState.RETURNED, CaseState.RELEASED, CaseState.WITHDRAWN),
        CaseState.RETURNED: (CaseState.SUBMITTED, CaseState.WITHDRAWN),
        CaseState.RELEASED: (CaseState.CLOSED, CaseState.DRAFT, CaseState.WITHDRAWN),
        CaseState.CLOSED: (CaseState.DRAFT, CaseState.WITHDRAWN),
        CaseState.WITHDRAWN: (),
    },
    moved=Moved,
)
