"""How the services of consults refuse."""

from core.exceptions import Refusal


class NotPossible(Refusal):
    """The case, or what hangs on it, cannot be changed so."""
