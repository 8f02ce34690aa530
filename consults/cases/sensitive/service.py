"""Asking to see the pictures of a sensitive case, and marking a published case as one.

The gate decides who may ask and what asking opens (`gate.visibility.cases_to_look_at`). Each request is a line of the
log, and each picture that is then sent one of the access log, as always.
"""

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consults.cases.gate import listing
from consults.cases.gate.models import AskedToSee
from consults.cases.models import PUBLISHED, Case
from consults.exceptions import ChangeRefused
from vocabulary.terms import Sensitive


@transaction.atomic
def ask(*, case: Case, by: Member) -> None:
    """Open the pictures of a sensitive case to a member for today; the caller checks the policy. Idempotent."""
    _row, is_new = AskedToSee.objects.get_or_create(case=case, member=by, day=timezone.localdate())
    if is_new:
        record(verb="case.sensitive_asked", actor=by, subject=("case", case.pk), classes=list(case.sensitive))


@transaction.atomic
def mark(*, case: Case, by: Member, classes: Collection[str]) -> None:
    """Mark a published case as sensitive, from the next request on; marks are only added. Raises ChangeRefused.

    Taking one away is a change for another second reader: the case goes back to the drafts for it.
    """
    locked = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    both = [code for code in Sensitive.values if code in {*locked.sensitive, *classes}]
    if locked.state not in PUBLISHED:
        raise ChangeRefused(_("The case has changed in the meantime. Reload the page."))
    if both == locked.sensitive:
        raise ChangeRefused(_("Choose a class that the case does not have yet."))
    Case.objects.filter(pk=case.pk).update(sensitive=both)
    listing.refresh(cases=[case.pk])
    record(verb="case.sensitive_marked", actor=by, subject=("case", case.pk), classes=both)


def forget() -> int:
    """Delete the requests of earlier days: they open nothing any more, and the log has them. Return how many."""
    return AskedToSee.objects.filter(day__lt=timezone.localdate() - timedelta(days=1)).delete()[0]
