"""The rows on which the policies of consults allow an action: each table is of rows that differ in one thing."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import Member
from consent.models import Consent, Status
from consults.cases.gate.models import CaseHold
from consults.cases.models import Case, CaseState
from consults.discussion.models import Comment, CommentHold, CommentVersion
from consults.discussion.terms import policy as terms
from consults.discussion.terms.models import ProposedTerm, TermState
from consults.following.models import Following, SavedSearch
from consults.groups.models import Group
from consults.moderation import policy as moderation
from consults.moderation.models import Report
from consults.policy import POLICY
from core.permissions import Rule
from imaging.models import Photo
from tests.consults import reading
from tests.consults.groups.making import group as a_group
from tests.factories import member, person
from tests.permits import permits

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("rule", POLICY.values(), ids=POLICY)
def test_whoever_is_not_signed_in_is_shown_nothing(rule: Rule) -> None:
    assert not rule(AnonymousUser()).exists()


# --- Cases and their discussion

OF_CASES = ("case.diagnose", "case.revise", "case.discuss", "case.comment", "case.close", "case.report", "case.hold")
CLOSED: dict[str, Any] = {"state": CaseState.CLOSED}
TEACHING: dict[str, Any] = {"state": CaseState.CLOSED, "kind": "teaching"}


@pytest.mark.parametrize(
    ("asker", "fields", "answered", "expected"),
    [
        ("bob", {}, "", "diagnose report"),
        ("bob", {}, "read_only", "diagnose discuss comment report"),
        ("bob", {}, "diagnosis", "diagnose revise discuss comment report"),
        ("bob", CLOSED, "", "discuss comment report"),
        ("bob", CLOSED, "diagnosis", "discuss comment report"),
        ("bob", {"state": CaseState.SUBMITTED}, "", ""),
        ("mod1", {}, "", "diagnose report hold"),
        ("alice", {}, "", "discuss comment close"),
        ("alice", CLOSED, "", "discuss comment"),
        ("alice", {"state": CaseState.DRAFT}, "", ""),
        ("student", {}, "", ""),
        ("student", TEACHING, "", "discuss report"),
        ("student", TEACHING, "diagnosis", "discuss report"),
        ("officer", {}, "", ""),
        ("lapsed", {}, "", ""),
    ],
)
def test_what_may_be_done_about_a_case_of_alice(
    asker: str, fields: dict[str, Any], answered: str, expected: str
) -> None:
    """Answers of others, and answers to other cases, open nothing."""
    case = reading.case(**fields)
    reading.answer(case, person("resident"), "psoriasis")
    if answered:
        reading.answer(case, person(asker), *(["psoriasis"] if answered == "diagnosis" else []))
    elif asker != "alice":
        another = reading.case(state=CaseState.DRAFT, kinds=())
        reading.answer(another, person(asker), "psoriasis")
    may = {action.partition(".")[2] for action in OF_CASES if permits(action, asker, case)}
    assert may == set(expected.split())


@pytest.mark.parametrize(
    ("asker", "state", "consent", "correct", "summary"),
    [
        ("alice", "with an outcome", Status.ACTIVE, True, True),
        ("alice", CaseState.CLOSED, Status.ACTIVE, False, True),
        ("alice", CaseState.RELEASED, Status.ACTIVE, False, True),
        ("alice", CaseState.DRAFT, Status.ACTIVE, False, False),
        ("alice", CaseState.WITHDRAWN, Status.ACTIVE, False, False),
        ("alice", CaseState.CLOSED, Status.EXPIRED, False, True),
        ("alice", CaseState.CLOSED, Status.WITHDRAWN, False, False),
        ("alice", CaseState.CLOSED, Status.REFUSED, False, False),
        ("bob", "with an outcome", Status.ACTIVE, False, False),
        ("officer", "with an outcome", Status.ACTIVE, False, False),
    ],
)
def test_what_an_author_does_with_an_outcome(
    asker: str, state: str, consent: Status, correct: bool, summary: bool
) -> None:
    case = reading.case(state=CaseState.RELEASED if state == "with an outcome" else state)
    if state == "with an outcome":
        reading.closed(case, "psoriasis")
    if state == CaseState.WITHDRAWN:  # a tombstone remembers when it was shown
        Case.objects.filter(pk=case.pk).update(released_at=timezone.now())
    Consent.objects.filter(pk=case.consent_id).update(status=consent)
    assert permits("case.correct", asker, case) is correct
    assert permits("case.summary", asker, case) is summary


@pytest.mark.parametrize(
    ("asker", "state", "answered", "fields", "decides", "later"),
    [
        ("mod1", CaseState.RELEASED, True, {}, True, False),
        ("mod1", CaseState.RELEASED, False, {}, False, True),
        ("mod1", CaseState.CLOSED, False, {}, True, False),
        ("mod1", CaseState.RELEASED, True, {"state": TermState.REFUSED}, False, False),
        ("mod1", CaseState.DRAFT, True, {}, False, False),
        ("mod1", CaseState.WITHDRAWN, True, {}, False, False),
        ("mod1", CaseState.RELEASED, True, {"by": "mod1"}, False, False),
        ("bob", CaseState.CLOSED, True, {}, False, False),
        ("officer", CaseState.CLOSED, False, {}, False, False),
    ],
)
def test_who_decides_a_proposed_term(
    asker: str, state: str, answered: bool, fields: dict[str, Any], decides: bool, later: bool
) -> None:
    """An answer to another case opens nothing, and another case that waits for one closes nothing."""
    case, another = reading.case(state=state), reading.case()
    proposer = person(fields.get("by", "resident"))
    answer = reading.answer(case, proposer, "psoriasis")
    row = ProposedTerm.objects.create(
        answer=answer, text="Nail thing", language="en", rank=1, confidence="probable", state=TermState.WAITING
    )
    if "state" in fields:
        decided = {"decided_by": person("mod2"), "decided_at": timezone.now(), "why_not": "too_vague"}
        ProposedTerm.objects.filter(pk=row.pk).update(**decided, **fields)
    if answered and proposer != person(asker):
        reading.answer(case, person(asker), "psoriasis")
    elif asker == "mod1" and not answered:
        reading.answer(another, person(asker), "psoriasis")
    assert permits("term.decide", asker, row) is decides
    assert terms.closed_to(person(asker)).filter(pk=row.pk).exists() is later


# --- Following


@pytest.mark.parametrize(
    ("asker", "fields", "follows"),
    [
        ("bob", {}, True),
        ("nurse", {}, True),
        ("bob", {"ended_at": timezone.now()}, False),
        ("physician", {}, False),
        ("officer", {}, False),
        ("lapsed", {}, False),
    ],
)
def test_who_follows_a_group(asker: str, fields: dict[str, Any], follows: bool) -> None:
    group = a_group(members=("bob", "nurse", "officer", "lapsed"))
    other = a_group("Another one", members=("physician",))
    Group.objects.filter(pk=group.pk).update(**fields)
    assert permits("group.follow", asker, group) is follows
    assert permits("group.follow", asker, other) is (asker == "physician")


@pytest.mark.parametrize(
    ("asker", "may"), [("bob", True), ("alice", False), ("officer", False), ("lapsed", False), ("suspended", False)]
)
def test_whose_followings_and_searches_they_are(asker: str, may: bool) -> None:
    owner = person("bob" if asker == "alice" else asker)
    following = Following.objects.create(member=owner, case=reading.case())
    search = SavedSearch.objects.create(member=owner, query="q=nail")
    assert permits("following.end", asker, following) is may
    assert permits("search.change", asker, search) is may


@pytest.mark.parametrize(("asker", "follows"), [("bob", True), ("alice", False), ("officer", False), ("nurse", False)])
def test_who_follows_a_case(asker: str, follows: bool) -> None:
    assert permits("case.follow", asker, reading.case()) is follows


# --- Comments

OF_COMMENTS = (
    "comment.change", "comment.report", "comment.hold", "comment.history", "comment.read", "comment.react",
)  # fmt: skip


@pytest.mark.parametrize(
    ("asker", "fields", "held", "expected"),
    [
        ("bob", {}, "", "change history read"),
        ("alice", {}, "", "report history read react"),
        ("mod1", {}, "", "report hold history read react"),
        ("mod1", {"author": "mod1"}, "", "change history read"),
        ("physician", {}, "", "report history read react"),
        ("mod2", {}, "", ""),  # has not answered
        ("resident", {"author": "resident"}, "", ""),
        ("officer", {}, "", ""),
        ("bob", {"deleted_at": timezone.now()}, "", ""),
        ("mod1", {"deleted_at": timezone.now()}, "", "history"),
        ("bob", {}, "held", ""),
        ("bob", {}, "confirmed", ""),
        ("bob", {}, "lifted", "change history read"),
        ("mod1", {}, "held", "history"),
        ("mod1", {}, "lifted", "report hold history read react"),
    ],
)
def test_what_may_be_done_about_a_comment_of_bob(asker: str, fields: dict[str, Any], held: str, expected: str) -> None:
    """That another comment is hidden hides nothing of this one."""
    comment = commented(**fields)
    CommentVersion.objects.create(comment=comment, text="Before.")
    hidden = Comment.objects.create(case=comment.case, author=person("physician"), text="Another one.")
    hold(hidden, "held")
    if held:
        hold(comment, held)
    may = {action.partition(".")[2] for action in OF_COMMENTS if permits(action, asker, comment)}
    assert may == set(expected.split())


def test_a_comment_without_another_text_has_no_history() -> None:
    assert not permits("comment.history", "mod1", commented())


def commented(*, author: str = "bob", **fields: Any) -> Comment:
    """A comment on a case of alice, which bob, the physician and mod1 have answered."""
    case = reading.case()
    for name in ("bob", "physician", "mod1"):
        reading.answer(case, person(name), "psoriasis")
    return Comment.objects.create(case=case, author=person(author), text="As on the other picture.", **fields)


def hold(comment: Comment, state: str = "held", *, by: str = "mod2") -> CommentHold:
    return CommentHold.objects.create(comment=comment, **held_by(by, state))


def held_by(name: str, state: str) -> dict[str, Any]:
    decided = {} if state == "held" else {"decided_by": person("physician"), "decided_at": timezone.now()}
    return {"by": person(name), "reason": "conduct", "state": state} | decided


# --- Holds and reports


@pytest.mark.parametrize(
    ("asker", "author", "by", "state", "views", "decides"),
    [
        ("mod1", "alice", "mod2", "held", True, True),
        ("mod1", "alice", "mod2", "confirmed", True, True),
        ("mod1", "alice", "mod2", "lifted", False, False),
        ("mod1", "alice", "mod1", "held", True, False),
        ("mod1", "mod1", "mod2", "held", False, False),
        ("bob", "alice", "mod2", "held", False, False),
        ("officer", "alice", "mod2", "held", False, False),
    ],
)
def test_who_decides_about_a_hidden_case(
    asker: str, author: str, by: str, state: str, views: bool, decides: bool
) -> None:
    case = reading.case(person(author))
    row = CaseHold.objects.create(case=case, **held_by(by, state))
    assert permits("case_hold.view", asker, row) is views
    assert permits("case_hold.decide", asker, row) is decides


def test_a_former_hold_is_not_decided_with_the_present_one() -> None:
    case = reading.case()
    former = CaseHold.objects.create(case=case, **held_by("mod2", "lifted"))
    CaseHold.objects.create(case=case, **held_by("mod2", "held"))
    assert not permits("case_hold.view", "mod1", former)


@pytest.mark.parametrize(
    ("asker", "author", "by", "state", "decides", "once_open"),
    [
        ("mod1", "bob", "mod2", "held", True, False),
        ("mod1", "bob", "mod2", "confirmed", True, False),
        ("mod1", "bob", "mod2", "lifted", False, False),
        ("mod1", "bob", "mod1", "held", False, False),
        ("mod1", "mod1", "mod2", "held", False, False),
        ("mod3", "bob", "mod2", "held", False, True),
        ("bob", "physician", "mod2", "held", False, False),
    ],
)
def test_who_decides_about_a_hidden_comment(
    asker: str, author: str, by: str, state: str, decides: bool, once_open: bool
) -> None:
    row = hold(commented(author=author), state, by=by)
    moderator = somebody(asker)
    assert permits("comment_hold.decide", moderator, row) is decides
    assert moderation.comment_holds(moderator, opened=False).filter(pk=row.pk).exists() is once_open


def somebody(name: str) -> Member:
    """One of the people of the house, or mod3, who has answered another case only."""
    if name != "mod3":
        return person(name)
    made = member(is_moderator=True)
    reading.answer(reading.case(state=CaseState.DRAFT, kinds=()), made, "psoriasis")
    return made


def test_a_hidden_comment_on_a_case_that_nobody_sees_is_nobodys_to_decide() -> None:
    row = hold(commented())
    reading.withdraw(row.comment.case)
    assert not permits("comment_hold.decide", "mod1", row)


@pytest.mark.parametrize(
    ("asker", "author", "about", "fields", "settles"),
    [
        ("mod1", "alice", "case", {}, True),
        ("mod3", "alice", "case", {}, True),
        ("mod1", "mod1", "case", {}, False),
        ("bob", "alice", "case", {}, False),
        ("officer", "alice", "case", {}, False),
        ("mod1", "alice", "case", {"hidden": True}, False),
        ("mod1", "alice", "case", {"hidden": False}, False),
        ("mod1", "bob", "comment", {}, True),
        ("mod3", "bob", "comment", {}, False),
        ("mod1", "mod1", "comment", {}, False),
    ],
)
def test_who_settles_a_report(asker: str, author: str, about: str, fields: dict[str, Any], settles: bool) -> None:
    comment = commented(author=author) if about == "comment" else None
    case = comment.case if comment else reading.case(person(author))
    if fields:
        fields = fields | {"settled_by": person("mod2"), "settled_at": timezone.now()}
    row = Report.objects.create(case=case, comment=comment, reporter=person("physician"), reason="conduct", **fields)
    assert permits("report.settle", somebody(asker), row) is settles


@pytest.mark.parametrize(
    ("about", "by", "fields", "decides"),
    [
        ("it", "bob", {}, True),
        ("it", "mod1", {}, False),
        ("it", "mod1", {"hidden": True}, True),  # settled
        ("another", "mod1", {}, True),
        ("the other kind", "mod1", {}, True),  # of the comment, where the case is hidden; and the other way round
    ],
)
@pytest.mark.parametrize("kind", ["case", "comment"])
def test_nobody_decides_upon_their_own_report(
    kind: str, about: str, by: str, fields: dict[str, Any], decides: bool
) -> None:
    comment, another = commented(), commented()
    case = comment.case
    of_comment = {"it": comment, "another": another}
    if kind == "case":
        row: Any = CaseHold.objects.create(case=case, **held_by("mod2", "held"))
        subject = {"it": (case, None), "another": (another.case, None), "the other kind": (case, comment)}[about]
    else:
        row = hold(comment)
        named = of_comment.get(about)
        subject = (named.case, named) if named is not None else (case, None)
    if fields:
        fields = fields | {"settled_by": person("mod2"), "settled_at": timezone.now()}
    Report.objects.create(case=subject[0], comment=subject[1], reporter=person(by), reason="conduct", **fields)
    assert permits(f"{kind}_hold.decide", "mod1", row) is decides


@pytest.mark.parametrize(
    ("held", "settles"), [("", True), ("it", False), ("another", True), ("lifted", True), ("the other kind", True)]
)
@pytest.mark.parametrize("kind", ["case", "comment"])
def test_a_report_of_what_is_hidden_is_settled_with_that(kind: str, held: str, settles: bool) -> None:
    comment, another = commented(), commented()
    report = Report.objects.create(
        case=comment.case, comment=comment if kind == "comment" else None, reporter=person("bob"), reason="conduct"
    )
    state = "lifted" if held == "lifted" else "held"
    on_case = (kind == "case") is (held != "the other kind")
    if held and on_case:
        CaseHold.objects.create(case=another.case if held == "another" else comment.case, **held_by("mod2", state))
    elif held:
        hold(another if held == "another" else comment, state)
    # A moderator sees comments of a hidden case still: they decide about the case.
    assert permits("report.settle", "mod1", report) is settles


@pytest.mark.parametrize(
    ("asker", "reporter", "settled_by", "fields", "may"),
    [
        ("mod1", "bob", "mod2", {"hidden": False}, True),
        ("mod1", "bob", "mod2", {"hidden": True}, False),
        ("mod1", "bob", "mod1", {"hidden": False}, False),
        ("mod1", "mod1", "mod2", {"hidden": False}, False),
        ("mod1", "bob", "mod2", {"hidden": False, "settled_at": timezone.now() - timedelta(days=31)}, False),
        ("mod1", "bob", "mod2", {}, False),
        ("bob", "physician", "mod2", {"hidden": False}, False),
    ],
)
def test_who_reads_an_answered_report_again(
    asker: str, reporter: str, settled_by: str, fields: dict[str, Any], may: bool
) -> None:
    settled = {"settled_by": person(settled_by), "settled_at": timezone.now()} if fields else {}
    row = Report.objects.create(case=reading.case(), reporter=person(reporter), reason="conduct", **(settled | fields))
    assert permits("report.reopen", asker, row) is may


def test_nobody_settles_their_own_report() -> None:
    row = Report.objects.create(case=reading.case(), reporter=person("mod1"), reason="conduct")
    assert not permits("report.settle", "mod1", row)
    assert permits("report.settle", "mod2", row)


@pytest.mark.parametrize("state", ["held", "withdrawn"])
def test_reports_of_cases_that_are_not_shown(state: str) -> None:
    """Those of a hidden one are settled with the hiding."""
    case = reading.case()
    row = Report.objects.create(case=case, reporter=person("bob"), reason="conduct")
    if state == "held":
        CaseHold.objects.create(case=case, **held_by("mod2", "held"))
    else:
        reading.withdraw(case)
    assert not permits("report.settle", "mod1", row)


def test_a_report_of_a_comment_in_the_moderators_own_case_is_theirs_to_settle() -> None:
    case = reading.case(person("mod1"))
    comment = Comment.objects.create(case=case, author=person("bob"), text="As on the other picture.")
    row = Report.objects.create(case=case, comment=comment, reporter=person("alice"), reason="conduct")
    assert permits("report.settle", "mod1", row)


# --- One's own cases and photos


@pytest.mark.parametrize(
    ("asker", "state", "edits", "retracts"),
    [
        ("alice", "draft", True, False),
        ("alice", "returned", True, False),
        ("alice", "submitted", False, False),
        ("alice", "released", False, True),
        ("alice", "closed", False, True),
        ("alice", "withdrawn", False, False),
        ("bob", "draft", False, False),
        ("bob", "released", False, False),
    ],
)
def test_what_an_author_changes(asker: str, state: str, edits: bool, retracts: bool) -> None:
    case = reading.case(state=state)
    photo = Photo.objects.get()
    assert permits("case.edit", asker, case) is edits
    assert permits("photo.manage", asker, photo) is edits
    assert permits("case.retract", asker, case) is retracts


@pytest.mark.parametrize(
    ("asker", "case_state", "photo", "consent", "may"),
    [
        ("alice", "draft", {}, Status.ACTIVE, True),
        ("bob", "draft", {}, Status.ACTIVE, False),
        ("alice", "submitted", {}, Status.ACTIVE, False),
        ("alice", "draft", {"state": "sealed"}, Status.ACTIVE, False),
        ("alice", "draft", {"owner": "bob"}, Status.ACTIVE, False),
        ("alice", "draft", {}, Status.REFUSED, False),
    ],
)
def test_masks_are_reviewed_by_the_author_of_a_draft(
    asker: str, case_state: str, photo: dict[str, Any], consent: Status, may: bool
) -> None:
    case = reading.case(state=case_state)
    case.consent.status = consent
    case.consent.save()
    fields = {"state": "review"} | photo
    if "owner" in fields:
        fields["owner"] = person(fields["owner"])
    Photo.objects.update(**fields)
    assert permits("photo.review", asker, Photo.objects.get()) is may


@pytest.mark.parametrize(
    ("asker", "case_state", "photo_state", "consent", "may"),
    [
        ("alice", "released", "sealed", Status.ACTIVE, True),
        ("alice", "released", "review", Status.ACTIVE, False),
        ("alice", "released", "sealed", Status.WITHDRAWN, False),
        ("alice", "withdrawn", "sealed", Status.ACTIVE, False),
        ("bob", "released", "sealed", Status.ACTIVE, False),
        ("mod1", "released", "sealed", Status.ACTIVE, False),
        ("mod1", "submitted", "sealed", Status.ACTIVE, True),
        ("bob", "submitted", "sealed", Status.ACTIVE, False),
    ],
)
def test_receipts_are_read_by_author_and_second_reader(
    asker: str, case_state: str, photo_state: str, consent: Status, may: bool
) -> None:
    case = reading.case(state=case_state)
    case.consent.status = consent
    case.consent.save()
    Photo.objects.update(state=photo_state)
    assert permits("photo.receipt", asker, Photo.objects.get()) is may


# --- Consents


@pytest.mark.parametrize(
    ("asker", "status", "withdraws", "changes"),
    [
        ("alice", Status.ACTIVE, True, True),
        ("alice", Status.EXPIRED, True, True),
        ("alice", Status.SUPERSEDED, False, True),
        ("alice", Status.DRAFT, False, False),
        ("alice", Status.REFUSED, False, False),
        ("alice", Status.WITHDRAWN, False, True),
        ("bob", Status.ACTIVE, False, False),
        ("officer", Status.ACTIVE, False, True),
        ("admin", Status.ACTIVE, False, True),
        ("lapsed", Status.ACTIVE, False, False),
    ],
)
def test_consents_are_withdrawn_and_changed(asker: str, status: Status, withdraws: bool, changes: bool) -> None:
    author = person("lapsed") if asker == "lapsed" else person("alice")
    case = reading.case(author, state=CaseState.DRAFT, kinds=())
    case.consent.status = status
    case.consent.save()
    assert permits("case.withdraw", asker, case) is withdraws
    assert permits("consent.change", asker, case.consent) is changes


@pytest.mark.parametrize(
    ("fields", "may"),
    [
        ({}, True),
        ({"state": CaseState.WITHDRAWN}, False),
        ({"education_model": True}, False),
        ({"state": CaseState.SUBMITTED, "released_at": None}, False),
    ],
)
def test_what_was_released_without_a_consent_is_withdrawn_too(fields: dict[str, Any], may: bool) -> None:
    case = reading.case(state=CaseState.CLOSED, kinds=())
    Case.objects.update(**({"consent": None, "histology_exempt": True} | fields))
    assert permits("case.withdraw", "alice", case) is may
