"""No facet, order, search, tag, saved search, notice or similar case tells what is to be answered blind.

Two worlds that differ only in what is hidden look alike to whoever has not answered, whatever they ask for.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from consults.browse import feed, filters
from consults.cases.gate import listing
from consults.following import keys, searches
from consults.models import Answer, Case, Listing, ListingText, ListingVector, Outcome, SearchKey, Suggestion
from consults.similar import embedding, vectors
from consults.similar.finding import similar_cases
from tests import factories
from tests.consults import reading
from vocabulary import diagnoses, tags

SignIn = Callable[[object], Client]
ONE, OTHER = "sebaceous-carcinoma", "lichen-planus"


def questions() -> Iterator[str]:
    """Everything that can be asked of the cases page: each value of each facet, each order, names of what is hidden."""
    named = {code for secret in (ONE, OTHER) for code in tags.groups_of(secret)}
    for facet, values in filters.KNOWN.items():
        for value in sorted(values & named if facet == "diagnosis" else values):
            yield f"{facet}={value}"
    for sort in filters.SORTS:
        yield f"sort={sort}"
    for code in sorted(named):
        one = diagnoses.get(code)
        for name in (one.label, one.turkish, f"#{one.code}", *one.synonyms):
            asked = QueryDict(mutable=True)
            asked["q"] = name
            yield asked.urlencode()
        yield f"diagnosis={code}&sort=discussed&time=week"
        yield f"add=diagnosis:{code}"
        yield f"add_text={code}&status=open"


@pytest.fixture
def hidden(db: None) -> Callable[[str], Case]:
    """A case whose differential, answers, comment and sealed outcome name one diagnosis; call it again to change it."""
    case = reading.case(title="A spot", note="It grows.", kinds=("histology", "dermoscopy"), tags=["growths"])
    reading.closed(reading.case(title="solved", note="It grew."), ONE)
    reading.closed(reading.case(title="solved too", note="It itched."), OTHER)
    reading.answer(case, factories.person("physician"), "melanoma")

    def set_secret(code: str) -> Case:
        Case.objects.filter(pk=case.pk).update(differential=[code])
        Suggestion.objects.filter(answer__case=case).update(code=code)
        Outcome.objects.update_or_create(case=case, defaults={"diagnosis": code, "reference": "histopathology"})
        case.comments.all().delete()
        case.comments.create(author=factories.person("physician"), text=f"Surely {code}.")
        listing.refresh(cases=[case.pk])
        return case

    return set_secret


def everything(member: Member) -> dict[str, Any]:
    """What a member learns of the open case from every question: cards, counts and whether there are more."""
    learnt: dict[str, Any] = {}
    for question in questions():
        page = feed.page(member=member, filters=filters.parse(QueryDict(question)))
        chips = [(facet.name, chip.value, chip.count, chip.more) for facet in page.facets for chip in facet.chips]
        learnt[question] = (page.total, page.more, [card.title for card in page.cards], chips)
    return learnt


@pytest.mark.parametrize("name", ["bob", "student"])
def test_no_question_tells_two_worlds_apart(name: str, hidden: Callable[[str], Case]) -> None:
    member = factories.person(name)
    hidden(ONE)
    learnt = everything(member)
    hidden(OTHER)

    assert everything(member) == learnt


def test_the_test_would_see_a_leak(hidden: Callable[[str], Case], bob: Member) -> None:
    reading.answer(hidden(ONE), bob, "melanoma")
    learnt = everything(bob)
    hidden(OTHER)

    assert everything(bob) != learnt


def test_no_row_that_lists_are_made_of_names_it(hidden: Callable[[str], Case]) -> None:
    case = hidden(ONE)
    row = Listing.objects.get(case=case)

    assert ONE not in [getattr(row, column.attname) for column in Listing._meta.concrete_fields]
    assert ONE.replace("-", "") not in ListingText.objects.get(listing=row).words
    # Kept for those who have answered, and under no other facet.
    assert set(row.marks.filter(value__in=tags.groups_of(ONE)).values_list("facet", flat=True)) == {"differential"}


@pytest.mark.parametrize("question", ["diagnosis=sebaceous-carcinoma", "q=sebaceous carcinoma", "q=%23adnexal-tumour"])
def test_a_saved_search_finds_no_more_than_its_member(
    question: str, hidden: Callable[[str], Case], bob: Member, alice: Member
) -> None:
    for member in (bob, alice):
        searches.save(query=QueryDict(question), by=member)
    case = hidden(ONE)
    found = Listing.objects.select_related("case", "text").get(case=case)

    assert searches.found_by(found, closed_only=False) == set()
    assert searches.found_by(found, closed_only=True) == set()
    reading.closed(Case.objects.get(pk=reading.case(title="new").pk), ONE)
    closed = Listing.objects.select_related("case", "text").get(case__title="new")
    wanted = {bob.pk} if "diagnosis" in question or "%23" in question else set()
    assert searches.found_by(closed, closed_only=True) == wanted


def test_keys_of_an_open_case_name_no_diagnosis(hidden: Callable[[str], Case], bob: Member) -> None:
    searches.save(query=QueryDict("diagnosis=sebaceous-carcinoma"), by=bob)
    assert list(SearchKey.objects.values_list("key", flat=True)) == ["diagnosis:sebaceous-carcinoma"]
    asked = filters.Filters(chosen={"only": frozenset({"unanswered"})})

    assert keys.of_search(asked, texts=[], diagnoses=[]) == {keys.ANY}


def test_similar_cases_are_for_who_has_answered_and_do_not_name_it(
    hidden: Callable[[str], Case], bob: Member, sign_in: SignIn
) -> None:
    case = hidden(ONE)
    client = sign_in(bob)
    address = reverse("consults:similar", args=[case.pk])
    assert client.get(address).status_code == 403
    assert client.get(address, headers={"HX-Request": "true"}).status_code == 403
    assert "similar" not in client.get(reverse("consults:case", args=[case.pk])).content.decode().lower()

    # Beside another case, that bob may know: what is like it does not depend on the hidden diagnosis.
    other = reading.case(title="Another spot", note="It grows too.")
    reading.answer(other, bob, "melanoma")
    seen = [card.title for card in similar_cases(case=other, member=bob)]
    hidden(OTHER)
    assert [card.title for card in similar_cases(case=other, member=bob)] == seen
    assert "A spot" in seen
    page = client.get(reverse("consults:similar", args=[other.pk])).content.decode()
    assert not re.search("sebaceous|lichen", page, re.IGNORECASE)


def test_a_vector_is_of_the_words_alone(
    hidden: Callable[[str], Case], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.COMPARE_MEANINGS = True
    read: list[str] = []
    monkeypatch.setattr(embedding, "embed", lambda texts: read.extend(texts) or [b"\1" * 384 for _text in texts])
    case = hidden(ONE)

    assert vectors.keep(case_ids=[case.pk]) == 1
    assert read == ["A spot\nIt grows."]
    assert ListingVector.objects.count() == 1
    assert Answer.objects.filter(case=case).exists()
