"""Every page is one person's own, error pages too."""

import pytest
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory

from core.middleware import PrivateResponses


def answer(cache_control: str | None = None) -> HttpResponse:
    response = HttpResponse("x")
    if cache_control:
        response["Cache-Control"] = cache_control
    return PrivateResponses(lambda request: response)(RequestFactory().get("/"))


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

    response = PrivateResponses(convert_exception_to_response(missing))(rf.get("/"))
    assert (response.status_code, response["Cache-Control"]) == (404, "private, no-store")
