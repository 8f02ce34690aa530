"""What nobody's policy allows to whoever is not signed in."""

import pytest
from django.contrib.auth.models import AnonymousUser

from core.permissions import allowed, policy_table
from tests import factories
from tests.consent import making

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("action", sorted(policy_table()))
def test_a_stranger_may_do_nothing(action: str) -> None:
    factories.person("applicant")
    making.published(comments=("one",))
    making.submitted()
    assert not allowed(AnonymousUser(), action).exists()
