"""Sessions of a member, ended all at once."""

import uuid

from accounts.security.models import Session


def end_all(member_id: uuid.UUID) -> int:
    """Delete every stored session of a member; return how many."""
    return Session.objects.filter(member=member_id).delete()[0]
