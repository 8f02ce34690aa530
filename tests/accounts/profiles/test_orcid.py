"""ORCID: confirming an iD and signing in with it, against its endpoints on loopback; and every way it is refused."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from accounts.models import Member, Profile
from accounts.profiles import orcid, orcid_views
from accounts.security.factors import codes
from audit.models import Event
from config import env
from core import counts
from tests import factories
from tests.accounts.profiles import fake_orcid
from tests.accounts.profiles.fake_orcid import CARBERRY, CLIENT, SECRET, FakeOrcid, token_of
from tests.accounts.profiles.makers import say
from tests.factors import app_code

PASSWORD = "kettle drumming under violets"
CONNECT, REMOVE, EDIT = "/me/profile/orcid/", "/me/profile/orcid/remove/", "/me/profile/"
SIGN_IN, BACK, LOGIN = "/sign-in/orcid/", "/sign-in/orcid/back/", "/sign-in/"


@pytest.fixture
def orcid_org(settings: Any) -> Iterator[FakeOrcid]:
    with fake_orcid.running() as fake:
        settings.ORCID_CLIENT_ID, settings.ORCID_CLIENT_SECRET = CLIENT, SECRET
        settings.ORCID_BASE_URL = fake.address
        yield fake


@pytest.fixture
def mine(client: Client, alice: Member) -> Client:
    """alice, who has just shown who she is."""
    alice.set_password(PASSWORD)
    alice.save()
    client.force_login(alice)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def at_orcid(address: str) -> str:
    """What the browser does there: it follows the link, and is sent back to this path."""
    answer = requests.get(address, allow_redirects=False, timeout=5)
    back = urlsplit(answer.headers["Location"])
    assert back.path == BACK
    return f"{back.path}?{back.query}"


def come_and_go(client: Client, start: str = CONNECT, **sent: str) -> Any:
    return client.get(at_orcid(client.post(start, sent)["Location"]), follow=True)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


# --- Confirming


def test_an_id_is_confirmed(mine: Client, alice: Member, orcid_org: FakeOrcid, run_jobs: Callable[[], int]) -> None:
    say(alice, about="I stay.")
    answer = come_and_go(mine)
    assert answer.redirect_chain == [(EDIT, 302)]
    assert "ORCID confirmed your iD." in text(answer)
    saved = Profile.objects.get(member=alice)
    assert (saved.orcid, saved.orcid_confirmed_at is not None, saved.about) == (CARBERRY, True, "I stay.")
    assert Event.objects.filter(verb="profile.orcid_confirmed", actor_id=alice.pk).count() == 1
    run_jobs()
    assert [message.to for message in mail.outbox] == [[alice.email]]
    assert "0000-0002" not in mail.outbox[0].body
    assert "Remove this iD" in text(mine.get(EDIT))
    mine.post(REMOVE)
    mine.post(REMOVE)
    saved.refresh_from_db()
    assert (saved.orcid, saved.orcid_confirmed_at) == ("", None)
    assert Event.objects.filter(verb="profile.orcid_removed").count() == 1


def test_the_id_of_another_is_refused(mine: Client, alice: Member, bob: Member, orcid_org: FakeOrcid) -> None:
    orcid.link(member=bob, number=CARBERRY)
    assert "confirmed by another member already" in text(come_and_go(mine))
    assert not Profile.objects.filter(member=alice).exclude(orcid="").exists()


def test_denied_there_changes_nothing(mine: Client, alice: Member, orcid_org: FakeOrcid) -> None:
    orcid_org.denies = True
    assert "it was denied there" in text(come_and_go(mine))
    assert orcid_org.token_requests == 0
    assert not Profile.objects.filter(member=alice).exists()


def test_confirming_needs_reauthentication(client: Client, alice: Member, orcid_org: FakeOrcid) -> None:
    client.force_login(alice)
    answer = client.post(CONNECT)
    assert answer["Location"].startswith(reverse("account_reauthenticate"))


def test_a_look_at_the_address_of_a_form_changes_nothing(mine: Client, alice: Member, settings: Any) -> None:
    """Else a link from elsewhere would remove the iD, or begin at ORCID what nobody asked for."""
    settings.ORCID_CLIENT_ID = CLIENT
    orcid.link(member=alice, number=CARBERRY)
    assert mine.get(CONNECT)["Location"] == EDIT
    assert mine.get(REMOVE)["Location"] == EDIT
    assert Client().get(SIGN_IN)["Location"] == LOGIN
    assert Profile.objects.get(member=alice).orcid == CARBERRY


def other_state(path: str) -> str:
    return path.replace("state=", "state=x")


def no_state(path: str) -> str:
    return path.partition("&state=")[0]


def no_code(path: str) -> str:
    return f"{BACK}?{path.partition('&')[2]}"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (other_state, "belongs to no attempt of yours"),
        (no_state, "belongs to no attempt of yours"),
        (no_code, "it was denied there"),
        (lambda path: path.replace("code=", "code=x"), "ORCID did not confirm it."),
    ],
)
def test_a_changed_answer_is_refused(
    mine: Client, alice: Member, orcid_org: FakeOrcid, change: Callable[[str], str], words: str
) -> None:
    back = at_orcid(mine.post(CONNECT)["Location"])
    assert words in text(mine.get(change(back), follow=True))
    # And the attempt is used up.
    assert "belongs to no attempt of yours" in text(mine.get(back, follow=True))
    assert not Profile.objects.filter(member=alice).exists()


def test_an_answer_is_used_once(mine: Client, orcid_org: FakeOrcid) -> None:
    back = at_orcid(mine.post(CONNECT)["Location"])
    assert "ORCID confirmed your iD." in text(mine.get(back, follow=True))
    assert "belongs to no attempt of yours" in text(mine.get(back, follow=True))


def test_an_answer_of_another_session_is_refused(mine: Client, bob: Member, orcid_org: FakeOrcid) -> None:
    """Somebody lures bob to an address that would link the attacker's iD to his account."""
    back = at_orcid(mine.post(CONNECT)["Location"])
    victim = Client()
    victim.force_login(bob)
    assert "belongs to no attempt of yours" in text(victim.get(back, follow=True))
    assert orcid_org.token_requests == 0


