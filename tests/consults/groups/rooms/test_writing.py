"""Writing in a room: screened, limited, changed, deleted; and what is told to whom."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.leaving.rooms import Wishes
from accounts.models import Member
from audit.models import Event
from consent.models import WithdrawnBy
from consent.withdrawal import withdraw
from consults.exceptions import ChangeRefused
from consults.groups import running
from consults.groups.rooms import writing
from consults.groups.rooms.models import Post, PostKind, PostVersion
from consults.member_data import ROOM
from consults.models import Group
from notifications.models import Notice
from notifications.notices import Kind
from tests import factories
from tests.consults import reading
from tests.consults.groups.making import group
from tests.consults.groups.rooms import making

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall() -> Group:
    """A closed group of alice, bob and a student."""
    return group(members=("bob", "student"))


def test_a_message_is_screened_and_the_same_one_is_one(hall: Group, bob: Member) -> None:
    for text in ("", " ", "Mrs Miller, born 3 May 1971"):
        with pytest.raises(ChangeRefused):
            writing.write(group=hall, by=bob, text=text)
    first = writing.write(group=hall, by=bob, text="Who has seen this?")
    assert writing.write(group=hall, by=bob, text="Who has seen this?") == first
    reply = writing.write(group=hall, by=bob, text="I have.", reply_to=first)
    assert reply.reply_to == first
    elsewhere = making.message(group("Ward", members=("bob",)), "bob")
    assert writing.write(group=hall, by=bob, text="Not here.", reply_to=elsewhere).reply_to is None
    assert Event.objects.filter(verb="post.written").count() == 3


def test_members_of_the_group_are_no_patients(hall: Group, bob: Member) -> None:
    bob.name = "Bora Soydan"
    bob.save()
    writing.announce(group=hall, by=bob, kind="tip", title="Dr Soydan speaks on Monday")
    with pytest.raises(ChangeRefused):
        writing.announce(group=hall, by=bob, kind="tip", title="Dr Kumruoglu speaks on Monday")


@pytest.mark.parametrize("who", ["student", "resident", "officer", "suspended"])
def test_whoever_may_not_write_is_refused(hall: Group, who: str) -> None:
    with pytest.raises(ChangeRefused):
        writing.write(group=hall, by=factories.person(who), text="Me too.")


def test_each_kind_has_its_limit(hall: Group, bob: Member, settings: Any) -> None:
    settings.RULES = settings.RULES | {
        "comments_an_hour": 1, "polls_a_day": 1, "announcements_a_day": 2, "albums_a_day": 1,
    }  # fmt: skip
    writing.write(group=hall, by=bob, text="One.")
    with pytest.raises(ChangeRefused):
        writing.write(group=hall, by=bob, text="Two.")
    making.poll(hall, "bob")
    with pytest.raises(ChangeRefused):
        making.poll(hall, "bob")
    for kind in ("tip", "article"):
        writing.announce(group=hall, by=bob, kind=kind, title="Read this")
    with pytest.raises(ChangeRefused):
        writing.announce(group=hall, by=bob, kind="tip", title="And this")
    writing.open_album(group=hall, by=bob, title="Nails")
    with pytest.raises(ChangeRefused):
        writing.open_album(group=hall, by=bob, title="Hair")


@pytest.mark.parametrize(
    ("options", "days"),
    [
        (("Yes",), 7),
        (("Yes", " "), 7),
        (tuple("ABCDEFG"), 7),
        (("Yes", "yes"), 7),
        (("Yes", "Mrs Miller, born 3 May 1971"), 7),
        (("Yes", "No"), 0),
        (("Yes", "No"), 91),
    ],
)
def test_a_poll_that_is_none_is_refused(hall: Group, options: tuple[str, ...], days: int) -> None:
    with pytest.raises(ChangeRefused):
        making.poll(hall, options=options, days=days)


def test_the_group_is_told_of_what_is_on_its_board_and_of_nothing_more(hall: Group, bob: Member) -> None:
    making.poll(hall, "bob")
    writing.announce(group=hall, by=bob, kind="tip", title="Zebrafinch")
    told = Notice.objects.exclude(member=bob)
    assert not Notice.objects.filter(member=bob).exists()
    assert {(one.member.name, one.kind) for one in told} == {
        (name, kind) for name in ("Alice", "Student") for kind in (Kind.POLL, Kind.ANNOUNCEMENT)
    }
    assert "Zebrafinch" not in repr([vars(one) for one in told])


def test_own_posts_are_changed_and_deleted(hall: Group, bob: Member, alice: Member) -> None:
    post = writing.write(group=hall, by=bob, text="Certainly.")
    writing.edit(post=post, by=bob, text="Perhaps.")
    writing.edit(post=post, by=bob, text="Perhaps.")
    assert [one.text for one in PostVersion.objects.all()] == ["Certainly."]
    with pytest.raises(ChangeRefused):
        writing.edit(post=post, by=alice, text="No.")
    writing.delete(post=post, by=bob)
    post.refresh_from_db()
    assert (post.text, post.deleted_at is None) == ("", False)
    with pytest.raises(ChangeRefused):
        writing.delete(post=post, by=bob)
    poll = making.poll(hall, "bob")
    with pytest.raises(ChangeRefused):
        writing.edit(post=poll, by=bob, text="", title="Another question?")
    writing.delete(post=poll, by=bob)
    assert not poll.options.exists()
    tip = writing.announce(group=hall, by=bob, kind="tip", title="Look", text="Twice.")
    writing.edit(post=tip, by=bob, title="Look", text="Three times.")
    assert {"post.edited", "post.deleted"} <= set(Event.objects.values_list("verb", flat=True))


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "letter"},
        {"kind": PostKind.MEETING},
        {"kind": PostKind.TIP, "starts_at": timezone.now()},
        {"kind": PostKind.POLL},
        {"kind": PostKind.TIP, "closes_at": timezone.now()},
    ],
)
def test_the_database_refuses_what_is_no_post(hall: Group, bob: Member, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.create(group=hall, author=bob, title="x", **fields)
    making.meeting(hall)


def test_leaving_the_site_keeps_the_words_or_removes_them(hall: Group, bob: Member) -> None:
    writing.write(group=hall, by=bob, text="Bob thinks so.")
    post = writing.write(group=hall, by=bob, text="As said.")
    writing.edit(post=post, by=bob, text="As Bob said.")
    making.message(hall, "alice", text="I agree with Bob here.")
    exported = ROOM.export(bob)
    assert [one["text"] for one in exported["group_posts"]] == ["Bob thinks so.", "As Bob said."]
    ROOM.erase(bob, Wishes(remove_comments=False, remove_answers=False))
    assert not PostVersion.objects.exists()
    assert "Bob" not in repr(list(Post.objects.values_list("text", flat=True)))
    assert Post.objects.filter(author=bob).exclude(text="").count() == 2
    ROOM.erase(bob, Wishes(remove_comments=True, remove_answers=False))
    assert Post.objects.filter(author=bob, text="", deleted_at__isnull=False).count() == 2


def test_a_withdrawal_takes_quotations_and_addresses_out_of_rooms(
    hall: Group, bob: Member, alice: Member, run_jobs: Callable[[], int]
) -> None:
    case = reading.case(alice, note="A plaque on the elbow that bleeds when scratched, for months.")
    said = making.message(hall, "bob", text="She wrote: a plaque on the elbow that bleeds when scratched!")
    linked = making.message(hall, "bob", text=f"See /cases/{case.pk}/ there.")
    PostVersion.objects.create(post=said, text="a plaque on the elbow that bleeds when scratched")
    own = making.message(hall, "bob", text="My own words about elbows.")
    withdraw(consent_id=case.consent_id, by=WithdrawnBy.PATIENT)
    run_jobs()
    texts = repr([*Post.objects.values_list("text", flat=True), *PostVersion.objects.values_list("text", flat=True)])
    assert "bleeds" not in texts
    assert str(case.pk) not in texts
    own.refresh_from_db()
    assert own.text == "My own words about elbows."
    assert linked.pk


def test_nothing_is_written_into_a_group_that_is_closed_down(hall: Group, alice: Member, bob: Member) -> None:
    running.end(group=hall, by=alice)
    with pytest.raises(ChangeRefused):
        writing.write(group=hall, by=bob, text="Too late.")


# --- Pages


def test_the_thread_is_read_and_written(hall: Group, bob: Member, sign_in: Callable[[object], Client]) -> None:
    client = sign_in(bob)
    at = reverse("consults:room", args=[hall.pk])
    assert "Nobody has written yet." in client.get(at).content.decode()
    assert client.post(at, {"text": "Mrs Miller, born 3 May 1971"}).status_code == 422
    assert client.post(at, {"text": "Who has seen this?"}).status_code == 302
    post = Post.objects.get()
    page = client.get(at + f"?reply={post.pk}").content.decode()
    assert "Your reply to Bob" in page
    client.post(at, {"text": "I have.", "reply_to": str(post.pk)})
    assert Post.objects.get(text="I have.").reply_to == post
    assert client.get(at + "?before=nonsense&reply=nonsense").status_code == 200
    student = sign_in(factories.person("student"))
    assert 'name="text"' not in student.get(at).content.decode()
    assert student.post(at, {"text": "Me too."}).status_code == 403
    assert sign_in(factories.person("resident")).get(at).status_code == 404


def test_the_thread_has_pages(
    hall: Group, bob: Member, sign_in: Callable[[object], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consults.groups.rooms.presenters.THREAD_ROWS", 2)
    for number in range(5):
        at = timezone.now() - timedelta(hours=5 - number)
        making.message(hall, "bob", text=f"Message {number}", written_at=at)
    client, seen, before = sign_in(bob), [], ""
    while True:
        page = client.get(reverse("consults:room", args=[hall.pk]) + before)
        seen.append([one.text for one in page.context["page"].messages])
        if not page.context["page"].before:
            break
        before = f"?before={page.context['page'].before}"
    assert seen == [["Message 3", "Message 4"], ["Message 1", "Message 2"], ["Message 0"]]


def test_a_hint_is_shown_once_and_the_second_sending_passes(
    hall: Group, bob: Member, sign_in: Callable[[object], Client]
) -> None:
    client = sign_in(bob)
    at = reverse("consults:room", args=[hall.pk])
    first = client.post(at, {"text": "What bullshit."})
    assert first.status_code == 422
    assert "read as swearing" in first.content.decode()
    mark = first.context["form"]["hinted"].value()
    other = client.post(at, {"text": "What other bullshit.", "hinted": mark})
    assert other.status_code == 422
    assert client.post(at, {"text": "What bullshit.", "hinted": mark}).status_code == 302
    assert Post.objects.get().text == "What bullshit."


@pytest.mark.parametrize(
    ("kind", "data", "problem"),
    [
        ("article", {"title": "On nails", "doi": "https://doi.org/10.1001/Jama.2020.1"}, {}),
        ("article", {"title": "On nails", "doi": "not a doi"}, {"doi": "no-doi"}),
        ("article", {"title": "On nails", "doi": "12345678"}, {"doi": "no-doi"}),
        ("tip", {"title": "Look twice", "text": "Always."}, {}),
        ("tip", {"title": ""}, {"title": ""}),
        ("tip", {"title": "Mrs Miller, born 3 May 1971"}, {"__all__": ""}),
        ("meeting", {"title": "Rounds", "starts_at": "2099-01-31T18:00", "hours": "2", "place": "Hall 3"}, {}),
        ("meeting", {"title": "Rounds", "starts_at": "2001-01-31T18:00", "hours": "2"}, {"starts_at": ""}),
        ("meeting", {"title": "Rounds", "starts_at": "soon", "hours": "2"}, {"starts_at": ""}),
        ("poll", {"title": "Monday?", "option_1": "Yes", "option_2": "No", "days": "7"}, {}),
        ("poll", {"title": "Monday?", "option_1": "Yes", "days": "7"}, {"__all__": ""}),
        ("album", {"title": "Nails"}, {}),
    ],
)
def test_the_board_takes_what_is_right(
    hall: Group,
    bob: Member,
    sign_in: Callable[[object], Client],
    kind: str,
    data: dict[str, str],
    problem: dict[str, str],
) -> None:
    client = sign_in(bob)
    at = reverse("consults:post_new", args=[hall.pk, kind])
    assert client.get(at).status_code == 200
    answer = client.post(at, data)
    if problem:
        assert answer.status_code == 422
        assert set(answer.context["form"].errors) == set(problem)
        assert not Post.objects.exists()
        return
    made = Post.objects.get()
    assert answer.status_code == 302
    page = client.get(reverse("consults:post", args=[made.pk]), follow=True)
    assert data["title"] in page.content.decode()
    assert data["title"] in client.get(reverse("consults:board", args=[hall.pk]) + f"?kind={kind}").content.decode()
    assert data["title"] in client.get(reverse("consults:group", args=[hall.pk])).content.decode()


def test_no_other_kind_is_put_on_the_board(hall: Group, bob: Member, sign_in: Callable[[object], Client]) -> None:
    client = sign_in(bob)
    for kind in ("message", "letter"):
        assert client.get(reverse("consults:post_new", args=[hall.pk, kind])).status_code == 404
    assert (
        sign_in(factories.person("student")).get(reverse("consults:post_new", args=[hall.pk, "tip"])).status_code == 403
    )


def test_posts_are_changed_and_deleted_on_their_page(
    hall: Group, bob: Member, sign_in: Callable[[object], Client]
) -> None:
    client = sign_in(bob)
    tip = writing.announce(group=hall, by=bob, kind="tip", title="Look", text="Twice.")
    at = reverse("consults:post_edit", args=[tip.pk])
    assert "Twice." in client.get(at).content.decode()
    assert client.post(at, {"title": "", "text": "x"}).status_code == 422
    assert client.post(at, {"title": "Look", "text": "Mrs Miller, born 3 May 1971"}).status_code == 422
    assert client.post(at, {"title": "Look", "text": "Thrice."}).status_code == 302
    assert client.post(at, {"delete": "1"}).status_code == 302
    assert client.get(at).status_code == 404
    message = writing.write(group=hall, by=bob, text="So.")
    at = reverse("consults:post", args=[message.pk])
    assert client.get(at).headers["Location"].endswith(f"/room/#post-{message.pk}")
    poll = making.poll(hall, "bob")
    assert "A poll is not changed" in client.get(reverse("consults:post_edit", args=[poll.pk])).content.decode()
