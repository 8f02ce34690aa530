"""What our code never does with what it is given, found by reading all of it; and how often input is decoded."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import Member
from imaging.engine import limits
from tests import factories
from tests.packages import PACKAGES

ROOT = Path(settings.BASE_DIR)
MODULES = [
    path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")) if "migrations" not in path.parts
]
SCRIPTS = sorted((ROOT / "static").rglob("*.js"))
# What runs or builds code out of data, and parsers that reach for files and addresses by themselves.
NEVER_IMPORTED = {
    "pickle": "runs code while it reads",
    "marshal": "the same",
    "shelve": "the same",
    "dill": "the same",
    "jsonpickle": "the same",
    "xml": "external entities",
    "lxml": "external entities, XPath",
    "defusedxml": "no XML is read at all",
    "ldap": "no directory is asked",
    "ldap3": "no directory is asked",
    "memcache": "no memcached is asked",
    "pymemcache": "no memcached is asked",
}
NEVER_CALLED = {
    "eval": "runs its argument",
    "exec": "runs its argument",
    "os.system": "a shell",
    "os.popen": "a shell",
    "subprocess.getoutput": "a shell",
    "Template": "a template out of a text",
    "engines['django'].from_string": "a template out of a text",
    "unquote": "Django has decoded it already",
    "unquote_plus": "Django has decoded it already",
    "html.unescape": "Django escapes at the end, once",
}
DECODED = {("identifiers.py", "unquote")}  # a DOI that was copied as an address: once, before its form is looked at
ESCAPES = "xml.sax.saxutils"  # writes, and reads nothing
# Who speaks to other machines, and to which: none of them takes an address from a visitor.
OUTSIDE = {
    "requests": {"accounts/profiles/orcid.py"},  # ORCID_BASE_URL
    "http.client": {
        *("core/management/commands/serve.py", "core/serving/watch.py"),  # this machine
        "notifications/push/sending.py",  # the browsers' vendors, by a list, without content
    },
    "urllib.request": set(),
    "urllib3": set(),
    "httpx": set(),
    "aiohttp": set(),
    "smtplib": set(),
    "ftplib": set(),
}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))


def test_what_is_never_imported() -> None:
    assert len(MODULES) > 200
    found = {(path.name, name) for path in MODULES for name in imports(path) if name != ESCAPES}
    assert {(path, name) for path, name in found if name.partition(".")[0] in NEVER_IMPORTED} == set()


def test_what_is_never_called() -> None:
    found = [(path.name, ast.unparse(call.func)) for path in MODULES for call in calls(path)]
    assert len(found) > 5000
    bad = {(path, name) for path, name in found if name in NEVER_CALLED or name.endswith(".from_string")}
    assert bad - DECODED == set()
    shells = [
        path.name
        for path in MODULES
        for call in calls(path)
        for given in call.keywords
        if given.arg == "shell" and ast.unparse(given.value) != "False"
    ]
    assert shells == []


@pytest.mark.parametrize("module", OUTSIDE)
def test_who_speaks_to_other_machines(module: str) -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in MODULES
        for name in imports(path)
        if name == module or name.startswith(f"{module}.")
    }
    assert found <= OUTSIDE[module]


def test_forms_name_their_fields() -> None:
    """No form takes what its author did not think of: no `__all__`, no `exclude`, no `**request.POST`."""
    words = [path.read_text(encoding="utf-8") for path in MODULES]
    assert [text for text in words if re.search(r'fields = "__all__"|^\s+exclude = ', text, re.MULTILINE)] == []
    assert [text for text in words if re.search(r"\*\*request\.(POST|GET)|request\.REQUEST", text)] == []


def test_scripts_run_no_text_and_listen_to_no_other_window() -> None:
    """Nothing is run out of a text; other windows send nothing; text becomes HTML in one place (core/fragment.js)."""
    texts = {path.relative_to(ROOT / "static").as_posix(): path.read_text(encoding="utf-8") for path in SCRIPTS}
    assert len(texts) > 20
    forbidden = r"\beval\(|new Function\(|postMessage|addEventListener\(\s*[\"']message[\"']|document\.write|JSONP"
    assert [name for name, text in texts.items() if re.search(forbidden, text)] == []
    html = r"\.innerHTML\s*=|\.outerHTML\s*=|insertAdjacentHTML|\.srcdoc\s*="
    assert [name for name, text in texts.items() if re.search(html, text)] == ["core/fragment.js"]
    assert [name for name, text in texts.items() if "__proto__" in text] == []


# --- Decoded once, read from where it was said


def test_an_address_is_decoded_once(client: Client, db) -> None:
    """`%2e%2e%2f` is a name with dots in it, `%252e` is not decoded twice; neither leads out of its folder."""
    for path in ("/static/%2e%2e/secrets/master_key", "/static/%252e%252e%252fmaster_key", "/guide/%2e%2e%2fprivacy/"):
        assert client.get(path).status_code in {302, 404}, path
    asked = RequestFactory().get("/x/%2561/", {"q": "%61"})
    assert (asked.path, asked.GET["q"]) == ("/x/%61/", "%61")


def test_a_parameter_sent_twice_or_elsewhere() -> None:
    """A field of a form is not read from the address, and of two the last one counts, everywhere alike."""
    asked = RequestFactory().post("/?language=tr", {"other": ["one", "two"]})
    assert "language" not in asked.POST
    assert asked.POST["other"] == "two"


@pytest.mark.parametrize("address", ["a@b.example\nBcc: c@d.example", "a@b.example\r\n.\r\n", "a@b.example%0abcc:c@d"])
def test_an_address_with_a_second_line_is_refused(db, address: str) -> None:
    from django.core import mail

    answer = Client().post(reverse("account_reset_password"), {"email": address})
    assert answer.status_code in {200, 422}
    assert mail.outbox == []


@pytest.mark.parametrize("query", ["page=99999999999999999999999", "page=-1", "after=%00", "q=%00", "sort=__class__"])
def test_numbers_and_words_that_no_page_gives(db, alice: Member, query: str) -> None:
    client = Client(raise_request_exception=True)
    client.force_login(alice)
    for name in ("consults:cases", "consults:mine"):
        assert client.get(f"{reverse(name)}?{query}").status_code in {200, 302, 400, 404}


# --- Passwords


@pytest.mark.usefixtures("real_passwords")
def test_a_password_counts_whole_and_as_it_was_typed(db) -> None:
    password = "  Vier Wörter, die zu nichts passen: " + "Lampe Ziege Brücke Senf " * 5
    assert len(password) > 128
    member = factories.person("alice")
    member.set_password(password)
    member.save()

    def signs_in(typed: str) -> bool:
        request: HttpRequest = RequestFactory().post("/")
        request.session = {}  # type: ignore[assignment]
        return authenticate(request, email=member.email, password=typed) is not None

    assert signs_in(password)
    for other in (password.strip(), password.lower(), password[:72], password[:-1], password.replace("ö", "o")):
        assert not signs_in(other)


@pytest.mark.parametrize("name", ["account_login", "account_change_password"])
def test_fields_of_passwords_hide_and_let_managers_fill_in(db, alice: Member, name: str) -> None:
    client = Client()
    if name != "account_login":
        alice.set_password("something that nobody would guess")
        alice.save()
        client.force_login(alice)
    page: HttpResponse = client.get(reverse(name))
    inputs = re.findall(r"<input[^>]*name=\"\w*password\w*\"[^>]*>", page.content.decode())
    assert inputs
    for one in inputs:
        assert 'type="password"' in one
        assert re.search(r'autocomplete="(current|new)-password"', one)
        found = re.search(r'maxlength="(\d+)"', one)
        assert found is None or int(found.group(1)) >= 128
    pasting = {path.name for path in SCRIPTS if re.search(r"[\"']paste[\"']", path.read_text(encoding="utf-8"))}
    assert pasting == {"upload.js"}  # pictures; nobody keeps a password from being pasted


# --- Files


def test_limits_of_files_stand_on_the_page() -> None:
    page = " ".join((ROOT / "docs" / "imaging.md").read_text(encoding="utf-8").split())
    assert f"{limits.MAX_FILE_BYTES // 1024**2} MB, {limits.MAX_PIXELS // 10**6} megapixels" in page
    cells = re.findall(r"^\| ([\w ,]+) \|", (ROOT / "docs" / "imaging.md").read_text(encoding="utf-8"), re.MULTILINE)
    named = {kind for cell in cells for kind in cell.split(", ")}
    kinds = {"JPEG", "PNG", "GIF", "WebP", "TIFF", "HEIC", "AVIF", "BMP", "JPEG 2000", "JPEG XL", "DICOM"}
    assert kinds - named == set()
