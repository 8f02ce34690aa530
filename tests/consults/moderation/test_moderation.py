"""Reporting, hiding, deciding: who may, who is told, and that moderators stay as blind as everybody."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import MailSent, Member
from audit.models import Event
from consent.models import WithdrawnBy
from consent.withdrawal import withdraw
from consults.cases import gate
from consults.cases.authoring import drafts
from consults.cases.gate import holding
from consults.discussion import comments
from consults.exceptions import ChangeRefused
from consults.holds import HIDING
from consults.models import (
    Case,
    CaseHold,
    Comment,
    CommentHold,
    CommentVersion,
    Group,
    Membership,
    Redaction,
    Report,
)
from consults.moderation import hiding, missing, policy, reports, telling
from consults.withdrawal import redaction
from core import permissions
from imaging.models import Photo
from tests import factories
from tests.consults import reading

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(alice: Member) -> Case:
    return reading.case(alice, title="A plaque")


@pytest.fixture
def comment(case: Case, bob: Member) -> Comment:
    reading.answer(case, bob, "psoriasis")
    return Comment.objects.create(case=case, author=bob, text="Certainly psoriasis.")


def hidden(case: Case, by: Member, **fields: str) -> CaseHold:
    return hiding.hide_case(case=case, by=by, **({"reason": "conduct"} | fields))


def logged() -> set[str]:
    """Every verb of the log."""
    return set(Event.objects.values_list("verb", flat=True))


# --- Reports


@pytest.mark.parametrize(
    ("who", "case_may", "comment_may"),
    [
        ("bob", True, False),  # his own comment
        ("alice", False, True),  # her own case
        ("resident", True, False),  # has not answered
        ("mod1", True, False),
        ("nurse", False, False),
        ("student", False, False),
        ("officer", False, False),
        ("applicant", False, False),
    ],
)
def test_who_may_report(case: Case, comment: Comment, who: str, case_may: bool, comment_may: bool) -> None:
    member = factories.person(who)
    assert permissions.allows(member, "case.report", case) is case_may
    assert permissions.allows(member, "comment.report", comment) is comment_may


def test_a_picture_is_reported_and_the_moderators_are_told(
    case: Case, bob: Member, mod1: Member, sign_in: Callable[[object], Client], run_jobs: Callable[[], int]
) -> None:
    client = sign_in(bob)
    photo = Photo.objects.get(placement__case=case)
    address = reverse("consults:report_case", args=[case.pk])
    assert "Picture 1" in client.get(address).content.decode()
    assert client.post(address, {}).status_code == 422
    named = client.post(address, {"reason": "identifies", "words": "Mrs Miller, born 3 May 1971"})
    assert named.status_code == 422
    client.post(address, {"reason": "unsafe", "words": "The tattoo.", "about": str(photo.pk)})
    made = Report.objects.get()
    assert (made.photo_id, made.reporter_id, made.words) == (photo.pk, bob.pk, "The tattoo.")
    run_jobs()
    assert [message.to for message in mail.outbox] == [[mod1.email]]
    assert "plaque" not in mail.outbox[0].body + mail.outbox[0].subject
    assert reports.report(by=bob, case=case, photo=photo, reason="conduct") == made


def test_reports_by_one_member_are_limited(alice: Member, bob: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "REPORTS_A_DAY", 1)
    reports.report(by=bob, case=reading.case(alice), reason="conduct")
    with pytest.raises(ChangeRefused):
        reports.report(by=bob, case=reading.case(alice), reason="conduct")


def test_what_is_gone_cannot_be_reported(case: Case, comment: Comment, alice: Member, bob: Member) -> None:
    other = Photo.objects.get(placement__case=reading.case(alice))
    with pytest.raises(ChangeRefused):
        reports.report(by=bob, case=case, photo=other, reason="conduct")
    withdraw(consent_id=case.consent_id, by=WithdrawnBy.PATIENT)
    with pytest.raises(ChangeRefused):
        reports.report(by=bob, case=case, reason="conduct")
    with pytest.raises(ChangeRefused):
        reports.report(by=alice, case=case, comment=comment, reason="conduct")


def test_a_report_is_settled_once(case: Case, bob: Member, mod1: Member, sign_in: Callable[[object], Client]) -> None:
    made = reports.report(by=bob, case=case, reason="conduct")
    client = sign_in(mod1)
    address = reverse("consults:dismiss_report", args=[made.pk])
    client.post(address)
    made.refresh_from_db()
    assert (made.hidden, made.settled_by) == (False, mod1)
    assert client.post(address).status_code == 404
    with pytest.raises(ChangeRefused):
        reports.dismiss(report=made, by=mod1)


# --- Hiding a case


def test_a_moderator_hides_and_a_second_one_decides(
    case: Case,
    alice: Member,
    bob: Member,
    mod1: Member,
    mod2: Member,
    sign_in: Callable[[object], Client],
    run_jobs: Callable[[], int],
) -> None:
    reports.report(by=bob, case=case, reason="conduct")
    first, second = sign_in(mod1), sign_in(mod2)
    first.post(reverse("consults:hide_case", args=[case.pk]), {"reason": "identifies", "words": "A tattoo."})
    assert not gate.visible_cases(bob).filter(pk=case.pk).exists()
    assert Report.objects.get().hidden is True
    run_jobs()
    assert [alice.email] in [message.to for message in mail.outbox]
    page = sign_in(alice).get(reverse("consults:mine")).content.decode()
    assert "A tattoo." in page
    hold = CaseHold.objects.get()
    address = reverse("consults:case_hold", args=[hold.pk])
    assert "You hid or reported it." in first.get(address).content.decode()
    first.post(address, {"decision": "lift"})
    assert CaseHold.objects.get().state == "held"
    assert case.title in second.get(address).content.decode()
    assert "A plaque" in second.get(reverse("consults:moderation")).content.decode()
    second.post(address, {"decision": "confirm"})
    assert CaseHold.objects.get().state == "confirmed"
    second.post(address, {"decision": "lift"})
    assert gate.visible_cases(bob).filter(pk=case.pk).exists()
    MailSent.objects.all().delete()
    run_jobs()
    assert mail.outbox[-1].to == [alice.email]
    assert second.get(address).status_code == 404
    assert {"report.made", "report.settled", "case.held", "case.hold_confirmed", "case.hold_lifted"} <= logged()


def test_a_release_lifts_the_hold_of_its_case_alone(case: Case, alice: Member, mod1: Member, mod2: Member) -> None:
    mine, other = hidden(case, mod1), hidden(reading.case(alice), mod1)
    holding.lift_all(case=case, by=mod2)
    states = dict(CaseHold.objects.values_list("pk", "state"))
    assert states == {mine.pk: "lifted", other.pk: "held"}


@pytest.mark.parametrize(("who", "may"), [("mod1", True), ("bob", False), ("alice", False), ("admin", False)])
def test_who_may_hide(case: Case, who: str, may: bool) -> None:
    assert permissions.allows(factories.person(who), "case.hold", case) is may


def test_hiding_twice_or_without_a_reason_is_refused(case: Case, mod1: Member, mod2: Member, alice: Member) -> None:
    with pytest.raises(ChangeRefused):
        hidden(case, mod1, reason="other")
    with pytest.raises(ChangeRefused):
        hidden(case, alice)
    placed = hidden(case, mod1)
    with pytest.raises(ChangeRefused):
        holding.hold(case=case, by=mod2, reason="conduct")
    with pytest.raises(ChangeRefused):
        holding.lift(hold=placed, by=mod1)
    holding.confirm(hold=placed, by=mod2)
    with pytest.raises(ChangeRefused):
        holding.confirm(hold=CaseHold.objects.get(), by=mod2)


def test_a_hidden_case_is_changed_and_released_by_another_moderator(
    case: Case, alice: Member, mod1: Member, mod2: Member, bob: Member
) -> None:
    hidden(case, mod1)
    drafts.retract(case=case, by=alice)
    drafts.submit(case=case, by=alice)
    with pytest.raises(gate.Blocked) as blocked:
        gate.release(case=Case.objects.get(pk=case.pk), by=mod1)
    assert [blocker.code for blocker in blocked.value.blockers] == ["held"]
    gate.release(case=Case.objects.get(pk=case.pk), by=mod2)
    assert gate.visible_cases(bob).filter(pk=case.pk).exists()
    assert not CaseHold.objects.filter(state__in=HIDING).exists()


def test_what_nobody_decides_is_told_to_administrators(
    case: Case, comment: Comment, mod1: Member, admin: Member, run_jobs: Callable[[], int]
) -> None:
    hidden(case, mod1)
    assert telling.escalate() == 0
    CaseHold.objects.update(placed_at=timezone.now() - timedelta(hours=25))
    assert CaseHold.objects.get().is_late
    assert telling.escalate() == 1
    assert "moderation.escalated" in logged()
    assert telling.escalate() == 0
    mail.outbox.clear()
    run_jobs()
    assert [admin.email] in [message.to for message in mail.outbox]


def test_a_group_s_hidden_case_is_looked_at_by_its_moderators_only(alice: Member, mod1: Member, mod2: Member) -> None:
    group = Group.objects.create(name="Hall")
    for member in (alice, mod1):
        Membership.objects.create(group=group, member=member)
    case = reading.case(alice, group=group)
    hidden(case, mod1)
    assert policy.case_holds(mod1).exists()
    assert not policy.case_holds(mod2).exists()


def test_one_moderator_hides_only_so_many_in_a_day(
    case: Case, comment: Comment, alice: Member, mod1: Member, settings: Any
) -> None:
    settings.RULES = settings.RULES | {"holds_a_day": 1}
    opened_by(case, mod1)
    hiding.hide_comment(comment=comment, by=mod1, reason="conduct")
    with pytest.raises(ChangeRefused):
        hidden(reading.case(alice), mod1)
    other = Comment.objects.create(case=case, author=alice, text="Why?")
    with pytest.raises(ChangeRefused):
        hiding.hide_comment(comment=other, by=mod1, reason="conduct")


def test_administrators_read_what_has_no_moderator(
    case: Case,
    comment: Comment,
    alice: Member,
    bob: Member,
    mod1: Member,
    admin: Member,
    sign_in: Callable[[object], Client],
) -> None:
    assert missing.notes() == []
    reports.report(by=bob, case=case, reason="conduct")
    Report.objects.update(due_at=timezone.now() - timedelta(hours=1))
    group = Group.objects.create(name="Hall")
    reading.case(alice, state="submitted", group=group)
    assert len(missing.notes()) == 2
    assert "1 case has no moderator" in sign_in(admin).get(reverse("accounts:people")).content.decode()
    Membership.objects.create(group=group, member=mod1)
    assert len(missing.notes()) == 1
    Member.objects.filter(pk=mod1.pk).update(is_moderator=False)
    reading.case(alice, state="submitted")
    assert "2 cases have no moderator" in missing.notes()[1]


# --- Comments


def opened_by(case: Case, *members: Member) -> None:
    for member in members:
        reading.answer(case, member, "actinic-keratosis")


def test_a_comment_is_hidden_and_shown_again(
    case: Case,
    comment: Comment,
    alice: Member,
    bob: Member,
    mod1: Member,
    mod2: Member,
    sign_in: Callable[[object], Client],
    run_jobs: Callable[[], int],
) -> None:
    Comment.objects.create(case=case, author=alice, text="Why?", reply_to=comment)
    opened_by(case, mod1, mod2)
    reports.report(by=alice, case=case, comment=comment, reason="conduct", words="Rude.")
    page = sign_in(mod1).get(reverse("consults:moderation")).content.decode()
    assert "Certainly psoriasis." in page
    assert "Rude." in page
    sign_in(mod1).post(reverse("consults:hide_comment", args=[comment.pk]), {"reason": "conduct"})
    at_case = reverse("consults:case", args=[case.pk])
    assert "Certainly psoriasis." not in sign_in(alice).get(at_case).content.decode()
    assert "Certainly psoriasis." in sign_in(bob).get(at_case).content.decode()
    run_jobs()
    assert [bob.email] in [message.to for message in mail.outbox]
    hold = CommentHold.objects.get()
    for decision, state in (("confirm", "confirmed"), ("lift", "lifted")):
        sign_in(mod2).post(reverse("consults:comment_hold", args=[hold.pk]), {"decision": decision})
        hold.refresh_from_db()
        assert hold.state == state
    assert "Certainly psoriasis." in sign_in(alice).get(at_case).content.decode()
    run_jobs()
    with pytest.raises(ChangeRefused):
        hiding.decide_comment(hold=hold, by=mod2, confirm=True)
    assert {"comment.held", "comment.hold_confirmed", "comment.hold_lifted"} <= logged()


def test_hiding_a_comment_is_refused_twice_and_to_its_author(case: Case, comment: Comment, mod1: Member) -> None:
    opened_by(case, mod1)
    with pytest.raises(ChangeRefused):
        hiding.hide_comment(comment=comment, by=comment.author, reason="conduct")
    hiding.hide_comment(comment=comment, by=mod1, reason="conduct")
    with pytest.raises(ChangeRefused):
        hiding.hide_comment(comment=comment, by=mod1, reason="conduct")


def test_moderators_who_have_not_answered_read_no_comment(
    case: Case, comment: Comment, alice: Member, mod1: Member, mod2: Member, sign_in: Callable[[object], Client]
) -> None:
    """Neither in reports nor in what was hidden nor in what may describe something withdrawn."""
    opened_by(case, mod1)
    Redaction.objects.create(comment=comment, reason="picture")
    reports.report(by=alice, case=case, comment=comment, reason="conduct", words="It is psoriasis.")
    reports.report(by=comment.author, case=case, reason="unsafe", words="It is psoriasis.")
    client = sign_in(mod2)
    pages = [reverse("consults:moderation"), reverse("consults:redactions")]
    for address in pages:
        page = client.get(address).content.decode()
        assert "soriasis" not in page, address
        assert "Read without an answer" in page, address
    hold = hiding.hide_comment(comment=comment, by=mod1, reason="conduct")
    assert "soriasis" not in client.get(pages[0]).content.decode()
    assert client.post(reverse("consults:comment_hold", args=[hold.pk])).status_code == 404
    assert not redaction.open_redactions(mod2).exists()
    with pytest.raises(ChangeRefused):
        redaction.decide(redaction=Redaction.objects.get(), by=mod2, decision=Redaction.Decision.KEPT)
    client.post(reverse("consults:read_only", args=[case.pk]))  # declared, and recorded
    assert "Certainly psoriasis." in client.get(pages[0]).content.decode()
    assert "Certainly psoriasis." in client.get(pages[1]).content.decode()
    assert case.answers.get(member=mod2).kind == "read_only"


def test_own_comment_is_changed_and_screened_again(
    case: Case, comment: Comment, bob: Member, alice: Member, mod1: Member, sign_in: Callable[[object], Client]
) -> None:
    client = sign_in(bob)
    address = reverse("consults:edit_comment", args=[comment.pk])
    assert "Certainly psoriasis." in client.get(address).content.decode()
    assert client.post(address, {"text": "Mrs Miller, born 3 May 1971"}).status_code == 422
    assert client.post(address, {"text": " "}).status_code == 422
    client.post(address, {"text": "Perhaps psoriasis."})
    comment.refresh_from_db()
    assert comment.text == "Perhaps psoriasis."
    assert CommentVersion.objects.get().text == "Certainly psoriasis."
    comments.edit(comment=comment, by=bob, text="Perhaps psoriasis.")
    assert CommentVersion.objects.count() == 1
    assert "comment.edited" in logged()
    history = reverse("consults:comment_history", args=[comment.pk])
    assert sign_in(mod1).get(history).status_code == 404  # has not answered
    opened_by(case, mod1)
    assert "Certainly psoriasis." in sign_in(mod1).get(history).content.decode()
    assert "Certainly psoriasis." in sign_in(bob).get(history).content.decode()
    assert sign_in(alice).get(history).status_code == 200  # it is her case
    assert sign_in(factories.person("resident")).get(history).status_code == 404  # has not answered
    comments.delete(comment=comment, by=bob)
    assert [sign_in(one).get(history).status_code for one in (bob, alice, mod1)] == [404, 404, 200]


def test_own_comment_is_deleted(
    case: Case, comment: Comment, bob: Member, alice: Member, sign_in: Callable[[object], Client]
) -> None:
    sign_in(bob).post(reverse("consults:edit_comment", args=[comment.pk]), {"delete": "1", "text": "x"})
    page = sign_in(alice).get(reverse("consults:case", args=[case.pk])).content.decode()
    assert "Certainly psoriasis." not in page
    assert "Deleted by its author." in page
    with pytest.raises(ChangeRefused):
        comments.edit(comment=comment, by=bob, text="Again.")
    assert "comment.deleted" in logged()


def test_nobody_changes_the_comments_of_others_or_after_a_withdrawal(
    case: Case, comment: Comment, bob: Member, alice: Member, mod1: Member
) -> None:
    for member in (alice, mod1):
        with pytest.raises(ChangeRefused):
            comments.edit(comment=comment, by=member, text="Mine.")
    opened_by(case, mod1)
    hiding.hide_comment(comment=comment, by=mod1, reason="conduct")
    with pytest.raises(ChangeRefused):
        comments.delete(comment=comment, by=bob)
    withdraw(consent_id=case.consent_id, by=WithdrawnBy.PATIENT)
    with pytest.raises(ChangeRefused):
        comments.delete(comment=comment, by=bob)


def test_a_withdrawal_takes_reports_holds_and_former_texts(
    case: Case, comment: Comment, bob: Member, alice: Member, mod1: Member, run_jobs: Callable[[], int]
) -> None:
    comments.edit(comment=comment, by=bob, text="A plaque on the elbow that bleeds when scratched.")
    comments.edit(comment=comment, by=bob, text="Short.")
    elsewhere = reading.case(alice)
    reading.answer(elsewhere, bob, "actinic-keratosis")
    other = Comment.objects.create(case=elsewhere, author=bob, text="x")
    CommentVersion.objects.create(comment=other, text="As in: a plaque on the elbow that bleeds when scratched!")
    reports.report(by=bob, case=case, reason="unsafe", words="Bleeds.")
    hidden(case, mod1, words="Bleeds.")
    withdraw(consent_id=case.consent_id, by=WithdrawnBy.PATIENT)
    run_jobs()
    assert not Report.objects.exists()
    assert not CaseHold.objects.exists()
    assert "bleeds" not in CommentVersion.objects.get().text


def test_mails_about_what_is_gone_are_not_sent(case: Case, alice: Member, mod1: Member) -> None:
    placed = hidden(case, mod1)
    Member.objects.filter(pk=alice.pk).update(standing="suspended")
    telling.tell_author(hold_id=placed.pk)
    CaseHold.objects.all().delete()
    telling.tell_author(hold_id=placed.pk)
    assert not mail.outbox


@pytest.mark.parametrize("who", ["bob", "officer", "admin", "applicant", "nobody"])
def test_whoever_is_no_moderator_decides_nothing(case: Case, comment: Comment, mod1: Member, who: str) -> None:
    opened_by(case, mod1)
    comments.edit(comment=comment, by=comment.author, text="Perhaps psoriasis.")
    reports.report(by=comment.author, case=case, reason="conduct")
    hiding.hide_comment(comment=comment, by=mod1, reason="conduct")
    hidden(case, mod1)
    member = AnonymousUser() if who == "nobody" else factories.person(who)
    actions = ["case.hold", "comment.hold", "comment.history", "case_hold.view", "case_hold.decide"]
    actions += ["comment_hold.decide", "report.settle", "redaction.decide", "redaction.list"]
    for action in actions:
        assert not permissions.allowed(member, action).exists(), action
    assert not policy.comment_holds(member, opened=False).exists()
