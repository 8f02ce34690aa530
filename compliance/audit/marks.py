"""Whose mark is this? For privacy officers who are shown a picture of a screen of this site.

Threat: an officer who looks up members out of curiosity. Each question needs a reason and the officer's password (or
second factor) again, and leaves a line in the log for each member who is named.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render, resolve_url
from django.views.decorators.http import require_http_methods

from accounts.access import open_to
from accounts.http import MemberRequest
from accounts.membership.numbers import in_two
from accounts.models import Member
from accounts.security.security_events import reauthenticated_recently
from audit.models import PictureServed
from audit.record import record
from compliance.audit.forms import MarkForm
from core.ids import new_id

MOST: Final = 10  # members that one question names; more of the number has to be read
BEFORE: Final = timedelta(days=1)  # a page may stay open for hours; the minute in a mark goes on with it


@dataclass(frozen=True)
class Named:
    """A member whose number fits, and how many pictures they were sent before the moment in the mark, if known."""

    member: Member
    number: str
    pictures: int | None


@open_to("officer")
@require_http_methods(["GET", "HEAD", "POST"])
def viewer_mark(request: MemberRequest) -> HttpResponse:
    """Find the members whose number fits what was read of a mark."""
    if not reauthenticated_recently(request):
        return redirect_to_login(request.get_full_path(), resolve_url("account_reauthenticate"))
    form = MarkForm(request.POST or None)
    context: dict[str, object] = {"form": form, "most": MOST}
    if request.method == "POST" and form.is_valid():
        found = find(pattern=form.cleaned_data["number"], seen_at=form.cleaned_data["seen_at"])
        context |= {"found": found[:MOST], "too_many": len(found) > MOST, "asked": True}
        _note(found[:MOST], by=request.user, reason=form.cleaned_data["reason"])
    return render(request, "compliance/audit/mark.html", context, status=422 if form.errors else 200)


def find(*, pattern: str, seen_at: datetime | None) -> list[Named]:
    """Return the members whose number matches, at most one more than MOST."""
    members = Member.objects.filter(number__regex=pattern).order_by("name", "pk")[: MOST + 1]
    return [Named(member, in_two(member.number), _pictures_before(member, seen_at)) for member in members]


def _pictures_before(member: Member, seen_at: datetime | None) -> int | None:
    if seen_at is None:
        return None
    sent = PictureServed.objects.filter(
        member_id=member.pk, at__gt=seen_at - BEFORE, at__lt=seen_at + timedelta(minutes=1)
    )
    return sent.count()


@transaction.atomic
def _note(found: list[Named], *, by: Member, reason: str) -> None:
    """Write each member named into the log, or that nobody was."""
    for named in found:
        record(verb="viewer_mark.resolved", actor=by, subject=("member", named.member.pk), reason=reason)
    if not found:
        record(verb="viewer_mark.resolved", actor=by, subject=("mark", new_id()), reason=reason)
