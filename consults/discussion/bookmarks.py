"""Bookmarks: cases that a member saved for later, known to that member only."""

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Member
from consults.cases.models import Case
from consults.discussion.answers import require_still_allowed
from consults.discussion.models import Bookmark


@transaction.atomic
def save(*, case: Case, by: Member) -> None:
    """Save a case; saving it again has no effect. Raises ChangeRefused when it was withdrawn in the meantime."""
    require_still_allowed(case=case, by=by, action="case.view")
    Bookmark.objects.get_or_create(case=case, member=by)


def unsave(*, case: Case, by: Member) -> None:
    """Remove a case from the saved ones; no effect when it is not among them."""
    Bookmark.objects.filter(case=case, member=by).delete()


def with_saved(cases: QuerySet[Case], *, by: Member) -> QuerySet[Case]:
    """Return the same cases with `is_saved`: whether this member saved each."""
    return cases.annotate(is_saved=Exists(Bookmark.objects.filter(case=OuterRef("pk"), member=by.pk)))
