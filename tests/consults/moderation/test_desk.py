"""The desk: what hides by itself, who decides then, what reporters are told, answers taken back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from audit.models import Event
from consults.cases import gate
from consults.cases.authoring import drafts
from consults.exceptions import ChangeRefused
from consults.models import Case, CaseHold, Comment, CommentHold, Report
from consults.moderation import automatic, hiding, policy, reports, telling
from consults.reporting import Finding
from core import permissions
from notifications.models import Notice
from tests import factories
from tests.consults import additions, reading

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(alice: Member) -> Case:
    return reading.case(alice, title="A plaque")


@pytest.fixture
def comment(case: Case, bob: Member) -> Comment:
    reading.answer(case, bob, "psoriasis")
    return Comment.objects.create(case=case, author=bob, text="Certainly psoriasis.")


def is_seen(case: Case, who: str = "physician") -> bool:
    return gate.visible_cases(factories.person(who)).filter(pk=case.pk).exists()


def test_what_may_identify_a_patient_is_hidden_at_once(case: Case, bob: Member, mod1: Member) -> None:
    made = reports.report(by=bob, case=case, reason="identifies")
    assert not is_seen(case)
    hold = CaseHold.objects.get()
    assert (hold.by, hold.state, made.hidden) == (None, "held", None)
    assert Event.objects.get(verb="case.held").actor_id is None
    hiding.decide_case(hold=hold, by=mod1, confirm=True)
    made.refresh_from_db()
    assert (made.hidden, made.finding, made.settled_by) == (True, Finding.UPHELD, mod1)
    settled = Event.objects.get(verb="report.settled")
    assert {"minutes", "in_time", "finding", "reason"} <= set(settled.facts)


@pytest.mark.parametrize("what", ["case", "comment"])
@pytest.mark.parametrize(("reason", "is_hidden"), [("identifies", True), ("conduct", False)])
def test_who_reports_reads_whether_it_is_hidden_now(
    case: Case, comment: Comment, client: Client, what: str, reason: str, is_hidden: bool
) -> None:
    reporter = factories.person("physician")
    reading.answer(case, reporter, "psoriasis")
    client.force_login(reporter)
    about = {"case": case, "comment": comment}[what]
    page = client.post(reverse(f"consults:report_{what}", args=[about.pk]), {"reason": reason}, follow=True)
    assert ("It is hidden from now on" in page.content.decode()) is is_hidden


@pytest.mark.parametrize(
    ("who", "answers", "may_look"),
    [
        ("mod1", False, ["named"]),
        ("mod1", True, ["named", "other"]),  # both are open to whoever has answered
        ("physician", True, []),
        ("alice", False, ["named", "other"]),  # her own
    ],
)
def test_who_looks_at_a_follow_up_of_a_hidden_case(
    who: str, answers: bool, may_look: list[str], case: Case, bob: Member, sign_in: Callable[[object], Client]
) -> None:
    member = factories.person(who)
    named, other = additions.addition(case, data=b"named"), additions.addition(case, data=b"other")
    for given_by in [bob, *[member][: int(answers)]]:
        reading.answer(case, given_by, "psoriasis")
    photo = named.pictures.get().photo
    reports.report(by=bob, case=case, reason="identifies", photo=photo)
    seen = gate.servable_renditions(member).filter(photo__placement__case__in=(named, other), name="display")
    names = {named.pk: "named", other.pk: "other"}
    assert sorted(names[pk] for pk in seen.values_list("photo__placement__case", flat=True)) == may_look
    if who == "mod1":
        page = sign_in(member).get(reverse("consults:case_hold", args=[CaseHold.objects.get().pk]))
        shown = seen.get(photo=photo)
        assert reverse("consults:picture", args=[shown.pk]) in page.content.decode()


@pytest.mark.parametrize(("answers", "reads"), [(True, True), (False, False)])
def test_who_decides_reads_which_picture_was_reported(
    case: Case, bob: Member, mod1: Member, client: Client, answers: bool, reads: bool
) -> None:
    if answers:
        reading.answer(case, mod1, "psoriasis")
    photo = case.pictures.get().photo
    reports.report(by=bob, case=case, reason="identifies", photo=photo, words="A ring can be recognised.")
    client.force_login(mod1)
    page = client.get(reverse("consults:case_hold", args=[CaseHold.objects.get().pk])).content.decode()
    assert "<strong>1 · Clinical close-up</strong>: It could show who a patient is" in page
    assert ("A ring can be recognised." in page) is reads
    assert ("open to moderators who have answered this case" in page) is not reads
    assert "Bob" not in page


@pytest.mark.parametrize("reason", ["unsafe", "conduct", "copyright", "consent", "other"])
def test_anything_else_is_hidden_by_two_of_different_houses(case: Case, bob: Member, reason: str) -> None:
    reports.report(by=bob, case=case, reason=reason)
    assert is_seen(case)
    colleague = factories.member(institution="Harbour Hospital")
    reports.report(by=colleague, case=case, reason=reason)
    assert is_seen(case)
    reports.report(by=factories.person("physician"), case=case, reason=reason)
    assert not is_seen(case)


def test_a_comment_and_its_case_are_two_things(case: Case, comment: Comment, alice: Member, mod1: Member) -> None:
    resident = factories.person("physician")
    reading.answer(case, resident, "psoriasis")
    reports.report(by=alice, case=case, comment=comment, reason="conduct")
    reports.report(by=resident, case=case, reason="conduct")
    assert is_seen(case)
    assert not CommentHold.objects.exists()
    reports.report(by=resident, case=case, comment=comment, reason="conduct")
    hold = CommentHold.objects.get()
    assert (hold.by, is_seen(case)) == (None, True)
    reading.answer(case, mod1, "psoriasis")
    hiding.decide_comment(hold=hold, by=mod1, confirm=False, finding=Finding.BASELESS, words="It is right.")
    found = Report.objects.filter(comment=comment).values_list("finding", "settled_words")
    assert set(found) == {(Finding.BASELESS, "It is right.")}
    assert Report.objects.get(comment=None).hidden is None


def test_a_moderator_does_not_decide_upon_their_own_report(case: Case, mod1: Member, mod2: Member) -> None:
    reports.report(by=mod1, case=case, reason="identifies")
    hold = CaseHold.objects.get()
    assert not permissions.allows(mod1, "case_hold.decide", hold)
    assert permissions.allows(mod1, "case_hold.view", hold)
    assert permissions.allows(mod2, "case_hold.decide", hold)
    with pytest.raises(ChangeRefused):
        hiding.decide_case(hold=hold, by=mod1, confirm=True)
    assert not policy.reports(mod1).exists()
    assert not policy.reports(mod2).exists()  # settled with the hold


def test_reports_without_weight_are_read_first(
    case: Case, bob: Member, mod1: Member, sign_in: Callable[[object], Client]
) -> None:
    for _ in range(3):
        made = reports.report(by=bob, case=reading.case(), reason="conduct")
        reports.dismiss(report=made, by=mod1, finding=Finding.BASELESS)
    client = sign_in(bob)
    assert "had no ground" in client.get(reverse("consults:report_case", args=[case.pk])).content.decode()
    assert "had no ground" in client.get(reverse("consults:my_reports")).content.decode()
    reports.report(by=bob, case=case, reason="identifies")
    assert is_seen(case)
    assert policy.reports(mod1).filter(case=case).exists()


def test_reporters_are_told_and_not_of_what(
    case: Case, bob: Member, mod1: Member, sign_in: Callable[[object], Client]
) -> None:
    made = reports.report(by=bob, case=case, reason="conduct", words="Rude.")
    reports.dismiss(report=made, by=mod1)
    notice = Notice.objects.get(member=bob)
    assert notice.path == reverse("consults:my_reports")
    assert notice.case_id is None
    page = sign_in(bob).get(notice.path).content.decode()
    assert "reported in good faith" in page
    for word in ("A plaque", "Rude.", str(case.pk), "Mod1"):
        assert word not in page


def test_an_answer_is_taken_back_with_a_reason(
    case: Case, bob: Member, mod1: Member, mod2: Member, sign_in: Callable[[object], Client]
) -> None:
    made = reports.report(by=bob, case=case, reason="conduct")
    reports.dismiss(report=made, by=mod1, words="Nothing.")
    for who, words in ((mod1, "Wrong."), (mod2, " "), (bob, "Wrong.")):
        with pytest.raises(ChangeRefused):
            reports.reopen(report=made, by=who, words=words)
    page = sign_in(mod2).get(reverse("consults:moderation")).content.decode()
    assert "Nothing." in page
    sign_in(mod2).post(reverse("consults:reopen_report", args=[made.pk]), {"words": "I think it is."})
    made.refresh_from_db()
    assert (made.hidden, made.settled_by, made.settled_words) == (None, None, "I think it is.")
    assert "I think it is." in sign_in(mod1).get(reverse("consults:moderation")).content.decode()
    reports.dismiss(report=made, by=mod2)
    Report.objects.update(settled_at=timezone.now() - timedelta(days=31))
    with pytest.raises(ChangeRefused):
        reports.reopen(report=made, by=mod1, words="Too late.")
    assert "report.reopened" in set(Event.objects.values_list("verb", flat=True))


def test_a_case_that_is_changed_and_released_settles_the_reports_that_hid_it(
    case: Case, alice: Member, bob: Member, mod1: Member
) -> None:
    made = reports.report(by=bob, case=case, reason="identifies")
    drafts.retract(case=case, by=alice)
    drafts.submit(case=case, by=alice)
    gate.release(case=Case.objects.get(pk=case.pk), by=mod1)
    made.refresh_from_db()
    assert (made.hidden, made.finding, made.settled_by) == (False, Finding.MISTAKEN, mod1)
    assert is_seen(case)


def test_the_desk_says_what_is_due_and_how_much_came_in_time(
    case: Case, bob: Member, mod1: Member, sign_in: Callable[[object], Client]
) -> None:
    made = reports.report(by=bob, case=case, reason="conduct")
    page = sign_in(mod1).get(reverse("consults:moderation")).content.decode()
    assert "Answer by" in page
    assert "Late" not in page
    Report.objects.filter(pk=made.pk).update(due_at=timezone.now() - timedelta(hours=1))
    page = sign_in(mod1).get(reverse("consults:moderation")).content.decode()
    assert "Late" in page
    assert "0\n    of 1" in page or "0 of 1" in page


def test_mistreatment_is_no_report_for_moderators(
    case: Case, comment: Comment, alice: Member, bob: Member, sign_in: Callable[[object], Client]
) -> None:
    client = sign_in(bob)
    page = client.post(reverse("consults:report_case", args=[case.pk]), {"reason": "mistreatment", "words": "It hurt."})
    assert "Send to the trusted persons" in page.content.decode()
    assert "It hurt." in page.content.decode()
    assert f"?case={case.pk}" in page.content.decode()
    page = sign_in(alice).post(
        reverse("consults:report_comment", args=[comment.pk]), {"reason": "mistreatment", "words": ""}
    )
    assert f"?comment={comment.pk}" in page.content.decode()
    assert not Report.objects.exists()


def test_a_race_of_two_reports_hides_once(case: Case, bob: Member) -> None:
    reports.report(by=bob, case=case, reason="conduct")
    CaseHold.objects.create(case=case, by=factories.person("mod1"), reason="conduct")
    again = Report.objects.create(case=case, reporter=factories.person("physician"), reason="identifies")
    assert automatic.hide_if_due(again) is False
    assert CaseHold.objects.count() == 1


def test_moderators_are_told_beside_the_bell_once(case: Case, bob: Member, mod1: Member, mod2: Member) -> None:
    made = reports.report(by=bob, case=case, reason="conduct")
    for _ in range(2):  # a job that is tried again
        telling.tell_moderators(about=made.pk)
    told = Notice.objects.filter(kind="report").values_list("member", "count", "path")
    assert set(told) == {(one.pk, 1, reverse("consults:moderation")) for one in (mod1, mod2)}
