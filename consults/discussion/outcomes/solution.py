"""Solutions of teaching cases: written when the case is posted, sealed until a reader has answered.

The policy's `case.solution` says to whom one is open: to those for whom the discussion is. Nothing else reads the
fields: no list, count, search, notice or second reader's page shows the diagnosis.
"""

from django.utils import timezone

from accounts.policy import SPECIALISTS, rights
from audit.record import record
from consults.cases.models import Case
from consults.cases.review.models import SecondRead
from consults.discussion.models import Answer, AnswerKind, Outcome


def as_outcome(case: Case) -> Outcome | None:
    """Return the solution of a case as an outcome of now, not saved; None without one."""
    if not case.has_solution:
        return None
    return Outcome(
        case=case, diagnosis=case.solution, reference=case.solution_reference, done="", closed_at=timezone.now()
    )


def note_second_read(*, instance: SecondRead, created: bool, **_sent: object) -> None:
    """Note that a second reader has read the words of a solution: they cannot answer blind any more (`post_save`)."""
    case, reader = instance.case, instance.reader
    if not created or not case.has_solution:
        return
    _answer, is_new = Answer.objects.get_or_create(
        case=case,
        member=reader,
        defaults={
            "kind": AnswerKind.READ_ONLY,
            "counted_as": rights(reader).counted_as,
            "is_dermatologist": reader.profession in SPECIALISTS,
        },
    )
    if is_new:
        record(verb="case.opened_to_read", actor=reader, subject=("case", case.pk))
