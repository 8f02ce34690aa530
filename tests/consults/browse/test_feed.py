"""The cases page: who sees which cards, facets, search that gives nothing away, paging, few queries."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import Member
from consults.browse import counting, feed, filters
from consults.models import Case, Group, Membership
from tests import factories
from tests.consults import reading

SignIn = Callable[[object], Client]
CASES = reverse("consults:cases")


def titles(client: Client, query: str = "") -> list[str]:
    """The titles of the cards on the page, in order."""
    page = client.get(f"{CASES}{query}").content.decode()
    return re.findall(r'case-card-title"><a href="[^"]+">([^<]+)<', page)


PEOPLE: list[tuple[str, set[str]]] = [
    ("alice", {"for all", "hers", "for nails", "lesson"}),
    ("bob", {"for all", "hers", "lesson"}),
    ("mod1", {"for all", "hers", "for nails", "lesson"}),
    ("resident", {"for all", "hers", "lesson"}),
    ("physician", {"for all", "hers", "lesson"}),
    ("nurse", set()),
    ("student", {"lesson"}),
]


@pytest.mark.parametrize(("name", "expected"), PEOPLE)
def test_each_sees_the_cases_meant_for_them(name: str, expected: set[str], sign_in: SignIn) -> None:
    alice, mod1 = factories.person("alice"), factories.person("mod1")
    group = Group.objects.create(name="Nails")
    for member in (alice, mod1):
        Membership.objects.create(group=group, member=member)
    reading.case(mod1, title="for all")
    reading.case(alice, title="hers")
    reading.case(alice, title="for nails", group=group)
    reading.closed(reading.case(alice, title="lesson", kind="teaching"), "psoriasis")
    reading.case(alice, title="draft", state="draft")
    reading.case(alice, title="submitted", state="submitted")
    reading.withdraw(reading.case(alice, title="withdrawn"))
    lapsed = factories.member(verified_until=timezone.localdate() - timedelta(days=1))
    reading.case(lapsed, title="of a lapsed author")

    assert set(titles(sign_in(factories.person(name)))) == expected


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("alice", 200),
        ("nurse", 200),
        ("student", 200),
        ("mod1", 200),
        ("applicant", 403),
        ("officer", 403),
        ("admin", 403),
        ("lapsed", 403),
    ],
)
def test_who_enters(name: str, status: int, sign_in: SignIn) -> None:
    client = sign_in(factories.person(name))

    assert client.get(CASES).status_code == status
    assert client.get(reverse("consults:diagnoses")).status_code == status


def test_outsiders_sign_in_first(db: None) -> None:
    assert Client().get(CASES).status_code == 302


def test_card_says_what_it_should(bob: Member, sign_in: SignIn) -> None:
    case = reading.case(kinds=("dermoscopy", "close-up"), title="Dark spot")
    for name in ("physician", "resident"):
        reading.answer(case, factories.person(name), "melanoma")
    page = sign_in(bob).get(CASES).content.decode()

    assert 'alt="Cheek, Dermoscopy"' in page
    for words in ("Dark spot", "60–69 years", "What is the diagnosis?", "2 answers", "No dermatologist yet", "New"):
        assert words in page
    assert "Melanoma" not in page


def test_thumbnail_of_a_changed_rendition_is_not_linked(bob: Member, sign_in: SignIn) -> None:
    case = reading.case()
    thumbnail = case.pictures.get().photo.renditions.get(name="thumbnail")
    thumbnail.sha256 = "f" * 64
    thumbnail.save()

    assert str(thumbnail.pk) not in sign_in(bob).get(CASES).content.decode()


# --- Facets


@pytest.fixture
def four(db: None) -> dict[str, Case]:
    """Four cases that differ."""
    return {
        "spot": reading.case(title="spot", kinds=("dermoscopy",), hours_ago=4),
        "rash": reading.case(title="rash", site="chest", morphology="papule", hours_ago=3),
        "slide": reading.case(title="slide", site="shin", kinds=("histology", "close-up"), hours_ago=2),
        "old": reading.closed(reading.case(title="old", site="lip", kind="teaching", hours_ago=90), "psoriasis"),
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["slide", "rash", "spot", "old"]),
        ("?site=head-neck", ["spot", "old"]),
        ("?site=head-neck&site=trunk", ["rash", "spot", "old"]),
        ("?morphology=papule", ["rash"]),
        ("?picture=histology", ["slide"]),
        ("?picture=close-up&picture=dermoscopy", ["slide", "rash", "spot", "old"]),
        ("?kind=teaching", ["old"]),
        ("?status=open", ["slide", "rash", "spot"]),
        ("?status=open&site=head-neck", ["spot"]),
        ("?only=unanswered", ["slide", "rash"]),
        ("?only=no_dermatologist", ["slide", "rash", "spot"]),
        ("?only=unanswered&only=no_dermatologist", ["slide", "rash"]),
        ("?sort=fewest", ["slide", "rash", "old", "spot"]),
        ("?site=nonsense&status=%00&group=x&sort=y&after=z", ["slide", "rash", "spot", "old"]),
        ("?site=anogenital", []),
    ],
)
def test_filters(query: str, expected: list[str], four: dict[str, Case], physician: Member, sign_in: SignIn) -> None:
    reading.answer(four["spot"], physician, "melanoma")

    assert titles(sign_in(physician), query) == expected


def test_a_chip_tells_how_many_remain_when_it_is_chosen(four: dict[str, Case], bob: Member) -> None:
    begun = filters.Filters(chosen={"status": frozenset({"open"})})
    chips = [
        (filters.parse(QueryDict(chip.href.lstrip("?"))), chip.count)
        for facet in feed.page(member=bob, filters=begun).facets
        if facet.name != "status"
        for chip in facet.chips
    ]

    counted = [(asked, count) for asked, count in chips if count is not None]  # a diagnosis says none: it would tell
    assert len(counted) >= 8
    for asked, count in counted:
        assert feed.page(member=bob, filters=asked).total == count


def test_status_counts_are_not_narrowed_by_the_chosen_status(four: dict[str, Case], bob: Member) -> None:
    page = feed.page(member=bob, filters=filters.Filters(chosen={"status": frozenset({"closed"})}))
    counts = {str(chip.label): chip.count for facet in page.facets if facet.name == "status" for chip in facet.chips}

    assert page.total == 1
    assert counts == {"Open": 3, "Closed": 1}


def test_own_and_closed_cases_do_not_wait_for_me(four: dict[str, Case], alice: Member, sign_in: SignIn) -> None:
    assert titles(sign_in(alice), "?only=unanswered") == []


# --- Search


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("growing", True),
        ("GROWING sun-exposed", True),
        ("cheek", True),
        ("face", True),  # the cheek lies within
        ("plaq", True),
        ("cheek bulla", False),
        ("shin", False),
        ("%", False),
        ("xyzzy", False),
    ],
)
def test_search_over_words_and_codes(words: str, expected: bool, bob: Member) -> None:
    reading.case()
    asked = filters.Filters(q=words)

    assert feed.page(member=bob, filters=asked).total == int(expected)


@pytest.mark.parametrize(
    ("words", "text", "expected"),
    [
        ("AK", "A weak spot, like any other.", False),  # no part of a word
        ("AK", "Acne vulgaris, perhaps.", False),  # nor the beginning of "akne"
        ("AK", "Actinic keratosis?", True),
        ("AK", "An AK, I think.", True),
        ("SCC", "Squamous cell carcinoma of the ear?", True),
        ("SCC", "Bowen disease, or SCC in situ.", True),  # the words stand there
        ("SCC", "Basal cell carcinoma.", False),
        ("scc", "Suspected cSCC.", True),
        ("squamous cell carcinoma", "A typical SCC.", False),  # short names are other things in a text
        ("50", "Takes 50 mg daily.", True),
        ("50", "Since 1950.", False),
        ("64", "Nothing else.", True),  # the band of 60 to 69 years
        ("70", "Nothing else.", False),
        ("64 keratosis", "Actinic keratosis?", True),
        ("50 keratosis", "Actinic keratosis?", False),
        ("PL", "A plaque.", False),
    ],
)
def test_search_for_abbreviations_and_numbers(words: str, text: str, expected: bool, bob: Member) -> None:
    reading.case(title="Spot", note=text)

    assert feed.page(member=bob, filters=filters.Filters(q=words)).total == int(expected)


def test_search_knows_synonyms(bob: Member) -> None:
    reading.case(title="Basal cell carcinoma on the nose?")

    assert feed.page(member=bob, filters=filters.Filters(q="BCC")).total == 1


@pytest.mark.parametrize(
    ("reader", "expected"),
    [("not answered", 0), ("answered", 1), ("reads only", 1), ("author", 1)],
)
def test_search_does_not_betray_the_working_differential(reader: str, expected: int, bob: Member) -> None:
    case = reading.case(title="A spot", note="It grows.", differential=["melanoma"])
    if reader == "answered":
        reading.answer(case, bob, "psoriasis")
    elif reader == "reads only":
        reading.answer(case, bob)
    member = case.author if reader == "author" else bob

    assert feed.page(member=member, filters=filters.Filters(q="melanoma")).total == expected


def test_search_finds_the_outcome_of_closed_cases(bob: Member) -> None:
    reading.closed(reading.case(title="A spot", note="It grew."), "melanoma")

    assert feed.page(member=bob, filters=filters.Filters(q="melanoma")).total == 1


# --- Pages


@pytest.mark.parametrize("sort", filters.SORTS)
def test_pages_cover_every_case_once(sort: str, bob: Member) -> None:
    same = timezone.now() - timedelta(hours=2)
    made = [reading.case(title=f"case {n}") for n in range(11)]
    Case.objects.filter(pk__in=[case.pk for case in made[:5]]).update(released_at=same)
    for case in made[3:7]:
        reading.answer(case, factories.person("physician"), "psoriasis")
    asked, after, seen = filters.Filters(sort=sort), "", []
    while True:
        page = feed.page(member=bob, filters=asked, after=after, size=3)
        seen += [card.pk for card in page.cards]
        after = page.after
        if not after:
            break
    whole = feed.page(member=bob, filters=asked, size=50)

    assert len(seen) == len(set(seen)) == 11
    assert seen == [card.pk for card in whole.cards]


@pytest.mark.parametrize("after", ["", "x", "1", "1-2-3-4", "a-b", "99999999999999999999-" + "0" * 32, "5-zz", "\0-\0"])
def test_a_foreign_cursor_is_the_beginning(after: str, bob: Member, sign_in: SignIn) -> None:
    reading.case(title="only")

    assert titles(sign_in(bob), f"?after={after}") == ["only"]


def test_the_next_page_link_keeps_the_filters(bob: Member, sign_in: SignIn) -> None:
    for number in range(feed.PAGE_SIZE + 1):
        reading.case(title=f"case {number}", hours_ago=number)
    client = sign_in(bob)
    page = client.get(f"{CASES}?morphology=plaque")
    href = page.context["next_href"]

    assert len(page.context["page"].cards) == feed.PAGE_SIZE
    assert "morphology=plaque" in href
    assert titles(client, href) == [f"case {feed.PAGE_SIZE}"]


# --- Queries, parts, empty states


@pytest.mark.parametrize("cases", [1, 12])
def test_the_list_needs_few_queries(
    cases: int, bob: Member, sign_in: SignIn, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for number in range(cases):
        reading.case(title=f"case {number}", kinds=("close-up", "dermoscopy"))
    asked = filters.Filters(q="case", chosen={"status": frozenset({"open"})})

    with django_assert_max_num_queries(8):
        feed.page(member=bob, filters=asked)
    client = sign_in(bob)
    with django_assert_max_num_queries(8):  # with session, member and the session's renewal
        client.get(CASES)


@pytest.mark.parametrize("name", ["bob", "nurse", "student", "resident"])
def test_every_reader_s_list_needs_few_queries(
    name: str, sign_in: SignIn, django_assert_max_num_queries: Callable[..., object]
) -> None:
    member = factories.person(name)
    Member.objects.filter(pk=member.pk).update(supervisor=factories.person("bob" if name != "bob" else "alice"))
    ward = Group.objects.create(name="Ward", open_to_nurses=True)
    Membership.objects.create(group=ward, member=member)
    reading.case(group=ward)
    reading.closed(reading.case(kind="teaching"), "psoriasis")
    client = sign_in(member)
    for query in ("", "?sort=fewest", "?site=head-neck", "?only=unanswered", "?status=open&site=head-neck"):
        with django_assert_max_num_queries(8):
            assert client.get(CASES + query).status_code == 200


def test_who_has_answered_many_is_told_the_least_there_are(bob: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST_ANSWERED", 1)
    monkeypatch.setattr(counting, "BOUND", 2)
    for number in range(5):
        case = reading.case(title=f"case {number}")
        if number < 2:
            reading.answer(case, bob, "psoriasis")

    page = feed.page(member=bob, filters=filters.Filters())
    chips = {(facet.name, chip.value): chip for facet in page.facets for chip in facet.chips}
    assert (page.total, page.more) == (5, False)
    assert (chips["only", "unanswered"].count, chips["only", "unanswered"].more) == (2, True)
    assert (chips["status", "open"].count, chips["status", "open"].more) == (5, False)
    chosen = feed.page(member=bob, filters=filters.Filters(chosen={"only": frozenset({"unanswered"})}))
    assert (chosen.total, chosen.more, len(chosen.cards)) == (2, True, 3)


def test_what_a_student_may_not_answer_is_not_counted_as_unanswered(
    student: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "MOST_ANSWERED", -1)
    reading.closed(reading.case(kind="teaching"), "psoriasis")

    page = feed.page(member=student, filters=filters.Filters())
    assert "unanswered" not in {chip.value for facet in page.facets for chip in facet.chips}
    assert page.total == 1


def test_names_on_cards_and_chips_follow_the_language(bob: Member) -> None:
    reading.case(title="only")
    seen = {}
    for language in ("en", "tr", "en"):
        with translation.override(language):
            page = feed.page(member=bob, filters=filters.Filters())
            seen[language] = (page.cards[0].site, page.facets[1].chips[0].label)
    assert seen["en"] != seen["tr"]


@pytest.mark.parametrize(
    ("headers", "has_frame", "has_search"),
    [
        ({}, True, True),
        ({"HX-Request": "true", "HX-Target": "feed"}, False, True),
        ({"HX-Request": "true", "HX-Target": "more"}, False, False),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, True, True),
    ],
)
def test_htmx_gets_the_part_it_asks_for(
    headers: dict[str, str], has_frame: bool, has_search: bool, bob: Member, sign_in: SignIn
) -> None:
    reading.case(title="only")
    page = sign_in(bob).get(CASES, headers=headers).content.decode()

    assert ("<html" in page) is has_frame
    assert ('role="search"' in page) is has_search
    assert "only" in page


@pytest.mark.parametrize(
    ("query", "words"), [("", "No cases yet"), ("?q=xyzzy", "Nothing matches"), ("?site=nails", "Nothing matches")]
)
def test_empty_states_name_the_next_step(query: str, words: str, bob: Member, sign_in: SignIn) -> None:
    page = sign_in(bob).get(f"{CASES}{query}").content.decode()

    assert words in page


def test_type_ahead_answers_with_codes(bob: Member, sign_in: SignIn) -> None:
    found = sign_in(bob).get(reverse("consults:diagnoses"), {"q": "bcc"}).json()

    assert found[0] == {"code": "bcc", "label": "Basal cell carcinoma", "note": "BCC"}
    assert sign_in(bob).get(reverse("consults:diagnoses")).json() == []
