"""The one way in which a photo changes its state."""

from django.utils.translation import gettext as _

from imaging.models import Photo, State

MOVES: dict[State, tuple[State, ...]] = {
    State.RECEIVED: (State.REVIEW, State.REFUSED, State.EXPIRED, State.WITHDRAWN),
    State.REVIEW: (State.CONFIRMED, State.EXPIRED, State.WITHDRAWN),
    State.CONFIRMED: (State.SEALED, State.REVIEW, State.EXPIRED, State.WITHDRAWN),
    State.SEALED: (State.RECEIVED, State.WITHDRAWN),
    State.REFUSED: (State.WITHDRAWN,),
    State.EXPIRED: (State.WITHDRAWN,),
    State.WITHDRAWN: (),
}


class Moved(Exception):
    """The photo was no longer in the state that this step starts from."""

    @property
    def sentence(self) -> str:
        """What to tell the member."""
        return _("This picture has changed in the meantime. Reload the page and look again.")


def move(*, photo: Photo, start: State, to: State, **fields: object) -> None:
    """Move a photo from `start` to `to` by one conditional update, with `fields` set in the same statement.

    Raises Moved when somebody else was first, ValueError when the rules know no such move.
    """
    if to not in MOVES[start]:
        raise ValueError(f"A photo never goes from {start} to {to}.")
    changed = Photo.objects.filter(pk=photo.pk, state=start).update(state=to, **fields)
    if not changed:
        raise Moved
    photo.refresh_from_db()
