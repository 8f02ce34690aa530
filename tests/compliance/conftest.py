"""A privacy officer at work on the audit."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from accounts.models import Member


@pytest.fixture
def signed_in(officer: "Member", sign_in: "Callable[[Member], Client]") -> "Client":
    """The officer's browser, right after signing in."""
    from tests.compliance.auditing import PASSWORD

    officer.set_password(PASSWORD)
    officer.save()
    return sign_in(officer)


@pytest.fixture
def at_work(signed_in: "Client") -> "Client":
    """The officer's browser, after showing once more who sits there."""
    from django.urls import reverse

    from tests.compliance.auditing import PASSWORD

    signed_in.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return signed_in
