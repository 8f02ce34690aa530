"""Health of the site, told by the web process.

An alarm must not depend on what it is about. Late destructions are read from the rows whenever somebody asks: a
monitor at /healthz/, the supervisor of `manage.py serve`, and every page of an officer. No worker, clock, broker or
mail server has a part in it.
"""

from enum import Enum
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from consent import lifecycle
from core.jobs import lateness


class Trouble(Enum):
    """What is wrong: a word for a monitor; `sentence` tells an officer the next step."""

    LATE = "late-destructions"
    CLOCK = "clock-stands-still"

    @property
    def sentence(self) -> Any:
        """The sentence for officers."""
        return _SENTENCES[self]


_SENTENCES = {
    Trouble.LATE: _(
        "A destruction is late: a patient took something back, and it is hidden but not destroyed yet. Ask whoever "
        "runs this site to look at “manage.py jobs” and at the worker for destruction."
    ),
    Trouble.CLOCK: _(
        "The clock of this site stands still, so late destructions are not taken up again. Ask whoever runs this site "
        "to start the worker and the clock."
    ),
}


def find_troubles() -> list[Trouble]:
    """Return what is wrong now."""
    found = {Trouble.LATE: _is_late(), Trouble.CLOCK: lateness.clock_stands_still()}
    return [trouble for trouble, wrong in found.items() if wrong]


def _is_late() -> bool:
    """Whether any destruction is late, by what patients asked for and by what is queued. One query."""
    rows = lateness.late_destructions(minutes=settings.RULES["purge_minutes"]).order_by().values_list("pk")
    asked = [overdue.order_by().values_list("pk") for overdue in lifecycle.overdue_rows()]
    return bool(rows.union(*asked, all=True)[:1])


def troubles_for(request: HttpRequest) -> list[Trouble]:
    """Return what officers read above every page; nothing for others. The clock is the operator's, at /healthz/."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not user.is_officer:
        return []
    return [Trouble.LATE] if _is_late() else []


@login_not_required
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Answer 200 `ok`, or 503 with a line for each trouble. Nothing of a case, not even how many."""
    troubles = find_troubles()
    words = "\n".join(trouble.value for trouble in troubles) or "ok"
    return HttpResponse(f"{words}\n", content_type="text/plain; charset=utf-8", status=503 if troubles else 200)
