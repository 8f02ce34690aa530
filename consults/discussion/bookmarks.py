"""Save a case for later, and let it go again. Only its member knows."""

from django.db import transaction

from accounts.models import Member
from consults.discussion.answers import still_allowed
from consults.models import Bookmark, Case


@transaction.atomic
def save(*, case: Case, by: Member) -> None:
    """Save a case; saving it twice is once. Raises NotPossible when it was withdrawn in the meantime."""
    still_allowed(case=case, by=by, action="case.view")
    Bookmark.objects.get_or_create(case=case, member=by)


def let_go(*, case: Case, by: Member) -> None:
    """Take it off the list; nothing happens when it is not there."""
    Bookmark.objects.filter(case=case, member=by).delete()


def is_saved(*, case: Case, by: Member) -> bool:
    """Whether this member saved it."""
    return Bookmark.objects.filter(case=case, member=by).exists()
