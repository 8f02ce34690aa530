"""Reports and hiding of posts: by the same rules as of cases and comments, decided in the room."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from audit.models import Event
from consults import reporting
from consults.exceptions import ChangeRefused
from consults.groups.rooms import moderating
from consults.groups.rooms.models import Post, PostHold, PostReport
from consults.models import Group
from consults.moderation import missing, telling
from consults.reporting import Finding
from notifications.models import Notice
from tests import factories
from tests.consults.groups.making import group
from tests.consults.groups.rooms import making

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall() -> Group:
    """A closed group: alice moderates it, and a moderator of the site belongs to it."""
    return group(members=("bob", "student", "physician", "mod1"))


@pytest.fixture
def post(hall: Group) -> Post:
    """A message of bob."""
    return making.message(hall, "bob", text="The tattoo shows it.")


def report(post: Post, who: str, reason: str = "conduct", **fields: Any) -> PostReport:
    return moderating.report(post=post, by=factories.person(who), reason=reason, **fields)


def test_what_may_identify_a_patient_is_hidden_at_once(post: Post) -> None:
    made = report(post, "student", "identifies")
    hold = PostHold.objects.get()
    assert (hold.by, hold.reason, made.hidden) == (None, "identifies", None)
    assert made.due_at - made.made_at < timedelta(hours=4, minutes=1)
    told = {one.member.name for one in Notice.objects.all()}
    assert told == {"Bob", "Alice", "Mod1"}
    moderating.decide_hold(hold=hold, by=factories.person("alice"), confirm=True)
    made.refresh_from_db()
    assert (made.hidden, made.finding, made.settled_by) == (True, Finding.UPHELD, factories.person("alice"))
    assert Notice.objects.filter(member=made.reporter).exists()
    moderating.decide_hold(hold=PostHold.objects.get(), by=factories.person("mod1"), confirm=False)
    assert PostHold.objects.get().state == "lifted"
    verbs = set(Event.objects.values_list("verb", flat=True))
    assert {"report.made", "report.settled", "post.held", "post.hold_confirmed", "post.hold_lifted"} <= verbs


def test_anything_else_is_hidden_by_two(post: Post) -> None:
    report(post, "student")
    assert report(post, "student") == PostReport.objects.get()
    assert not PostHold.objects.exists()
    report(post, "physician", "copyright")
    hold = PostHold.objects.get()
    moderating.decide_hold(
        hold=hold, by=factories.person("alice"), confirm=False, finding=Finding.BASELESS, words="No ground."
    )
    found = set(PostReport.objects.values_list("hidden", "finding", "settled_words"))
    assert found == {(False, Finding.BASELESS, "No ground.")}
    assert reporting.baseless(factories.person("student")) == 1


def test_a_moderator_hides_and_another_decides(post: Post, alice: Member) -> None:
    report(post, "student")
    with pytest.raises(ChangeRefused):
        moderating.hide(post=post, by=alice, reason="other")
    hold = moderating.hide(post=post, by=alice, reason="conduct", words="Not here.")
    assert PostReport.objects.get().hidden is True
    for refused in (alice, factories.person("bob"), factories.person("mod2")):
        with pytest.raises(ChangeRefused):
            moderating.decide_hold(hold=hold, by=refused, confirm=True)
    with pytest.raises(ChangeRefused):
        moderating.hide(post=post, by=factories.person("mod1"), reason="conduct")
    with pytest.raises(ChangeRefused):
        report(post, "physician")
    moderating.decide_hold(hold=hold, by=factories.person("mod1"), confirm=True)
    with pytest.raises(ChangeRefused):
        moderating.decide_hold(hold=PostHold.objects.get(), by=factories.person("mod1"), confirm=True)


def test_a_report_is_dismissed_once(post: Post, alice: Member) -> None:
    made = report(post, "student", words="Rude.")
    moderating.dismiss(report=made, by=alice)
    made.refresh_from_db()
    assert (made.hidden, made.finding) == (False, Finding.MISTAKEN)
    with pytest.raises(ChangeRefused):
        moderating.dismiss(report=made, by=alice)


def test_limits(hall: Group, post: Post, alice: Member, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.RULES = settings.RULES | {"holds_a_day": 1}
    moderating.hide(post=post, by=alice, reason="conduct")
    with pytest.raises(ChangeRefused):
        moderating.hide(post=making.message(hall, "bob"), by=alice, reason="conduct")
    monkeypatch.setattr(reporting, "REPORTS_A_DAY", 1)
    report(making.message(hall, "bob"), "student")
    with pytest.raises(ChangeRefused):
        report(making.message(hall, "bob"), "student")
    with pytest.raises(ChangeRefused):
        report(making.message(hall, "bob"), "physician", words="Mrs Miller, born 3 May 1971")


def test_what_nobody_answers_is_told_to_administrators(post: Post, admin: Member) -> None:
    report(post, "student")
    assert missing.notes() == []
    PostReport.objects.update(due_at=timezone.now() - timedelta(hours=1))
    assert len(missing.notes()) == 1
    assert telling.escalate() == 1
    assert telling.escalate() == 0


def test_the_pages_of_the_desk(hall: Group, post: Post, alice: Member, sign_in: Callable[[object], Client]) -> None:
    student, own, site = sign_in(factories.person("student")), sign_in(alice), sign_in(factories.person("mod1"))
    at = reverse("consults:post_report", args=[post.pk])
    assert student.get(at).status_code == 200
    assert student.post(at, {}).status_code == 422
    assert student.post(at, {"reason": "conduct", "words": "Mrs Miller, born 3 May 1971"}).status_code == 422
    assert student.post(at, {"reason": "conduct", "words": "Rude."}).status_code == 302
    assert "It is not professional" in student.get(reverse("consults:my_reports")).content.decode()
    desk = reverse("consults:room_desk", args=[hall.pk])
    assert student.get(desk).status_code == 403
    assert "Rude." in own.get(desk).content.decode()
    hide = reverse("consults:post_hide", args=[post.pk])
    assert student.get(hide).status_code == 403
    assert own.get(hide).status_code == 200
    assert own.post(hide, {"reason": "other"}).status_code == 422
    assert own.post(hide, {"reason": "conduct"}).status_code == 302
    hold = PostHold.objects.get()
    decide = reverse("consults:post_hold", args=[hold.pk])
    assert own.post(decide, {"decision": "confirm"}).status_code == 403
    assert student.post(decide).status_code == 404
    assert "Another moderator decides" in own.get(desk).content.decode()
    assert site.post(decide, {"decision": "confirm"}).status_code == 302
    assert site.post(decide, {"decision": "lift", "finding": "mistaken"}).status_code == 302
    assert "The tattoo shows it." in student.get(reverse("consults:room", args=[hall.pk])).content.decode()
    student.post(at, {"reason": "unsafe"})
    dismiss = reverse("consults:dismiss_post_report", args=[PostReport.objects.get(hidden=None).pk])
    assert own.post(dismiss, {"finding": "baseless", "words": "It is right."}).status_code == 302
    assert own.post(dismiss).status_code == 404


def test_a_hidden_message_is_read_by_its_author_alone(
    hall: Group, post: Post, alice: Member, bob: Member, sign_in: Callable[[object], Client]
) -> None:
    making.message(hall, "alice", text="Really?", reply_to=post)
    moderating.hide(post=post, by=alice, reason="conduct", words="Not here.")
    at = reverse("consults:room", args=[hall.pk])
    mine = sign_in(bob).get(at).content.decode()
    assert "The tattoo shows it." in mine
    assert "Not here." in mine
    assert "The tattoo shows it." not in sign_in(factories.person("student")).get(at).content.decode()
    assert sign_in(factories.person("student")).get(reverse("consults:post", args=[post.pk])).status_code == 404


def test_what_it_said_before_is_for_moderators(
    hall: Group, post: Post, alice: Member, sign_in: Callable[[object], Client]
) -> None:
    post.versions.create(text="Worse words.")
    Post.objects.update(edited_at=timezone.now())
    at = reverse("consults:post_history", args=[post.pk])
    assert "Worse words." in sign_in(alice).get(at).content.decode()
    assert at in sign_in(alice).get(reverse("consults:room", args=[hall.pk])).content.decode()
    assert sign_in(factories.person("student")).get(at).status_code == 404
