"""The directory: who is found by what, in which order, and who never is."""

from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.membership import lifecycle
from accounts.models import DirectoryRow, Member
from accounts.profiles import directory
from accounts.profiles.directory import Wanted, refresh, repair, search
from tests import factories
from tests.accounts.profiles.makers import say


@pytest.fixture
def reader(db: None) -> Member:
    return factories.member(name="Zz Reader", country="IS", profession="student")


def found(reader: Member, **wanted: str) -> list[str]:
    return [member.name for member in search(reader, Wanted(**wanted)).members]


@pytest.fixture
def people(reader: Member) -> dict[str, Member]:
    made = {
        "ayse": factories.member(name="Prof. Dr. Ayşe Yılmaz", country="TR"),
        "marta": factories.member(name="Dr Marta Lindqvist", country="SE", profession="dermatopathologist"),
        "ali": factories.member(name="Ali Alican", country="TR", profession="resident"),
        "hana": factories.member(name="山田 花子", country="JP"),
    }
    say(made["ayse"], interests=["hair", "bullous"], languages=["tr", "en"])
    say(made["marta"], interests=["hair"], languages=["sv", "en"])
    return made


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({}, ["Ali Alican", "Prof. Dr. Ayşe Yılmaz", "Dr Marta Lindqvist", "Zz Reader", "山田 花子"]),
        ({"name": "yil"}, ["Prof. Dr. Ayşe Yılmaz"]),
        ({"name": "YILMAZ Ay"}, ["Prof. Dr. Ayşe Yılmaz"]),
        ({"name": "ali"}, ["Ali Alican"]),  # once, though both words begin so
        ({"name": "lmaz"}, []),  # the beginning of a word
        ({"name": "prof"}, []),  # a title is no name
        ({"name": "山田"}, ["山田 花子"]),
        ({"name": "%"}, []),
        ({"name": "a" * 150}, []),
        ({"country": "TR"}, ["Ali Alican", "Prof. Dr. Ayşe Yılmaz"]),
        ({"profession": "resident"}, ["Ali Alican"]),
        ({"interest": "hair"}, ["Prof. Dr. Ayşe Yılmaz", "Dr Marta Lindqvist"]),
        ({"interest": "bullous"}, ["Prof. Dr. Ayşe Yılmaz"]),
        ({"language": "sv"}, ["Dr Marta Lindqvist"]),
        ({"language": "en", "country": "TR"}, ["Prof. Dr. Ayşe Yılmaz"]),
        ({"interest": "hair", "language": "en", "country": "SE", "profession": "dermatopathologist", "name": "l"},
         ["Dr Marta Lindqvist"]),
        ({"interest": "hair", "profession": "resident"}, []),
    ],
)  # fmt: skip
def test_search(reader: Member, people: dict[str, Member], wanted: dict[str, str], names: list[str]) -> None:
    assert found(reader, **wanted) == names


def test_pages_hold_everybody_once(reader: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "PAGE", 3)
    for number in range(8):
        factories.member(name="Same Name" if number % 2 else f"Other {number}")
    seen: list[Any] = []
    after = ""
    for _turn in range(10):
        page = search(reader, Wanted(), after=after)
        seen += [member.pk for member in page.members]
        after = page.after
        if not after:
            break
    assert len(seen) == len(set(seen)) == 9


@pytest.mark.parametrize("after", ["", "x", "x.y", "%.", "é.é", "AAAA", "." * 50])
def test_a_bad_place_begins_anew(reader: Member, people: dict[str, Member], after: str) -> None:
    assert len(search(reader, Wanted(), after=after).members) == 5


LEAVING = {
    "suspended": lambda m: lifecycle.suspend(member=m, by=factories.person("admin"), reason="conduct"),
    "lapsed by date": lambda m: Member.objects.filter(pk=m.pk).update(
        verified_until=timezone.localdate() - timedelta(days=1)
    ),
    "erased": lambda m: Member.objects.filter(pk=m.pk).update(standing="erased"),
    "an officer": lambda m: Member.objects.filter(pk=m.pk).update(is_privacy_officer=True),
    "an administrator": lambda m: Member.objects.filter(pk=m.pk).update(is_staff=True),
    "not wishing it": lambda m: say(m, is_listed=False),
}


@pytest.mark.parametrize("how", LEAVING)
def test_never_listed(how: str, reader: Member, people: dict[str, Member]) -> None:
    """Whether or not the index knows already: rows stay behind where somebody writes past the services."""
    LEAVING[how](people["ayse"])
    for wanted in ({}, {"name": "ayse"}, {"country": "TR"}, {"interest": "bullous"}, {"language": "tr"}):
        assert "Prof. Dr. Ayşe Yılmaz" not in found(reader, **wanted)


