"""Ending somebody's sessions."""

import uuid

from accounts.security.models import Session


def purge(member_id: uuid.UUID) -> int:
    """Delete every stored session of a member; returns how many."""
    return Session.objects.filter(member=member_id).delete()[0]
