"""Who sees and changes what of profiles: everybody × every action, of members in every state."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import Follow, Member, Portrait, PortraitState
from accounts.profiles.models import Position, Publication, Training
from core import permissions
from tests import factories
from tests.accounts.profiles.makers import full_profile, say

READERS = ("alice", "bob", "resident", "physician", "nurse", "student", "mod1")
NOT_READERS = ("officer", "admin", "applicant", "suspended", "lapsed", "anonymous")
SHOWN = ("alice", "bob", "resident", "physician", "nurse", "student", "mod1")
NOT_SHOWN = ("officer", "admin", "applicant", "suspended", "lapsed", "declined", "erased")


def somebody(name: str) -> object:
    if name == "anonymous":
        return AnonymousUser()
    if name == "declined":
        return factories.member(email="declined@hospital.example", standing="declined", verified_until=None)
    if name == "erased":
        return factories.member(email="erased@hospital.example", standing="erased", verified_until=None)
    return factories.person(name)


ABOUT_OTHERS = ("profile.view", "profile.list", "profile.portrait", "profile.follow")


@pytest.mark.django_db
@pytest.mark.parametrize("reader", [*READERS, *NOT_READERS])
@pytest.mark.parametrize("of", [*SHOWN, *NOT_SHOWN])
def test_who_sees_whom(reader: str, of: str) -> None:
    looks, owner = somebody(reader), somebody(of)
    assert isinstance(owner, Member)
    portrait = Portrait.objects.create(member=owner, state=PortraitState.CLEAN)
    about = {action: portrait if action == "profile.portrait" else owner for action in ABOUT_OTHERS}
    seen = {action for action, row in about.items() if permissions.allows(looks, action, row)}
    everything = set(ABOUT_OTHERS) - ({"profile.follow"} if reader == of else set())
    assert seen == (everything if reader in READERS and of in SHOWN else set())


@pytest.mark.django_db
@pytest.mark.parametrize("who", [*READERS, *NOT_READERS])
def test_everybody_changes_their_own_only(who: str) -> None:
    member = somebody(who)
    other = factories.person("mod2")
    full_profile(other)
    for action, model in (("training.edit", Training), ("position.edit", Position), ("publication.edit", Publication)):
        assert not permissions.allowed(member, action).exists()
        assert permissions.allows(other, action, model.objects.get(member=other))
    assert not permissions.allows(member, "profile.edit", other)
    own = set(permissions.allowed(member, "profile.edit").values_list("pk", flat=True))
    assert own == ({member.pk} if who in READERS else set())  # type: ignore[attr-defined]


@pytest.mark.django_db
@pytest.mark.parametrize(("who", "may"), [("bob", True), ("officer", False), ("suspended", False), ("lapsed", False)])
def test_a_follow_is_its_followers(who: str, may: bool) -> None:
    member, alice = factories.person(who), factories.person("alice")
    mine = Follow.objects.create(follower=member, followed=alice)
    Follow.objects.create(follower=alice, followed=factories.person("mod1"))
    assert set(permissions.allowed(member, "profile.unfollow")) == ({mine} if may else set())


@pytest.mark.django_db
@pytest.mark.parametrize("state", [PortraitState.RECEIVED, PortraitState.REFUSED])
def test_nobody_sees_a_portrait_that_is_not_clean(state: str, alice: Member) -> None:
    portrait = Portrait.objects.create(member=alice, state=state)
    assert not permissions.allows(alice, "profile.portrait", portrait)
    assert not permissions.allows(factories.person("bob"), "profile.portrait", portrait)


@pytest.mark.django_db
def test_whoever_is_not_listed_is_seen_all_the_same(alice: Member, bob: Member) -> None:
    say(bob, is_listed=False)
    assert permissions.allows(alice, "profile.view", bob)
    assert not permissions.allows(alice, "profile.list", bob)
    say(bob, is_listed=True)
    assert permissions.allows(alice, "profile.list", bob)
