"""Push wakes a browser without a word, at vendors' addresses only, and only for who asked."""

import base64
import json
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.client import HTTPConnection, RemoteDisconnected
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from core.models import DataKey
from notifications.models import Preference, PushKey, PushSubscription
from notifications.notices import Kind
from notifications.push import sending, vapid
from notifications.push.sending import NotAVendor, check_endpoint, subscribe
from tests import factories
from tests.notifications.making import deliver, prefers, quiet_now, told, visit

pytestmark = pytest.mark.django_db

AT = "https://updates.push.services.mozilla.com/wpush/v2/abc"


@pytest.fixture
def vendor(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """A vendor on this machine, who notes what arrives and answers with `status`."""
    noted = SimpleNamespace(status=201, asked=[])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            noted.asked.append((self.path, dict(self.headers), body))
            self.send_response(noted.status)
            self.send_header("Location", "http://127.0.0.1/inside")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setattr(sending, "_connect", lambda host: HTTPConnection("127.0.0.1", server.server_port, timeout=5))
    vapid.ensure_key()
    yield noted
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    "address",
    [
        AT,
        "https://fcm.googleapis.com/fcm/send/abc:def",
        "https://web.push.apple.com/abc",
        "https://wns2-par02p.notify.windows.com/w/?token=abc%3d",
    ],
)
def test_vendors(address: str) -> None:
    assert check_endpoint(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://fcm.googleapis.com/fcm/send/abc",
        "https://fcm.googleapis.com:8443/fcm/send/abc",
        "https://fcm.googleapis.com:x/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://169.254.169.254/latest/meta-data/",
        "https://fcm.googleapis.com.evil.example/",
        "https://evil.example/fcm.googleapis.com",
        "https://evilpush.apple.com/",
        "https://push.apple.com/",
        "https://user@fcm.googleapis.com/",
        "https://evil.example#@fcm.googleapis.com/",
        "https://fcm.googleapis.com#x",
        "https://fcm.googleapis.com/a b",
        "https://fcm.googleapis.com/a\r\nHost: inside",
        "https://FCM.googleapis.com/abc",
        "https://fcm.googleapis.com/" + "a" * 500,
        "https://[::1]/",
        "https://[",
        "file:///etc/passwd",
    ],
)
def test_nobody_else_is_called(address: str, bob: Member) -> None:
    with pytest.raises(NotAVendor):
        subscribe(member=bob, endpoint=address, device="")
    assert not PushSubscription.objects.exists()


def test_a_push_has_no_body_and_says_who_pushes(bob: Member, vendor: SimpleNamespace) -> None:
    prefers(bob)
    subscribe(member=bob, endpoint=AT, device="Firefox · Linux")
    told(bob, Kind.MENTION)
    deliver()
    [(path, headers, body)] = vendor.asked
    assert (path, body, headers["TTL"]) == ("/wpush/v2/abc", b"", "86400")
    scheme, _space, said = headers["Authorization"].partition(" ")
    token, key = said.removeprefix("t=").split(", k=")
    assert scheme == "vapid"
    head, claims, signature = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
    assert json.loads(head) == {"typ": "JWT", "alg": "ES256"}
    assert json.loads(claims)["aud"] == "https://updates.push.services.mozilla.com"
    assert 0 < json.loads(claims)["exp"] - timezone.now().timestamp() <= 24 * 3600
    assert json.loads(claims)["sub"].startswith("mailto:")
    point = base64.urlsafe_b64decode(key + "==")
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    public.verify(encode_dss_signature(r, s), token.rpartition(".")[0].encode(), ec.ECDSA(hashes.SHA256()))


def test_the_key_is_made_once_and_stored_sealed() -> None:
    assert vapid.public_key() == ""
    vapid.ensure_key()
    first = vapid.public_key()
    vapid.ensure_key()
    assert vapid.public_key() == first
    row = PushKey.objects.get()
    assert DataKey.objects.filter(pk=row.pk, wrapped__isnull=False).exists()
    assert b"\x30\x81" not in bytes(row.sealed)[:4]
    assert vapid._create().public == first  # of two at once, the first one's stays


def test_where_the_site_has_an_address_vendors_write_there(settings: Any) -> None:
    settings.SITE_ADDRESS = "https://rete.example/"
    assert vapid._contact() == "https://rete.example"


def _quiet(member: Member) -> None:
    quiet_now(member)


def _told_before(member: Member) -> None:
    PushSubscription.objects.update(told_at=timezone.now())


