"""The state machine of an application."""

from accounts.vetting.models import Application, State
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
