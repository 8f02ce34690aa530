"""Search: what is found is what the documents say, however far back, and the work is bounded."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from consults.browse import counting, feed, search
from consults.browse.filters import Filters
from consults.cases.gate import full_text, listing
from consults.models import Group, Listing, ListingText, Membership
from tests import factories
from tests.consults import reading

HOURS = (1, 2, 30, 31, 60, 24 * 40, 24 * 41, 24 * 400, 24 * 800)


@pytest.fixture
def old(db: None, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Cases of years: each has "zebra", every second "okapi", the last "quagga". Few are looked at first."""
    monkeypatch.setattr(search, "LATEST", 4)
    return [
        reading.case(title="zebra" + " okapi" * (number % 2) + " quagga" * (number == len(HOURS) - 1), hours_ago=hours)
        for number, hours in enumerate(HOURS)
    ]


def found(member: Member, words: str, *, most: int, exactly: bool = True) -> tuple[list[Any], bool]:
    reach = listing.reach_of(member)
    assert reach is not None
    rows, whole = search.newest(
        listing.parts(reach),
        asked=search.wanted(words, reach=reach),
        names=("released_at", "case_id"),
        most=most,
        exactly=exactly,
    )
    return [row[1] for row in rows], whole


@pytest.mark.parametrize("most", [1, 2, 4, 5, 9, 20])
@pytest.mark.parametrize("word", ["zebra", "okap", "quagga", "nothing"])
def test_the_newest_are_found_however_far_back(word: str, most: int, old: list[Any], bob: Member) -> None:
    match = {"zebra": old, "okap": old[1::2], "quagga": old[-1:], "nothing": []}[word]
    expected = [case.pk for case in match]

    assert found(bob, word, most=most) == (expected[:most], most > len(expected))

    newest, whole = found(bob, word, most=most, exactly=False)
    # Perhaps fewer, and then it says so; never one before a newer one.
    assert newest == expected[: len(newest)]
    assert newest == expected[:most] or not whole


@pytest.mark.parametrize(
    ("sort", "filtered"), [("newest", False), ("newest", True), ("fewest", False), ("fewest", True)]
)
def test_pages_of_a_search_cover_every_case_once(
    sort: str, filtered: bool, old: list[Any], bob: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "BOUND", 3 if sort == "newest" else 100)
    monkeypatch.setattr(search, "LATEST", 100 if sort == "fewest" else 4)
    reading.answer(old[0], factories.person("physician"), "psoriasis")
    listing.refresh(cases=[old[0].pk])
    chosen = {"status": frozenset({"open"})} if filtered else {}
    asked, after, seen = Filters(q="zebra", sort=sort, chosen=chosen), "", []
    while True:
        page = feed.page(member=bob, filters=asked, after=after, size=2)
        seen += [card.pk for card in page.cards]
        after = page.after
        if not after:
            break

    order = [case.pk for case in old] if sort == "newest" else [case.pk for case in (*old[1:], old[0])]
    assert seen == order
    assert page.more is (sort == "newest")


def test_by_fewest_answers_only_the_newest_of_many_are_put_in_order(
    old: list[Any], bob: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consults.browse.counting.BOUND", 2)
    monkeypatch.setattr("consults.browse.feed.BOUND", 2)
    for chosen in ({}, {"status": frozenset({"open"})}):
        page = feed.page(member=bob, filters=Filters(q="zebra", sort="fewest", chosen=chosen))
        assert [card.pk for card in page.cards] == [case.pk for case in old[:2]]
        assert (page.total, page.more, page.after) == (2, True, "")


def test_a_differential_of_ones_own_is_found_beside_the_words(old: list[Any], bob: Member, alice: Member) -> None:
    named = reading.case(bob, title="A spot", note="It grows.", differential=["melanoma"], hours_ago=50)
    told = reading.case(alice, title="Melanoma?", hours_ago=3)
    other = reading.case(alice, title="A spot", note="It grows.", differential=["melanoma"])

    assert found(bob, "melanoma", most=5) == ([told.pk, named.pk], True)
    assert found(bob, "melanoma", most=1)[0] == [told.pk]
    assert other.pk in found(alice, "melanoma", most=5)[0]


def test_nobody_finds_what_is_not_for_them(old: list[Any], nurse: Member, student: Member) -> None:
    ward = Group.objects.create(name="Ward", open_to_nurses=True)
    Membership.objects.create(group=ward, member=nurse)
    inside = reading.case(title="zebra", group=ward)
    closed = reading.closed(reading.case(title="zebra", kind="teaching"), "psoriasis")

    assert found(nurse, "zebra", most=9) == ([inside.pk], True)
    assert found(student, "zebra", most=9) == ([closed.pk], True)


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (datetime(2026, 2, 27, tzinfo=UTC), ["+20260227", "+20260228", "+20260301"]),
        (datetime(2025, 11, 30, tzinfo=UTC), [f"+{month}" for month in (202511, 202512, 202601, 202602, 202603)]),
        (datetime(2019, 1, 1, tzinfo=UTC), [f"+{year}" for year in range(2019, 2027)]),
    ],
)
def test_words_for_a_time(start: datetime, expected: list[str]) -> None:
    assert full_text.words_of_time(start, datetime(2026, 3, 1, 12, tzinfo=UTC)) == expected


