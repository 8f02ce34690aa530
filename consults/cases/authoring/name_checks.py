"""Words of a case that could be a person's name; its author confirms once that they are not."""

from consults.cases.models import Case
from screening import names


def possible_names(case: Case) -> list[str]:
    """Return the possible names without repetition, in the order of the text; `source` may name an owner."""
    texts = [case.title, case.note, case.treatments, case.sealed_words]
    texts += list(case.pictures.values_list("caption", flat=True))
    return list(dict.fromkeys(possible.text for text in texts for possible in names.find(text)))
