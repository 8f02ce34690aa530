"""Every text has its length checked before anything reads it: in the address, in a field, in JSON, in every form."""

import json
import uuid
from collections.abc import Iterator

import pytest
from django import forms
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from consent.records import signatures
from consults.cases.authoring import mask_json
from core.middleware import text_limit
from imaging.models import Region
from screening import identifiers
from tests import linear
from tests.packages import PACKAGES

pytestmark = pytest.mark.django_db

LONG = "a" * (text_limit.LONGEST_TEXT + 1)
HOUSE = ("accounts", "consent", "consults", "compliance", "config")


def paths(resolver: URLResolver, before: str = "") -> Iterator[str]:
    """An address of every route."""
    for one in resolver.url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from paths(one, route)
        elif isinstance(one, URLPattern):
            for name, converter in one.pattern.converters.items():
                kind = type(converter).__name__.removesuffix("Converter").lower()
                value = {"uuid": str(uuid.UUID(int=0)), "int": "1"}.get(kind, "moderator")
                route = route.replace(f"<{kind}:{name}>", value)
            yield "/" + route


PATHS = [path for path in paths(get_resolver()) if "(" not in path and "<" not in path]


def test_the_routes_are_found() -> None:
    assert len(PATHS) > 60
    assert {"/withdraw/", "/join/", "/hand-over/", f"/cases/{uuid.UUID(int=0)}/comment/"} <= set(PATHS)


@pytest.mark.parametrize("path", PATHS)
def test_no_view_reads_a_text_that_is_too_long(path: str) -> None:
    client = Client()
    assert client.post(path, {"anything": LONG}).status_code == 413
    assert client.post(path, {"a" * 101: "short"}).status_code == 413
    assert client.post(path, {"anything": ["short", LONG]}, content_type=text_form()).status_code == 413
    assert client.get(path, {"q": "a" * text_limit.LONGEST_ADDRESS}).status_code == 413
    body = json.dumps({"masks": LONG * 30})
    assert client.post(path, body, content_type="application/json").status_code == 413
    assert client.post(path, body, content_type="text/plain").status_code == 413


def text_form() -> str:
    from django.test.client import MULTIPART_CONTENT

    return MULTIPART_CONTENT


@pytest.mark.parametrize(
    ("field", "length", "status"),
    [
        ("code", text_limit.LONGEST_TEXT, 422),
        ("code", text_limit.LONGEST_TEXT + 1, 413),
        ("signature", text_limit.LONGEST_TEXT + 1, 422),  # read by nothing on this page
        ("signature", text_limit.LONG_FIELDS["signature"] + 1, 413),
    ],
)
def test_the_limit_is_where_it_is_said(field: str, length: int, status: int) -> None:
    assert Client().post("/withdraw/", {field: "0" * length}).status_code == status


@pytest.mark.parametrize(("size", "read"), [(600_000, True), (3_000_000, False)])
def test_what_is_refused_is_read_and_forgotten_unless_it_is_huge(rf: RequestFactory, size: int, read: bool) -> None:
    asked = rf.post("/", b"a" * size, content_type="application/json")
    answered = text_limit.TextLimitMiddleware(HttpResponse).process_view(asked)
    assert (answered.status_code, asked._read_started) == (413, read)


def test_a_piece_of_an_upload_has_a_limit_of_its_own() -> None:
    path = reverse("consults:upload", args=[uuid.UUID(int=0)])
    answered = Client().put(path, bytes(text_limit.LONGEST_JSON + 1), content_type="application/octet-stream")
    assert answered.status_code == 302  # to signing in


# Forms whose fields change when they are made, and what some of them cannot be made without.
MADE_WHOLE = ("accounts.security.views", "consent.forms.views")
NEEDS = {"ReauthenticateForm": {"user": None}, "ChangePasswordForm": {"user": None}, "NewPasswordForm": {"user": None}}


def house_forms() -> dict[str, type[forms.BaseForm]]:
    """Every form class of the house."""
    for _module in linear.modules(*HOUSE):
        pass
    found: dict[str, type[forms.BaseForm]] = {}
    waiting = [forms.BaseForm]
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        if form.__module__.partition(".")[0] in PACKAGES:
            found[f"{form.__module__}.{form.__name__}"] = form
    return found


@pytest.mark.parametrize("name", sorted(house_forms()))
def test_every_field_of_text_has_a_length(name: str) -> None:
    form = house_forms()[name]
    made = form(**NEEDS.get(form.__name__, {})) if form.__module__ in MADE_WHOLE else None
    fields = made.fields if made is not None else getattr(form, "base_fields", {})
    without = {
        field
        for field, kind in fields.items()
        if isinstance(kind, forms.CharField) and not isinstance(kind, forms.UUIDField)
        if not 0 < (kind.max_length or 0) <= text_limit.LONG_FIELDS.get(field, text_limit.LONGEST_TEXT)
    }
    assert without == set()


@pytest.mark.parametrize("length", [mask_json.LONGEST_REASON, mask_json.LONGEST_REASON + 1])
def test_a_reason_is_measured_before_it_is_screened(monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    screened = []
    monkeypatch.setattr(identifiers, "find", lambda text: screened.append(text) or [])
    mask = {"kind": "face", "shape": "box", "style": Region.Style.values[0], "x": 1, "y": 1, "width": 9, "height": 9}
    body = json.dumps({"masks": [mask | {"state": "drawn", "reason": "r" * length}], "revision": 0})
    edits, _crop, _revision = mask_json.parse(body.encode())
    refused = {True: [], False: ["A reason is too long. Say it in at most 200 letters."]}[length <= 200]
    assert mask_json.problems_in_reasons(edits) == refused
    assert len(screened) == {True: 1, False: 0}[length <= 200]


def test_a_signature_is_measured_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signatures.base64, "b64decode", lambda *_args, **_named: pytest.fail("decoded"))
    with pytest.raises(signatures.Unreadable):
        signatures.decode("data:image/png;base64," + "A" * signatures.LONGEST_DATA_URL)
    assert text_limit.LONG_FIELDS["signature"] >= signatures.LONGEST_DATA_URL
