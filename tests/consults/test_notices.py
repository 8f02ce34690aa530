"""Who is told of what happens to a case, and that nothing of a withdrawn one is left, mails included."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from consent.models import WithdrawnBy
from consent.withdrawal import withdraw
from consults.cases import gate
from consults.cases.authoring import drafts
from consults.cases.gate import holding
from consults.cases.review import waiting
from consults.cases.review.models import SecondRead
from consults.cases.review.second_read import due_on
from consults.discussion import answers, bookmarks, closing
from consults.models import Case, CaseState, Group, Membership, Outcome
from core import jobs
from notifications.models import Notice, Preference
from notifications.notices import Kind
from tests import factories
from tests.consent import making
from tests.consults import reading
from tests.notifications.making import deliver, digest_is_due, prefers
from vocabulary import terms

pytestmark = pytest.mark.django_db

Told = set[tuple[str, str]]


def told() -> Told:
    """Who was told of what, as (name, kind)."""
    return {(name.lower(), kind) for name, kind in Notice.objects.values_list("member__name", "kind")}


def answer(case: Case, who: str, code: str = "actinic-keratosis") -> None:
    choice = answers.Choice(code, terms.Confidence.PROBABLE)
    answers.answer(case=case, by=factories.person(who), choices=[choice])


def close(case: Case) -> None:
    outcome = Outcome(diagnosis="actinic-keratosis", reference=terms.ReferenceStandard.values[0])
    closing.close(case=case, by=case.author, outcome=outcome)


@pytest.fixture
def case(alice: Member) -> Case:
    """A released case of alice's."""
    return reading.case(alice, title="Zebra plaque")


def test_an_answer_tells_the_author_alone(case: Case) -> None:
    answer(case, "bob")
    assert told() == {("alice", "answer")}


@pytest.mark.parametrize(
    ("who", "heard"),
    [
        (("bob", "mod1"), {"alice": 2}),
        (("bob", "mod1", "mod2"), {"alice": 3}),
        (("bob", "mod1", "mod2", "physician"), {"alice": 4}),
    ],
)
def test_the_third_answer_tells_everybody_in_the_discussion_of_a_consensus(
    case: Case, who: tuple[str, ...], heard: dict[str, int]
) -> None:
    reading.answer(case, factories.person("resident"))  # reads only
    bookmarks.save(case=case, by=factories.person("physician"))  # saved, not answered
    for name in who:
        answer(case, name)
    consensus = {name for name, kind in told() if kind == "consensus"}
    # Never who has not answered, and not the third one, who sees it on the page.
    assert consensus == ({"alice", "bob", "mod1", "resident"} if len(who) >= 3 else set())
    counts = dict(Notice.objects.filter(kind=Kind.ANSWER).values_list("member__name", "count"))
    assert {name.lower(): count for name, count in counts.items()} == heard


def test_answers_that_do_not_count_make_no_consensus(case: Case) -> None:
    for name in ("bob", "mod1"):
        answer(case, name)
    uncounted = reading.answer(case, factories.person("mod2"), "actinic-keratosis")
    type(uncounted).objects.filter(pk=uncounted.pk).update(counted_as="")
    assert not {kind for _name, kind in told()} & {"consensus"}


def test_the_outcome_tells_who_answered_commented_or_saved_it(case: Case, bob: Member, mod1: Member) -> None:
    reading.answer(case, bob, "actinic-keratosis")
    bookmarks.save(case=case, by=mod1)
    case.comments.create(author=factories.person("physician"), text="As on the other one.")
    case.comments.create(author=case.author, text="Indeed.")
    close(case)
    assert told() == {("bob", "outcome"), ("bob", "right"), ("mod1", "outcome"), ("physician", "outcome")}


def test_a_case_on_its_way_to_colleagues(alice: Member, mod1: Member, mod2: Member) -> None:
    case = reading.case(alice, state=CaseState.DRAFT)
    drafts.submit(case=case, by=alice)
    assert told() == {("mod1", "second_read"), ("mod2", "second_read")}
    gate.send_back(case=case, by=mod1, reason=SecondRead.Reason.values[0], words="")
    assert told() == {("alice", "sent_back")}
    Notice.objects.all().delete()
    drafts.submit(case=case, by=alice)
    drafts.take_back(case=case, by=alice)
    assert told() == set()
    drafts.submit(case=case, by=alice)
    case.refresh_from_db()
    gate.release(case=case, by=mod2, accepted=gate.to_accept(case))
    assert told() == {("alice", "released")}
    assert Notice.objects.get().path == reverse("consults:case", args=[case.pk])


