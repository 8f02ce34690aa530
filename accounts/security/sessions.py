"""Ending somebody's sessions."""

import uuid

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session


def purge(member_id: uuid.UUID) -> int:
    """Delete every stored session of a member; returns how many. Reads all sessions: call it rarely."""
    theirs = [
        session.pk for session in Session.objects.iterator() if session.get_decoded().get(SESSION_KEY) == str(member_id)
    ]
    return Session.objects.filter(pk__in=theirs).delete()[0]