def test_an_attempt_ends_after_ten_minutes(mine: Client, orcid_org: FakeOrcid) -> None:
    back = at_orcid(mine.post(CONNECT)["Location"])
    session = mine.session
    session[orcid.KEPT] = session[orcid.KEPT] | {"at": int(time.time()) - orcid.SECONDS - 5}
    session.save()
    assert "This took too long" in text(mine.get(back, follow=True))
    assert orcid_org.token_requests == 0


def test_signing_in_meanwhile_ends_an_attempt(client: Client, alice: Member, orcid_org: FakeOrcid) -> None:
    back = at_orcid(client.post(SIGN_IN)["Location"])
    kept = client.session[orcid.KEPT]
    client.force_login(alice)
    session = client.session
    session[orcid.KEPT] = kept
    session.save()
    assert "you signed in meanwhile" in text(client.get(back, follow=True))


WRONG: dict[str, dict[str, Any]] = {
    "another nonce": {"claims": {"nonce": "other"}},
    "another issuer": {"claims": {"iss": "https://elsewhere.example"}},
    "another client": {"claims": {"aud": "APP-OTHER"}},
    "other clients": {"claims": {"aud": ["APP-OTHER"]}},
    "expired": {"claims": {"exp": 1}},
    "without an end": {"claims": {"exp": None}},
    "two iDs": {"answer": {"orcid": "0000-0002-1694-233X"}},
    "no iD": {"claims": {"sub": "me"}, "answer": {"orcid": "me"}},
    "no token": {"answer": {"id_token": None}},
    "half a token": {"answer": {"id_token": "e30.e30"}},
    "no base64": {"answer": {"id_token": "e30.!!!.e30"}},
    "no object": {"answer": {"id_token": token_of([1])}},
    "a list": {"body": b"[]"},
    "no JSON": {"body": b"<html>"},
    "a long answer": {"body": b" " * (orcid.MOST_BYTES + 1)},
    "an error": {"status": 500},
    "a redirection": {"status": 302},
}


