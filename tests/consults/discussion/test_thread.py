"""The thread: quotations, replies, changes that readers see, reactions, sources, and what is new."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.leaving.rooms import Wishes
from accounts.models import Member
from consent.models import REDACTED, WithdrawnBy
from consent.withdrawal import withdraw
from consults.cases import gate
from consults.discussion import comments, presenters
from consults.discussion.thread import reactions
from consults.exceptions import ChangeRefused
from consults.member_data import ROOM
from consults.models import Case, CaseState, Comment, CommentHold, Group, Mention, Reaction
from consults.withdrawal import redaction
from core import permissions
from notifications.notices import Kind
from notifications.notices.models import Notice
from tests import factories
from tests.consults import reading

SignIn = Callable[[object], Client]


@pytest.fixture
def case(db: None) -> Case:
    """An open case of alice's that bob has answered."""
    made = reading.case()
    reading.answer(made, factories.person("bob"), "bcc")
    return made


def write(case: Case, by: Member, text: str, **more: Any) -> Comment:
    return comments.add_comment(case=case, by=by, text=text, **more)


def page(client: Client, case: Case, **asked: str) -> str:
    return client.get(reverse("consults:case", args=[case.pk]), asked).content.decode()


def shown(case: Case, reader: Member) -> presenters.Thread:
    return presenters.thread(case, reader=reader, may_comment=True)


# --- Quotations


@pytest.mark.parametrize(
    ("selected", "quoted"),
    [
        ("tender at night", "tender at night"),
        ("Is it\n tender", "Is it **tender"),
        ("TENDER", "tender"),
        ("tender night", ""),
        ("", ""),
        ("...", ""),
        ("Something else entirely", ""),
    ],
)
def test_words_that_stand_there_are_quoted(case: Case, alice: Member, bob: Member, selected: str, quoted: str) -> None:
    first = write(case, bob, "Is it **tender at night**?")
    reply = write(case, alice, "No.", reply_to=first, quote=selected)

    assert reply.quoted == quoted


def test_a_long_quotation_is_cut_between_words(case: Case, alice: Member, bob: Member) -> None:
    first = write(case, bob, "word " * 200)
    reply = write(case, alice, "No.", reply_to=first, quote=first.text)

    assert len(reply.quoted) <= comments.LONGEST_QUOTE
    assert reply.quoted.endswith("word")


def test_a_quotation_has_no_words_of_its_own(case: Case, alice: Member, bob: Member) -> None:
    """At rest there is a place and a checksum: what is redacted is redacted everywhere."""
    first = write(case, bob, "It itches like a zebra.")
    reply = write(case, alice, "No.", reply_to=first, quote="like a zebra")
    columns = Comment.objects.filter(pk=reply.pk).values().get()

    assert "zebra" not in str(columns)


def edited(first: Comment) -> None:
    comments.edit(comment=first, by=first.author, text="It does not itch.")


def deleted(first: Comment) -> None:
    comments.delete(comment=first, by=first.author)


def redacted(first: Comment) -> None:
    Comment.objects.filter(pk=first.pk).update(text=f"It itches {REDACTED}.")


def held(first: Comment) -> None:
    CommentHold.objects.create(comment=first, by=factories.person("mod1"), reason="conduct")


@pytest.mark.parametrize("happens", [edited, deleted, redacted, held])
def test_a_quotation_goes_with_its_words(
    case: Case, alice: Member, bob: Member, sign_in: SignIn, happens: Callable[[Comment], None]
) -> None:
    first = write(case, bob, "It itches like a zebra.")
    write(case, alice, "No.", reply_to=first, quote="like a zebra")
    assert page(sign_in(alice), case).count("like a zebra") == 2
    happens(first)

    assert "like a zebra" not in page(sign_in(alice), case)
    assert "No." in page(sign_in(alice), case)


def test_a_quotation_follows_its_words(case: Case, alice: Member, bob: Member) -> None:
    first = write(case, bob, "It itches like a zebra.")
    reply = write(case, alice, "No.", reply_to=first, quote="like a zebra")
    comments.edit(comment=first, by=bob, text="At night it itches like a zebra.")
    reply = Comment.objects.select_related("reply_to").get(pk=reply.pk)

    assert reply.quoted == "like a zebra"


