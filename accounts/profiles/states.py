"""The state machine of a portrait."""

from accounts.profiles.models import Portrait, PortraitState
from core import states

PORTRAIT = states.Machine(
    Portrait,
    {
        PortraitState.RECEIVED: (PortraitState.CLEAN, PortraitState.REFUSED),
        PortraitState.CLEAN: (),
        PortraitState.REFUSED: (),  # another picture is another row
    },
)
