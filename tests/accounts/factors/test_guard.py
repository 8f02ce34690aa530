"""Who needs a factor where: tables of allow and deny, and every address of the site without one."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.urls import get_resolver, reverse

from accounts.models import Member
from accounts.security.factors import rules
from accounts.security.factors.middleware import lacks_factor
from imaging.models import Rendition
from tests import factories
from tests.consults import reading
from tests.factors import give_factor

pytestmark = pytest.mark.django_db

PLAIN: dict[str, Any] = {}
MODERATOR = {"is_moderator": True}
OFFICER = {"is_privacy_officer": True, "profession": ""}
ADMIN = {"is_staff": True, "profession": ""}
UNVERIFIED = {"standing": "applicant", "verified_until": None}
LAPSED = {"verified_until": factories.PEOPLE["lapsed"]["verified_until"]}
DEMO = {"email": "ada@rete.example"}
PASSWORD, CODE, TOTP, PASSKEY = "password", "recovery_codes", "totp", "webauthn"


@pytest.mark.parametrize(
    ("fields", "enrolled", "given", "expected"),
    [
        (PLAIN, False, PASSWORD, "enrol"),
        (PLAIN, True, PASSWORD, ""),  # was asked for it, or enrolled in this session
        (PLAIN, True, PASSKEY, ""),
        (MODERATOR, False, PASSWORD, "enrol"),
        (MODERATOR, True, PASSWORD, "give"),
        (MODERATOR, True, CODE, "give"),
        (MODERATOR, True, TOTP, ""),
        (MODERATOR, True, PASSKEY, ""),
        (OFFICER, False, PASSWORD, "enrol"),
        (OFFICER, True, CODE, "give"),
        (OFFICER, True, PASSKEY, ""),
        (ADMIN, False, PASSWORD, "enrol"),
        (ADMIN, True, PASSWORD, "give"),
        (ADMIN, True, TOTP, ""),
        (UNVERIFIED, False, PASSWORD, ""),  # no case is open to them anyhow
        (LAPSED, False, PASSWORD, ""),
        (DEMO, False, PASSWORD, ""),
        (DEMO | MODERATOR, False, PASSWORD, ""),
    ],
)
def test_what_is_missing(fields: dict[str, Any], enrolled: bool, given: str, expected: str) -> None:
    changes = {} if enrolled else {"factor_enrolled_at": None}
    member, client = factories.member(**fields, **changes), Client()
    client.force_login(member)
    give_factor(client, member, kind=given)
    request = RequestFactory().get("/")
    request.session = client.session
    assert rules.missing(request, member) == expected


def test_records_of_somebody_else_do_not_count(mod1: Member, mod2: Member) -> None:
    client = Client()
    client.force_login(mod1)
    request = RequestFactory().get("/")
    request.session = client.session
    assert (rules.gave_factor(request, mod1), rules.gave_factor(request, mod2)) == (True, False)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"method": "mfa", "type": PASSKEY}, True),
        ({"method": "mfa", "type": TOTP}, True),
        ({"method": "mfa", "type": CODE}, False),
        ({"method": PASSWORD}, False),
        ({"method": PASSWORD, "type": TOTP}, False),
    ],
)
def test_which_records_of_a_sign_in_are_a_factor(mod1: Member, record: dict[str, str], expected: bool) -> None:
    client = Client()
    client.force_login(mod1)
    request = RequestFactory().get("/")
    request.session = client.session
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [record]
    assert rules.gave_factor(request, mod1) is expected


@pytest.mark.parametrize(
    ("embedded", "email", "expected"),
    [
        (True, "ada@rete.example", True),
        (True, "ada@hospital.example", False),
        (True, "ada@notrete.example", False),
        (False, "ada@rete.example", False),
    ],
)
def test_the_demo_is_exempt_on_one_machine_only(embedded: bool, email: str, expected: bool, settings: Any) -> None:
    settings.EMBEDDED = embedded
    assert rules.is_demo(factories.member(email=email)) is expected
    assert rules.is_demo(AnonymousUser()) is False


def view(**marks: Any) -> Callable[..., None]:
    def shown() -> None:
        """Do nothing."""

    for name, value in marks.items():
        setattr(shown, name, value)
    return shown


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ({}, "enrol"),
        ({"without_factor": True}, ""),
        ({"login_required": False}, ""),
        ({"login_required": True}, "enrol"),
    ],
)
def test_views_deny_by_default(marks: dict[str, bool], expected: str) -> None:
    member = factories.member(factor_enrolled_at=None)
    assert lacks_factor(RequestFactory().get("/"), member, view(**marks)) == expected


# What somebody verified without a factor is let into, beside the public pages: a new one has to be put here on purpose.
OPEN = {
    "account_change_password",
    "account_logout",
    "account_reauthenticate",
    "accounts:address",
    "accounts:application",
    "accounts:data_file",
    "accounts:delete_data",
    "accounts:end_session",
    "accounts:leave",
    "accounts:me",
    "accounts:me_app_add",
    "accounts:me_codes",
    "accounts:me_codes_kept",
    "accounts:me_codes_make",
    "accounts:me_factor_remove",
    "accounts:me_passkey",
    "accounts:me_passkey_add",
    "accounts:me_security",
    "accounts:membership",
    "accounts:my_data",
    "accounts:sessions",
    "accounts:stay",
    "accounts:stop_address",
    "token",
}


def test_no_other_page_is_open_without_a_factor() -> None:
    def marked(resolver: Any, namespace: str = "") -> set[str]:
        found: set[str] = set()
        for entry in resolver.url_patterns:
            if hasattr(entry, "url_patterns"):
                found |= marked(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
            elif getattr(entry.callback, "without_factor", False):
                found.add(f"{namespace}{entry.name}")
        return found

    assert marked(get_resolver()) == OPEN


@pytest.mark.parametrize("accept", ["image/avif,image/webp", "text/html"])
def test_no_picture_without_a_factor(accept: str) -> None:
    case = reading.case(data=b"picture")
    picture = Rendition.objects.get(photo__placement__case=case, name="display")
    client, member = Client(), factories.member(factor_enrolled_at=None)
    client.force_login(member)
    at = reverse("consults:picture", args=[picture.pk])
    refused = client.get(at, headers={"Accept": accept})
    assert refused.status_code == 403
    assert refused.content != b"picture"
    assert refused["Cache-Control"] == "private, no-store"
    Member.objects.filter(pk=member.pk).update(factor_enrolled_at=member.created_at)
    assert client.get(at).status_code == 200


@pytest.mark.parametrize("name", ["consults:cases", "consults:mine", "consults:second_reads", "accounts:queue"])
def test_a_moderator_who_came_in_by_a_recovery_code_gives_the_factor_first(name: str, mod1: Member) -> None:
    client = Client()
    client.force_login(mod1)
    give_factor(client, mod1, kind="recovery_codes")
    refused = client.get(reverse(name))
    assert refused.status_code == 403
    assert f"{reverse('account_reauthenticate')}?next={reverse(name)}" in refused.content.decode()
    give_factor(client, mod1, kind="webauthn")
    assert client.get(reverse(name)).status_code == 200


def test_no_page_asks_the_database_for_factors(mod1: Member, django_assert_max_num_queries: Any) -> None:
    client = Client()
    client.force_login(mod1)
    with django_assert_max_num_queries(50) as asked:
        assert client.get(reverse("consults:cases")).status_code == 200
    assert [one["sql"] for one in asked.captured_queries if "mfa_authenticator" in (one["sql"] or "")] == []


def test_it_runs_after_those_who_know_the_member() -> None:
    order = settings.MIDDLEWARE
    ours = order.index("accounts.security.factors.middleware.FactorMiddleware")
    assert order[ours - 1] == "accounts.middleware.VerifiedMembersMiddleware"


def test_the_demo_says_that_it_is_exempt(sign_in: Callable[[object], Client]) -> None:
    for email, expected in (("ada@rete.example", True), ("ada@hospital.example", False)):
        page = sign_in(factories.member(email=email)).get(reverse("accounts:me_security")).content.decode()
        assert ("This is the demo community" in page) is expected
