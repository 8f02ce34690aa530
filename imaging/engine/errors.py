"""Exceptions of the engine. No message carries content or a file name."""

from __future__ import annotations

from imaging.engine.messages import SENTENCES


class Refused(Exception):
    """A picture that is not accepted. `code` is for machines, `sentence` for people, with the next step."""

    def __init__(self, code: str, sentence: str | None = None) -> None:
        """Take the sentence from `SENTENCES` unless a more specific one is given."""
        self.code = code
        self.sentence = sentence or SENTENCES[code]
        super().__init__(f"{code}: {self.sentence}")

    def __reduce__(self) -> tuple[type[Refused], tuple[str, str]]:
        """Support pickling, which by default fails for exceptions with two arguments."""
        return (Refused, (self.code, self.sentence))


class Dirty(Exception):
    """A byte in a file that the engine does not write, met by `verify`. `code` says where, never what it holds."""

    def __init__(self, code: str) -> None:
        """Keep the location only."""
        self.code = code
        super().__init__(code)


class DetectorMissing(Exception):
    """A model file that is absent or not the pinned one. No picture is released without detection."""
