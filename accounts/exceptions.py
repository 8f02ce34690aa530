"""Exceptions of vetting and membership."""

from core.exceptions import Refusal


class VettingError(Refusal):
    """A refused step of vetting or membership."""


class AlreadyDecided(VettingError):
    """An application that is no longer open."""


class NotYours(VettingError):
    """A step that this person may not take on this application or member."""


class NotYet(VettingError):
    """A step that needs another one first."""


class BadReason(VettingError):
    """A reason that does not fit the decision."""


class TooLate(VettingError):
    """A step whose deadline has passed."""
