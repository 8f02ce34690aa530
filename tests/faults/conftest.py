"""A draft to which pictures are sent."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from accounts.models import Member
    from consults.models import Case


@pytest.fixture
def drafting(db: None, alice: "Member") -> "tuple[Client, Case]":
    """Alice's session and an empty draft of hers."""
    from tests.matrix import journey

    client = journey.client_of(alice)
    return client, journey.new_case(client)
