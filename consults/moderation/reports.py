"""Reports of members about cases, pictures and comments, and how moderators settle them."""

from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consults import reporting
from consults.cases import gate
from consults.cases.models import Case
from consults.discussion.models import Comment
from consults.exceptions import ChangeRefused
from consults.findings import sentences
from consults.moderation import automatic, telling
from consults.moderation.models import Report
from consults.reporting import Finding
from core import permissions
from imaging.models import Photo
from screening import identifiers

REPORTS_A_DAY: Final = reporting.REPORTS_A_DAY


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

    What could identify a patient, and what two independent members report, is hidden at once. Raises ChangeRefused when
    it is not visible any more, when the words could identify the patient, or after too many.
    """
    words = screened(words)
    Member.objects.select_for_update(no_key=True).get(pk=by.pk)
    # Of two that come together, the later one sees the earlier one, and hides.
    Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    asked = (by, "comment.report", comment) if comment else (by, "case.report", case)
    if not permissions.allows(*asked):
        raise ChangeRefused(_("This is not visible any more. Nothing is left to report."))
    here = Q(photo__placement__case=case) | Q(photo__placement__case__follows=case)
    if photo is not None and not gate.visible_renditions(by).filter(here, photo=photo).exists():
        raise ChangeRefused(_("This picture is not visible any more. Nothing is left to report."))
    same = Report.objects.filter(reporter=by, case=case, comment=comment, photo=photo, hidden=None).first()
    if same is not None:
        return same
    if reporting.reported_today(by) >= REPORTS_A_DAY:
        raise ChangeRefused(_("You have reported as much as one member may in a day. Write to an administrator."))
    made = Report.objects.create(
        reporter=by,
        case=case,
        comment=comment,
        photo=photo,
        reason=reason,
        words=words,
        due_at=reporting.due(reason),
    )
    record(verb="report.made", actor=by, subject=("case", case.pk), report=str(made.pk), reason=str(reason))
    if not automatic.hide_if_due(made):
        telling.enqueue_moderators(about=made.pk)
    return made


@transaction.atomic
def dismiss(*, report: Report, by: Member, finding: str = Finding.MISTAKEN, words: str = "") -> None:
    """Settle a report without hiding anything; its reporter is told. Raises ChangeRefused when it is settled."""
    if not permissions.allows(by, "report.settle", report):
        raise ChangeRefused(_("Somebody else has settled this report already."))
    _settle(report, by=by, hidden=False, finding=finding, words=screened(words))


@transaction.atomic
def reopen(*, report: Report, by: Member, words: str) -> None:
    """Take the answer to a report back, so that it waits again; with a reason. Raises ChangeRefused."""
    words = screened(words)
    if not words:
        raise ChangeRefused(_("Say in a sentence why; the other moderators read it."))
    if not permissions.allows(by, "report.reopen", report):
        raise ChangeRefused(_("This cannot be looked at again: it waits already, or is older than 30 days."))
    fields = {"hidden": None, "finding": "", "settled_by": None, "settled_at": None, "escalated_at": None}
    if not Report.objects.filter(pk=report.pk, hidden=False).update(
        **fields, settled_words=words, due_at=reporting.due(report.reason)
    ):
        raise ChangeRefused(_("This report waits already."))
    telling.enqueue_moderators(about=report.pk)
    record(verb="report.reopened", actor=by, subject=("case", report.case_id), report=str(report.pk))


def settle_all(
    *, by: Member, case: Case, comment: Comment | None = None, finding: str = Finding.UPHELD, words: str = ""
) -> int:
    """Settle every waiting report about what was hidden, or shown again; return how many.

    Call it in the transaction of that.
    """
    waiting = Report.objects.filter(case=case, hidden=None)
    rows = waiting.filter(comment=comment) if comment is not None else waiting.filter(comment=None)
    found = list(rows)
    for one in found:
        _settle(one, by=by, hidden=finding == Finding.UPHELD, finding=finding, words=words)
    return len(found)


def _settle(report: Report, *, by: Member, hidden: bool, finding: str, words: str = "") -> None:
    now = timezone.now()
    done = Report.objects.filter(pk=report.pk, hidden=None).update(
        hidden=hidden, finding=finding, settled_by=by, settled_at=now, settled_words=words
    )
    if not done:
        raise ChangeRefused(_("Somebody else has settled this report already."))
    report.settled_at = now
    telling.tell_reporter(report)
    record(
        verb="report.settled",
        actor=by,
        subject=("case", report.case_id),
        report=str(report.pk),
        hidden=hidden,
        finding=str(finding),
        reason=report.reason,
        minutes=report.minutes,
        in_time=now <= report.due_at,
    )


def screened(words: str) -> str:
    """Return the words without spaces around them. Raises ChangeRefused when they could identify the patient."""
    words = words.strip()
    found = identifiers.find(words)
    if found:
        raise ChangeRefused(" ".join(sentences(found)))
    return words