def test_the_index_follows_standing_and_saves(people: dict[str, Member]) -> None:
    ayse = people["ayse"]
    mine = DirectoryRow.objects.filter(member=ayse)
    assert set(mine.values_list("facet", flat=True)) == {
        "", "name", "country:TR", "profession:dermatologist", "interest:hair", "interest:bullous", "language:tr",
        "language:en",
    }  # fmt: skip
    lifecycle.suspend(member=ayse, by=factories.person("admin"), reason="conduct")
    assert not mine.exists()
    lifecycle.reinstate(member=ayse, by=factories.person("admin"), reason="resolved")
    assert mine.count() == 9
    ayse.name, ayse.country = "Dr Ayşe Demir", "DE"
    ayse.save()
    assert sorted(bytes(row.key) for row in mine.filter(facet="name")) == [b"ayse demir", b"demir"]
    assert mine.filter(facet="country:DE").exists()
    assert not mine.filter(facet="country:TR").exists()


@pytest.mark.parametrize(("fields", "asked"), [(["password"], 0), (["last_login"], 0), (["name"], 1), (None, 1)])
def test_a_sign_in_costs_the_directory_nothing(people: dict[str, Member], fields: list[str] | None, asked: int) -> None:
    with mock.patch.object(directory, "refresh") as refreshed:
        people["ayse"].save(update_fields=fields)
    assert refreshed.call_count == asked


def test_an_applicant_costs_it_nothing(db: None) -> None:
    with mock.patch.object(directory, "refresh") as refreshed:
        factories.member(standing="applicant", verified_until=None)
    assert refreshed.call_count == 0


def test_repair_finds_whom_nobody_listed(reader: Member, people: dict[str, Member]) -> None:
    DirectoryRow.objects.filter(member=people["ayse"]).delete()
    say(people["marta"], is_listed=False)
    assert found(reader, name="ayse") == []
    assert repair() == 1
    assert found(reader, name="ayse") == ["Prof. Dr. Ayşe Yılmaz"]
    assert repair() == 0


def test_refresh_of_nobody(db: None, reader: Member) -> None:
    pk = reader.pk
    DirectoryRow.objects.filter(member=pk).delete()
    Member.objects.filter(pk=pk).delete()
    refresh(pk)
    assert not DirectoryRow.objects.filter(member=pk).exists()


@pytest.mark.parametrize(
    "wanted",
    [Wanted(), Wanted(name="ay"), Wanted(country="TR"), Wanted(interest="hair", language="tr"), Wanted(name="a b")],
    ids=str,
)
def test_an_index_answers(reader: Member, wanted: Wanted) -> None:
    if connection.vendor == "postgresql":  # a small table is read as a whole otherwise
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
    words = directory.fold_name(wanted.name).split()
    rows = directory._candidates(words, wanted.facets).order_by("key", "member").values_list("key", "member")[:25]
    plan = rows.explain()
    assert "directory_in_order" in plan
    assert "TEMP B-TREE FOR ORDER BY" not in plan


# --- The page


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("", ["Ayşe", "Marta"]),
        ("?name=yil", ["Ayşe"]),
        ("?country=SE", ["Marta"]),
        ("?country=XX&interest=nothing", ["Ayşe", "Marta"]),  # what is not known is left out
        ("?language=sv&interest=hair", ["Marta"]),
    ],
)
def test_the_page(reader: Member, people: dict[str, Member], client: Client, asked: str, names: list[str]) -> None:
    client.force_login(reader)
    body = client.get(reverse("accounts:directory") + asked).content.decode()
    assert [name for name in ("Ayşe", "Marta") if name in body] == names


def test_the_page_says_when_nobody_is_found(reader: Member, client: Client) -> None:
    client.force_login(reader)
    assert "Nobody found" in client.get(reverse("accounts:directory"), {"name": "nobody"}).content.decode()
    say(reader, is_listed=False)
    assert "Nobody is listed yet" in client.get(reverse("accounts:directory")).content.decode()


def test_the_page_leads_on_and_back(reader: Member, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "PAGE", 2)
    for number in range(3):
        factories.member(name=f"Anna {number}")
    client.force_login(reader)
    first = client.get(reverse("accounts:directory"), {"name": "anna"})
    assert "To the beginning" not in first.content.decode()
    second = client.get(reverse("accounts:directory") + first.context["next_href"])
    assert [card.member.name for card in second.context["cards"]] == ["Anna 2"]
    assert (second.context["next_href"], second.context["first_href"]) == ("", "?name=anna")


@pytest.mark.parametrize("number", [3, 30])
def test_eight_queries_at_most(reader: Member, client: Client, number: int, django_assert_max_num_queries: Any) -> None:
    for _one in range(number):
        say(factories.member(), interests=["hair"], languages=["tr"])
    client.force_login(reader)
    client.get(reverse("accounts:directory"))
    for asked in ({}, {"interest": "hair", "language": "tr", "country": "TR", "name": "member"}):
        with django_assert_max_num_queries(8):
            client.get(reverse("accounts:directory"), asked)
