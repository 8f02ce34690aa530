"""Addressing with “@”: who is found, suggested and told; nobody outside the audience exists."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Member, Profile
from accounts.profiles import directory
from consults.cases import gate
from consults.discussion import comments
from consults.discussion.thread import addressing
from consults.exceptions import ChangeRefused
from consults.models import Case, Comment, CommentHold, Group, Membership, Mention, RoleListener
from notifications.notices import Kind
from notifications.notices.models import Notice
from tests import factories
from tests.consults import reading

SignIn = Callable[[object], Client]


def named(name: str, **fields: Any) -> Member:
    """A member of this name, in the directory."""
    member = factories.member(name=name, **fields)
    directory.refresh(member.pk)
    return member


@pytest.fixture
def case(db: None) -> Case:
    """An open case of alice's."""
    return reading.case()


@pytest.fixture
def leyla(db: None) -> Member:
    """A colleague who sees the case."""
    return named("Leyla Soydan")


def told(kind: Kind) -> set[UUID]:
    """Who has a notice of this kind."""
    return set(Notice.objects.filter(kind=kind).values_list("member_id", flat=True))


def write(case: Case, by: Member, text: str, **more: Any) -> Comment:
    return comments.add_comment(case=case, by=by, text=text, **more)


def edit(comment: Comment, text: str) -> None:
    comments.edit(comment=comment, by=comment.author, text=text)


def test_a_colleague_is_addressed_and_told(case: Case, alice: Member, leyla: Member) -> None:
    written = write(case, alice, "@Leyla Soydan'ın fikri nedir? Dr. Soydan, please.")

    mention = Mention.objects.get()
    assert (mention.comment, mention.member, mention.written) == (written, leyla, "Leyla Soydan")
    assert told(Kind.MENTION) == {leyla.pk}
    assert told(Kind.REPLY) == set()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("@Fatma Demir please look", "“@” must name a colleague"),
        ("Dr. Demir saw her", "something like a person's name"),
        ("@Leyla Kaya", "“@” must name a colleague"),
        ("Mrs Soydan came", "something like a person's name"),
    ],
)
def test_who_is_no_colleague_is_a_finding(case: Case, alice: Member, leyla: Member, text: str, sentence: str) -> None:
    with pytest.raises(ChangeRefused) as refused:
        write(case, alice, text)

    assert sentence in refused.value.sentence
    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"standing": "suspended"},
        {"standing": "applicant", "verified_until": None},
        {"profession": "nurse"},
        {"profession": "student"},
        {"profession": "", "is_staff": True},
        {"profession": "", "is_privacy_officer": True},
    ],
)
def test_whoever_does_not_see_the_case_does_not_exist(
    case: Case, alice: Member, sign_in: SignIn, fields: dict[str, Any]
) -> None:
    outside = factories.member(name="Deniz Aksoy", **fields)
    directory.refresh(outside.pk)
    with pytest.raises(ChangeRefused):
        write(case, alice, "@Deniz Aksoy")
    with pytest.raises(ChangeRefused):
        write(case, alice, "@Deniz Aksoy", chosen=[outside.pk])
    found = sign_in(alice).get(reverse("consults:people", args=[case.pk]), {"q": "Deniz"})

    assert found.json() == []
    assert not Notice.objects.exists()


def test_of_two_with_one_name_the_chosen_one_is_meant(case: Case, alice: Member, leyla: Member) -> None:
    other = named("Leyla Soydan")
    with pytest.raises(ChangeRefused) as refused:
        write(case, alice, "@Leyla Soydan")
    assert "More than one colleague" in refused.value.sentence
    write(case, alice, "@Leyla Soydan", chosen=[other.pk])

    assert Mention.objects.get().member == other


def test_a_first_name_will_do_where_one_is_called_so(case: Case, alice: Member, leyla: Member) -> None:
    write(case, alice, "@Leyla?")
    named("Leyla Kaya")
    with pytest.raises(ChangeRefused):
        write(case, alice, "@Leyla!")

    assert Mention.objects.get().member == leyla


