"""How vetting says no: every error carries a sentence for the person, next step included."""


class VettingError(Exception):
    """The step is not taken and nothing was changed. `sentence` is for people."""

    def __init__(self, sentence: str) -> None:
        """Keep the sentence."""
        self.sentence = str(sentence)
        super().__init__(type(self).__name__)


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
