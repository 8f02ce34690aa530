"""Every middleware in its place: what the site answers as a whole, not what each does by itself."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.shortcuts import resolve_url
from django.test import Client

from core.middleware import text_limit

pytestmark = pytest.mark.django_db

HEADERS = {
    "Cache-Control": r"no-store",
    "Content-Security-Policy": r"default-src 'none'",
    "Cross-Origin-Embedder-Policy": r"^require-corp$",
    "Cross-Origin-Opener-Policy": r"^same-origin$",
    "Cross-Origin-Resource-Policy": r"^same-origin$",
    "Permissions-Policy": r"camera=\(\)",
    "Referrer-Policy": r"^same-origin$",
    "X-Content-Type-Options": r"^nosniff$",
    "X-Frame-Options": r"^DENY$",
}
PAGES = {"/": 200, "/privacy/": 200, "/members/": 302, "/no/such/page/": 404}


@pytest.mark.parametrize("name", HEADERS)
def test_every_answer_has_the_header(client: Client, name: str) -> None:
    for page, status in PAGES.items():
        answer = client.get(page)
        assert answer.status_code == status
        assert re.search(HEADERS[name], answer.get(name, "")), page


def test_an_address_that_is_too_long_is_not_read(client: Client) -> None:
    assert client.get("/privacy/", {"q": "x" * text_limit.LONGEST_ADDRESS}).status_code == 413


def test_a_text_that_is_too_long_is_not_read(client: Client) -> None:
    assert client.post("/language/", {"language": "x" * (text_limit.LONGEST_TEXT + 1)}).status_code == 413


def test_a_body_that_is_too_large_is_not_read(client: Client, settings) -> None:
    settings.BODY_MAX_BYTES = 1000
    assert client.post("/join/", {"picture": SimpleUploadedFile("a.jpg", bytes(2000))}).status_code == 413


def test_a_form_of_another_site_is_refused() -> None:
    assert Client(enforce_csrf_checks=True).post("/language/", {"language": "tr"}).status_code == 403


def test_a_stranger_is_led_to_the_way_in(client: Client) -> None:
    assert client.get("/members/")["Location"] == f"{resolve_url('account_login')}?next=/members/"


def test_nobody_enters_without_a_verification(sign_in, applicant, suspended) -> None:
    assert sign_in(applicant).get("/cases/").status_code == 403
    assert sign_in(suspended).get("/cases/").status_code == 403