@pytest.mark.parametrize("how", WRONG)
def test_what_orcid_may_not_say(mine: Client, alice: Member, orcid_org: FakeOrcid, how: str) -> None:
    for name, value in WRONG[how].items():
        setattr(orcid_org, name, value)
    assert "ORCID" in text(come_and_go(mine)).partition('role="alert"')[2][:900]
    assert not Profile.objects.filter(member=alice).exists()


def test_several_audiences_with_ours_among_them(mine: Client, orcid_org: FakeOrcid) -> None:
    orcid_org.claims = {"aud": ["APP-OTHER", CLIENT]}
    assert "ORCID confirmed your iD." in text(come_and_go(mine))


def test_a_server_that_is_away(mine: Client, orcid_org: FakeOrcid, settings: Any) -> None:
    back = at_orcid(mine.post(CONNECT)["Location"])
    settings.ORCID_BASE_URL = "http://127.0.0.1:9"
    assert "does not answer at the moment" in text(mine.get(back, follow=True))


# --- Signing in


def test_a_linked_id_signs_in_as_the_password_does(
    client: Client, alice: Member, orcid_org: FakeOrcid, monkeypatch: pytest.MonkeyPatch
) -> None:
    orcid.link(member=alice, number=CARBERRY)
    assert "Sign in with ORCID" in text(client.get(LOGIN))
    answer = come_and_go(client, SIGN_IN, next="/cases/mine/")
    assert answer.redirect_chain == [("/cases/mine/", 302)]
    assert client.session["_auth_user_id"] == str(alice.pk)
    assert Event.objects.filter(verb="member.signed_in", actor_id=alice.pk).count() == 1
    # It stands for no password where one is asked for once more.
    assert client.post(CONNECT)["Location"].startswith(reverse("account_reauthenticate"))


def test_it_remembers_the_browser_and_tells_of_a_new_one(
    client: Client, alice: Member, orcid_org: FakeOrcid, run_jobs: Callable[[], int]
) -> None:
    orcid.link(member=alice, number=CARBERRY)
    run_jobs()
    told = []
    for browser in (client, client, Client()):
        mail.outbox.clear()
        come_and_go(browser, SIGN_IN)
        assert settings.DEVICE_COOKIE_NAME in browser.cookies
        browser.post(reverse("account_logout"))
        run_jobs()
        told.append(len(mail.outbox))
    assert told == [0, 0, 1]


def test_a_second_factor_is_asked_after_it(client: Client, alice: Member, orcid_org: FakeOrcid) -> None:
    Authenticator.objects.create(user=alice, type="totp", data=codes.totp_data("JBSWY3DPEHPK3PXP", counter=0))
    orcid.link(member=alice, number=CARBERRY)
    back = at_orcid(client.post(SIGN_IN)["Location"])
    assert client.get(back)["Location"].startswith(reverse("mfa_authenticate"))
    assert "_auth_user_id" not in client.session
    assert settings.DEVICE_COOKIE_NAME not in client.cookies
    assert client.post(reverse("mfa_authenticate"), {"code": app_code("JBSWY3DPEHPK3PXP")}).status_code == 302
    assert client.session["_auth_user_id"] == str(alice.pk)
    assert settings.DEVICE_COOKIE_NAME in client.cookies


def test_it_passes_through_the_stages_of_any_sign_in(
    client: Client, alice: Member, orcid_org: FakeOrcid, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second factor is one of allauth's stages: whoever is stopped there is not signed in."""
    from allauth.account.stages import LoginStageController
    from django.http import HttpResponseRedirect

    orcid.link(member=alice, number=CARBERRY)
    monkeypatch.setattr(LoginStageController, "handle", lambda self: HttpResponseRedirect("/second-factor/"))
    back = at_orcid(client.post(SIGN_IN)["Location"])
    assert client.get(back)["Location"] == "/second-factor/"
    assert "_auth_user_id" not in client.session


def test_an_id_that_is_only_said_signs_nobody_in(client: Client, alice: Member, orcid_org: FakeOrcid) -> None:
    say(alice, orcid=CARBERRY)
    answer = come_and_go(client, SIGN_IN)
    assert answer.redirect_chain == [(LOGIN, 302)]
    assert "No member has linked this iD." in text(answer)
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("changes", "signed_in"),
    [({"standing": "suspended"}, True), ({"standing": "lapsed"}, True), ({"standing": "erased"}, False)],
)
def test_standing_decides_as_with_a_password(
    client: Client, alice: Member, orcid_org: FakeOrcid, changes: dict[str, str], signed_in: bool
) -> None:
    """A suspended member signs in once to learn that they are: the next page says so and signs them out."""
    orcid.link(member=alice, number=CARBERRY)
    Member.objects.filter(pk=alice.pk).update(**changes)
    back = at_orcid(client.post(SIGN_IN)["Location"])
    client.get(back)
    assert ("_auth_user_id" in client.session) is signed_in
    if changes["standing"] == "suspended":
        assert client.get("/me/").status_code == 403


