"""The state machines of an application and of its picture."""

from accounts.vetting.models import Application, EvidencePicture, EvidenceState, State
from core import states

APPLICATION = states.Machine(
    Application,
    {
        State.WAITING: (State.THIRD, State.ACCEPTED, State.DECLINED),
        State.THIRD: (State.ACCEPTED, State.DECLINED),
        State.ACCEPTED: (),
        State.DECLINED: (State.WAITING,),  # on appeal, in a second round
    },
)

EVIDENCE = states.Machine(
    EvidencePicture,
    {
        EvidenceState.RECEIVED: (EvidenceState.CLEAN, EvidenceState.REFUSED),
        EvidenceState.CLEAN: (),
        EvidenceState.REFUSED: (),  # another picture is another row
    },
)
