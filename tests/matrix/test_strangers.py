"""What nobody's policy allows to whoever is not signed in."""

from django.contrib.auth.models import AnonymousUser

from core.permissions import allowed, policy_table
from tests.consent import making
from tests.matrix.test_routes import places

__all__ = ["places"]


def test_a_stranger_may_do_nothing(places: dict[str, list[object]]) -> None:
    """In a house that has a row of everything, so that no rule is right for want of rows."""
    making.published(comments=("one",))
    making.submitted()
    wrong = []
    for action in sorted(policy_table()):
        rows = allowed(AnonymousUser(), action)
        if rows.exists():
            wrong.append(f"{action} is allowed to strangers")
        if not rows.model._default_manager.exists():
            wrong.append(f"{action}: there is no {rows.model.__name__} to try it on; make one in `places`")
    assert not wrong, "\n".join(wrong)