def _came_since(member: Member) -> None:
    PushSubscription.objects.update(told_at=timezone.now() - timedelta(hours=1))
    visit(member)


def _unverified(member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(standing="suspended")


def _by_digest_now(member: Member) -> None:
    Preference.objects.update(choices={"mention": "digest"})


@pytest.mark.parametrize(
    ("state", "pushes"),
    [
        (lambda member: None, 1),
        (_came_since, 1),
        (_quiet, 0),
        (_told_before, 0),
        (_unverified, 0),
        (_by_digest_now, 0),
    ],
)
def test_when(bob: Member, vendor: SimpleNamespace, state: Callable[[Member], None], pushes: int) -> None:
    prefers(bob)
    subscribe(member=bob, endpoint=AT, device="")
    told(bob, Kind.MENTION)
    told(bob, Kind.POLL)
    state(bob)
    deliver()
    assert len(vendor.asked) == pushes


@pytest.mark.parametrize(
    ("status", "stays", "waits"),
    [
        (200, True, False),
        (201, True, False),
        (302, False, False),
        (403, False, False),
        (404, False, False),
        (410, False, False),
        (429, True, True),
        (500, True, True),
    ],
)
def test_what_the_vendor_answers(bob: Member, vendor: SimpleNamespace, status: int, stays: bool, waits: bool) -> None:
    found = subscribe(member=bob, endpoint=AT, device="")
    prefers(bob)
    told(bob, Kind.MENTION)
    vendor.status = status
    raised = False
    try:
        sending.push(subscription_id=found.pk)
    except sending.Unreachable:
        raised = True
    assert (PushSubscription.objects.exists(), raised, len(vendor.asked)) == (stays, waits, 1)


def test_a_vendor_that_hangs_up(bob: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        def __init__(self, host: str) -> None:
            assert host == "updates.push.services.mozilla.com"

        def request(self, *args: object, **kwargs: object) -> None:
            raise RemoteDisconnected

        def close(self) -> None:
            pass

    monkeypatch.setattr(sending, "_connect", Away)
    vapid.ensure_key()
    found = subscribe(member=bob, endpoint=AT, device="")
    prefers(bob)
    told(bob, Kind.MENTION)
    with pytest.raises(sending.Unreachable):
        sending.push(subscription_id=found.pk)


def test_a_real_connection_checks_certificates() -> None:
    connection = sending._connect("fcm.googleapis.com")
    assert connection._context.check_hostname
    assert (connection.host, connection.port, connection.timeout) == ("fcm.googleapis.com", 443, 10)


def test_a_browser_that_is_gone_is_no_error() -> None:
    sending.push(subscription_id=uuid.uuid4())


def test_turning_on_and_off(bob: Member, alice: Member, sign_in: Callable[[object], Client]) -> None:
    vapid.ensure_key()
    client, settings_page = sign_in(bob), reverse("notifications:settings")
    for _ in range(2):
        assert client.post(reverse("notifications:push"), {"endpoint": AT}).status_code == 200
    found = PushSubscription.objects.get()
    assert found.member == bob
    assert client.post(reverse("notifications:push"), {"endpoint": "https://127.0.0.1/"}).status_code == 422
    page = client.get(settings_page).content.decode()
    assert reverse("notifications:push_remove", args=[found.pk]) in page
    assert AT not in page
    away = reverse("notifications:push_remove", args=[found.pk])
    assert sign_in(alice).post(away).url == settings_page
    assert PushSubscription.objects.exists()
    assert sign_in(bob).post(away).url == settings_page
    assert not PushSubscription.objects.exists()


def test_of_too_many_browsers_the_oldest_goes(bob: Member, settings: Any) -> None:
    settings.RULES = settings.RULES | {"push_browsers": 3}
    other = subscribe(member=factories.person("alice"), endpoint=f"{AT}-alice", device="")
    for number in range(5):
        subscribe(member=bob, endpoint=f"{AT}{number}", device="")
    kept = set(bob.push_subscriptions.values_list("endpoint", flat=True))
    assert kept == {f"{AT}{number}" for number in (2, 3, 4)}
    assert PushSubscription.objects.filter(pk=other.pk).exists()


def test_the_worker_shows_one_sentence(client: Client) -> None:
    answer = client.get(reverse("notifications:worker"))
    assert answer.headers["Content-Type"] == "text/javascript"
    words = json.loads(answer.content.decode().partition(";\n")[0].removeprefix("self.words = "))
    assert words["page"] == reverse("notifications:notices")
    assert words["body"] == "There is news. Open it to see what."
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]
