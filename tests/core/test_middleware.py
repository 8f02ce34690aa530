"""Every page is one person's own, error pages too."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory

from core.incoming import EncryptedUploadHandler
from core.middleware.body_limit import BodyLimitMiddleware
from core.middleware.private_responses import PrivateResponsesMiddleware


def answer(cache_control: str | None = None) -> HttpResponse:
    response = HttpResponse("x")
    if cache_control:
        response["Cache-Control"] = cache_control
    return PrivateResponsesMiddleware(lambda request: response)(RequestFactory().get("/"))


@pytest.mark.parametrize(
    ("set_by_view", "sent"),
    [
        (None, "private, no-store"),
        ("max-age=60, public", "private, no-store"),
        ("no-store, no-cache, must-revalidate, private", "no-store, no-cache, must-revalidate, private"),
    ],
)
def test_cache_control(set_by_view: str | None, sent: str) -> None:
    assert answer(set_by_view)["Cache-Control"] == sent


def test_other_sites_cannot_embed() -> None:
    response = answer()
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Cross-Origin-Embedder-Policy"] == "require-corp"


@pytest.mark.parametrize(("path", "status"), [("/no/such/page/", {302, 404}), ("/", {200, 302})])
@pytest.mark.django_db
def test_real_pages(path: str, status: set[int], client) -> None:
    response = client.get(path)
    assert response.status_code in status
    assert "no-store" in response["Cache-Control"]
    assert response["Cross-Origin-Embedder-Policy"] == "require-corp"


def test_error_pages(rf: RequestFactory, settings) -> None:
    from django.core.handlers.exception import convert_exception_to_response

    settings.DEBUG = False

    def missing(request: HttpRequest) -> HttpResponseBase:
        raise Http404

    response = PrivateResponsesMiddleware(convert_exception_to_response(missing))(rf.get("/"))
    assert (response.status_code, response["Cache-Control"]) == (404, "private, no-store")


@pytest.mark.parametrize(
    ("who", "announced", "status"),
    [
        ("outsider", "1000", 200),
        ("outsider", "1001", 413),
        ("alice", "1001", 200),
        ("alice", "5000", 200),
        ("alice", "5001", 413),
        ("outsider", "", 200),
        ("outsider", "much", 200),
    ],
)
def test_what_is_too_large_is_not_read(db, rf: RequestFactory, settings, request, who, announced, status) -> None:
    settings.BODY_MAX_BYTES, settings.BODY_MAX_BYTES_SIGNED_IN = 1000, 5000
    asked = rf.post("/", CONTENT_LENGTH=announced)
    asked.user = request.getfixturevalue(who)
    response = BodyLimitMiddleware(lambda request: HttpResponse("x"))(asked)
    assert response.status_code == status
    assert asked._read_started is False


def test_a_form_without_its_token_keeps_no_file(db, settings, monkeypatch) -> None:
    settings.BODY_MAX_BYTES = 3_000_000
    kept = []
    new_file = EncryptedUploadHandler.new_file

    def noting(handler: EncryptedUploadHandler, *args: object, **named: object) -> None:
        kept.append(handler)
        new_file(handler, *args, **named)

    monkeypatch.setattr(EncryptedUploadHandler, "new_file", noting)
    client = Client(enforce_csrf_checks=True)
    client.get("/join/")
    found = [
        client.post("/join/", {"picture": SimpleUploadedFile("a.jpg", bytes(size))}).status_code
        for size in (2_900_000, 3_000_000)
    ]
    assert (found, len(kept)) == ([403, 413], 1)
