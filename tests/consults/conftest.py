"""An author at work on a new case, a privacy officer at work on the audit."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from accounts.models import Member
    from consults.models import Case


@pytest.fixture
def client(alice: "Member") -> "Client":
    """Alice's session."""
    from tests.matrix import journey

    return journey.client_of(alice)


@pytest.fixture
def draft(alice: "Member") -> "Case":
    """A draft of hers in which nothing is missing."""
    from consults.models import CaseState
    from tests.consults import reading
    from tests.consults.new_case import JPEG

    return reading.case(alice, state=CaseState.DRAFT, data=JPEG)


@pytest.fixture
def signed_in(officer: "Member", sign_in: "Callable[[Member], Client]") -> "Client":
    """The officer's browser, right after signing in."""
    from tests.consults.auditing import PASSWORD

    officer.set_password(PASSWORD)
    officer.save()
    return sign_in(officer)


@pytest.fixture
def at_work(signed_in: "Client") -> "Client":
    """The officer's browser, after showing once more who sits there."""
    from django.urls import reverse

    from tests.consults.auditing import PASSWORD

    signed_in.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return signed_in