def test_a_closed_group_stays_closed(db: None, alice: Member, bob: Member, leyla: Member) -> None:
    group = Group.objects.create(name="Tumour board")
    for member in (alice, bob):
        Membership.objects.create(group=group, member=member)
    inside, openly = reading.case(group=group), reading.case()
    for member in (alice, bob):
        directory.refresh(member.pk)
    write(inside, alice, "@Tumour board, @Bob")
    assert told(Kind.MENTION) == {bob.pk}
    with pytest.raises(ChangeRefused):
        write(inside, alice, "@Leyla Soydan")
    with pytest.raises(ChangeRefused):
        write(openly, alice, "@Tumour board")


def test_roles_reach_those_who_listen(case: Case, alice: Member, resident: Member) -> None:
    other = factories.member(profession="resident")
    nurse = factories.person("nurse")
    for member in (other, alice):
        addressing.listen(member=member, wanted=True)
    RoleListener.objects.create(member=nurse)
    write(case, alice, "@residents, @asistanlar: your turn")

    assert told(Kind.MENTION) == {other.pk}
    addressing.listen(member=other, wanted=False)
    assert not addressing.listens(other)
    with pytest.raises(ChangeRefused):
        addressing.listen(member=nurse, wanted=True)


def test_roles_are_called_three_times_a_day(case: Case, alice: Member, leyla: Member) -> None:
    for number in range(3):
        write(case, alice, f"@residents, question {number}")
    with pytest.raises(ChangeRefused) as refused:
        write(case, alice, "@dermatologists too")
    assert "3 times a day" in refused.value.sentence
    write(case, alice, "@Leyla Soydan, then")

    for happens in (lambda one: comments.delete(comment=one, by=alice), lambda one: edit(one, "No more.")):
        happens(Comment.objects.filter(mentions__role="resident", deleted_at=None).earliest("written_at"))
        with pytest.raises(ChangeRefused):
            write(case, alice, "@dermatologists too")
    Comment.objects.update(written_at="2020-01-01T00:00Z")
    write(case, alice, "@dermatologists too")


def test_ten_at_once_are_enough(case: Case, alice: Member) -> None:
    names = [f"Person {'ABCDEFGHIJK'[n]}{'abcdefghijk'[n]}" for n in range(11)]
    members = [named(name) for name in names]
    with pytest.raises(ChangeRefused):
        write(case, alice, " ".join(f"@{name}," for name in names), chosen=[one.pk for one in members])
    write(case, alice, " ".join(f"@{name}," for name in names[:10]))
    assert Mention.objects.count() == 10


def test_a_change_tells_only_whom_it_adds(case: Case, alice: Member, bob: Member, leyla: Member) -> None:
    directory.refresh(bob.pk)
    written = write(case, alice, "@Leyla Soydan look")
    Notice.objects.all().delete()
    comments.edit(comment=written, by=alice, text="@Leyla Soydan and @Bob look")
    assert told(Kind.MENTION) == {bob.pk}
    comments.edit(comment=written, by=alice, text="Look")
    assert not Mention.objects.exists()


def test_whoever_is_addressed_before_answering_is_told_how_to_read_it(
    case: Case, alice: Member, bob: Member, leyla: Member, sign_in: SignIn
) -> None:
    said = write(case, alice, "@Leyla Soydan: the border is pearly.")
    page = reverse("consults:case", args=[case.pk])

    def shown(member: Member) -> str:
        return str(sign_in(member).get(page).content.decode())

    sentence = "Somebody addresses you in the discussion."
    assert sentence in shown(leyla)
    assert "pearly" not in shown(leyla)
    assert "Leyla" not in shown(bob)
    assert sentence not in shown(bob)
    hold = CommentHold.objects.create(comment=said, by=factories.person("mod1"), reason="other", words="No.")
    assert sentence not in shown(leyla)
    hold.delete()
    comments.delete(comment=said, by=alice)
    assert sentence not in shown(leyla)


def test_a_name_changes_and_the_link_stays(case: Case, alice: Member, leyla: Member, sign_in: SignIn) -> None:
    write(case, alice, "@Leyla Soydan look")
    Member.objects.filter(pk=leyla.pk).update(name="Dr. Leyla Demir")
    page = sign_in(alice).get(reverse("consults:case", args=[case.pk])).content.decode()

    assert f'<a class="mention" href="{reverse("accounts:profile", args=[leyla.pk])}">@Leyla Demir</a>' in page


