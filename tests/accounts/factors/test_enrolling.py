"""Enrolling factors by the pages: what opens, what is stored, what is told."""

import re
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.db import connections
from django.test import Client
from django.urls import reverse

from accounts.models import Member, Session
from accounts.security.factors import codes, secret_text, service
from audit.models import Event
from core.crypto import vault
from core.models import DataKey
from tests import factories
from tests.accounts.makers import PASSWORD
from tests.factors import Device, app_code

pytestmark = pytest.mark.django_db
Enrol = Callable[[Client], object]
SignedIn = Callable[[Member], Client]


def test_the_first_sign_in_leads_to_the_factors(ada: Member) -> None:
    done = Client().post(reverse("account_login"), {"login": ada.email, "password": PASSWORD})
    assert done["Location"] == reverse("accounts:me_security")


def test_no_case_before_a_passkey(ada: Member, with_password: SignedIn, enrol_passkey: Enrol) -> None:
    client = with_password(ada)
    refused = client.get(reverse("consults:cases"))
    assert refused.status_code == 403
    assert reverse("accounts:me_security") in refused.content.decode()
    enrol_passkey(client)
    assert client.get(reverse("consults:cases")).status_code == 200
    ada.refresh_from_db()
    assert ada.factor_enrolled_at is not None


def test_an_app_opens_cases_too(ada: Member, with_password: SignedIn, enrol_app: Enrol) -> None:
    client = with_password(ada)
    enrol_app(client)
    assert client.get(reverse("consults:cases")).status_code == 200


@pytest.mark.parametrize("kind", ["passkey", "app"])
def test_each_change_is_logged_and_mailed(
    ada: Member,
    kind: str,
    with_password: SignedIn,
    enrol_passkey: Enrol,
    enrol_app: Enrol,
    run_jobs: Callable[[], int],
) -> None:
    client = with_password(ada)
    (enrol_passkey if kind == "passkey" else enrol_app)(client)
    factor = Authenticator.objects.exclude(type="recovery_codes").get()
    client.post(reverse("accounts:me_codes_make"))
    client.post(reverse("accounts:me_factor_remove", args=[factor.pk]))
    run_jobs()
    verbs = list(Event.objects.filter(subject_id=ada.pk).values_list("verb", flat=True))
    assert verbs[-3:] == ["member.factor_added", "member.codes_made", "member.factor_removed"]
    assert [message.to for message in mail.outbox] == [[ada.email]] * 3
    ada.refresh_from_db()
    assert ada.factor_enrolled_at is None
    assert not Authenticator.objects.exists()  # the codes went with the last factor
    assert client.get(reverse("consults:cases")).status_code == 403


def test_a_copied_database_holds_no_secret(ada: Member, with_password: SignedIn, enrol_app: Enrol) -> None:
    client = with_password(ada)
    page = client.get(reverse("accounts:me_app_add"))
    draft = re.search(r'class="typed-key">([A-Z2-7 ]+)<', page.content.decode())[1].replace(" ", "")
    secret = enrol_app(client)
    shown = re.findall(r"<li><code>(\d{4}) (\d{4})</code>", client.get(reverse("accounts:me_codes")).content.decode())
    seed = secret_text.unseal(Authenticator.objects.get(type="recovery_codes").data["seed"])
    plain = [secret, draft, seed, *("".join(one) for one in shown)]
    assert len(plain) == 13
    dump = []
    for alias in ("default", "keys"):
        with connections[alias].cursor() as cursor:
            for table in connections[alias].introspection.table_names(cursor):
                cursor.execute(f'SELECT * FROM "{table}"')
                dump += [str(row) for row in cursor.fetchall()]
    dump += [str(session.get_decoded()) for session in Session.objects.all()]
    assert [word for word in plain if word in "\n".join(dump)] == []


