"""The state machines of a request or invitation, and of a proposal of a group."""

from django.utils.translation import gettext as _

from consults.exceptions import ChangeRefused
from consults.groups.models import Admission, AdmissionState, GroupProposal, ProposalState
from core import states


class Moved(states.Moved, ChangeRefused):
    """It was answered, taken back or over before."""

    def __init__(self) -> None:
        ChangeRefused.__init__(self, _("This was answered, taken back or has ended already. Reload the page."))


ADMISSION = states.Machine(
    Admission,
    {
        AdmissionState.WAITING: (
            AdmissionState.ACCEPTED,
            AdmissionState.REFUSED,
            AdmissionState.TAKEN_BACK,
            AdmissionState.EXPIRED,
        ),
        AdmissionState.ACCEPTED: (),
        AdmissionState.REFUSED: (),
        AdmissionState.TAKEN_BACK: (),
        AdmissionState.EXPIRED: (),
    },
    moved=Moved,
)

PROPOSAL = states.Machine(
    GroupProposal,
    {
        ProposalState.WAITING: (
            ProposalState.CONFIRMED,
            ProposalState.REFUSED,
            ProposalState.TAKEN_BACK,
            ProposalState.EXPIRED,
        ),
        ProposalState.CONFIRMED: (),
        ProposalState.REFUSED: (),
        ProposalState.TAKEN_BACK: (),
        ProposalState.EXPIRED: (),
    },
    moved=Moved,
)
