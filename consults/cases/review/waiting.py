"""Telling moderators of cases that wait for a second read: when they come, and on the day when they are due."""

from django.db import transaction
from django.utils import timezone

from accounts.models import Member
from consults.cases.models import Case, CaseState
from consults.cases.review.second_read import due_on
from consults.groups.models import Membership
from notifications.notices import Kind, tell


def tell_readers(case: Case) -> None:
    """Tell every moderator who may second-read a case that it waits. Call in a transaction."""
    readers = Member.objects.moderators().exclude(pk=case.author_id)
    if case.group_id is not None:
        readers = readers.filter(pk__in=Membership.objects.filter(group=case.group_id).values("member"))
    told = readers.values_list("pk", flat=True)
    tell(Kind.SECOND_READ, told, view="consults:second_read", args=[case.pk], case=case.pk)


def tell_of_due() -> int:
    """Tell them again of cases that are to be decided today; return of how many."""
    today = timezone.localdate()
    due = [case for case in Case.objects.filter(state=CaseState.SUBMITTED) if due_on(case.submitted_at) == today]
    for case in due:
        with transaction.atomic():
            tell_readers(case)
    return len(due)
