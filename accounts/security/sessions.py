"""Sessions of a member, ended all at once."""

import uuid

from accounts.security.models import Session


def end_all(member_id: uuid.UUID) -> int:
    """Delete every stored session of a member; return how many."""
    return Session.objects.filter(member=member_id).delete()[0]


def end_others(member_id: uuid.UUID, *, keep: str | None) -> int:
    """Delete every stored session of a member but the one with the key `keep`; return how many."""
    return Session.objects.filter(member=member_id).exclude(session_key=keep or "").delete()[0]