@pytest.mark.parametrize(
    "place", [{"quote_start": 1}, {"quote_start": 3, "quote_end": 2, "quote_sum": 1}, {"quote_sum": 1}]
)
def test_a_quotation_is_a_place_or_nothing(case: Case, bob: Member, place: dict[str, int]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Comment.objects.create(case=case, author=bob, text="x", **place)


def test_the_form_quotes_the_whole_comment(case: Case, alice: Member, bob: Member, sign_in: SignIn) -> None:
    first = write(case, bob, "Is it tender?")
    found = page(sign_in(alice), case, reply=str(first.pk), quote="1")

    assert 'name="quote" value="Is it tender?"' in found
    assert "Your comment quotes it." in found


# --- Replies


def test_replies_stand_one_level_deep(case: Case, alice: Member, bob: Member) -> None:
    first = write(case, bob, "First.")
    second = write(case, alice, "Second.", reply_to=first)
    third = write(case, bob, "Third.", reply_to=second)
    other = write(case, alice, "Other.")
    found = shown(case, alice)

    assert [one.comment for one in found.comments] == [first, other]
    assert [one.comment for one in found.comments[0].replies] == [second, third]
    assert found.count == 4


def test_comments_that_answer_each_other_are_shown(case: Case, alice: Member, bob: Member) -> None:
    one = write(case, bob, "One.")
    two = write(case, alice, "Two.", reply_to=one)
    Comment.objects.filter(pk=one.pk).update(reply_to=two)

    assert len(shown(case, alice).comments) == 2


@pytest.mark.parametrize("count", [1, 12])
def test_the_thread_takes_one_query(case: Case, alice: Member, bob: Member, count: int) -> None:
    for number in range(count):
        first = write(case, bob, f"Number {number}: @residents")
        Reaction.objects.create(comment=first, member=alice, kind="agree")
        write(case, alice, f"Yes, {number}", reply_to=first, quote="Number")
        Comment.objects.update(written_at=timezone.now() - timedelta(days=2))
    with CaptureQueriesContext(connection) as asked:
        found = shown(case, alice)

    assert found.count == 2 * count
    assert len(asked) == 1


def test_who_is_told_of_a_reply(case: Case, alice: Member, bob: Member) -> None:
    resident, physician = factories.person("resident"), factories.person("physician")
    for member in (resident, physician):
        reading.answer(case, member, "bcc")
    first = write(case, bob, "First.")
    write(case, resident, "Second.", reply_to=first)
    Notice.objects.all().delete()
    write(case, physician, "Third.", reply_to=first)

    assert set(Notice.objects.filter(kind=Kind.REPLY).values_list("member", flat=True)) == {
        alice.pk,
        bob.pk,
        resident.pk,
    }


def test_one_comment_takes_few_queries(case: Case, alice: Member, bob: Member) -> None:
    write(case, bob, "The first one, so that kept queries are kept.")
    with CaptureQueriesContext(connection) as asked:
        write(case, bob, "The second one.")

    assert len([one for one in asked if "SAVEPOINT" not in one["sql"]]) <= 11


# --- Changes


def test_readers_see_what_was_changed(case: Case, alice: Member, bob: Member, sign_in: SignIn) -> None:
    first = write(case, bob, "Certainly.")
    comments.edit(comment=first, by=bob, text="Perhaps.")
    history = reverse("consults:comment_history", args=[first.pk])

    assert history in page(sign_in(alice), case)
    assert "Certainly." in sign_in(alice).get(history).content.decode()
    assert sign_in(factories.member()).get(history).status_code == 404


@pytest.mark.parametrize(
    ("who", "hidden", "deleted_too", "may"),
    [
        ("alice", False, False, True),
        ("bob", False, False, True),
        ("mod1", False, False, True),
        ("resident", False, False, False),  # has not answered
        ("student", False, False, False),
        ("officer", False, False, False),
        ("alice", True, False, False),
        ("bob", True, False, False),
        ("mod1", True, False, True),
        ("alice", False, True, False),
        ("bob", False, True, False),
        ("mod1", False, True, True),
    ],
)
def test_who_reads_former_texts(case: Case, bob: Member, who: str, hidden: bool, deleted_too: bool, may: bool) -> None:
    reading.answer(case, factories.person("mod1"), "bcc")
    first = write(case, bob, "Certainly.")
    comments.edit(comment=first, by=bob, text="Perhaps.")
    if deleted_too:
        comments.delete(comment=first, by=bob)
    if hidden:
        CommentHold.objects.create(comment=first, by=factories.person("mod2"), reason="conduct")

    assert permissions.allows(factories.person(who), "comment.history", first) is may


# --- Reactions


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("alice", True),
        ("bob", False),  # his own comment
        ("mod1", True),
        ("resident", False),  # has not answered
        ("nurse", False),
        ("student", False),
        ("officer", False),
        ("admin", False),
        ("suspended", False),
    ],
)
def test_who_may_react(case: Case, bob: Member, who: str, may: bool) -> None:
    reading.answer(case, factories.person("mod1"), "bcc")
    first = write(case, bob, "It is.")
    member = factories.person(who)

    assert permissions.allows(member, "comment.react", first) is may
    if may:
        reactions.react(comment=first, by=member, kind="agree")
    else:
        with pytest.raises(ChangeRefused):
            reactions.react(comment=first, by=member, kind="agree")
    assert Reaction.objects.exists() is may


