"""Reports of members about cases, pictures and comments, and how moderators settle them."""

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consults.cases import gate
from consults.cases.models import Case
from consults.discussion.models import Comment
from consults.exceptions import ChangeRefused
from consults.findings import sentences
from consults.moderation import telling
from consults.moderation.models import Report
from core import permissions
from imaging.models import Photo
from screening import identifiers

REPORTS_A_DAY: Final = 20  # by one member


@transaction.atomic
def report(
    *,
    by: Member,
    case: Case,
    reason: str,
    comment: Comment | None = None,
    photo: Photo | None = None,
    words: str = "",
) -> Report:
    """Keep a report and tell the moderators; a second one about the same thing is the first one.

    Raises ChangeRefused when it is not visible any more, when the words could identify the patient, or after too many.
    """
    words = screened(words)
    asked = (by, "comment.report", comment) if comment else (by, "case.report", case)
    if not permissions.allows(*asked):
        raise ChangeRefused(_("This is not visible any more. Nothing is left to report."))
    here = Q(photo__placement__case=case) | Q(photo__placement__case__follows=case)
    if photo is not None and not gate.visible_renditions(by).filter(here, photo=photo).exists():
        raise ChangeRefused(_("This picture is not visible any more. Nothing is left to report."))
    same = Report.objects.filter(reporter=by, case=case, comment=comment, photo=photo, hidden=None).first()
    if same is not None:
        return same
    if Report.objects.filter(reporter=by, made_at__gt=timezone.now() - timedelta(days=1)).count() >= REPORTS_A_DAY:
        raise ChangeRefused(_("You have reported as much as one member may in a day. Write to an administrator."))
    made = Report.objects.create(reporter=by, case=case, comment=comment, photo=photo, reason=reason, words=words)
    telling.enqueue_moderators(about=made.pk)
    record(verb="report.made", actor=by, subject=("case", case.pk), report=str(made.pk), reason=str(reason))
    return made


@transaction.atomic
def dismiss(*, report: Report, by: Member) -> None:
    """Settle a report without hiding anything. Raises ChangeRefused when it is settled."""
    if not permissions.allows(by, "report.settle", report):
        raise ChangeRefused(_("Somebody else has settled this report already."))
    _settle(report, by=by, hidden=False)


def settle_all(*, by: Member, case: Case, comment: Comment | None = None) -> int:
    """Settle every waiting report about what was just hidden; return how many. Call it in that transaction."""
    waiting = Report.objects.filter(case=case, hidden=None)
    rows = waiting.filter(comment=comment) if comment is not None else waiting.filter(comment=None)
    found = list(rows)
    for one in found:
        _settle(one, by=by, hidden=True)
    return len(found)


def _settle(report: Report, *, by: Member, hidden: bool) -> None:
    done = Report.objects.filter(pk=report.pk, hidden=None).update(
        hidden=hidden, settled_by=by, settled_at=timezone.now()
    )
    if not done:
        raise ChangeRefused(_("Somebody else has settled this report already."))
    record(verb="report.settled", actor=by, subject=("case", report.case_id), report=str(report.pk), hidden=hidden)


def screened(words: str) -> str:
    """Return the words without spaces around them. Raises ChangeRefused when they could identify the patient."""
    words = words.strip()
    found = identifiers.find(words)
    if found:
        raise ChangeRefused(" ".join(sentences(found)))
    return words
