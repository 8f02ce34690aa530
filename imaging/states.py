"""State machine of a photo."""

from django.utils.translation import gettext as _

from core import states
from imaging.models import Photo, State


class Moved(states.Moved):
    """A photo that is no longer in the state from which a transition starts."""

    @property
    def sentence(self) -> str:
        """Return the sentence for the member."""
        return _("This picture has changed in the meantime. Reload the page and look again.")


PHOTO = states.Machine(
    Photo,
    {
        State.RECEIVED: (State.REVIEW, State.REFUSED, State.EXPIRED, State.WITHDRAWN),
        State.REVIEW: (State.CONFIRMED, State.EXPIRED, State.WITHDRAWN),
        State.CONFIRMED: (State.SEALED, State.REVIEW, State.EXPIRED, State.WITHDRAWN),
        State.SEALED: (State.RECEIVED, State.WITHDRAWN),
        State.REFUSED: (State.WITHDRAWN,),
        State.EXPIRED: (State.WITHDRAWN,),
        State.WITHDRAWN: (),
    },
    moved=Moved,
)
