"""Headers and cookies: on every kind of answer, not on pages alone."""

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings as site
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from consent.models import WithdrawnBy
from consent.withdrawal import withdraw
from imaging.models import Rendition
from tests import factories
from tests.consults import reading
from tests.consults.new_case import JPEG
from tests.matrix import journey
from tests.packages import PACKAGES

ROOT = Path(site.BASE_DIR)
EVERYWHERE = {
    "Cross-Origin-Embedder-Policy": r"^require-corp$",
    "Cross-Origin-Opener-Policy": r"^same-origin$",
    "Cross-Origin-Resource-Policy": r"^same-origin$",
    "Referrer-Policy": r"^same-origin$",
    "Strict-Transport-Security": r"^max-age=31536000; includeSubDomains; preload$",
    "X-Content-Type-Options": r"^nosniff$",
}
STRICT = ("default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'")
OF_PAGES = {
    "Cache-Control": r"private.*no-store|no-store.*private",
    "Content-Security-Policy": r"require-trusted-types-for 'script'",
    "Permissions-Policy": r"camera=\(\).*microphone=\(\)",
}
Answers = dict[str, tuple[HttpResponse, int, str]]


@pytest.fixture
def answers(db, settings, tmp_path: Path, alice: Member, bob: Member, monkeypatch) -> Answers:
    """An answer of each kind, with the status and the type that it should have. As behind TLS."""
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    settings.STATIC_ROOT = tmp_path
    for name, text in (("one.js", "export {};\n"), ("one.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    reading.case(alice, data=JPEG)
    picture = reverse("consults:picture", args=[Rendition.objects.get(name="display").pk])
    stranger = Client(raise_request_exception=False)
    member = journey.client_of(bob)
    outsider = Client()
    outsider.force_login(factories.person("applicant"))

    def get(client: Client, address: str, **query: str) -> HttpResponse:
        return client.get(address, query, secure=True)

    html, text = "text/html; charset=utf-8", "text/plain; charset=utf-8"
    found = {
        "static script": (get(stranger, "/static/one.js"), 200, 'text/javascript; charset="utf-8"'),
        "folder of static files": (get(stranger, "/static/"), 404, html),
        "static picture": (get(stranger, "/static/one.svg"), 200, "image/svg+xml"),
        "page": (get(stranger, "/"), 200, html),
        "page of a member": (get(member, "/cases/"), 200, html),
        "redirect": (get(stranger, "/cases/"), 302, html),
        "refused": (get(outsider, "/cases/"), 403, html),
        "form of another site": (
            Client(enforce_csrf_checks=True).post("/language/", {"language": "tr"}, secure=True),
            403,
            html,
        ),
        "not found": (get(stranger, "/no/such/page/"), 404, html),
        "no such method": (member.delete("/", secure=True), 405, html),
        "too long": (get(stranger, "/privacy/", q="x" * 5000), 413, html),
        "health": (get(stranger, "/healthz/"), 503, text),
        "json": (get(member, "/token/"), 200, "application/json"),
        "picture": (get(member, picture), 200, "image/jpeg"),
        "picture that is not there": (get(member, picture.replace(picture[3:11], "0" * 8)), 404, html),
        "pdf": (get(stranger, reverse("consent:certificate", args=[_withdrawn(alice)])), 200, "application/pdf"),
    }
    monkeypatch.setattr("config.health.find_troubles", lambda: 1 / 0)
    return found | {"fault": (get(stranger, "/healthz/"), 500, html)}


def _withdrawn(alice: Member) -> object:
    case = reading.case(alice, title="Another")
    return withdraw(consent_id=case.consent_id, by=WithdrawnBy.PATIENT).pk


def test_every_answer_has_the_headers(answers: Answers) -> None:
    for kind, (answer, status, content_type) in answers.items():
        assert (kind, answer.status_code, answer["Content-Type"]) == (kind, status, content_type)
        for name, pattern in EVERYWHERE.items():
            assert re.search(pattern, answer.get(name, "")), (kind, name, answer.get(name))
        named = answer.get("Content-Disposition", "inline")
        assert re.fullmatch(r'inline|(attachment|inline); filename="[a-z0-9.-]+"', named), (kind, named)
        for directive in STRICT:
            assert directive in answer.get("Content-Security-Policy", ""), (kind, directive)
        assert "Access-Control-Allow-Origin" not in answer, kind
        if not kind.startswith("static "):
            for name, pattern in OF_PAGES.items():
                assert re.search(pattern, answer.get(name, "")), (kind, name, answer.get(name))


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND"])
def test_methods_that_nobody_uses(db, alice: Member, method: str) -> None:
    client = journey.client_of(alice)
    for address in ("/", "/cases/", "/healthz/", "/withdraw/", reverse("account_login")):
        answer = client.generic(method, address, secure=True, headers={"X-Secret": "echoed"})
        assert answer.status_code in {302, 405}, address
        assert b"echoed" not in answer.content


# --- Cookies


def test_every_cookie_belongs_to_this_host_alone() -> None:
    """Outside one machine: `__Host-`, so with Secure, without Domain, for the whole site."""
    asked = (
        "import json, django; from django.conf import settings as s; django.setup();"
        "from config.messages import Storage;"
        "print(json.dumps({n: getattr(s, n) for n in dir(s) if n.endswith('_COOKIE_NAME')}"
        "| {'messages': Storage.storage_classes[0].cookie_name} | {n: getattr(s, n) for n in dir(s)"
        "if n.endswith(('_COOKIE_SECURE', '_COOKIE_HTTPONLY', '_COOKIE_SAMESITE', '_COOKIE_DOMAIN'))}))"
    )
    address = "https://rete.example"
    outside = {
        "RETE_EMBEDDED": "false",
        "RETE_SECRET_KEY": "x" * 50,
        "RETE_MASTER_KEY": "A" * 43 + "=",
        "RETE_HOSTS": "rete.example",
        "RETE_TRUSTED_ORIGINS": address,
        "RETE_SITE_ADDRESS": address,
        "RETE_APPEALS_ADDRESS": "appeals@rete.example",
    }
    run = subprocess.run(
        [sys.executable, "-c", asked], env=os.environ | outside, cwd=ROOT, capture_output=True, check=True, timeout=60
    )
    for name, value in json.loads(run.stdout).items():
        if name.endswith(("_SECURE", "_HTTPONLY")):
            assert value is True, name
        elif name.endswith("_SAMESITE"):
            assert value in ("Lax", "Strict"), name
        elif name.endswith("_DOMAIN"):
            assert value is None, name
        else:
            assert value.startswith("__Host-rete_"), name


def _names(path: Path, called: Callable[[str], bool]) -> list[str]:
    """The first argument of each call of such a method."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    return [
        ast.unparse(node.args[0])
        for node in calls
        if isinstance(node.func, ast.Attribute) and called(node.func.attr) and node.args
    ]


def test_cookies_are_set_under_names_of_the_settings_alone() -> None:
    named = [
        name
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for name in _names(path, {"set_cookie", "set_signed_cookie"}.__contains__)
    ]
    assert len(named) >= 3
    assert {name for name in named if not re.fullmatch(r"settings\.[A-Z]+_COOKIE_NAME", name)} == set()
