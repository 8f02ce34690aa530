"""Who is offered which places, and which one is marked as the current one."""

import pytest
from django.test import Client, RequestFactory
from django.urls import resolve

from core.navigation import navigation, section_of
from tests import factories

PLACES = {
    "alice": ["cases", "new", "mine", "groups", "rota"],
    "student": ["cases", "groups"],
    "resident": ["cases", "new", "mine", "groups"],
    "mod1": ["cases", "new", "mine", "groups", "second_reads", "moderation", "proposals", "applications", "rota"],
    "officer": ["consent_audit", "consent_forms"],
    "admin": ["people", "consent_audit", "consent_forms"],
    "applicant": [],
    "suspended": [],
    "lapsed": [],
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", PLACES)
def test_navigation_by_person(name: str, rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = factories.person(name)
    assert [link.key for link in navigation(request)] == PLACES[name]


@pytest.mark.parametrize(
    ("path", "section"),
    [
        ("/", "home"),
        ("/cases/", "cases"),
        ("/cases/new/", "new"),
        ("/cases/mine/", "mine"),
        ("/groups/", "groups"),
        ("/groups/new/", "groups"),
        ("/groups/manage/", "people"),
        ("/second-reads/", "second_reads"),
        ("/applications/", "applications"),
        ("/privacy/", "privacy"),
    ],
)
def test_section_of_an_address(path: str, section: str, rf: RequestFactory) -> None:
    request = rf.get(path)
    request.resolver_match = resolve(path)
    assert section_of(request) == section


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "goes_to"),
    [
        ("alice", "/cases/"),
        ("officer", "/consent-audit/"),
        ("admin", "/people/"),
        ("applicant", None),
        (None, None),
    ],
)
def test_home_sends_people_to_their_work(name: str | None, goes_to: str | None, client: Client) -> None:
    if name:
        client.force_login(factories.person(name))
    response = client.get("/")
    assert response.headers.get("Location") == goes_to


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/privacy/", "/terms/"])
def test_public_pages_never_promise_that_nobody_is_recognised(path: str, client: Client) -> None:
    text = client.get(path).content.decode().lower()
    assert "anonymous" not in text
    assert "<h1" in text
    assert 'id="content"' in text


@pytest.mark.django_db
def test_language_is_remembered_and_stays_on_this_site(client: Client) -> None:
    answer = client.post("/language/", {"language": "tr", "next": "/terms/"})
    assert answer.headers["Location"] == "/terms/"
    assert 'lang="tr"' in client.get("/terms/").content.decode()
    away = client.post("/language/", {"language": "tr", "next": "https://elsewhere.example/"})
    assert away.headers["Location"] == "/"
