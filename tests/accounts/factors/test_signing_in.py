"""Signing in with a second factor, and confirming it again: what does, what does not, and what it opens."""

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member, Recovery
from accounts.security.factors import codes, passkeys
from audit.models import Event
from tests import factories
from tests.accounts.makers import PASSWORD, claim, join
from tests.factors import Device, app_code, give_factor

pytestmark = pytest.mark.django_db
SignedIn = Callable[..., Client]
Options = Callable[[Any], dict[str, Any]]
SECOND, PASSKEY, AGAIN = (
    reverse(name) for name in ("mfa_authenticate", "mfa_login_webauthn", "account_reauthenticate")
)


@pytest.fixture
def device(ada: Member, with_password: SignedIn, enrol_passkey: Callable[[Client], Device]) -> Device:
    """ada's phone, with her passkey."""
    return enrol_passkey(with_password(ada))


@pytest.fixture
def secret(ada: Member, with_password: SignedIn, enrol_app: Callable[[Client], str]) -> str:
    """The secret of ada's app, whose present code is used up."""
    return enrol_app(with_password(ada))


def offered(client: Client) -> dict[str, Any]:
    """What a sign-in by passkey alone begins with."""
    return dict(json.loads(client.get(PASSKEY, headers={"Accept": "application/json"}).content))


def is_in(client: Client) -> bool:
    """Whether somebody is signed in."""
    return client.get(reverse("accounts:me")).status_code == 200


def recovery_code(member: Member) -> str:
    """An unused recovery code."""
    kept = codes.recovery_codes(member)
    assert kept is not None
    return kept.get_unused_codes()[0]


def test_a_passkey_alone_signs_in(ada: Member, device: Device) -> None:
    client = Client()
    done = client.post(PASSKEY, {"credential": device.get(offered(client))})
    assert (done.status_code, is_in(client)) == (302, True)
    assert client.get(reverse("consults:cases")).status_code == 200
    assert "rete_device" in client.cookies
    line = Event.objects.filter(verb="member.signed_in").latest("seq")
    assert line.facts["ways"] == ["webauthn"]


def test_it_leads_where_one_wanted_to_go(device: Device) -> None:
    client = Client()
    sent = {"credential": device.get(offered(client)), "next": "/guide/"}
    assert client.post(PASSKEY, sent)["Location"] == "/guide/"
    client, sent["credential"] = Client(), ""
    sent["credential"] = device.get(offered(client))
    assert client.post(PASSKEY, sent | {"next": "https://elsewhere.example/"})["Location"] == "/"


@pytest.mark.parametrize("name", ["suspended", "erased"])
def test_a_passkey_of_a_closed_account_does_not(ada: Member, device: Device, name: str) -> None:
    Member.objects.filter(pk=ada.pk).update(standing=name)
    client = Client()
    client.post(PASSKEY, {"credential": device.get(offered(client))})
    assert not is_in(client)


