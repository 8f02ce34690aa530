"""What is news to those who follow: noted here by those who make it, told by `telling` in a job, or at once."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from consults.following.lookup import followers_of
from core import jobs
from notifications import notices

RELEASED: Final = "case.tell_followers_released"  # subject: the case
CLOSED: Final = "case.tell_followers_closed"  # subject: the case
WORDS: Final = "case.compare_words"  # subject: the case


def note_release(case_id: UUID) -> None:
    """Have those told who follow the author, the group or a topic, or whose saved search finds it. In a transaction."""
    jobs.enqueue(kind=RELEASED, subject=case_id)


def note_words(case_id: UUID) -> None:
    """Have the words of a case made comparable with those of others (`similar.vectors`). In a transaction."""
    jobs.enqueue(kind=WORDS, subject=case_id)


def note_closing(case_id: UUID) -> None:
    """Have those told who follow the case, or a group of diagnoses that its outcome is of. In a transaction."""
    jobs.enqueue(kind=CLOSED, subject=case_id)


def tell_of_comment(*, case_id: UUID, author_id: UUID, by: UUID, but: Collection[UUID] = ()) -> None:
    """Tell who follows a case that there is something new in it; in the transaction that writes it.

    The author hears of comments anyway, and `but` are those who are told of this one already. One query where nobody
    follows.
    """
    tell(notices.Kind.FOLLOWED, followers_of(case=case_id) - {author_id, *but}, case_id=case_id, by=by)


def tell(kind: notices.Kind, members: Collection[UUID], *, case_id: UUID, by: UUID) -> None:
    """Leave these members a notice about a case."""
    if members:
        notices.tell(kind, members, view="consults:case", args=(case_id,), case=case_id, by=by)
