"""A case for a group is seen and second-read inside it: every door, for everybody inside and outside."""

from collections.abc import Callable

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from consent.models import ConsentUse
from consults.browse import feed, filters
from consults.cases import gate
from consults.discussion import bookmarks
from consults.groups import running
from consults.models import Bookmark, Case, Group
from imaging.models import Rendition
from tests import factories
from tests.consults import reading
from tests.consults.groups.making import group

pytestmark = pytest.mark.django_db

WHO = ("alice", "bob", "resident", "nurse", "student", "mod1", "mod2", "officer", "admin")
DOORS: dict[str, Callable[[Member, Client, Case], bool]] = {
    "the gate": lambda member, _client, case: gate.visible_cases(member).contains(case),
    "pictures": lambda member, _client, case: gate.visible_renditions(member).filter(release__case=case).exists(),
    "the feed": lambda member, _client, case: case.pk in _cards(member, ""),
    "search": lambda member, _client, case: case.pk in _cards(member, f"q={case.title.split()[-1]}"),
    "the filter": lambda member, _client, case: case.pk in _cards(member, f"group={case.group_id}"),
    "counts": lambda member, _client, case: bool(_page(member, f"group={case.group_id}").total),
    "facets": lambda member, _client, case: any(
        str(case.group_id) in chip.href for facet in _page(member, "").facets for chip in facet.chips
    ),
    "saved": lambda member, _client, case: case.pk in {card.pk for card in feed.saved(member=member).cards},
    "its address": lambda _member, client, case: _opens(client, reverse("consults:case", args=[case.pk])),
    "the picture's address": lambda _member, client, case: _opens(client, _picture(case)),
    "the page of the group": lambda _member, client, case: (
        case.title.encode() in client.get(reverse("consults:group", args=[case.group_id])).content
    ),
}


def _page(member: Member, query: str) -> feed.Page:
    return feed.page(member=member, filters=filters.parse(QueryDict(query)))


def _cards(member: Member, query: str) -> set[object]:
    return {card.pk for card in _page(member, query).cards}


def _opens(client: Client, address: str) -> bool:
    return client.get(address).status_code == 200


def _picture(case: Case) -> str:
    shown = Rendition.objects.get(photo__placement__case=case, name="display")
    return reverse("consults:picture", args=[shown.pk])


def _seen(case: Case, *, sign_in: Callable[[object], Client]) -> dict[str, set[str]]:
    """For each door, for whom this case is behind it."""
    members = {name: factories.person(name) for name in WHO}
    for member in members.values():
        Bookmark.objects.get_or_create(case=case, member=member)
    return {
        door: {name for name, member in members.items() if opens(member, sign_in(member), case)}
        for door, opens in DOORS.items()
    }


def _everywhere(*names: str) -> dict[str, set[str]]:
    return {door: set(names) for door in DOORS}


@pytest.fixture
def ward() -> Group:
    return group("Ward", members=("bob", "nurse", "student", "mod1"))


def _posted(ward: Group) -> Case:
    return reading.case(factories.person("alice"), group=ward, title="Plaque of quinsyberry", data=b"picture")


def test_who_sees_a_case_of_a_group(ward: Group, sign_in: Callable[[object], Client]) -> None:
    assert _seen(_posted(ward), sign_in=sign_in) == _everywhere("alice", "bob", "mod1")


def test_opening_to_nurses_and_shutting_again(ward: Group, alice: Member, sign_in: Callable[[object], Client]) -> None:
    case = _posted(ward)
    facts = {"description": "", "purpose": "other", "kind": "closed"}
    running.change(group=ward, by=alice, open_to_nurses=True, **facts)
    assert _seen(case, sign_in=sign_in) == _everywhere("alice", "bob", "mod1", "nurse")
    running.change(group=ward, by=alice, open_to_nurses=False, **facts)
    assert _seen(case, sign_in=sign_in) == _everywhere("alice", "bob", "mod1")


@pytest.mark.parametrize("open_to_nurses", [True, False])
@pytest.mark.parametrize("allowed", ["this group", "another group", "nothing"])
def test_no_setting_shows_what_the_consent_does_not_allow(
    ward: Group, allowed: str, open_to_nurses: bool, sign_in: Callable[[object], Client]
) -> None:
    case = _posted(ward)
    uses = ConsentUse.objects.filter(consent=case.consent_id)
    if allowed == "nothing":
        uses.delete()
    elif allowed == "another group":
        uses.update(scope=group("Other", members=("bob", "nurse")).pk)
    Group.objects.update(open_to_nurses=open_to_nurses, kind="open")
    expected = {"alice", "bob", "mod1", *(["nurse"] if open_to_nurses else [])} if allowed == "this group" else set()
    assert {name for name in WHO if gate.visible_cases(factories.person(name)).exists()} == expected


def test_a_closed_teaching_case_is_the_students_too(ward: Group, sign_in: Callable[[object], Client]) -> None:
    case = reading.case(
        factories.person("alice"), group=ward, title="Plaque of quinsyberry", kind="teaching", data=b"picture"
    )
    reading.closed(case, "actinic-keratosis")
    assert _seen(case, sign_in=sign_in) == _everywhere("alice", "bob", "mod1", "student")


@pytest.mark.parametrize("how", ["leaves", "is removed"])
def test_whoever_is_out_sees_nothing_at_the_next_request(
    ward: Group, how: str, alice: Member, bob: Member, sign_in: Callable[[object], Client]
) -> None:
    case = _posted(ward)
    bookmarks.save(case=case, by=bob)
    client = sign_in(bob)
    assert _opens(client, _picture(case))
    if how == "leaves":
        running.leave(group=ward, by=bob)
    else:
        running.remove(place=ward.memberships.get(member=bob), by=alice, reason="conduct")
    for door, opens in DOORS.items():
        assert not opens(bob, client, case), door


def test_the_second_read_is_inside_too(ward: Group, sign_in: Callable[[object], Client]) -> None:
    case = reading.case(factories.person("alice"), group=ward, state="submitted", data=b"picture")
    for name, expected in {"mod1": True, "mod2": False, "bob": False, "alice": False}.items():
        member = factories.person(name)
        assert gate.cases_to_second_read(member).contains(case) is expected
        at = reverse("consults:second_read", args=[case.pk])
        assert (sign_in(member).get(at).status_code == 200) is expected
        if name != "alice":
            assert _opens(sign_in(member), _picture(case)) is expected
    with pytest.raises(gate.NotYours):
        gate.release(case=case, by=factories.person("mod2"))


def test_an_author_who_left_keeps_their_own_case(ward: Group, alice: Member, bob: Member) -> None:
    case = reading.case(bob, group=ward, title="Plaque of quinsyberry")
    running.leave(group=ward, by=bob)
    assert set(gate.visible_cases(bob)) == {case}
    assert gate.visible_cases(alice).contains(case)