REFUSED: dict[str, Callable[[Device, Client], str]] = {
    "another challenge": lambda device, client: device.get(offered(client), challenge="AAAA"),
    "no challenge": lambda device, _client: device.get({"publicKey": {"challenge": "AAAA"}}),
    "another site": lambda device, client: Device(
        host="elsewhere.example", key=device.key, user=device.user, count=5
    ).get(offered(client)),
    "user not verified": lambda device, client: Device(verifies=False, key=device.key, user=device.user, count=5).get(
        offered(client)
    ),
    "another key": lambda device, client: Device(user=device.user, count=5).get(offered(client)),
    "nobody": lambda device, client: Device(key=device.key, user="", count=5).get(offered(client)),
    "somebody unknown": lambda device, client: Device(key=device.key, user="MTIz", count=5).get(offered(client)),
    "a count that it had": lambda device, client: Device(key=device.key, user=device.user, count=6, counts=False).get(
        offered(client)
    ),
    "a list": lambda _device, client: str(offered(client) and "[]"),
    "no response": lambda _device, client: str(offered(client) and '{"id": "AA", "type": "public-key"}'),
    "no json": lambda _device, client: str(offered(client) and "{"),
    "nothing": lambda _device, client: str(offered(client) and ""),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_not_this_passkey_does_not(device: Device, what: str) -> None:
    passkey = Authenticator.objects.get(type="webauthn")
    assert passkeys.counts_up(passkey, count=6 if what == "a count that it had" else 1)
    client = Client()
    refused = client.post(PASSKEY, {"credential": REFUSED[what](device, client)}, follow=True)
    assert "was not accepted" in refused.content.decode()
    assert not is_in(client)


@pytest.mark.parametrize(
    ("stored", "got", "accepted"),
    [(0, 0, True), (0, 1, True), (5, 6, True), (5, 90, True), (5, 5, False), (5, 4, False), (5, 0, False)],
)
def test_counts_of_a_passkey(
    ada: Member, device: Device, stored: int, got: int, accepted: bool, run_jobs: Callable[[], int]
) -> None:
    run_jobs()
    mail.outbox.clear()
    passkey = Authenticator.objects.get(type="webauthn")
    passkey.data[passkeys.COUNT] = stored
    passkey.save()
    assert passkeys.counts_up(passkey, count=got) is accepted
    run_jobs()
    told = [(line.facts["stored"], line.facts["got"]) for line in Event.objects.filter(verb="member.passkey_copied")]
    assert told == ([] if accepted else [(stored, got)])
    assert len(mail.outbox) == len(told)
    passkey.refresh_from_db()
    assert passkey.data[passkeys.COUNT] == (got if accepted else stored)


def test_a_password_is_not_enough(ada: Member, secret: str, with_password: SignedIn) -> None:
    client = with_password(ada)
    assert not is_in(client)
    assert "rete_device" not in client.cookies
    assert client.get(SECOND).status_code == 200
    assert client.get(reverse("consults:cases")).status_code == 302


def test_a_code_of_the_app_after_the_password(ada: Member, secret: str, with_password: SignedIn) -> None:
    client = with_password(ada)
    assert client.post(SECOND, {"code": app_code(secret)}).status_code == 422  # used up by enrolling
    assert client.post(SECOND, {"code": app_code(secret, step=1)}).status_code == 302
    assert is_in(client)
    assert Event.objects.filter(verb="member.signed_in").latest("seq").facts["ways"] == ["password", "totp"]
    again = with_password(ada)
    assert again.post(SECOND, {"code": app_code(secret, step=1)}).status_code == 422
    assert not is_in(again)


@pytest.mark.parametrize(("step", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clocks_may_be_half_a_minute_off(secret: str, step: int, good: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    assert (codes.counter_of(secret, app_code(secret, step=step)) is not None) is good


def test_a_passkey_after_the_password(ada: Member, device: Device, with_password: SignedIn, options: Options) -> None:
    client = with_password(ada)
    wrong = client.post(SECOND, {"credential": "{}"})
    assert wrong.status_code == 422
    assert client.post(SECOND, {"credential": device.get(options(client.get(SECOND)))}).status_code == 302
    assert is_in(client)


def test_a_recovery_code_says_how_many_are_left(
    ada: Member, secret: str, with_password: SignedIn, run_jobs: Callable[[], int]
) -> None:
    run_jobs()
    mail.outbox.clear()
    client, code = with_password(ada), recovery_code(ada)
    done = client.post(SECOND, {"code": f"{code[:4]} {code[4:]}"})
    assert done["Location"] == reverse("accounts:me_security")
    page = client.get(done["Location"]).content.decode()
    assert "9 are left" in page
    assert Event.objects.get(verb="member.code_used").facts["left"] == 9
    run_jobs()
    assert {message.to[0] for message in mail.outbox} == {ada.email}
    assert sum("recovery codes" in message.body for message in mail.outbox) == 1  # the other one: a new browser
    assert with_password(ada).post(SECOND, {"code": code}).status_code == 422
    assert client.post(reverse("accounts:me_codes_make"))["Location"] == reverse("accounts:me_codes")
    assert codes.left(ada) == 10


def test_wrong_codes_are_logged_and_limited(ada: Member, secret: str, with_password: SignedIn) -> None:
    client = with_password(ada)
    for _try in range(5):
        assert client.post(SECOND, {"code": "000000"}).status_code == 422
    assert client.post(SECOND, {"code": app_code(secret, step=1)}).status_code == 422
    assert not is_in(client)
    assert Event.objects.filter(verb="member.sign_in_failed", subject_id=ada.pk).count() == 5


def test_the_second_page_needs_the_first() -> None:
    for method in ("get", "post"):
        assert getattr(Client(), method)(SECOND)["Location"] == reverse("account_login")
    assert Client().get(PASSKEY)["Location"] == reverse("account_login")


def test_a_sign_in_that_waits_for_its_factor_is_no_trap(ada: Member, secret: str, with_password: SignedIn) -> None:
    other = factories.member(email="eve@hospital.example", password=PASSWORD)
    client, page = with_password(ada), reverse("account_login")
    assert client.get(page)["Location"] == SECOND
    assert client.get(page, {"anew": "1"}).status_code == 200
    assert client.get(SECOND)["Location"] == page
    client = with_password(ada)
    assert client.post(page, {"login": other.email, "password": PASSWORD}).status_code == 302
    assert client.get(reverse("token")).json()["member"] == str(other.pk)


# --- Again, before what could do harm

OFFICE = {"is_privacy_officer": True, "profession": ""}
EXPORT = reverse("compliance:consent_audit_export")


@pytest.fixture
def officer_at(
    with_password: SignedIn, enrol_app: Callable[[Client], str], enrol_passkey: Callable[[Client], Device]
) -> Callable[[], tuple[Client, Member, str, Device]]:
    """A privacy officer with app and passkey, just signed in by passkey."""

    def made() -> tuple[Client, Member, str, Device]:
        member = factories.member(password=PASSWORD, factor_enrolled_at=None, **OFFICE)
        first = with_password(member)
        secret, device = enrol_app(first), enrol_passkey(first)
        client = Client()
        client.post(PASSKEY, {"credential": device.get(offered(client))})
        return client, member, secret, device

    return made


def sent(client: Client, **fields: str) -> HttpResponse:
    """The answer to a reauthentication before an export."""
    return client.post(AGAIN, fields | {"next": EXPORT})


@pytest.mark.parametrize(
    ("with_what", "opens", "leads_to"),
    [
        ("passkey", True, EXPORT),
        ("app", True, EXPORT),
        ("recovery code", False, reverse("accounts:me_security")),
        ("password", False, ""),
        ("wrong code", False, ""),
    ],
)
def test_what_confirms_an_export(
    officer_at: Callable[[], tuple[Client, Member, str, Device]],
    options: Options,
    with_what: str,
    opens: bool,
    leads_to: str,
) -> None:
    client, member, secret, device = officer_at()
    assert client.get(EXPORT)["Location"].startswith(AGAIN)  # signing in does not do
    page = client.get(AGAIN, {"next": EXPORT})
    assert 'name="password"' not in page.content.decode()
    fields = {
        "passkey": lambda: {"credential": device.get(options(page))},
        "app": lambda: {"code": app_code(secret, step=1)},
        "recovery code": lambda: {"code": recovery_code(member)},
        "password": lambda: {"password": PASSWORD},
        "wrong code": lambda: {"code": "000000"},
    }[with_what]()
    assert sent(client, **fields).get("Location", "") == leads_to
    assert (client.get(EXPORT).status_code == 200) is opens
    assert Event.objects.filter(verb="member.confirmed", actor_id=member.pk).exists() is bool(leads_to)


def test_a_password_confirms_for_who_has_nothing_else(ada: Member, with_password: SignedIn) -> None:
    client = with_password(ada)
    page = client.get(AGAIN).content.decode()
    assert 'name="password"' in page
    assert client.post(AGAIN, {"password": "wrong"}).status_code == 200
    assert client.post(AGAIN, {"password": PASSWORD}).status_code == 302


def test_what_was_sent_before_confirming_is_not_said_to_have_arrived(officer_at: Callable[[], Any]) -> None:
    client = officer_at()[0]
    answer = client.post(EXPORT, {"formats": "csv", "unsent": "k1"})
    assert answer["Location"].startswith(AGAIN)
    assert "rete_arrived" not in answer.cookies  # so the tab keeps it and puts it back


def test_an_open_session_does_not_change_factors(ada: Member, secret: str, with_password: SignedIn) -> None:
    client = with_password(ada)
    client.post(SECOND, {"code": app_code(secret, step=1)})
    assert client.get(reverse("accounts:me_passkey_add")).status_code == 200  # just signed in
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 301
    session.save()
    app = Authenticator.objects.get(type="totp").pk
    for name, args in (
        ("me_passkey_add", []),
        ("me_app_add", []),
        ("me_factor_remove", [app]),
        ("me_codes_make", []),
        ("me_codes", []),
    ):
        method = "post" if name == "me_codes_make" else "get"
        answer = getattr(client, method)(reverse(f"accounts:{name}", args=args))
        assert answer["Location"].startswith(AGAIN), name
    assert client.post(AGAIN, {"code": recovery_code(ada)}).status_code == 302
    assert client.get(reverse("accounts:me_passkey_add")).status_code == 200


# What must not be done by whoever finds a session open: the address, as whom, and what is sent.
POWERFUL: dict[str, tuple[str, Callable[[], list[object]], dict[str, str]]] = {
    "accounts:decide": ("mod1", lambda: [application_pk()], {"decision": "decline"}),
    "accounts:standing": ("mod1", lambda: [factories.person("bob").pk], {"reason": "security"}),
    "accounts:recovery": ("mod1", lambda: [recovery_pk()], {"finding": "no"}),
    "accounts:check": ("mod1", lambda: [uuid4()], {"finding": "no"}),  # asked before anything is looked at
    "accounts:recheck": ("mod1", lambda: [uuid4()], {"decision": "decline"}),
    "accounts:people": ("admin", list, {"office": "moderator"}),
    "consults:managed_groups": ("admin", list, {"name": "Hall"}),
    "compliance:consent_audit_export": ("officer", list, {"formats": "csv"}),
}


def application_pk() -> object:
    """An application that waits."""
    return join(email="nova@lake.example", said=claim()).pk


def recovery_pk() -> object:
    """A recovery that waits."""
    return Recovery.objects.create(member=factories.member(), state="confirmed", confirmed_at=timezone.now()).pk


@pytest.mark.parametrize("name", POWERFUL)
@pytest.mark.parametrize("again", [False, True])
def test_what_needs_it(name: str, again: bool) -> None:
    who, args, fields = POWERFUL[name]
    member, client = factories.person(who), Client()
    client.force_login(member)
    give_factor(client, member, again=again)
    answer = client.post(reverse(name, args=args()), fields)
    assert answer.get("Location", "").startswith(AGAIN) is not again
