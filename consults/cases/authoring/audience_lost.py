"""Cases whose group was closed down: nobody but their authors sees them, and the authors are asked for an audience.

What waits for a second read goes back to the drafts, because nobody may read it. What is published stays as it is, seen
by its author alone, until they take it back and choose another audience: a consent for one group covers no other, and
what was posted there is not thrown away by somebody else.
"""

from typing import Final
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from accounts.models import Member
from audit.record import record
from consults.cases.models import PUBLISHED, Case, CaseState
from consults.cases.states import CASE, Moved
from core import jobs
from notifications import mail

TELL_AUTHOR: Final = "case.tell_audience_lost"  # subject: the author


@transaction.atomic
def follow_end(*, group_id: UUID, **_sent: object) -> None:
    """Take submitted cases back and enqueue a mail to each author (`consults.groups.running.group_ended`)."""
    for case in Case.objects.filter(group=group_id, state=CaseState.SUBMITTED).order_by("pk"):
        try:
            CASE.move(case, start=CaseState.SUBMITTED, to=CaseState.DRAFT)
        except Moved:  # it was released or sent back in this moment
            continue
        record(verb="case.taken_back", actor=None, subject=("case", case.pk))
    left = Case.objects.filter(group=group_id, state__in=(*PUBLISHED, CaseState.DRAFT, CaseState.RETURNED))
    for author_id in sorted(set(left.values_list("author", flat=True))):
        jobs.enqueue(kind=TELL_AUTHOR, subject=author_id)


def tell_author(*, member_id: UUID) -> None:
    """Mail an author that cases of theirs have no audience any more. Raises OSError, smtplib.SMTPException."""
    author = Member.objects.get(pk=member_id)
    if author.may_see_cases:
        mail.send(mail.Notice("audience_lost", author.email, reverse("consults:mine")))
