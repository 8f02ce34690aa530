"""Applications ready to be decided, and the moderators who decide them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

if TYPE_CHECKING:
    from accounts.models import Application, Member


@pytest.fixture
def applied(db: None) -> "Callable[..., Application]":
    """`applied(evidence_kind=…)` gives an application whose address is confirmed."""
    from tests.accounts.makers import CLEAN, claim, join

    def make(*, email: str = "nova@lake.example", confirmed: bool = True, **changes: object) -> "Application":
        said = claim(**changes)
        picture = CLEAN if said.evidence_kind == "picture" else None
        application = join(email=email, said=said, picture=picture)
        if not confirmed:  # as of somebody who applies again and was never asked
            application.address_confirmed_at = None
            application.save()
        return application

    return make


@pytest.fixture
def mods(db: None) -> "list[Member]":
    """Six moderators of as many institutions."""
    from tests import factories

    return [
        factories.member(email=f"mod{number}@house{number}.example", is_moderator=True, institution=f"House {number}")
        for number in range(6)
    ]


@pytest.fixture
def vote() -> Callable[..., object]:
    """`vote(application, moderator, True)` casts a vote with a fitting reason, looked up today."""
    from accounts.vetting import decisions

    def cast(application: "Application", by: "Member", accept: bool, reason: str = "") -> object:
        return decisions.vote(
            application=application,
            by=by,
            accept=accept,
            reason=reason or ("matches" if accept else "not_found"),
            looked_up_on=timezone.localdate(),
        )

    return cast
