"""How the services say no: with a sentence for the person, next step included."""


class Refusal(Exception):
    """A rule forbids this now and nothing was changed; `sentence` says why and what to do.

    The exception itself carries its name only, because a traceback may reach a log.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(type(self).__name__)
        self.sentence = str(sentence)


class FieldRefusal(Refusal):
    """The same of several fields: `sentences` by field, `sentence` all of them."""

    def __init__(self, sentences: dict[str, str]) -> None:
        super().__init__(" ".join(map(str, sentences.values())))
        self.args = ("; ".join(sorted(sentences)),)
        self.sentences = sentences
