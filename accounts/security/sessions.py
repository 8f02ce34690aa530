"""Sessions of a member: the list of them, and their end, one at a time or all at once."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.membership.models import Member
from accounts.security.models import EndedSession, Session
from audit.record import record


@dataclass(frozen=True)
class OpenSession:
    """A session as its member sees it; `reference` names it without its key."""

    reference: str
    device: str
    network: str
    began_at: datetime
    seen_at: datetime
    is_this: bool


def open_sessions(member: Member, *, this: str | None) -> list[OpenSession]:
    """Return the sessions that still let somebody in, the latest used first; `this` is the key of the present one."""
    found = [
        OpenSession(
            reference=_reference(row.session_key),
            device=row.device,
            network=row.network,
            began_at=row.began_at or row.seen_at,
            seen_at=row.seen_at,
            is_this=row.session_key == this,
        )
        for row in _open(member)
    ]
    return sorted(found, key=lambda one: (one.is_this, one.seen_at), reverse=True)


def _open(member: Member) -> QuerySet[Session]:
    now = timezone.now()
    first = now - timedelta(hours=settings.SESSION_ABSOLUTE_HOURS)
    return Session.objects.filter(member=member, expire_date__gt=now, began_at__gt=first)


def end_one(*, member: Member, reference: str) -> bool:
    """End the session of this member with that reference, and log it; return whether there was one."""
    with transaction.atomic():
        keys = [
            row.session_key for row in _open(member) if constant_time_compare(_reference(row.session_key), reference)
        ]
        ended = _end(Session.objects.filter(member=member, session_key__in=keys))
        if ended:
            record(verb="member.sessions_ended", actor=member, subject=("member", member.pk), sessions=ended)
    return bool(ended)


def end_others(*, member: Member, this: str | None) -> int:
    """End all sessions of this member but the one with the key `this`, and log it; return how many."""
    with transaction.atomic():
        ended = _end(Session.objects.filter(member=member).exclude(session_key=this or ""))
        if ended:
            record(verb="member.sessions_ended", actor=member, subject=("member", member.pk), sessions=ended)
    return ended


def end_all(member_id: uuid.UUID) -> int:
    """Delete every stored session of a member; return how many."""
    return _end(Session.objects.filter(member=member_id))


def _end(rows: QuerySet[Session]) -> int:
    """Delete sessions, and note that they were ended, so that their browsers are told to forget what they hold."""
    keys = list(rows.values_list("session_key", flat=True))
    EndedSession.objects.bulk_create([EndedSession(key=_ended_key(key)) for key in keys], ignore_conflicts=True)
    return rows.filter(session_key__in=keys).delete()[0]


def was_ended(key: str) -> bool:
    """Whether the session with this key was ended by somebody, and did not merely run out."""
    return EndedSession.objects.filter(key=_ended_key(key)).exists()


def forget_ended() -> int:
    """Delete notes of sessions that would have run out by now; return how many."""
    before = timezone.now() - timedelta(hours=settings.SESSION_ABSOLUTE_HOURS)
    return EndedSession.objects.filter(at__lt=before).delete()[0]


def _reference(key: str) -> str:
    return salted_hmac("accounts.sessions", key, algorithm="sha256").hexdigest()[:32]


def _ended_key(key: str) -> str:
    return salted_hmac("accounts.sessions.ended", key, algorithm="sha256").hexdigest()
