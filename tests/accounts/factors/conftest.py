"""A member who signs in by the pages, and what the pages ask for."""

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse

if TYPE_CHECKING:
    from accounts.models import Member
    from tests.factors import Device

Options = Callable[[Any], dict[str, Any]]


@pytest.fixture
def ada(db: None) -> "Member":
    """Verified, with a password, and without a factor."""
    from tests import factories
    from tests.accounts.makers import PASSWORD

    return factories.member(email="ada@hospital.example", password=PASSWORD, factor_enrolled_at=None)


@pytest.fixture
def options() -> Options:
    """`options(page)` reads what a page gives to its script."""

    def read(page: Any) -> dict[str, Any]:
        found = re.search(r'<script id="passkey-options" type="application/json">(.*?)</script>', page.content.decode())
        assert found
        return dict(json.loads(found[1]))

    return read


@pytest.fixture
def with_password() -> Callable[..., Client]:
    """`with_password(member)` gives a client that sent address and password."""

    def signed_in(member: "Member", **extra: Any) -> Client:
        from tests.accounts.makers import PASSWORD

        client = Client(**extra)
        client.post(reverse("account_login"), {"login": member.email, "password": PASSWORD})
        return client

    return signed_in


@pytest.fixture
def enrol_passkey(options: Options) -> "Callable[..., Device]":
    """`enrol_passkey(client)` makes a passkey on a device of its own."""

    def enrol(client: Client, device: "Device | None" = None) -> "Device":
        from tests.factors import Device

        device = device or Device()
        page = client.get(reverse("accounts:me_passkey_add"))
        assert page.status_code == 200, page
        answer = device.create(options(page))
        done = client.post(reverse("accounts:me_passkey_add"), {"name": "My phone", "credential": answer})
        assert done.status_code == 302, done.content.decode()
        return device

    return enrol


@pytest.fixture
def enrol_app() -> Callable[[Client], str]:
    """`enrol_app(client)` sets up an app and returns its secret."""

    def enrol(client: Client) -> str:
        from tests.factors import app_code

        page = client.get(reverse("accounts:me_app_add"))
        secret = re.search(r'class="typed-key">([A-Z2-7 ]+)<', page.content.decode())[1].replace(" ", "")
        done = client.post(reverse("accounts:me_app_add"), {"code": app_code(secret)})
        assert done.status_code == 302, done.content.decode()
        return secret

    return enrol
