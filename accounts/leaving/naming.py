"""Taking a name out of what others wrote."""

import re
from collections.abc import Iterable
from typing import Any, Final

from django.db.models import Q, QuerySet

from accounts.membership.suspension.models import Suspension
from accounts.profiles.models import Profile
from accounts.vetting.models import Application, HalfDecision, Letter, Vote
from accounts.vetting.rechecks.models import RecheckVote

BATCH: Final = 500  # rows
GONE: Final = "[…]"  # stands where a name was
# Words of this app in which a name may stand. Not citations in somebody's profile: those are printed elsewhere.
_WORDS: Final = (
    (Application, "appeal_statement"),
    (HalfDecision, "words"),
    (Letter, "text"),
    (Profile, "about"),
    (RecheckVote, "words"),
    (Suspension, "answer"),
    (Suspension, "note"),
    (Suspension, "statement"),
    (Vote, "words"),
)


def take_off(rows: QuerySet[Any], field: str, names: Iterable[str]) -> None:
    """Replace whole words of `names` in a field of these rows; of one name in another the longer one first."""
    words = sorted(set(names), key=len, reverse=True)
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words), re.IGNORECASE)
    holding = Q()
    for word in words:
        holding |= Q(**{f"{field}__icontains": word})
    for row in rows.filter(holding).only("pk", field).iterator(chunk_size=BATCH):
        text = pattern.sub(GONE, getattr(row, field))
        type(row)._default_manager.filter(pk=row.pk).update(**{field: text})


def take_off_here(names: Iterable[str]) -> None:
    """Take the names out of the words of this app."""
    names = list(names)
    if names:
        for model, field in _WORDS:
            take_off(model._default_manager.all(), field, names)
