"""A closed group does not exist for anybody outside: its name is in no byte of any page, and no count knows of it."""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from audit.record import record
from consults.groups.models import Kind, Way
from consults.models import (
    Admission,
    Bookmark,
    Comment,
    Group,
    GroupRemoval,
    PollOption,
    Post,
    PostHold,
    PostReport,
    Report,
)
from tests import factories
from tests.consults import reading
from tests.consults.groups.making import group
from tests.matrix.everybody import EVERYBODY, with_passwords
from tests.matrix.test_routes import CLIENT, ROWS, places, session_of

__all__ = ["places"]

pytestmark = pytest.mark.django_db

NAME = "Zebrafinch wattle"
CANARY = re.compile(rb"zebrafinch|wattle", re.IGNORECASE)
IN_CAPITALS = re.compile(rb"Zebrafinch|Wattle")
INSIDE = {"alice", "resident"}  # alice moderates and posts, the resident belongs to it
OUTSIDE = sorted({*EVERYBODY, "physician", "mod2"} - INSIDE)
SEARCHES = ("?q=zebrafinch&show=all", "?page=2")


@pytest.fixture
def hidden(db: None) -> Group:
    """A closed group with everything that could tell of it: cases, answers, requests of old, removals, reports."""
    made = group(NAME, members=("resident",), description="Wattle of the zebrafinch", kind=Kind.CLOSED)
    alice, resident, bob = (factories.person(name) for name in ("alice", "resident", "bob"))
    for state in ("draft", "submitted", "released"):
        case = reading.case(alice, group=made, state=state, title="An ordinary plaque")
    reading.answer(case, resident, "actinic-keratosis")
    record(verb="case.released", actor=alice, subject=("case", case.pk), pictures=[])
    Comment.objects.create(case=case, author=resident, text="As I said.")
    Bookmark.objects.create(case=case, member=bob)  # saved while bob was in it
    GroupRemoval.objects.create(group=made, member=bob, by=alice, reason="moved")
    Report.objects.create(case=case, reporter=resident, reason="conduct")
    Admission.objects.create(group=made, member=bob, way=Way.INVITATION, by=alice, state="refused")
    asked = {"way": Way.REQUEST, "state": "refused", "reason": "full"}
    mod1 = factories.person("mod1")
    Admission.objects.create(group=made, member=mod1, by=mod1, **asked)  # asked while it was open
    _fill_room(made, resident)
    return made


def _fill_room(made: Group, by: Member) -> None:
    """Say its name in every corner of its room."""
    now = timezone.now()
    for kind in ("message", "tip", "article", "album"):
        Post.objects.create(group=made, author=by, kind=kind, title=NAME, text=NAME)
    meeting = {"starts_at": now, "ends_at": now + timedelta(hours=1), "place": NAME}
    Post.objects.create(group=made, author=by, kind="meeting", title=NAME, **meeting)
    poll = Post.objects.create(group=made, author=by, kind="poll", title=NAME, closes_at=now + timedelta(days=7))
    PollOption.objects.create(poll=poll, position=1, text=NAME)
    tip = made.posts.get(kind="tip")
    tip.versions.create(text=NAME)
    PostReport.objects.create(post=tip, reporter=factories.person("alice"), reason="conduct", words=NAME)
    hidden = Post.objects.create(group=made, author=by, kind="tip", title=NAME)
    PostHold.objects.create(post=hidden, reason="conduct", words=NAME)


def addresses_of(hidden: Group) -> list[str]:
    """Every address that has the id of the group in it."""
    at = [reverse(f"consults:{name}", args=[hidden.pk]) for name in (
        "group", "group_join", "group_leave", "group_step_back", "group_members", "group_change", "group_end",
        "room", "board", "room_desk",
    )]  # fmt: skip
    member = factories.person("resident").pk
    at += [reverse("consults:post_new", args=[hidden.pk, kind]) for kind in ("poll", "meeting")]
    return [*at, reverse("consults:group_member", args=[hidden.pk, member])]


def addresses_of_posts(hidden: Group) -> list[str]:
    """Every address that has the id of a post in it."""
    names = ("post", "post_vote", "post_edit", "post_calendar", "post_report", "post_hide", "post_history", "album")
    return [reverse(f"consults:{name}", args=[post.pk]) for post in hidden.posts.all() for name in names]


def everything(hidden: Group, places: dict[str, list[object]]) -> Iterator[str]:
    """Every address that answers a GET, with searches; and those of the group, its cases and their consents."""
    for name, rows in ROWS.items():
        for row in rows:
            yield reverse(name, args=places[row.about])
        if rows[0].about == "" and rows[0].get:
            yield from (reverse(name) + asked for asked in (*SEARCHES, f"?group={hidden.pk}&show=all"))
    yield from addresses_of(hidden)
    yield from addresses_of_posts(hidden)
    yield reverse("consults:managed_group", args=[hidden.pk])
    for case in hidden.cases.all():
        yield reverse("consults:case", args=[case.pk])
        yield reverse("consults:second_read", args=[case.pk])
        yield reverse("consults:consent_record", args=[case.consent_id])
        yield f"{reverse('consults:consent_record', args=[case.consent_id])}?part"
        yield f"{reverse('consults:cases')}?q=plaque&group={hidden.pk}"


