"""One picture asked from its key, and what somebody sees: the answers of the gate's lists, on every combination."""

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from accounts.models import Member
from consults.cases import gate, media
from consults.models import Case
from imaging.models import Rendition
from tests import gate_world
from tests.consults import reading
from tests.consults.new_case import JPEG
from tests.gate_world import PEOPLE, Row, World
from tests.matrix import journey

# Asked without the cache of compiled queries as well, which is slow: of every fifth picture.
BUILT = ("mod1", "nurse in ward", "anonymous")
EVERY = 5


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """Every combination once; on Postgres, which plans each question anew for 20 ms, every eleventh."""
    every = list(dict.fromkeys(gate_world.all_rows()))
    return every[:: {"postgresql": 11}.get(connections["default"].vendor, 1)]


def test_asked_from_its_key_or_from_the_list(db: None, rows: list[Row]) -> None:
    world = World(iter(rows))
    if connections["default"].vendor == "postgresql":  # it knows these tables as other tests left them: empty and large
        connections["default"].cursor().execute("ANALYZE")
    wrong = []
    for who in PEOPLE:
        member = world.members[who.name]
        listed = set(gate.servable_renditions(member).values_list("pk", flat=True))
        for number, (pk, row) in enumerate(world.pictures.items()):
            asked = {media.servable(member, pk) is not None} if isinstance(member, Member) else set()
            if who.name in BUILT and number % EVERY == 0:
                asked.add(gate.servable_rendition(member, pk).exists())
            if asked and asked != {pk in listed}:
                wrong.append((who.name, row, pk in listed, asked))
    assert wrong[:5] == []


def test_somebody_is_anybody(db: None, rows: list[Row]) -> None:
    world = World(iter(rows))
    seen: set[object] = set()
    for member in world.members.values():
        seen |= set(gate.visible_cases(member).values_list("pk", flat=True))
    assert seen
    assert set(gate.visible_cases(gate.SOMEBODY).values_list("pk", flat=True)) == seen
    assert not gate.visible_cases(object()).exists()
    Member.objects.exclude(profession="student").update(standing="suspended")
    assert not gate.visible_cases(gate.SOMEBODY).exists()  # no author is verified


def test_somebody_must_be_in_the_audience(db: None) -> None:
    """An author who may not see cases does not count as a reader; a student alone sees closed teaching cases only."""
    world = World(iter([Row("released", "all", "same"), Row("closed", "all", "same", teaching=True)]))
    alice = world.members["alice"]
    assert isinstance(alice, Member)
    Member.objects.exclude(pk=alice.pk).exclude(profession="student").update(standing="suspended")
    assert gate.visible_cases(gate.SOMEBODY).count() == 2
    Member.objects.filter(pk=alice.pk).update(is_privacy_officer=True)
    assert set(gate.visible_cases(gate.SOMEBODY)) == set(Case.objects.filter(state="closed"))


def test_a_picture_takes_four_queries(bob: Member) -> None:
    reading.case(data=JPEG)
    client = journey.client_of(bob)
    address = f"/m/{Rendition.objects.get(name='display').pk}/"
    assert client.get(address).status_code == 200
    with CaptureQueriesContext(connections["default"]) as rows, CaptureQueriesContext(connections["keys"]) as keys:
        assert client.get(address).status_code == 200
    assert [len(rows), len(keys)] == [3, 1], [one["sql"][:60] for one in rows.captured_queries]
