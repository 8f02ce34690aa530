"""Sessions of a member, ended all at once."""

import uuid

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session


def end_all(member_id: uuid.UUID) -> int:
    """Delete every stored session of a member; return how many. Slow: decodes the sessions of everybody."""
    theirs = [
        session.pk for session in Session.objects.iterator() if session.get_decoded().get(SESSION_KEY) == str(member_id)
    ]
    return Session.objects.filter(pk__in=theirs).delete()[0]
