"""How vetting says no."""

from core.exceptions import Refusal


class VettingError(Refusal):
    """The step is not taken."""


class AlreadyDecided(VettingError):
    """The application is no longer open."""


class NotYours(VettingError):
    """This person may not take this step on this application or member."""


class NotYet(VettingError):
    """Something must be done first."""


class BadReason(VettingError):
    """The reason does not fit the decision."""


class TooLate(VettingError):
    """The time for this step is over."""
