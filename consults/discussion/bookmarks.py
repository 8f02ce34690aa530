"""Bookmarks: cases that a member saved for later, known to that member only."""

from django.db import transaction

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


def is_saved(*, case: Case, by: Member) -> bool:
    """Whether this member saved the case."""
    return Bookmark.objects.filter(case=case, member=by).exists()
