"""Everybody who might open a page."""

from accounts.models import Member
from tests import factories

EVERYBODY = ("anonymous", *sorted(set(factories.PEOPLE) - {"physician", "mod2"}))


def with_passwords() -> None:
    """Everybody has chosen one, as on a real site; nobody signs in with it here."""
    for name in set(EVERYBODY) - {"anonymous"}:
        factories.person(name)
    Member.objects.update(password="argon2$chosen")