def test_on_the_day_when_it_is_due_it_is_told_again(alice: Member, mod1: Member, mod2: Member) -> None:
    case = reading.case(alice, state=CaseState.SUBMITTED)
    reading.case(alice, state=CaseState.DRAFT)
    submitted = timezone.now()
    Case.objects.filter(pk=case.pk).update(submitted_at=submitted)
    for days in range(8):
        Case.objects.filter(pk=case.pk).update(submitted_at=submitted - timedelta(days=days))
        case.refresh_from_db()
        is_due = due_on(case.submitted_at) == timezone.localdate()
        Notice.objects.all().delete()
        assert waiting.tell_of_due() == is_due
        assert told() == ({("mod1", "second_read"), ("mod2", "second_read")} if is_due else set())


def test_a_case_of_a_group_is_told_to_its_moderators_alone(alice: Member, mod1: Member, mod2: Member) -> None:
    ward = Group.objects.create(name="Ward")
    Membership.objects.create(group=ward, member=alice)
    Membership.objects.create(group=ward, member=mod2)
    drafts.submit(case=reading.case(alice, state=CaseState.DRAFT, group=ward), by=alice)
    assert told() == {("mod2", "second_read")}


def test_a_moderators_own_case_is_not_told_to_themselves(mod1: Member, mod2: Member) -> None:
    drafts.submit(case=reading.case(mod1, state=CaseState.DRAFT), by=mod1)
    assert told() == {("mod2", "second_read")}


def test_what_is_hidden_and_shown_again(case: Case, mod1: Member, mod2: Member, run_jobs: Callable[[], int]) -> None:
    from consults.moderation import telling

    placed = holding.hold(case=case, by=mod1, reason="conduct")
    for _ in range(2):  # a mail that is tried again is no second notice
        telling.tell_author(hold_id=placed.pk)
    assert Notice.objects.get(kind=Kind.HELD).count == 1
    holding.lift(hold=placed, by=mod2)
    telling.tell_author(hold_id=placed.pk)
    assert Notice.objects.get(kind=Kind.HELD).count == 2
    assert told() == {("alice", "held")}


@pytest.mark.parametrize(
    ("by", "in_mail", "on_page"),
    [
        ("mod1", "A moderator has hidden a case or comment of yours.", "Hidden by a moderator"),
        (None, "was reported, and is hidden until a moderator has looked at it.", "Hidden after a report"),
    ],
)
def test_its_author_reads_who_hid_it(
    case: Case, alice: Member, client: Client, by: str | None, in_mail: str, on_page: str
) -> None:
    from consults.moderation import telling

    placed = holding.hold(case=case, by=by and factories.person(by), reason="identifies")
    telling.tell_author(hold_id=placed.pk)
    (sent,) = mail.outbox
    assert in_mail in sent.body
    client.force_login(alice)
    assert on_page in client.get(reverse("consults:mine")).content.decode()


def test_a_withdrawal_takes_the_notices_along_and_says_only_that_a_case_is_gone(bob: Member, mod1: Member) -> None:
    made = making.published(title="Zebra plaque", comments=("Quokka words.",))
    answer(made.case, "bob")
    bookmarks.save(case=made.case, by=mod1)
    assert told() >= {("alice", "answer"), ("alice", "released")}
    withdraw(consent_id=made.consent.pk, by=WithdrawnBy.PATIENT)
    assert told() == {("alice", "withdrawal"), ("bob", "withdrawal"), ("mod1", "withdrawal")}
    assert not Notice.objects.filter(case_id=made.case.pk).exists()
    assert str(made.case.pk) not in str(list(Notice.objects.values_list("path", flat=True)))
    jobs.run_waiting()
    for member in Member.objects.all():
        prefers(member, choices=dict.fromkeys([kind.value for kind in Kind], "at_once"))
    sent = deliver()
    for member in Member.objects.all():
        digest_is_due(member)
    sent += deliver()
    said = "".join(message.message().as_string() for message in mail.outbox)
    assert sent == []  # beside the mail that comes in any case there is no second one
    assert "a case is gone" in said
    for canary in ("Zebra", "Quokka", str(made.case.pk), made.case.pk.hex, "actinic"):
        assert canary not in said


def test_mails_that_wait_when_a_case_is_withdrawn_are_never_sent(bob: Member) -> None:
    made = making.published(title="Zebra plaque")
    prefers(factories.person("alice"), choices={"answer": "at_once", "released": "off"})
    answer(made.case, "bob")
    assert Preference.objects.get().channel_of("answer") == "at_once"
    withdraw(consent_id=made.consent.pk, by=WithdrawnBy.PATIENT)
    assert [message.subject for message in deliver() if "there is news" in message.subject] == []


def test_a_deleted_draft_takes_its_notices_along(alice: Member) -> None:
    case = reading.case(alice, state=CaseState.SUBMITTED)
    gate.send_back(case=case, by=factories.person("mod1"), reason=SecondRead.Reason.values[0], words="")
    assert told() == {("alice", "sent_back")}
    case.refresh_from_db()
    Case.objects.filter(pk=case.pk).update(released_at=None)
    drafts.discard(case=case, by=alice)
    assert told() == set()