def test_every_document_has_the_words_of_its_time_and_no_text_asks_for_them(old: list[Any]) -> None:
    for row in Listing.objects.select_related("text"):
        for span in (timedelta(), timedelta(days=100), timedelta(days=3000)):
            asked = full_text.words_of_time(row.released_at - span, row.released_at)
            assert not set(asked).isdisjoint(row.text.words.split())
    assert full_text.tokens("+2026 c++ + a") == ["2026", "c++", "a"]
    ListingText.objects.update(words="nothing")
    assert not Listing.objects.filter(full_text.matching("")).exists()
    assert not Listing.objects.filter(full_text.matching_of_few("", least=0)).exists()


@pytest.mark.parametrize("note", ["Zebroid plaques, CD30+", "Kaşıntılı lezyonlar; plakoid", "Patients' plaquette"])
def test_every_beginning_of_a_word_finds_it_common_or_not(alice: Member, note: str) -> None:
    cases = [reading.case(alice, title=title, note=text) for title, text in (("Itchy", note), ("Else", "A plexus."))]
    words = {case.pk: {word.lstrip("+") for word in case.listing.text.words.split()} for case in cases}
    for word in full_text.tokens(note):
        for end in range(full_text.LEAST_TO_COMPLETE, len(word) + 1):
            asked = full_text.query(words=[word[:end]])
            rows = Listing.objects.filter(full_text.matching(asked)).values_list("case", flat=True)
            begun = {pk for pk, all_of_it in words.items() if any(one.startswith(word[:end]) for one in all_of_it)}
            assert set(rows) == begun, word[:end]
            assert cases[0].pk in begun
        assert not Listing.objects.filter(full_text.matching(full_text.query(words=[word + "x"]))).exists()


def test_what_many_texts_have_stands_in_no_document_as_a_beginning(alice: Member) -> None:
    listed = reading.case(alice, title="A plaque", note="The patient says: zebroid.", site="elbow").listing
    marked = {word for word in listed.text.words.split() if word.startswith("++")}
    assert marked == {"++says", "++zebroid"}


def test_how_far_back_to_look_follows_from_how_common_the_words_are() -> None:
    until = timezone.now() - timedelta(days=400)  # nothing was released since: that makes no word rarer

    def start(hits: int, days: int) -> Any:
        return search._start_for(100, hits=hits, since=until - timedelta(days=days), until=until)

    assert start(hits=1, days=1) is None
    assert start(hits=2, days=3000) is None  # before all times is all times
    assert start(hits=50, days=1) == until - timedelta(days=4)


def test_the_page_of_a_search_needs_few_queries(
    old: list[Any], bob: Member, sign_in: Callable[[object], Client], django_assert_max_num_queries: Any
) -> None:
    client = sign_in(bob)
    client.get(reverse("consults:cases"))
    for query in ("?q=zebra", "?q=okapi", "?q=quagga", "?q=melanoma&status=open", "?q=zebra&status=open&sort=fewest"):
        with django_assert_max_num_queries(10):  # with session and member
            assert client.get(reverse("consults:cases") + query).status_code == 200
