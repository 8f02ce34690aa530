"""Members whose blind answer was the outcome. They are told so after the closing, and nobody else is named."""

from consults.cases.models import Case
from consults.discussion.accuracy import hit
from consults.discussion.models import Answer, AnswerKind, Outcome
from notifications.notices import Kind, tell


def tell_right(*, case: Case, outcome: Outcome, before: Outcome | None = None) -> None:
    """Tell those who named the outcome; after a correction, those whom the outcome `before` it did not name right."""
    right = {answer.member_id for answer in answers_of(case) if hit(answer, outcome)}
    if before is not None:
        right -= {answer.member_id for answer in answers_of(case) if hit(answer, before)}
    tell(Kind.RIGHT, sorted(right), view="consults:case", args=[case.pk], case=case.pk)


def answers_of(case: Case) -> list[Answer]:
    """Return the answers with a diagnosis, for `hit`. Three queries."""
    given = Answer.objects.filter(case=case, kind=AnswerKind.DIAGNOSIS)
    return list(given.prefetch_related("suggestions", "revisions"))
