"""A member's own profile: what is taken, what is refused with which sentence, and the order of lines."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import Member, Position, Profile, Publication, Training
from accounts.profiles import service
from accounts.profiles.models import profile_of
from tests import factories
from tests.accounts.profiles.makers import full_profile, say
from vocabulary import interests, languages

ORCID = "0000-0002-1825-0097"
EDIT = "/me/profile/"


@pytest.fixture
def mine(client: Client, alice: Member) -> Client:
    client.force_login(alice)
    return client


def test_a_whole_profile_is_saved(mine: Client, alice: Member) -> None:
    answer = mine.post(
        EDIT,
        {
            "about": "I work with hair.", "subspecialties": ["hair", "oncology"], "diseases": ["bullous"],
            "another_language": "tr", "orcid": f"https://orcid.org/{ORCID}", "is_listed": "on",
            "shows_calibration": "on",
        },
    )  # fmt: skip
    assert (answer.status_code, answer["Location"]) == (302, EDIT)
    saved = Profile.objects.get(member=alice)
    assert saved.about == "I work with hair."
    assert saved.interests == ["hair", "oncology", "bullous"]
    assert saved.languages == ["tr"]
    assert (saved.orcid, saved.orcid_confirmed_at) == (ORCID, None)
    assert (saved.is_listed, saved.shows_calibration) == (True, True)
    mine.post(EDIT, {"languages": ["tr"], "another_language": "en"})
    saved.refresh_from_db()
    assert saved.languages == ["tr", "en"]
    assert (saved.about, saved.interests, saved.orcid, saved.is_listed) == ("", [], "", False)
    mine.post(EDIT, {"languages": ["en"]})
    saved.refresh_from_db()
    assert saved.languages == ["en"]


def test_nothing_is_compulsory(mine: Client) -> None:
    assert mine.post(EDIT, {}).status_code == 302


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"about": "My patient Mrs Smith, seen on 3 May 2021."}, "could name a patient"),
        ({"about": "Call me: +90 532 123 45 67"}, "could name a patient"),
        ({"about": "x" * 2001}, "at most 2000 characters"),
        ({"orcid": "0000-0002-1825-0098"}, "no ORCID iD"),
        ({"subspecialties": ["gardening"]}, "gardening"),
        ({"diseases": ["psoriasis"]}, "psoriasis"),  # a diagnosis and no group
        ({"languages": ["xx"]}, "xx"),
        ({"another_language": "xx"}, "xx"),
        ({"subspecialties": interests.Subspecialty.values[:13]}, "Choose 12 at most."),
        ({"languages": [*languages.codes()][:12], "another_language": "zu"}, "Choose 12 at most."),
    ],
)
def test_refused_with_a_sentence(mine: Client, alice: Member, sent: dict[str, Any], words: str) -> None:
    answer = mine.post(EDIT, sent)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Profile.objects.filter(member=alice).exists()


def test_what_was_typed_stays(mine: Client) -> None:
    body = mine.post(EDIT, {"about": "x" * 2001, "languages": ["sv"]}).content.decode()
    assert "x" * 2001 in body
    assert re.search(r'value="sv" id="id_languages_0" checked', body)


def test_an_id_that_another_confirmed_is_refused(mine: Client, bob: Member) -> None:
    say(bob, orcid=ORCID)
    assert mine.post(EDIT, {"orcid": ORCID}).status_code == 302  # bob only says so
    say(bob, orcid_confirmed_at=timezone.now())
    assert "Another member has confirmed this iD" in mine.post(EDIT, {"orcid": ORCID}).content.decode()


def test_a_confirmed_id_is_not_changed_by_hand(mine: Client, alice: Member) -> None:
    say(alice, orcid=ORCID, orcid_confirmed_at=timezone.now())
    mine.post(EDIT, {"orcid": "0000-0002-1694-233X"})
    assert Profile.objects.get(member=alice).orcid == ORCID
    # Nor by a form that was opened before it was confirmed.
    assert say(alice, orcid="0000-0002-1694-233X", about="Saved all the same.").orcid == ORCID


@pytest.mark.parametrize("who", ["officer", "admin", "applicant", "lapsed", "suspended"])
def test_nobody_outside_has_a_profile_to_change(client: Client, who: str) -> None:
    client.force_login(factories.person(who))
    assert client.post(EDIT, {"about": "I am here."}).status_code == 403
    assert not Profile.objects.exists()


# --- Lines

NOW = date.today().year  # noqa: DTZ011 - years are the same everywhere but for a night
LINES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("training", {"degree": "MD", "specialty": "Dermatology", "institution": "Lake", "from_year": "2004",
                  "until_year": "2010"}, {"degree": "MD", "from_year": 2004, "until_year": 2010}),
    ("training", {"degree": "MD"}, {"degree": "MD", "from_year": None}),
    ("position", {"title": "Consultant", "from_year": "2015"}, {"title": "Consultant", "until_year": None}),
    ("publication", {"number": "PMID: 31995121"}, {"pmid": "31995121", "doi": "", "words": ""}),
    ("publication", {"number": "https://doi.org/10.1111/BJD.1"}, {"doi": "10.1111/bjd.1"}),
    ("publication", {"words": "Lee AB, et al. JAMA Dermatol 2020;156(4):401-408."}, {"doi": "", "pmid": ""}),
]  # fmt: skip
MODELS = {"training": Training, "position": Position, "publication": Publication}


@pytest.mark.parametrize(("kind", "sent", "kept"), LINES)
def test_a_line_is_added(mine: Client, alice: Member, kind: str, sent: dict[str, Any], kept: dict[str, Any]) -> None:
    address = reverse("accounts:line_new", args=[kind])
    assert mine.get(address).status_code == 200
    answer = mine.post(address, sent)
    assert (answer.status_code, answer["Location"]) == (302, f"{EDIT}#{kind}")
    line: Any = MODELS[kind].objects.get(member=alice)
    assert {name: getattr(line, name) for name in kept} == kept
    assert mine.get(EDIT).status_code == 200


@pytest.mark.parametrize(
    ("kind", "sent", "words"),
    [
        ("training", {}, "Write the degree or the title."),
        ("training", {"degree": "MD", "from_year": "2010", "until_year": "2004"}, "before the first year"),
        ("training", {"degree": "MD", "from_year": "204"}, "four digits"),
        ("training", {"degree": "MD", "from_year": "soon"}, "four digits"),
        ("training", {"degree": "MD", "until_year": str(NOW + 11)}, "too far ahead"),
        ("training", {"degree": "x" * 151}, "150"),
        ("position", {}, "Write what you do or did there."),
        ("publication", {}, "Give a DOI or a PubMed id"),
        ("publication", {"number": "see my homepage"}, "neither a DOI"),
        ("publication", {"number": "10.1001", "words": "A paper"}, "neither a DOI"),
    ],
)
def test_a_line_is_refused(mine: Client, kind: str, sent: dict[str, Any], words: str) -> None:
    answer = mine.post(reverse("accounts:line_new", args=[kind]), sent)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not MODELS[kind].objects.exists()


def test_a_line_is_changed_and_deleted(mine: Client, alice: Member) -> None:
    service.add_line(Publication(doi="10.1111/bjd.1"), member=alice)
    line = Publication.objects.get()
    at = reverse("accounts:line", args=["publication", line.pk])
    assert 'value="10.1111/bjd.1"' in mine.get(at).content.decode()
    assert mine.post(at, {"number": "31995121", "words": "Now in PubMed"}).status_code == 302
    line.refresh_from_db()
    assert (line.doi, line.pmid, line.words) == ("", "31995121", "Now in PubMed")
    assert mine.post(at, {}).status_code == 422
    assert mine.post(reverse("accounts:line_delete", args=["publication", line.pk])).status_code == 302
    assert not Publication.objects.exists()


def test_another_members_line_is_not_there(mine: Client, bob: Member) -> None:
    full_profile(bob)
    for kind, model in MODELS.items():
        pk = model.objects.get(member=bob).pk
        for name in ("line", "line_delete", "line_move"):
            answer = mine.post(reverse(f"accounts:{name}", args=[kind, pk]), {"degree": "Mine", "title": "Mine"})
            assert answer.status_code == 404
        assert model.objects.filter(member=bob).exists()


@pytest.mark.parametrize("name", ["line_new", "line", "line_delete", "line_move"])
def test_there_are_three_kinds(mine: Client, alice: Member, name: str) -> None:
    args = ["hobby"] if name == "line_new" else ["hobby", alice.pk]
    assert mine.post(reverse(f"accounts:{name}", args=args)).status_code == 404


def test_lines_are_put_in_order(mine: Client, alice: Member) -> None:
    for degree in ("C", "B", "A"):  # a new one stands in front
        service.add_line(Training(degree=degree), member=alice)

    def order() -> str:
        return "".join(alice.trainings.values_list("degree", flat=True))

    def move(degree: str, to: str) -> None:
        at = reverse("accounts:line_move", args=["training", alice.trainings.get(degree=degree).pk])
        assert mine.post(at, {"to": to}).status_code == 302

    assert order() == "ABC"
    for degree, to, after in (("A", "down", "BAC"), ("C", "up", "BCA"), ("B", "up", "BCA"), ("A", "down", "BCA")):
        move(degree, to)
        assert order() == after


def test_there_is_an_end_of_lines(mine: Client, alice: Member, settings: Any) -> None:
    settings.RULES = settings.RULES | {"profile_lines": 1}
    service.add_line(Training(degree="MD"), member=alice)
    answer = mine.post(reverse("accounts:line_new", args=["training"]), {"degree": "PhD"})
    assert "There are many lines already." in answer.content.decode()
    assert mine.post(reverse("accounts:line_new", args=["position"]), {"title": "Head"}).status_code == 302


@pytest.mark.parametrize("number", [1, 20])
def test_the_page_asks_no_more_for_more_lines(
    mine: Client, alice: Member, number: int, django_assert_max_num_queries: Any
) -> None:
    for _one in range(number):
        full_profile(alice)
    mine.get(EDIT)
    with django_assert_max_num_queries(8):
        mine.get(EDIT)


# --- The database refuses too


@pytest.mark.parametrize(
    ("row", "accepted"),
    [
        (Training(degree="MD", from_year=2004, until_year=2004), True),
        (Training(degree="MD", from_year=2005, until_year=2004), False),
        (Training(degree="MD", until_year=2004), True),
        (Position(title="Head", from_year=2005, until_year=2004), False),
        (Publication(words="A paper"), True),
        (Publication(), False),
        (Publication(doi="10.1001/x", pmid="1"), False),
        (Profile(orcid="", orcid_confirmed_at=timezone.now()), False),
    ],
)
def test_invariants(alice: Member, row: Any, accepted: bool) -> None:
    row.member = alice
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        assert not accepted
    else:
        assert accepted


def test_one_confirmed_id_one_member(alice: Member, bob: Member) -> None:
    say(alice, orcid=ORCID, orcid_confirmed_at=timezone.now())
    say(bob, orcid=ORCID)
    with pytest.raises(IntegrityError), transaction.atomic():
        Profile.objects.filter(member=bob).update(orcid_confirmed_at=timezone.now())


# --- Vocabularies


def test_every_interest_has_one_label() -> None:
    codes = [*interests.Subspecialty.values, *interests.disease_groups()]
    assert len(codes) == len(set(codes))
    assert all(interests.is_known(code) and interests.label(code) != code for code in codes)
    assert max(map(len, codes)) <= interests.MAX_CODE_LENGTH
    assert (interests.is_known("psoriasis"), interests.label("gone")) == (False, "gone")


def test_every_language_has_a_name() -> None:
    assert {"en", "tr", "zh", "ar", "ku", "es"} <= set(languages.codes())
    assert {"ia", "io", "pt-br"}.isdisjoint(languages.codes())
    assert all(languages.label(code) != code for code in languages.codes())
    assert languages.label("xx") == "xx"
    with translation.override("tr"):
        assert dict(languages.choices())["de"] == "Almanca"
    names = [name for _code, name in languages.choices()]
    assert len(names) == len(set(names))


def test_an_empty_profile_is_one_query_at_most(alice: Member, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert profile_of(Member.objects.select_related("profile").get(pk=alice.pk)).about == ""
    assert profile_of(Member.objects.get(pk=alice.pk)).is_listed
