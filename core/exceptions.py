"""Exceptions of the services, with a sentence for the person that includes the next step."""


class Refusal(Exception):
    """A rule forbids this now, and nothing was changed; `sentence` says why and what to do.

    The message is the class name only, because a traceback may reach a log.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(type(self).__name__)
        self.sentence = str(sentence)


class FieldRefusal(Refusal):
    """A refusal of several fields: `sentences` by field, all of them joined in `sentence`."""

    def __init__(self, sentences: dict[str, str]) -> None:
        super().__init__(" ".join(map(str, sentences.values())))
        self.args = ("; ".join(sorted(sentences)),)
        self.sentences = sentences
