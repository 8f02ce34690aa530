"""Signing in: same answers for known and unknown addresses, limits, and a line in the log."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.membership import lifecycle
from accounts.models import Member, Session
from audit.models import Event
from core.jobs import queue
from tests import factories
from tests.accounts.makers import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Member:
    return factories.member(email="ada@hospital.example", name="Ada", password=PASSWORD)


def plain(response: object) -> str:
    """The page without what differs by request."""
    text = response.content.decode()
    text = re.sub(r'(nonce|value|content)="[A-Za-z0-9_+/=-]{16,}"', "", text)
    return (
        re.sub(r'"X-CSRFToken": "[^"]+"', "", text)
        .replace("ada@hospital.example", "E")
        .replace("nobody@hospital.example", "E")
    )


@pytest.mark.parametrize("spelling", ["ada@hospital.example", " ADA@Hospital.example "])
def test_sign_in(ada: Member, spelling: str) -> None:
    client = Client()
    response = client.post(reverse("account_login"), {"login": spelling, "password": PASSWORD})
    assert response.status_code == 302
    assert client.get(reverse("accounts:me")).status_code == 200
    assert Event.objects.filter(verb="member.signed_in", subject_id=ada.pk).count() == 1


def test_passwords_are_kept_with_argon2(real_passwords: None) -> None:
    ada = factories.member(password=PASSWORD)
    assert ada.password.startswith("argon2$argon2id$")


def test_unknown_address_and_wrong_password_get_the_same_answer(ada: Member) -> None:
    answers = [
        Client().post(reverse("account_login"), {"login": login, "password": "not the right one"})
        for login in ("ada@hospital.example", "nobody@hospital.example")
    ]
    assert answers[0].status_code == answers[1].status_code == 200
    assert plain(answers[0]) == plain(answers[1])
    assert "not right" in plain(answers[0])


def test_new_password_is_asked_for_with_the_same_answer(ada: Member, run_jobs: Callable[[], int]) -> None:
    answers = [
        Client().post(reverse("account_reset_password"), {"email": email}, follow=True)
        for email in ("ada@hospital.example", "nobody@hospital.example")
    ]
    assert plain(answers[0]) == plain(answers[1])
    assert mail.outbox == []
    run_jobs()
    assert [message.to for message in mail.outbox] == [["ada@hospital.example"]]


def test_new_password_by_mail(ada: Member, run_jobs: Callable[[], int]) -> None:
    client = Client()
    client.post(reverse("account_reset_password"), {"email": "ADA@hospital.example"})
    run_jobs()
    path = re.search(r"http://[^/]+(/\S+)", mail.outbox[0].body)[1]
    form = client.get(path, follow=True)
    assert form.status_code == 200
    assert "Choose a new password" in form.content.decode()
    address = form.redirect_chain[-1][0]
    weak = client.post(address, {"password1": "adaadaadaadaadaada", "password2": "adaadaadaadaadaada"})
    assert "easy to guess" in weak.content.decode()
    fresh = "kettle drumming under violets"
    assert client.post(address, {"password1": fresh, "password2": fresh}).status_code == 302
    ada.refresh_from_db()
    assert ada.check_password(fresh)
    assert "does not work any more" in Client().get(path, follow=True).content.decode()


def test_too_many_wrong_passwords(ada: Member) -> None:
    client = Client()
    for _attempt in range(5):
        client.post(reverse("account_login"), {"login": ada.email, "password": "wrong"})
    response = client.post(reverse("account_login"), {"login": ada.email, "password": PASSWORD})
    assert "Too many attempts" in response.content.decode()
    assert client.get(reverse("accounts:me")).status_code == 302


def tried(client: Client, password: str, email: str = "ada@hospital.example", **extra: Any) -> str:
    """What became of one try: in, wrong, or too many."""
    response = client.post(reverse("account_login"), {"login": email, "password": password}, **extra)
    if response.status_code == 302:
        return "in"
    return "too many" if "Too many attempts" in response.content.decode() else "wrong"


def test_a_made_up_port_begins_no_new_count(ada: Member, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "5/300s/key"}
    found = [tried(Client(), "wrong", SERVER_NAME="localhost", SERVER_PORT=str(8000 + n)) for n in range(6)]
    assert found == ["wrong"] * 5 + ["too many"]


def test_a_stranger_does_not_shut_a_member_out(ada: Member, bob: Member, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "5/300s/key"}
    bob.set_password(PASSWORD)
    bob.save()
    at_home, bobs, stranger = Client(), Client(), Client()
    assert (tried(at_home, PASSWORD), tried(bobs, PASSWORD, bob.email)) == ("in", "in")
    for client in (at_home, bobs):
        client.post(reverse("account_logout"))
    stranger.cookies["rete_device"] = at_home.cookies["rete_device"].value[:-1] + "."
    assert [tried(stranger, "wrong") for _try in range(6)] == ["wrong"] * 5 + ["too many"]
    assert tried(bobs, PASSWORD) == "too many"  # known, but not to this account
    assert [tried(at_home, "wrong") for _try in range(5)] == ["wrong"] * 5
    assert tried(at_home, PASSWORD) == "too many"  # a browser of theirs has a limit, too
    assert tried(bobs, PASSWORD, bob.email) == "in"


def test_a_known_browser_gets_in_while_others_are_counted(ada: Member, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "5/300s/key"}
    at_home, stranger = Client(), Client()
    tried(at_home, PASSWORD)
    mark = at_home.cookies["rete_device"]
    assert (mark["httponly"], mark["samesite"], "ada@" in mark.value) == (True, "Lax", False)
    at_home.post(reverse("account_logout"))
    for _try in range(6):
        tried(stranger, "wrong")
    assert tried(at_home, PASSWORD) == "in"
    assert at_home.cookies["rete_device"].value == mark.value


def test_a_shared_browser_knows_the_last_four(settings: Any) -> None:
    client = Client()
    for number in range(6):
        factories.member(email=f"m{number}@hospital.example", password=PASSWORD)
        assert tried(client, PASSWORD, f"m{number}@hospital.example") == "in"
        client.post(reverse("account_logout"))
    assert len(client.cookies["rete_device"].value.split(".")) == 4


def test_spoofed_forwarding_header_does_not_help(settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "3/m/ip"}
    client = Client()
    statuses = []
    for number in range(4):
        statuses.append(
            client.post(
                reverse("account_login"),
                {"login": f"someone{number}@hospital.example", "password": "wrong"},
                headers={"x-forwarded-for": f"10.0.0.{number}"},
            ).status_code
        )
    assert statuses == [200, 200, 200, 429]


@pytest.mark.parametrize(
    "path", ["/signup/", "/sign-up/", "/email/", "/inactive/", "/sign-in/code/", "/reauthenticate/"]
)
def test_other_pages_of_the_library_do_not_exist(path: str) -> None:
    assert Client().get(path).status_code == 404


@pytest.mark.parametrize(
    "name", ["account_login", "account_reset_password", "account_reset_password_done", "accounts:apply"]
)
def test_sign_in_pages_wear_our_frame(name: str) -> None:
    text = Client().get(reverse(name)).content.decode()
    assert f" · {settings.SITE_NAME}</title>" in text
    assert 'class="site-header"' in text


def test_applicant_lands_on_the_application() -> None:
    factories.member(email="new@hospital.example", password=PASSWORD, standing="applicant", verified_until=None)
    response = Client().post(reverse("account_login"), {"login": "new@hospital.example", "password": PASSWORD})
    assert response["Location"] == reverse("accounts:application")


def test_password_change(ada: Member, sign_in: Callable[[object], Client]) -> None:
    client = sign_in(ada)
    fresh = "kettle drumming under violets"
    wrong = client.post(
        reverse("account_change_password"), {"oldpassword": "no", "password1": fresh, "password2": fresh}
    )
    assert "not your present password" in wrong.content.decode()
    done = client.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": fresh, "password2": fresh}
    )
    assert done["Location"] == reverse("accounts:me")
    ada.refresh_from_db()
    assert ada.check_password(fresh)


def test_sign_out(ada: Member, sign_in: Callable[[object], Client]) -> None:
    client = sign_in(ada)
    assert "Sign out?" in client.get(reverse("account_logout")).content.decode()
    response = client.post(reverse("account_logout"))
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get(reverse("accounts:me")).status_code == 302
    assert Event.objects.filter(verb="member.signed_out", subject_id=ada.pk).count() == 1


def test_suspension_purges_stored_sessions(ada: Member, mod1: Member, sign_in: Callable[[object], Client]) -> None:
    clients = [sign_in(ada), sign_in(ada), sign_in(mod1)]
    assert Session.objects.count() == 3
    lifecycle.suspend(member=ada, by=mod1, reason="security")
    assert Session.objects.count() == 1
    assert [client.get(reverse("accounts:me")).status_code for client in clients] == [302, 302, 200]


def test_no_mail_template_takes_content() -> None:
    folder = Path(settings.BASE_DIR) / "templates" / "notifications" / "mail"
    words = {word for file in folder.glob("*.txt") for word in re.findall(r"\{\{\s*([\w.]+)", file.read_text())}
    # `reason` is a sentence of the site's own; the rest is of one's own account
    # `line.sentence` one that says that there is news; the other addresses lead to one's own settings.
    of_notices = {"line.sentence", "line.address", "stop", "choose"}
    assert (
        words == {"site_name", "address", "reason", "write_to"} | {"sentence", "at", "device", "network"} | of_notices
    )


def test_jobs_of_this_app_have_handlers() -> None:
    kinds = {"received", "drafted", "decided", "asked", "reset", "destroy_evidence"}
    assert {f"accounts.{kind}" for kind in kinds} <= set(queue._handlers)
