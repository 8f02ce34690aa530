"""Words of a case that could be a person's name: its author says once that they are not."""

from consults.models import Case
from screening import names


def to_look_at(case: Case) -> list[str]:
    """Each of them once, in the order in which they stand. `source` may name an owner and is not asked about."""
    texts = [case.title, case.note, case.treatments, *case.pictures.values_list("caption", flat=True)]
    return list(dict.fromkeys(possible.text for text in texts for possible in names.find(text)))
