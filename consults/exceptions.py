"""Refusals of the services of consults."""

from core.exceptions import Refusal


class ChangeRefused(Refusal):
    """A change of a case, or of an answer or comment on it, that is not possible now."""