def bytes_of(address: str, *, session: str, method: str = "get") -> tuple[int, bytes]:
    """Status and bytes of one request, headers among them; what it changed is undone."""
    cache.clear()
    CLIENT.cookies.clear()
    if session:
        CLIENT.cookies[settings.SESSION_COOKIE_NAME] = session
    with transaction.atomic(), transaction.atomic(using="keys"):
        answer = getattr(CLIENT, method)(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
        transaction.set_rollback(True, using="keys")
    return answer.status_code, repr(sorted(answer.headers.items())).encode() + body


@pytest.mark.service  # a sweep over every address and everybody
def test_its_name_is_on_no_page_of_anybody_outside(hidden: Group, places: dict[str, list[object]]) -> None:
    with_passwords()
    told = []
    for who in OUTSIDE:
        session = session_of(who)
        for address in dict.fromkeys(everything(hidden, places)):
            status, found = bytes_of(address, session=session)
            # A page repeats the word that was typed, in small letters.
            if (IN_CAPITALS if "q=" in address else CANARY).search(found):
                told.append(f"{address} as {who}: {status}")
    assert not told, "\n".join(told)


def test_the_sweep_finds_it_where_it_is(hidden: Group, db: None) -> None:
    """Those inside read its name on its page, in the list, on its case and among the filters."""
    case = hidden.cases.get(state="released")
    for who in sorted(INSIDE):
        for address in (
            reverse("consults:groups"),
            reverse("consults:group", args=[hidden.pk]),
            reverse("consults:cases"),
            reverse("consults:case", args=[case.pk]),
        ):
            assert CANARY.search(bytes_of(address, session=session_of(who))[1]), (who, address)


@pytest.mark.parametrize("method", ["get", "post"])
def test_its_addresses_answer_like_those_of_nothing(hidden: Group, method: str) -> None:
    with_passwords()
    for who in OUTSIDE:
        session = session_of(who)
        for address in addresses_of(hidden):
            nothing = address.replace(str(hidden.pk), str(uuid.uuid4()))
            there = bytes_of(address, session=session, method=method)[0]
            assert there == bytes_of(nothing, session=session, method=method)[0], (who, address)
            if who not in ("anonymous", "officer", "admin", "applicant", "lapsed", "suspended") and method == "post":
                assert there in (404, 405), (who, address)


def with_everybody() -> None:
    """All people are there before anything is compared."""
    for name in factories.PEOPLE:
        factories.person(name)


def _without_tokens(page: bytes) -> bytes:
    page = re.sub(rb'(name="csrfmiddlewaretoken" value|name="csrf-token" content)="[^"]+"', b"", page)
    return re.sub(rb"X-CSRFToken[^}]+", b"", page)


@pytest.mark.parametrize("who", ["bob", "nurse", "student", "mod1", "admin"])
def test_no_number_changes_because_it_is_there(who: str) -> None:
    """The same bytes before and after: no count, no page more, no filter."""
    with_everybody()
    group("Open hall", kind=Kind.OPEN, members=("bob",))
    session = session_of(who)
    at = ["consults:managed_groups", "accounts:people"] if who == "admin" else ["consults:groups", "consults:cases"]
    addresses = [reverse(name) + asked for name in at for asked in ("", "?show=all", "?show=all&q=a")]
    addresses += [] if who != "mod1" else [reverse("consults:second_reads"), reverse("consults:moderation")]
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session

    def pages() -> list[bytes]:
        return [_without_tokens(client.get(address).content) for address in addresses]

    before = pages()
    assert [*map(bytes.splitlines, pages())] == [*map(bytes.splitlines, before)]
    made = group(NAME, members=("resident", "mod2"))
    reading.case(factories.person("alice"), group=made)
    reading.case(factories.person("alice"), group=made, state="submitted")
    assert [*map(bytes.splitlines, pages())] == [*map(bytes.splitlines, before)]


def test_an_audit_names_it_by_its_id(hidden: Group, officer: Member) -> None:
    session = session_of("officer")
    page = bytes_of(reverse("compliance:consent_audit"), session=session)[1].decode()
    assert f"Closed group {str(hidden.pk)[:8]}" in page
    Group.objects.update(kind=Kind.OPEN)
    assert NAME in bytes_of(reverse("compliance:consent_audit"), session=session)[1].decode()
    consent = hidden.cases.get(state="released").consent_id
    at = reverse("consults:consent_record", args=[consent])
    assert NAME not in bytes_of(at, session=session)[1].decode()  # of no group is the name there
    assert NAME in bytes_of(at, session=session_of("alice"))[1].decode()


def test_an_invitation_shows_it_while_it_waits(hidden: Group, alice: Member, bob: Member) -> None:
    Admission.objects.filter(member=bob).delete()
    made = Admission.objects.create(group=hidden, member=bob, way=Way.INVITATION, by=alice)
    at = [reverse("consults:groups"), reverse("consults:group", args=[hidden.pk])]
    at.append(reverse("consults:group_admission", args=[made.pk]))
    session = session_of("bob")
    for address in at:
        assert NAME in bytes_of(address, session=session)[1].decode()
    assert reverse("consults:case", args=[hidden.cases.get(state="released").pk]) not in str(
        [bytes_of(address, session=session)[1] for address in at]
    )
    Admission.objects.update(state="taken_back")
    for address in at:
        assert NAME not in bytes_of(address, session=session)[1].decode()
