"""What somebody may do, asked by name, as tables of rows in tests do."""

from django.db.models import Model

from accounts.models import Member
from core.permissions import allows
from tests.factories import person


def permits(action: str, asker: str | Member, row: Model) -> bool:
    """Whether somebody, one of `factories.PEOPLE` or another member, may do this on a row."""
    return allows(person(asker) if isinstance(asker, str) else asker, action, row)