@pytest.mark.parametrize("happens", [deleted, held])
def test_what_is_not_there_takes_no_reaction(
    case: Case, alice: Member, bob: Member, happens: Callable[[Comment], None]
) -> None:
    first = write(case, bob, "It is.")
    happens(first)
    with pytest.raises(ChangeRefused):
        reactions.react(comment=first, by=alice, kind="agree")


def test_a_member_has_one_reaction(case: Case, alice: Member, bob: Member, sign_in: SignIn) -> None:
    first = write(case, bob, "It is.")
    client, address = sign_in(alice), reverse("consults:react", args=[first.pk])
    for kind in ("agree", "helpful", "helpful"):
        client.post(address, {"kind": kind})
        assert Reaction.objects.get().kind == kind
    one = shown(case, alice).comments[0]
    assert (one.agree, one.helpful, one.mine) == (0, 1, "helpful")
    client.post(address, {"kind": "love"})
    assert Reaction.objects.get().kind == "helpful"
    part = client.post(address, {"kind": ""}, headers={"HX-Request": "true"})
    assert 'aria-pressed="true"' not in part.content.decode()
    assert not Reaction.objects.exists()


def test_who_agrees_is_listed(case: Case, alice: Member, bob: Member, sign_in: SignIn) -> None:
    first = write(case, bob, "It is.")
    address = reverse("consults:reactions", args=[first.pk])
    assert "Nobody yet." in sign_in(alice).get(address).content.decode()
    reactions.react(comment=first, by=alice, kind="agree")
    found = sign_in(bob).get(address).content.decode()

    assert "Alice" in found
    assert sign_in(factories.member()).get(address).status_code == 404


# --- Whose material


@pytest.mark.parametrize(
    ("posted", "status", "kept"),
    [
        ({}, 302, ""),
        ({"not_mine": "on"}, 422, None),
        ({"not_mine": "on", "source": "Dr. Jane Miller, Some Hospital"}, 302, "Dr. Jane Miller, Some Hospital"),
        ({"source": "https://example.com/atlas"}, 302, "https://example.com/atlas"),
        ({"not_mine": "on", "source": "MRN 12345"}, 422, None),
    ],
)
def test_material_of_others_names_its_owner(
    case: Case, alice: Member, sign_in: SignIn, posted: dict[str, str], status: int, kept: str | None
) -> None:
    response = sign_in(alice).post(reverse("consults:comment", args=[case.pk]), {"text": "From an atlas."} | posted)

    assert response.status_code == status
    assert list(Comment.objects.values_list("source", flat=True)) == ([] if kept is None else [kept])


@pytest.mark.parametrize(
    ("not_mine", "source", "codes"),
    [(False, "", []), (True, "", ["source"]), (True, "Some Hospital", []), (False, "Some Hospital", [])],
)
def test_a_case_of_somebody_elses_material_waits_for_its_owner(
    alice: Member, not_mine: bool, source: str, codes: list[str]
) -> None:
    draft = reading.case(alice, state=CaseState.DRAFT, not_mine=not_mine, source=source)

    assert [one.code for one in gate.blockers(draft) if one.step == "facts"] == codes


# --- What is new


def news(client: Client, case: Case, after: object) -> Any:
    return client.get(reverse("consults:thread_news", args=[case.pk]), {"after": after})


def test_new_comments_arrive(case: Case, alice: Member, bob: Member, sign_in: SignIn) -> None:
    client = sign_in(bob)
    before = timezone.now().isoformat()
    assert news(client, case, before).status_code == 204
    write(case, alice, "Something new.")
    found = news(client, case, before)

    assert found.status_code == 200
    assert "Something new." in found.content.decode()
    assert "<html" not in found.content.decode()


@pytest.mark.parametrize("after", ["", "yesterday", "2026-13-45T99:99", "2026-01-01T00:00"])
def test_a_bad_moment_has_no_news(case: Case, alice: Member, bob: Member, sign_in: SignIn, after: str) -> None:
    write(case, alice, "Something new.")

    assert news(sign_in(bob), case, after).status_code == 204


