"""Fixtures of an author and a draft."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from accounts.models import Member
    from consults.models import Case


@pytest.fixture
def client(alice: "Member") -> "Client":
    """Return a client with Alice's session."""
    from tests.matrix import journey

    return journey.client_of(alice)


@pytest.fixture
def draft(alice: "Member") -> "Case":
    """Return a complete draft of hers."""
    from consults.models import CaseState
    from tests.consults import reading
    from tests.consults.new_case import JPEG

    return reading.case(alice, state=CaseState.DRAFT, data=JPEG)