def test_secrets_are_sealed_anew_and_old_keys_destroyed(
    ada: Member, with_password: SignedIn, enrol_app: Enrol, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    secret = enrol_app(with_password(ada))
    before = {row.pk: row.data for row in Authenticator.objects.all()}
    with django_capture_on_commit_callbacks(execute=True):
        assert secret_text.rotate() == 2
    app = Authenticator.objects.get(type="totp")
    assert app.data["secret"] != before[app.pk]["secret"]
    assert codes.use(app, app_code(str(secret), step=1))
    old = [key for data in before.values() for key in secret_text.key_ids(data)]
    assert [vault.has_key(key) for key in old] == [False, False]
    with pytest.raises(vault.KeyDestroyed):
        secret_text.unseal(before[app.pk]["secret"])


def test_the_keys_of_a_removed_factor_are_destroyed(
    ada: Member, with_password: SignedIn, enrol_app: Enrol, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    enrol_app(with_password(ada))
    with django_capture_on_commit_callbacks(execute=True):
        service.remove(member=ada, factor=Authenticator.objects.get(type="totp"))
    assert not DataKey.objects.filter(wrapped__isnull=False).exists()


@pytest.mark.parametrize("text", ["", "plain", "1.zz.AAAA", "2.00000000000000000000000000000000.AAAA", "1.0.%%"])
def test_what_was_not_sealed_is_refused(text: str) -> None:
    with pytest.raises((vault.Tampered, vault.KeyDestroyed)):
        secret_text.unseal(text)


@pytest.mark.parametrize(
    "what", ["another challenge", "not verified", "another site", "no json", "a list", "nothing in it", "nothing"]
)
def test_what_is_no_passkey_is_refused(
    ada: Member, what: str, with_password: SignedIn, options: Callable[[object], dict[str, object]]
) -> None:
    client = with_password(ada)
    page = client.get(reverse("accounts:me_passkey_add"))
    sent = {
        "another challenge": lambda: Device().create(options(page), challenge="AAAA"),
        "not verified": lambda: Device(verifies=False).create(options(page)),
        "another site": lambda: Device(host="elsewhere.example").create(options(page)),
        "no json": lambda: "{",
        "a list": lambda: "[1]",
        "nothing in it": lambda: '{"response": {}}',
        "nothing": lambda: "",
    }[what]()
    refused = client.post(reverse("accounts:me_passkey_add"), {"name": "x", "credential": sent})
    assert refused.status_code == 422
    assert not Authenticator.objects.exists()


def test_a_wrong_first_code_sets_up_no_app(ada: Member, with_password: SignedIn) -> None:
    client = with_password(ada)
    client.get(reverse("accounts:me_app_add"))
    assert client.post(reverse("accounts:me_app_add"), {"code": "000000"}).status_code == 422
    assert not Authenticator.objects.exists()


def test_a_new_app_takes_the_place_of_the_old_one(ada: Member, with_password: SignedIn, enrol_app: Enrol) -> None:
    client = with_password(ada)
    first, second = enrol_app(client), enrol_app(client)
    assert first != second
    assert secret_text.unseal(Authenticator.objects.get(type="totp").data["secret"]) == second


def test_codes_are_shown_until_they_are_kept(ada: Member, with_password: SignedIn, enrol_app: Enrol) -> None:
    client = with_password(ada)
    enrol_app(client)
    pages = [client.get(reverse("accounts:me_codes")) for _time in range(2)]
    assert [page.status_code for page in pages] == [200, 200]
    assert "Keep your recovery codes" in client.get(reverse("accounts:me_security")).content.decode()
    client.post(reverse("accounts:me_codes_kept"))
    assert client.get(reverse("accounts:me_codes")).status_code == 302
    assert "Keep your recovery codes" not in client.get(reverse("accounts:me_security")).content.decode()


def test_a_passkey_gets_another_name(ada: Member, with_password: SignedIn, enrol_passkey: Enrol) -> None:
    client = with_password(ada)
    enrol_passkey(client)
    at = reverse("accounts:me_passkey", args=[Authenticator.objects.get(type="webauthn").pk])
    assert "My phone" in client.get(at).content.decode()
    assert client.post(at, {"name": ""}).status_code == 422
    client.post(at, {"name": "Key at the clinic"})
    assert "Key at the clinic" in client.get(reverse("accounts:me_security")).content.decode()


def test_factors_of_others_are_not_there(ada: Member, with_password: SignedIn, enrol_app: Enrol) -> None:
    other = factories.member(password=PASSWORD, factor_enrolled_at=None)
    enrol_app(with_password(other))
    client = with_password(ada)
    enrol_app(client)
    theirs = Authenticator.objects.get(type="totp", user=other).pk
    mine = Authenticator.objects.get(type="totp", user=ada).pk
    for name, pk, expected in (("remove", theirs, 404), ("remove", mine, 200), ("", theirs, 404), ("", mine, 404)):
        at = reverse("accounts:me_factor_remove" if name else "accounts:me_passkey", args=[pk])
        assert client.get(at).status_code == expected


@pytest.mark.parametrize(
    ("fields", "last", "removed"),
    [
        ({}, True, True),
        ({"is_moderator": True}, True, False),
        ({"is_moderator": True}, False, True),
        ({"is_staff": True}, True, False),
        ({"is_privacy_officer": True}, True, False),
    ],
)
def test_whoever_holds_an_office_keeps_one(
    fields: dict[str, bool], last: bool, removed: bool, with_password: SignedIn, enrol_app: Enrol, enrol_passkey: Enrol
) -> None:
    member = factories.member(password=PASSWORD, factor_enrolled_at=None, **fields)
    client = with_password(member)
    enrol_app(client)
    if not last:
        enrol_passkey(client)
    at = reverse("accounts:me_factor_remove", args=[Authenticator.objects.get(type="totp").pk])
    assert ("keep one at all times" in client.get(at).content.decode()) is not removed
    client.post(at)
    assert Authenticator.objects.filter(type="totp").exists() is not removed


def test_not_more_than_ten_passkeys(ada: Member, with_password: SignedIn, enrol_passkey: Callable[..., object]) -> None:
    client = with_password(ada)
    for number in range(11):
        enrol_passkey(client, Device(credential_id=f"credential-{number:06}".encode()))
    assert Authenticator.objects.filter(type="webauthn").count() == 10


def test_without_a_factor_there_are_no_codes(ada: Member, with_password: SignedIn) -> None:
    client = with_password(ada)
    assert client.post(reverse("accounts:me_codes_make"))["Location"] == reverse("accounts:me_security")
    assert not Authenticator.objects.exists()


def test_other_sessions_end_with_each_change(ada: Member, with_password: SignedIn, enrol_app: Enrol) -> None:
    found_open, client = with_password(ada), with_password(ada)
    enrol_app(client)
    assert found_open.get(reverse("accounts:me")).status_code == 302
    assert client.get(reverse("accounts:me")).status_code == 200
    other = Client()
    other.force_login(ada)
    client.post(reverse("accounts:me_factor_remove", args=[Authenticator.objects.get(type="totp").pk]))
    assert other.get(reverse("accounts:me")).status_code == 302
    assert client.get(reverse("accounts:me")).status_code == 200
