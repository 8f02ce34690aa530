"""Services ask the policy themselves: whoever comes past a page, by a race or a later caller, is refused as well."""

from collections.abc import Callable
from typing import Any

import pytest

from consults.discussion.outcomes import summary
from consults.exceptions import ChangeRefused
from consults.groups import admissions
from consults.groups.models import Kind
from consults.groups.rooms import moderating
from consults.groups.rooms.models import PostReport
from consults.models import Comment, CommentHold
from consults.moderation import hiding, reports
from consults.moderation.concerns import service as concerns
from consults.moderation.models import Report
from tests.consults import reading
from tests.consults.groups.making import group
from tests.consults.groups.rooms import making
from tests.factories import member, person

pytestmark = pytest.mark.django_db


def _concern() -> dict[str, Any]:
    member(is_trusted_person=True)
    return {"concern": concerns.raise_concern(by=person("bob"), kind="bullying", words="Shouting on rounds.")}


def _held_comment() -> dict[str, Any]:
    comment = Comment.objects.create(case=reading.case(), author=person("bob"), text="As on the other picture.")
    return {"hold": CommentHold.objects.create(comment=comment, by=person("mod2"), reason="conduct"), "confirm": True}


def _report() -> dict[str, Any]:
    return {"report": Report.objects.create(case=reading.case(), reporter=person("bob"), reason="conduct")}


def _post_report() -> dict[str, Any]:
    post = making.message(group(members=("bob", "physician")), "bob")
    return {"report": PostReport.objects.create(post=post, reporter=person("physician"), reason="conduct")}


def _admission() -> dict[str, Any]:
    return {"admission": admissions.request(group=group(kind=Kind.OPEN), by=person("bob"))}


CALLS: dict[str, tuple[Callable[..., object], Callable[[], dict[str, Any]]]] = {
    "take a concern": (concerns.take, _concern),
    "decide a hidden comment": (hiding.decide_comment, _held_comment),
    "dismiss a report": (reports.dismiss, _report),
    "sum a case up": (summary.summary_pdf, lambda: {"case_id": reading.case(state="closed").pk, "language": "en"}),
    "take a request back": (admissions.take_back, _admission),
    "hide a post": (moderating.hide, lambda: {"post": making.message(group(), "alice"), "reason": "conduct"}),
    "dismiss a report of a post": (moderating.dismiss, _post_report),
}


@pytest.mark.parametrize("call", CALLS)
def test_whoever_may_not_is_refused(call: str) -> None:
    """A physician whom none of this concerns, and who is no moderator."""
    service, made = CALLS[call]
    arguments = made()
    with pytest.raises(ChangeRefused):
        service(**arguments, by=person("physician"))
