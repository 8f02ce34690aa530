"""Nothing of a profile in any answer to anybody outside, whatever the address; nor before it may be shown."""

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from accounts.profiles import service
from consults.models import Case, Comment
from tests import factories
from tests.accounts.profiles.makers import CANARY, full_profile
from tests.consults import reading
from tests.matrix.everybody import with_passwords
from tests.matrix.test_leaks import Crawl
from tests.matrix.test_routes import CLIENT, ROWS, places, session_of

__all__ = ["places"]

OUTSIDE = ("anonymous", "applicant", "lapsed", "suspended", "officer", "admin")


@pytest.mark.service  # a sweep over every address
@pytest.mark.parametrize("who", OUTSIDE)
def test_no_address_tells_anybody_outside(places: dict[str, list[object]], who: str) -> None:
    """alice and bob own or wrote most of what there is; each says CANARY of themselves."""
    with_passwords()
    for name in ("alice", "bob", "mod1"):
        full_profile(factories.person(name))
    session = session_of(who)
    told = []
    for name, rows in ROWS.items():
        for row in rows:
            if CANARY.lower().encode() in body_of(reverse(name, args=places[row.about]), session=session).lower():
                told.append(name)
    assert told == []


def body_of(address: str, *, session: str) -> bytes:
    """The body of one answer; what the request changed is undone."""
    cache.clear()
    CLIENT.cookies.clear()
    if session:
        CLIENT.cookies[settings.SESSION_COOKIE_NAME] = session
    with transaction.atomic(), transaction.atomic(using="keys"):
        answer = CLIENT.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
        transaction.set_rollback(True, using="keys")
    return bytes(body)


def test_the_canary_is_seen_by_members(places: dict[str, list[object]], bob: Member) -> None:
    """So that the sweep above would find it."""
    full_profile(bob)
    body = body_of(reverse("accounts:profile", args=[bob.pk]), session=session_of("alice"))
    assert body.count(CANARY.encode()) > 6


@pytest.mark.parametrize("who", ["anonymous", "officer", "admin", "applicant", "lapsed"])
def test_no_link_of_anybody_outside_leads_to_a_profile(db: None, who: str) -> None:
    full_profile(factories.person("alice"))
    with_passwords()
    client = Client()
    if who != "anonymous":
        client.force_login(factories.person(who))
    crawl = Crawl(client)
    profile = reverse("accounts:directory").encode()
    links = [at for at, (_kind, body) in crawl.bodies.items() if b'href="' + profile + b'"' in body]
    assert links == []
    assert not any(CANARY.encode() in body for _kind, body in crawl.bodies.values())


# --- Names lead to profiles where names may be shown


@pytest.fixture
def talked_about(alice: Member, mod1: Member) -> Case:
    case = reading.case()
    reading.answer(case, mod1)
    Comment.objects.create(case=case, author=mod1, text="As on the other picture.")
    return case


def links_of(client: Client, case: Case, *members: Member) -> set[str]:
    body = client.get(reverse("consults:case", args=[case.pk])).content.decode()
    return {one.name for one in members if reverse("accounts:profile", args=[one.pk]) in body}


def test_names_lead_to_profiles_after_ones_own_answer(
    client: Client, alice: Member, bob: Member, mod1: Member, talked_about: Case
) -> None:
    client.force_login(bob)
    assert links_of(client, talked_about, alice, mod1) == {"Alice"}
    reading.answer(talked_about, bob)
    assert links_of(client, talked_about, alice, mod1) == {"Alice", "Mod1"}


def test_whoever_is_no_member_now_is_a_name_without_a_link(
    client: Client, alice: Member, bob: Member, mod1: Member, talked_about: Case
) -> None:
    reading.answer(talked_about, bob)
    Member.objects.filter(pk=mod1.pk).update(standing="suspended")
    client.force_login(bob)
    assert links_of(client, talked_about, alice, mod1) == {"Alice"}
    assert "Mod1" in client.get(reverse("consults:case", args=[talked_about.pk])).content.decode()


def test_a_profile_says_nothing_of_a_single_answer(
    client: Client, bob: Member, mod1: Member, talked_about: Case
) -> None:
    """Before and after an answer the page is the same: bands, not numbers."""
    client.force_login(bob)
    at = reverse("accounts:profile", args=[mod1.pk])

    def main() -> str:
        return client.get(at).content.decode().partition("<main")[2].partition("</main>")[0].replace(token(), "")

    def token() -> str:
        return str(client.get(at).context["csrf_token"])

    before = [line for line in main().splitlines() if "csrf" not in line]
    reading.answer(reading.case(), mod1)
    assert [line for line in main().splitlines() if "csrf" not in line] == before


# --- Patients


@pytest.mark.parametrize("path", ["/privacy/", "/guide/patient/"])
def test_patients_are_told_how_to_reach_their_doctor(client: Client, db: None, path: str) -> None:
    body = " ".join(client.get(path).content.decode().split())
    assert "call the practice or clinic where" in body.lower()
    assert "accounts for patients" in body or "Patients have no account here" in body


def test_a_patient_is_nobody_to_follow_or_to_find() -> None:
    """Whoever can be followed or found is a member: there is no other kind of account."""
    from django.contrib.auth import get_user_model

    from accounts.models import DirectoryRow, Follow

    assert get_user_model() is Member
    for model, field in ((Follow, "follower"), (Follow, "followed"), (DirectoryRow, "member")):
        assert model._meta.get_field(field).related_model is Member
    assert service.LINES
