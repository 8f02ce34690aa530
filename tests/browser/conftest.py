"""A real site for the browser: `manage.py serve` on a free port, its own data folder, Chromium."""

import contextlib
import functools
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PIPELINE_MS = 60_000
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 780, "touch": True}
SIZES = [pytest.param(DESKTOP, id="desktop"), pytest.param(PHONE, id="phone")]
expect.set_options(timeout=40_000)  # a shared machine is slow at times
PASSWORD = "correct-horse-battery-staple-23"
PEOPLE = """
from datetime import date, timedelta
from accounts.models import Member
until = date.today() + timedelta(days=300)
for key, fields in {
    "alice": {"profession": "dermatologist"},
    "bob": {"profession": "dermatologist"},
    "mod1": {"profession": "dermatologist", "is_moderator": True},
    "officer": {"profession": "", "is_privacy_officer": True},
}.items():
    Member.objects.create_user(f"{key}@hospital.example", "%s", name=f"Dr {key.title()}", country="TR",
                               standing="verified", verified_until=until, conduct_until=until, **fields)
"""


@dataclass
class Site:
    """Where the running site is, and its processes."""

    address: str
    data: Path
    process: subprocess.Popen[bytes]
    log: Path
    inside: subprocess.Popen[str]

    def run(self, program: str) -> str:
        """What this program prints inside the site: its models, its data folder."""
        assert self.inside.stdin is not None
        assert self.inside.stdout is not None
        self.inside.stdin.write(json.dumps(program) + "\n")
        self.inside.stdin.flush()
        answer = json.loads(self.inside.stdout.readline())
        assert answer["failed"] == ""
        return str(answer["printed"])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[Site]:
    """The site with four members, web server and worker running."""
    with running_site(tmp_path_factory.mktemp("site"), prepared) as site:
        yield site


@contextlib.contextmanager
def running_site(data: Path, prepared: Path, *, people: str = PEOPLE % PASSWORD) -> Iterator[Site]:
    """A site on a free port with this data folder, begun as a copy of what was prepared, with these people."""
    shutil.copytree(prepared, data, dirs_exist_ok=True)
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "RETE_DATA": str(data),
        "RETE_LOG_LEVEL": "WARNING",
        "RETE_SITE_ADDRESS": address,
        "RETE_DEMO_DOMAIN": "hospital.example",  # tests/browser/test_factors.py has members with second factors
    }
    log = data / "serve.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(address, process, log)
        with subprocess.Popen(
            [sys.executable, "-m", "tests.browser.inside"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as inside:  # the end of its input, on leaving, is its end
            site = Site(address, data, process, log, inside)
            site.run(people)
            yield site
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _attempt in range(600):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own http address
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"The site did not start:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, driven by Playwright, which ends with the module.

    Playwright keeps an event loop running in this thread, where Django then refuses every query: tests of the database
    that come after in the same process would all fail.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is not installed: apt-get install chromium")
        pytest.skip("Chromium is not installed: apt-get install chromium")
    switches = ["--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    if os.geteuid() == 0:
        switches.append("--no-sandbox")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=switches)
        yield browser
        browser.close()


ACTIONS = ("check", "click", "drag_to", "fill", "focus", "hover", "press", "press_sequentially", "select_option")
ACTIONS += ("bounding_box", "scroll_into_view_if_needed", "set_input_files", "tap", "uncheck")


@pytest.fixture(autouse=True, scope="package")
def patient() -> Iterator[None]:
    """Let every action wait until its page has run its scripts, as people do who see a page being drawn.

    On a busy machine the tests were quicker than any finger. `at_once` is for tests of those who are.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in ACTIONS:
            patch.setattr(Locator, name, _after_scripts(getattr(Locator, name)))
        yield


def _after_scripts(act: Callable[..., object]) -> Callable[..., object]:
    @functools.wraps(act)
    def patiently(locator: Locator, *arguments: object, **options: object) -> object:
        locator.first.wait_for(state="attached")
        locator.page.wait_for_load_state("domcontentloaded")  # modules run before that
        return act(locator, *arguments, **options)

    return patiently


def at_once(locator: Locator, action: str, *arguments: object) -> None:
    """Act as soon as the element is there, perhaps before any script has run."""
    getattr(Locator, action).__wrapped__(locator, *arguments)


Visit = Callable[..., Page]


@pytest.fixture
def visit(chromium: Browser, site: Site) -> Iterator[Visit]:
    """Open a page in a browser of its own; every request must stay on the site and no script may fail."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opened(*, width: int = 1440, height: int = 900, touch: bool = False, policy: bool = True) -> Page:
        context = chromium.new_context(
            base_url=site.address,
            viewport={"width": width, "height": height},
            has_touch=touch,
            locale="en-GB",
            bypass_csp=not policy,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on(
            "request",
            lambda r: faults.append(r.url) if not r.url.startswith((site.address, "data:", "blob:")) else None,
        )
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda m: faults.append(m.text) if "Content Security Policy" in m.text else None)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def visit_by_name(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Open a page under the name localhost, which passkeys need, with an authenticator that verifies its user."""
    contexts = []
    faults: list[str] = []

    def opened(*, width: int = 1440, height: int = 900, touch: bool = False) -> Page:
        address = site.address.replace("127.0.0.1", "localhost")
        context = chromium.new_context(
            base_url=address, viewport={"width": width, "height": height}, has_touch=touch, locale="en-GB"
        )
        contexts.append(context)
        page = context.new_page()
        devices = context.new_cdp_session(page)
        devices.send("WebAuthn.enable")
        device = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        devices.send("WebAuthn.addVirtualAuthenticator", {"options": device})
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda m: faults.append(m.text) if "Content Security Policy" in m.text else None)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def mail_path(site: Site, to: str, pattern: str) -> str:
    """The path in the newest mail to this address that has such a link."""
    for _try in range(100):
        for file in sorted(Path(site.data, "mail").glob("*"), key=lambda one: one.stat().st_mtime, reverse=True):
            text = file.read_text(encoding="utf-8").replace("=\n", "")
            found = re.search(r"http://[^/\s]+(" + pattern + r"\S*)", text)
            if f"To: {to}" in text and found:
                return found[1].replace("=3D", "=")
        time.sleep(0.3)
    raise AssertionError(f"no such mail to {to}")


@pytest.fixture(scope="module")
def signed_in_before() -> dict[str, tuple[list[Any], str]]:
    """Cookies of the members who signed in already, and the page that this led to, by key."""
    return {}


@pytest.fixture
def sign_in(visit: Visit, signed_in_before: dict[str, tuple[list[Any], str]]) -> Visit:
    """A page on which this member is signed in; the form is filled in again only where the session is gone."""

    def signed_in(key: str, **size: int) -> Page:
        page = visit(**size)
        if key in signed_in_before:
            cookies, first = signed_in_before[key]
            page.context.add_cookies(cookies)
            if page.request.get("/token/", max_redirects=0).status == 200:
                page.goto(first)
                return page
            page.context.clear_cookies()
        page.goto("/sign-in/")
        page.get_by_label("E-mail").fill(f"{key}@hospital.example")
        page.get_by_label("Password").first.fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        signed_in_before[key] = page.context.cookies(), page.url
        return page

    return signed_in
