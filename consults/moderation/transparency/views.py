"""The page of figures: the last quarters, for all members."""

from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import open_to
from accounts.http import MemberRequest
from consults.holds import Reason
from consults.moderation.transparency.models import Quarter
from consults.reporting import Finding
from core.deadlines import add_months

QUARTERS: Final = 8
ROWS: Final[tuple[tuple[str | Promise, tuple[tuple[str, str | Promise], ...]], ...]] = (
    (_("Reports, by reason"), tuple((f"reports.{one.value}", one.label) for one in Reason)),
    (_("Answers to reports"), (
        *((f"answers.{one.value}", one.label) for one in Finding),
        ("answers.median_minutes", _("Half were answered within (minutes)")),
        ("answers.in_time_percent", _("Answered in time (percent)")),
    )),
    (_("Hidden"), (
        ("hidden.by_reports", _("By members' reports")),
        ("hidden.by_moderators", _("By a moderator")),
    )),
    (_("Reversed"), (
        ("reversals.hidden", _("Shown again")),
        ("reversals.reports", _("Reports looked at again")),
    )),
    (_("Mistreatment"), (
        ("concerns.made", _("Reported to the trusted persons")),
        ("concerns.closed", _("Closed by them")),
    )),
    (_("Members"), (
        ("members.suspended", _("Suspended")),
        ("members.reinstated", _("Suspension lifted")),
        ("appeals.suspensions", _("Appeals against a suspension")),
    )),
    (_("Removed"), (
        ("removals.taken_down", _("Cases taken down")),
        ("removals.redactions", _("Comments looked at after a withdrawal")),
        ("withdrawals.whole", _("Consents withdrawn")),
        ("withdrawals.part", _("Consents withdrawn in part")),
    )),
    (_("Second reads"), (
        ("cases.released", _("Cases released")),
        ("cases.sent_back", _("Cases sent back")),
    )),
    (_("Vetting"), (
        ("vetting.applied", _("Applications")),
        ("vetting.accepted", _("Accepted")),
        ("vetting.declined", _("Declined")),
        ("appeals.applications", _("Appeals of applicants")),
    )),
)  # fmt: skip


@open_to("member", "officer")
@require_safe
def transparency(request: MemberRequest) -> HttpResponse:
    """Show what was reported, decided, removed and vetted in the last eight quarters. One query."""
    quarters = list(Quarter.objects.all()[:QUARTERS])
    heads = [(one.first_day, add_months(one.first_day, 2)) for one in quarters]
    tables: list[dict[str, Any]] = [
        {
            "name": name,
            "rows": [(label, [one.figures.get(figure) for one in quarters]) for figure, label in figures],
        }
        for name, figures in ROWS
    ]
    return render(request, "consults/moderation/transparency.html", {"heads": heads, "tables": tables})