def test_a_text_without_a_sign_asks_nothing(case: Case, alice: Member) -> None:
    with CaptureQueriesContext(connection) as asked:
        addressing.read("A plaque on the elbow, 5 mm.", case=case, by=alice)

    assert len(asked) == 0


@pytest.mark.parametrize("more", [0, 30])
def test_few_queries_however_many_members(case: Case, alice: Member, leyla: Member, more: int) -> None:
    for number in range(more):
        named(f"Leyla Other{chr(97 + number % 26)}{chr(97 + number // 26)}")
    with CaptureQueriesContext(connection) as asked:
        addressing.read("@Leyla Soydan and Dr. Soydan", case=case, by=alice)

    assert len(asked) == 2


# --- Suggestions


@pytest.mark.parametrize(
    ("who", "status"),
    [("alice", 200), ("bob", 403), ("student", 404), ("nurse", 404), ("officer", 403), ("suspended", 403)],
)
def test_who_may_look_up(case: Case, sign_in: SignIn, who: str, status: int) -> None:
    response = sign_in(factories.person(who)).get(reverse("consults:people", args=[case.pk]), {"q": "a"})

    assert response.status_code == status


@pytest.mark.parametrize(
    ("typed", "labels"),
    [
        ("ley", ["Leyla Soydan"]),
        ("SOY", ["Leyla Soydan"]),
        ("derm", ["dermatologists", "dermatologlar", "dermatopathologists", "dermatopatologlar"]),
        ("xyz", []),
        ("", ["Bob"]),
    ],
)
def test_suggestions(
    case: Case, alice: Member, bob: Member, leyla: Member, sign_in: SignIn, typed: str, labels: list[str]
) -> None:
    Comment.objects.create(case=case, author=bob, text="Yes.")
    found = sign_in(alice).get(reverse("consults:people", args=[case.pk]), {"q": typed}).json()

    assert [one["label"] for one in found] == labels


def test_whoever_stands_in_no_directory_is_suggested_where_they_take_part(
    case: Case, alice: Member, sign_in: SignIn
) -> None:
    hidden = factories.member(name="Zeynep Hidden")
    Profile.objects.create(member=hidden, is_listed=False)
    directory.refresh(hidden.pk)
    address = reverse("consults:people", args=[case.pk])
    assert sign_in(alice).get(address, {"q": "zey"}).json() == []
    Comment.objects.create(case=case, author=hidden, text="Yes.")
    assert [one["code"] for one in sign_in(alice).get(address, {"q": "zey"}).json()] == [str(hidden.pk)]


def test_whoever_asks_too_often_waits(case: Case, alice: Member, sign_in: SignIn, settings: Any) -> None:
    settings.RULES = settings.RULES | {"people_looked_up_a_minute": 2}
    client, address = sign_in(alice), reverse("consults:people", args=[case.pk])

    assert [client.get(address).status_code for _time in range(3)][-1] == 429


def test_the_page_of_ones_wish(alice: Member, student: Member, sign_in: SignIn) -> None:
    client, address = sign_in(alice), reverse("consults:my_role")
    assert "@dermatologists" in client.get(address).content.decode()
    client.post(address, {"listen": "1"})
    assert addressing.listens(alice)
    client.post(address)
    assert not addressing.listens(alice)
    sign_in(student).post(address, {"listen": "1"})
    assert not RoleListener.objects.exists()
    assert "cannot be called" in sign_in(student).get(address).content.decode()


# --- The audience, asked of members


@pytest.mark.parametrize("kind", ["difficult", "teaching"])
@pytest.mark.parametrize("state", ["released", "closed"])
@pytest.mark.parametrize("audience", ["everybody", "hall", "ward"])
def test_the_audience_is_whom_the_gate_shows_the_case(db: None, kind: str, state: str, audience: str) -> None:
    everybody = [factories.person(name) for name in factories.PEOPLE]
    group = None
    if audience != "everybody":
        group = Group.objects.create(name=audience, open_to_nurses=audience == "ward")
        for name in ("bob", "nurse", "student", "officer", "suspended"):
            Membership.objects.create(group=group, member=factories.person(name))
    case = reading.case(group=group, kind=kind)
    if state == "closed":
        case = reading.closed(case, "bcc")
    addressed = set(gate.members_who_see(case).values_list("pk", flat=True))

    assert {one.pk for one in everybody if gate.visible_cases(one).filter(pk=case.pk).exists()} == addressed
