"""Following of cases, groups and topics; saved searches; what those who follow are told, and what never."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from accounts.models import Follow, Member
from consults.cases import gate
from consults.discussion import closing, comments
from consults.exceptions import ChangeRefused
from consults.following import lookup, news, policy, searches, service, telling
from consults.following.models import Following, SavedSearch, SearchKey
from consults.member_data import ROOM
from consults.models import Bookmark, Case, Group, Listing, Membership, Outcome
from consults.withdrawal.purge import erase_content
from core.models import Job
from notifications.notices import Kind
from notifications.notices.models import Notice
from tests import factories
from tests.consults import reading

SignIn = Callable[[object], Client]


def told(kind: Kind, case: Case) -> set[str]:
    """The names of those who have a notice of this kind about a case."""
    return set(Notice.objects.filter(kind=kind, case_id=case.pk).values_list("member__name", flat=True))


@contextmanager
def refusal(words: str) -> Iterator[None]:
    """What is done here is refused with a sentence that has these words."""
    with pytest.raises(ChangeRefused) as refused:
        yield
    assert words in refused.value.sentence


def group_of(*names: str, **fields: Any) -> Group:
    group = Group.objects.create(name=f"Group {Group.objects.count()}", **fields)
    for name in names:
        Membership.objects.create(group=group, member=factories.person(name))
    return group


# --- Who

# who -> may follow an open case of alice's for all, one in a closed group of alice and bob, that group
WHO = [
    ("bob", True, True, True),
    ("resident", True, False, False),
    ("mod1", True, False, False),
    ("alice", False, False, True),  # her own cases
    ("nurse", False, False, False),
    ("student", False, False, False),
    ("officer", False, False, False),
    ("admin", False, False, False),
    ("applicant", False, False, False),
    ("lapsed", False, False, False),
    ("suspended", False, False, False),
]


@pytest.mark.parametrize(("name", "openly", "inside", "the_group"), WHO)
def test_who_follows_what(name: str, openly: bool, inside: bool, the_group: bool, db: None) -> None:
    group = group_of("alice", "bob")
    for_all, for_group = reading.case(), reading.case(group=group)
    member = factories.person(name)

    assert policy.cases_to_follow(member).filter(pk=for_all.pk).exists() is openly
    assert policy.cases_to_follow(member).filter(pk=for_group.pk).exists() is inside
    assert policy.groups_to_follow(member).filter(pk=group.pk).exists() is the_group


@pytest.mark.parametrize("name", ["bob", "officer", "lapsed"])
def test_nobody_sees_what_others_follow_or_search_for(name: str, db: None) -> None:
    member, other = factories.person(name), factories.person("alice")
    for one in (member, other):
        Following.objects.create(member=one, topic="hair")
        SavedSearch.objects.create(member=one, query="tag=hair")
    mine = name == "bob"

    assert [row.member_id for row in policy.own_followings(member)] == [member.pk] * mine
    assert [row.member_id for row in policy.own_searches(member)] == [member.pk] * mine


@pytest.mark.parametrize(
    "rule", [policy.cases_to_follow, policy.groups_to_follow, policy.own_followings, policy.own_searches]
)
def test_nobody_in_particular_follows_nothing(rule: Callable[[object], Any], db: None) -> None:
    assert not rule(object()).exists()


@pytest.mark.parametrize(
    ("fields", "fits"),
    [
        ({"topic": "hair"}, True),
        ({"case": True}, True),
        ({"group": True}, True),
        ({}, False),
        ({"topic": "hair", "case": True}, False),
        ({"group": True, "case": True}, False),
    ],
)
def test_a_row_is_about_one_thing(fields: dict[str, Any], fits: bool, bob: Member) -> None:
    things = {"case": reading.case(), "group": group_of("bob")}
    values = {name: things.get(name, value) for name, value in fields.items()}
    refused = False
    try:
        with transaction.atomic():
            Following.objects.create(member=bob, **values)
    except IntegrityError:
        refused = True
    assert refused is not fits


def test_following_twice_is_following_once_and_has_an_end(bob: Member, settings: Any) -> None:
    case, group = reading.case(), group_of("bob")
    for _time in range(2):
        service.follow_case(case=case, by=bob)
        service.follow_group(group=group, by=bob)
        service.choose_topics(topics=["hair", "nails", "no-such-topic"], by=bob)
    assert Following.objects.count() == 4
    assert lookup.followers_of(case=case.pk) == lookup.followers_of(group=group.pk) == {bob.pk}
    assert lookup.followers_of(topic="hair") == lookup.followers_of_topics({"nails", "oral"}) == {bob.pk}
    assert lookup.followers_of() == lookup.followers_of_topics(set()) == set()

    service.choose_topics(topics=["nails"], by=bob)
    assert lookup.followers_of(topic="hair") == set()
    service.stop(by=bob, case=case)
    service.stop(by=bob, group=group)
    assert [row.topic for row in Following.objects.all()] == ["nails"]

    settings.RULES = settings.RULES | {"followed_cases": 1}
    service.follow_case(case=case, by=bob)
    service.follow_case(case=case, by=bob)
    with refusal("the most there may be"):
        service.follow_case(case=reading.case(), by=bob)


def test_followers_of_a_member_are_those_of_their_profile(alice: Member, bob: Member) -> None:
    Follow.objects.create(follower=bob, followed=alice)

    assert lookup.followers_of(member=alice.pk) == {bob.pk}
    assert lookup.followers_of(member=alice.pk, topic="hair") == {bob.pk}


def test_who_left_a_group_cannot_follow_it(bob: Member) -> None:
    with refusal("do not belong"):
        service.follow_group(group=group_of("alice"), by=bob)


def test_a_withdrawn_case_is_not_followed(bob: Member) -> None:
    case = reading.case()
    reading.withdraw(case)
    with pytest.raises(ChangeRefused):
        service.follow_case(case=case, by=bob)


# --- Told


def test_a_release_is_told_to_who_follows_its_author_topic_or_group(alice: Member) -> None:
    group = group_of("alice", "bob", "mod1")
    case = reading.case(group=group, tags=["hair"])
    Follow.objects.create(follower=factories.person("bob"), followed=alice)
    Follow.objects.create(follower=factories.person("resident"), followed=alice)  # does not see the group's cases
    service.follow_group(group=group, by=factories.person("mod1"))
    for name in ("physician", "alice"):  # the first does not see it, the second wrote it
        service.choose_topics(topics=["hair"], by=factories.person(name))

    telling.tell_of_release(case_id=case.pk)
    assert told(Kind.FOLLOWED, case) == {"Bob", "Mod1"}
    assert told(Kind.SAVED_SEARCH, case) == set()


@pytest.mark.parametrize(
    ("query", "finds"),
    [
        ("tag=hair", True),
        ("tag=nails", False),
        ("q=growing", True),
        ("q=grow", True),
        ("q=zebra", False),
        ("q=growing&tag=hair", True),
        ("q=zebra&tag=hair", False),
        ("stain=he", True),
        ("status=closed", False),
        ("status=open&only=unanswered", True),
        ("only=unanswered", True),
        ("only=no_dermatologist", True),
        ("time=week", True),
        ("q=plak", True),  # a coded fact in the other language
        ("site=head-neck&tone=medium", True),
        ("diagnosis=melanoma", False),
        ("q=zz", False),
    ],
)
def test_a_release_is_told_to_who_would_find_it(query: str, finds: bool, bob: Member) -> None:
    case = reading.case(tags=["hair"], kinds=("histology",), monk=5)
    searches.save(query=QueryDict(query), by=bob)

    telling.tell_of_release(case_id=case.pk)
    assert told(Kind.SAVED_SEARCH, case) == ({"Bob"} if finds else set())


@pytest.mark.parametrize(
    ("name", "expected"), [("bob", True), ("alice", False), ("nurse", False), ("student", False), ("lapsed", False)]
)
def test_only_who_sees_the_case_is_told(name: str, expected: bool, db: None) -> None:
    member = factories.person(name)
    kept = SavedSearch.objects.create(member=member, query="site=head-neck")
    SearchKey.objects.create(search=kept, key="site:head-neck")
    case = reading.case()

    telling.tell_of_release(case_id=case.pk)
    assert bool(told(Kind.SAVED_SEARCH, case)) is expected


def test_a_search_that_is_switched_off_tells_nothing(bob: Member) -> None:
    kept = searches.save(query=QueryDict("site=head-neck"), by=bob)
    SavedSearch.objects.filter(pk=kept.pk).update(tells=False)
    case = reading.case()

    telling.tell_of_release(case_id=case.pk)
    assert not Notice.objects.exists()


def test_who_follows_and_searches_is_told_once(bob: Member) -> None:
    searches.save(query=QueryDict("site=head-neck"), by=bob)
    searches.save(query=QueryDict("morphology=plaque"), by=bob)
    service.choose_topics(topics=["hair"], by=bob)
    case = reading.case(tags=["hair"])

    telling.tell_of_release(case_id=case.pk)
    assert Notice.objects.count() == 1
    assert told(Kind.FOLLOWED, case) == {"Bob"}


def test_a_closing_is_told_to_who_follows_and_who_looks_for_it(bob: Member, resident: Member, mod1: Member) -> None:
    case = reading.case()
    physician = factories.person("physician")
    service.follow_case(case=case, by=bob)
    service.follow_case(case=case, by=physician)
    Bookmark.objects.create(case=case, member=physician)  # hears of the outcome anyway
    service.choose_topics(topics=["melanocytic-tumour"], by=mod1)
    searches.save(query=QueryDict("diagnosis=melanocytic-tumour"), by=resident)
    searches.save(query=QueryDict("site=head-neck"), by=mod1)  # told of the release
    telling.tell_of_closing(case_id=case.pk)
    assert not Notice.objects.exists()  # it is open

    reading.closed(case, "melanoma")
    telling.tell_of_closing(case_id=case.pk)
    assert told(Kind.FOLLOWED, case) == {"Bob", "Mod1"}
    assert told(Kind.SAVED_SEARCH, case) == {"Resident"}


def test_a_comment_is_told_to_who_follows_the_case(bob: Member, resident: Member, alice: Member) -> None:
    case = reading.case()
    for member in (bob, resident):
        reading.answer(case, member, "melanoma")
        service.follow_case(case=case, by=member)
    comments.add_comment(case=case, by=bob, text="Is it tender?")

    assert told(Kind.FOLLOWED, case) == {"Resident"}


def test_release_and_closing_by_the_services_leave_a_job(alice: Member, bob: Member) -> None:
    made = reading.case(state="submitted")
    gate.release(case=made, by=factories.person("mod1"))
    made.refresh_from_db()
    outcome = Outcome(diagnosis="psoriasis", reference="histopathology")
    closing.close(case=made, by=alice, outcome=outcome)
    kinds = list(Job.objects.filter(subject=made.pk).values_list("kind", flat=True))

    assert {news.RELEASED, news.CLOSED, news.WORDS} <= set(kinds)


@pytest.mark.parametrize("tell", [telling.tell_of_release, telling.tell_of_closing])
def test_a_case_that_is_gone_by_then_is_told_to_nobody(tell: Callable[..., None], bob: Member) -> None:
    case = reading.closed(reading.case(tags=["hair"]), "melanoma")
    service.choose_topics(topics=["hair", "melanocytic-tumour"], by=bob)
    reading.withdraw(case)
    tell(case_id=case.pk)

    assert not Notice.objects.exists()


def test_a_notice_says_no_word_of_the_case(bob: Member) -> None:
    service.choose_topics(topics=["melanocytic-tumour"], by=bob)
    case = reading.closed(reading.case(title="Canary"), "melanoma")
    telling.tell_of_closing(case_id=case.pk)
    row = Notice.objects.get()

    said = " ".join(str(getattr(row, column.attname)) for column in Notice._meta.concrete_fields)
    assert "Canary" not in said
    assert "melan" not in said


# --- Saved searches


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "Search for something"),
        ("sort=urgent", "Search for something"),
        ("q=patient Mrs Ayşe Yılmaz", "name"),
        ("q=05321234567", "number"),
        ("&".join(f"diagnosis={'x' * 3}{n}" for n in range(3)), "Search for something"),
    ],
)
def test_searches_that_are_not_kept(query: str, sentence: str, bob: Member) -> None:
    with refusal(sentence):
        searches.save(query=QueryDict(query), by=bob)
    assert not SavedSearch.objects.exists()


def test_a_search_is_kept_once_and_only_so_many(bob: Member, settings: Any) -> None:
    settings.RULES = settings.RULES | {"saved_searches": 2}
    first = searches.save(query=QueryDict("tag=hair&sort=urgent"), by=bob)
    assert searches.save(query=QueryDict("sort=urgent&tag=hair&nonsense=1"), by=bob) == first
    searches.save(query=QueryDict("tag=nails"), by=bob)
    with refusal("the most there may be"):
        searches.save(query=QueryDict("tag=oral"), by=bob)
    searches.save(query=QueryDict("tag=oral"), by=factories.person("alice"))


def test_a_search_of_very_many_filters_is_refused(bob: Member) -> None:
    from consults.browse import filters

    many = "&".join(f"{facet}={value}" for facet in ("tag", "stain", "site") for value in filters.KNOWN[facet])
    with refusal("more filters"):
        searches.save(query=QueryDict(many), by=bob)


def test_a_search_that_the_vocabulary_no_longer_knows_finds_nothing(bob: Member) -> None:
    kept = SavedSearch.objects.create(member=bob, query="tag=no-such-tag")
    SearchKey.objects.create(search=kept, key="*")
    case = reading.case()

    assert searches.found_by(Listing.objects.select_related("case").get(case=case), closed_only=False) == set()
    assert str(kept) == f"saved search {kept.pk}"
    assert str(SearchKey.objects.get()).startswith("key ")


# --- Pages


def test_the_pages_show_what_is_followed(bob: Member, sign_in: SignIn) -> None:
    case, group = reading.case(title="Followed spot"), group_of("bob")
    client = sign_in(bob)
    assert "None. On the page of a case" in client.get(reverse("consults:following")).content.decode()
    page = client.post(reverse("consults:follow_case", args=[case.pk]), {"follow": "1"}, follow=True)
    assert "You follow this case" in page.content.decode()
    assert "Stop following" in page.content.decode()
    client.post(reverse("consults:follow_group", args=[group.pk]), {"follow": "1"})
    client.post(reverse("consults:choose_topics"), {"topic": ["hair", "bullous"]})

    page = client.get(reverse("consults:following")).content.decode()
    assert "Followed spot" in page
    assert group.name in page
    assert 'value="hair" checked' in page
    assert 'value="nails" checked' not in page

    client.post(reverse("consults:follow_case", args=[case.pk]), {"follow": "0"})
    client.post(reverse("consults:follow_group", args=[group.pk]), {})
    assert [row.topic for row in Following.objects.order_by("topic")] == ["bullous", "hair"]


def test_a_case_that_is_gone_leaves_the_page_without_a_trace(bob: Member, sign_in: SignIn) -> None:
    case = reading.case(title="Followed spot")
    service.follow_case(case=case, by=bob)
    reading.withdraw(case)

    assert "Followed spot" not in sign_in(bob).get(reverse("consults:following")).content.decode()
    erase_content(case=case)
    assert not Following.objects.exists()


def test_searches_are_saved_switched_off_and_deleted(bob: Member, sign_in: SignIn) -> None:
    client = sign_in(bob)
    assert "No saved search" in client.get(reverse("consults:searches")).content.decode()
    page = client.post(reverse("consults:save_search"), {"q": "growing", "tag": "hair"}, follow=True).content.decode()
    assert "“growing” · Hair and scalp" in page
    kept = SavedSearch.objects.get()
    client.post(reverse("consults:change_search", args=[kept.pk]), {"tells": "0"})
    assert SavedSearch.objects.get().tells is False
    assert "Tell me of new cases" in client.get(reverse("consults:searches")).content.decode()
    refused = client.post(reverse("consults:save_search"), {}, follow=True).content.decode()
    assert "Search for something or choose a filter first" in refused
    assert (
        sign_in(factories.person("alice"))
        .post(reverse("consults:change_search", args=[kept.pk]), {"delete": "1"})
        .status_code
        == 404
    )
    client.post(reverse("consults:change_search", args=[kept.pk]), {"delete": "1"})
    assert not SavedSearch.objects.exists()


def test_a_copy_of_one_s_data_has_what_one_follows(bob: Member) -> None:
    service.choose_topics(topics=["hair"], by=bob)
    searches.save(query=QueryDict("tag=hair"), by=bob)
    found = ROOM.export(bob)

    assert [row["topic"] for row in found["following"]] == ["hair"]
    assert [row["query"] for row in found["saved_searches"]] == ["tag=hair"]
    assert str(Following.objects.get()).startswith("following ")
