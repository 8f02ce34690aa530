"""Preferences: how a member wants to be told, and when they were last here."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import transaction
from django.db.models import F, Max, Q
from django.dispatch import receiver
from django.utils import timezone

from accounts.models import Member, Session
from notifications.notices import times
from notifications.notices.kinds import Channel, Kind, default_channel
from notifications.notices.models import Notice, Preference, Rhythm


def preference_of(member: Member) -> Preference:
    """Return how this member wants to be told: their row, or an unsaved one with what holds without it."""
    return Preference.objects.filter(member=member).first() or Preference(member=member)


def zone_of(member: Member, preference: Preference) -> ZoneInfo:
    """Return the member's time zone."""
    return times.zone_of(preference, country=str(member.country or ""))


def lock(member: Member) -> Preference:
    """Return the member's row, locked; made if there is none. Call in a transaction."""
    fresh = Preference(member=member)
    due = times.next_digest(fresh, zone=zone_of(member, fresh), now=timezone.now())
    Preference.objects.get_or_create(member=member, defaults={"digest_due_at": due})
    return Preference.objects.select_for_update().get(member=member)


@transaction.atomic
def choose(*, member: Member, chosen: dict[str, str], **how: Any) -> Preference:
    """Save the channels of these kinds and `how` (fields of a Preference); other kinds stay as they are.

    Notices that wait for a mail go the new way.
    """
    preference = lock(member)
    for kind, channel in chosen.items():
        if channel == default_channel(kind):
            preference.choices.pop(kind, None)
        else:
            preference.choices[kind] = str(channel)
    for name, value in how.items():
        setattr(preference, name, value)
    preference.digest_due_at = times.next_digest(preference, zone=zone_of(member, preference), now=timezone.now())
    preference.held_until = None
    preference.save()
    waiting = Notice.objects.filter(member=member, read_at=None, mailed_at=None)
    for kind in chosen:
        channel = preference.channel_of(kind)
        kept = Channel.IN_APP if channel == Channel.OFF else channel
        waiting.filter(kind=kind).exclude(channel=kept).update(channel=kept, handed_at=None)
    return preference


def stop(*, member: Member, kinds: Collection[str]) -> None:
    """Send no mails about these kinds any more: their notices stay beside the bell. Without kinds: no digest."""
    if kinds:
        choose(member=member, chosen={kind: Channel.IN_APP for kind in kinds if kind in Kind.values})
    else:
        choose(member=member, chosen={}, rhythm=Rhythm.NEVER)


def last_visit(member: Member, preference: Preference) -> datetime | None:
    """Return when the member was last here, to the minute; None if that is not known. One query."""
    until = Session.objects.filter(member=member).aggregate(until=Max("expire_date"))["until"]
    seen = until - timedelta(seconds=settings.SESSION_COOKIE_AGE) if until else None
    known = [moment for moment in (seen, preference.visited_at) if moment is not None]
    return max(known, default=None)


def note_visit(member_id: UUID) -> None:
    """Note that a member is here now, if a mail waits for that."""
    unseen = Q(visited_at=None) | Q(visited_at__lte=F("mailed_at"))
    mine = Preference.objects.filter(unseen, member=member_id, mailed_at__isnull=False)
    if mine.exists():  # a look writes nothing but in this case
        mine.update(visited_at=timezone.now())


@receiver(user_logged_in, dispatch_uid="notifications.note_sign_in")
@receiver(user_logged_out, dispatch_uid="notifications.note_sign_out")
def note_sign_in_or_out(user: Member | None, **_sent: Any) -> None:
    """Note the visit: a session that ends takes its own memory along."""
    if user is not None:
        note_visit(user.pk)