@pytest.mark.parametrize("path", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", "x"])
def test_it_leads_nowhere_else(client: Client, alice: Member, orcid_org: FakeOrcid, path: str) -> None:
    orcid.link(member=alice, number=CARBERRY)
    answer = come_and_go(client, SIGN_IN, next=path)
    assert [at for at, _status in answer.redirect_chain] == ["/", "/cases/"]


def test_linking_as_no_member_is_refused(mine: Client, alice: Member, orcid_org: FakeOrcid) -> None:
    back = at_orcid(mine.post(CONNECT)["Location"])
    Member.objects.filter(pk=alice.pk).update(is_staff=True)  # became an administrator meanwhile
    assert mine.get(back)["Location"] == "/me/"
    assert not Profile.objects.filter(member=alice).exists()


def test_whoever_is_signed_in_need_not(mine: Client, orcid_org: FakeOrcid) -> None:
    assert mine.post(SIGN_IN)["Location"] == "/"


def test_not_too_often(client: Client, orcid_org: FakeOrcid, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orcid_views, "TRIES", counts.Limit("orcid", 1, 600))
    come_and_go(client, SIGN_IN)
    assert "Too many attempts." in text(come_and_go(client, SIGN_IN))
    assert orcid_org.token_requests == 1


# --- Off


@pytest.mark.parametrize("path", [CONNECT, REMOVE, SIGN_IN, BACK])
def test_without_a_client_id_there_is_no_such_page(mine: Client, path: str) -> None:
    assert mine.post(path).status_code == 404
    assert mine.get(path).status_code == 404


def test_without_a_client_id_there_is_no_button(client: Client, mine: Client) -> None:
    assert "Confirm my iD" not in text(mine.get(EDIT))
    assert "Sign in with ORCID" not in text(Client().get(LOGIN))


@pytest.mark.parametrize(
    ("variables", "refused"),
    [
        ({}, False),
        ({"ORCID_CLIENT_ID": "APP-1"}, True),
        ({"ORCID_CLIENT_ID": "APP-1", "ORCID_CLIENT_SECRET": "s"}, False),
        ({"ORCID_BASE_URL": "orcid.org"}, True),
        ({"ORCID_CLIENT_ID": "APP-1", "ORCID_CLIENT_SECRET": "s", "ORCID_BASE_URL": "http://127.0.0.1:1"}, False),
        ({"ORCID_CLIENT_ID": "APP-1", "ORCID_CLIENT_SECRET": "s", "ORCID_BASE_URL": "http://orcid.org",
          "RETE_EMBEDDED": "false", "RETE_SECRET_KEY": "x" * 50, "RETE_MASTER_KEY": "x"}, True),
    ],
)  # fmt: skip
def test_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variables: dict[str, str], refused: bool) -> None:
    import runpy

    monkeypatch.setenv("RETE_DATA", str(tmp_path))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    path = Path(env.__file__).with_name("settings.py")
    try:
        made = runpy.run_path(str(path))
    except (env.BadSetting, ImproperlyConfigured):
        assert refused
        return
    assert not refused
    allowed = made["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["form-action"]
    assert (made["ORCID_BASE_URL"] in allowed) is bool(variables.get("ORCID_CLIENT_ID"))


def test_nobody_is_vouched_for_by_name(db: None) -> None:
    assert orcid.member_with(CARBERRY) is None
    assert orcid.member_with("") is None
    factories.member()
    assert orcid.member_with("") is None