@pytest.mark.parametrize("who", ["resident", "student", "nurse"])
def test_there_is_no_news_before_an_answer(case: Case, alice: Member, sign_in: SignIn, who: str) -> None:
    write(case, alice, "Something new.")
    long_ago = (timezone.now() - timedelta(days=1)).isoformat()
    found = news(sign_in(factories.person(who)), case, long_ago)

    assert (found.status_code, found.content) == (204, b"")
    assert found.headers["HX-Refresh"] == "true"


def test_an_open_page_is_loaded_again_once_the_case_is_gone(
    case: Case, alice: Member, bob: Member, sign_in: SignIn
) -> None:
    write(case, alice, "Words.")
    client, now = sign_in(bob), timezone.now()
    assert "HX-Refresh" not in news(client, case, now).headers
    reading.withdraw(case)
    assert news(client, case, now).headers["HX-Refresh"] == "true"


def test_asking_for_news_is_one_query(case: Case, alice: Member, bob: Member, sign_in: SignIn) -> None:
    client = sign_in(bob)
    now = timezone.now().isoformat()
    for _time in range(2):
        with CaptureQueriesContext(connection) as asked:
            news(client, case, now)
    of_thread = [one for one in asked if "consults_comment" in (one["sql"] or "")]

    assert len(of_thread) == 1
    assert len(asked) <= 4  # session and member


# --- Withdrawal, leaving


def test_a_withdrawal_takes_mentions_and_reactions(
    case: Case, alice: Member, bob: Member, run_jobs: Callable[[], int]
) -> None:
    first = write(case, bob, "@residents, see here", source="Some atlas")
    reactions.react(comment=first, by=alice, kind="agree")
    withdraw(consent_id=case.consent_id, by=WithdrawnBy.PATIENT)
    with pytest.raises(ChangeRefused):
        reactions.react(comment=Comment(pk=first.pk, case=case, author=bob), by=alice, kind="helpful")
    run_jobs()

    assert not Comment.objects.exists()
    assert not Mention.objects.exists()
    assert not Reaction.objects.exists()


def test_a_quotation_in_a_source_is_redacted(case: Case, alice: Member, bob: Member) -> None:
    gone = reading.case(alice, note="A plaque on the elbow that bleeds when scratched at night")
    first = write(case, bob, "See below.", source="As in: a plaque on the elbow that bleeds when scratched")
    redaction.remove_quotations(case=gone)
    first.refresh_from_db()

    assert "bleeds" not in first.source


def test_a_moderator_takes_out_source_and_mentions_too(case: Case, bob: Member) -> None:
    mod1 = factories.person("mod1")
    reading.answer(case, mod1, "bcc")
    first = write(case, bob, "@residents look", source="Some atlas")
    redaction._list_for_review(first, "picture")
    redaction.decide(redaction=first.redactions.get(), by=mod1, decision="removed")
    first.refresh_from_db()

    assert (first.text, first.source, first.mentions.count()) == (REDACTED, "", 0)


@pytest.mark.parametrize("remove", [False, True])
def test_whoever_leaves_is_taken_out(case: Case, alice: Member, bob: Member, remove: bool) -> None:
    leaving = factories.member(name="Leyla Soydan")
    reading.answer(case, leaving, "bcc")
    theirs = write(case, leaving, "Mine, @residents.", source="Soydan archive")
    write(case, alice, "@Soydan, thanks. Dr. Soydan is right.")
    assert Mention.objects.filter(member=leaving).exists()
    ROOM.erase(leaving, Wishes(remove_comments=remove))
    theirs.refresh_from_db()

    assert not Mention.objects.filter(member=leaving).exists()
    assert "@Soydan" not in " ".join(Comment.objects.values_list("text", flat=True))
    assert theirs.text == ("" if remove else "Mine, @residents.")
    assert "Soydan" not in theirs.source


def test_a_group_of_another_audience_is_not_named(case: Case, alice: Member, sign_in: SignIn) -> None:
    group = Group.objects.create(name="Secret board")
    first = write(case, alice, "Look.")
    Comment.objects.filter(pk=first.pk).update(text="@Secret board, look")
    Mention.objects.create(comment=first, written="Secret board", group=group)
    found = page(sign_in(alice), case)

    assert "Secret board" not in found
    assert "@a group" in found


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"role": "resident", "group": "made"},
        {"member": "bob", "role": "resident"},
        {"member": "bob", "group": "made"},
    ],
)
def test_a_mention_is_of_one(case: Case, bob: Member, fields: dict[str, Any]) -> None:
    first = write(case, bob, "Look.")
    made = fields | ({"group": Group.objects.create(name="Hall")} if "group" in fields else {})
    made |= {"member": bob} if "member" in fields else {}
    with pytest.raises(IntegrityError), transaction.atomic():
        Mention.objects.create(comment=first, written="x", **made)
