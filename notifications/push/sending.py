"""Pushes to the browsers of members: a wake-up call without a body, to the vendors that are listed here."""

import logging
import ssl
from datetime import timedelta
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Member
from core import jobs
from notifications.notices import bell, times
from notifications.notices.kinds import Channel
from notifications.notices.models import Notice
from notifications.notices.preferences import last_visit, preference_of, zone_of
from notifications.push import vapid
from notifications.push.models import PushSubscription

logger = logging.getLogger(__name__)

PUSH: Final = "notices.push"  # subject: the subscription
# Vendors of browsers. Threat: an "address" inside our own network, which a worker of ours then calls.
HOSTS: Final = ("fcm.googleapis.com", "updates.push.services.mozilla.com")
SUFFIXES: Final = (".push.apple.com", ".notify.windows.com")
LONGEST: Final = 500
SECONDS: Final = 10
LIVES: Final = timedelta(days=1)  # a vendor keeps it so long for a browser that is away


class Unreachable(OSError):
    """A vendor that does not take pushes now; the job is retried."""


class NotAVendor(ValueError):
    """An address that belongs to no vendor of a browser."""


def check_endpoint(endpoint: str) -> str:
    """Return the address of a browser if one of the vendors serves it. Raises NotAVendor."""
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError as error:
        raise NotAVendor from error
    host = parts.hostname or ""
    is_known = host in HOSTS or host.endswith(SUFFIXES)
    is_plain = parts.scheme == "https" and parts.netloc == host and port is None and not parts.fragment
    is_one_word = endpoint.isascii() and endpoint.isprintable() and " " not in endpoint
    if not (is_known and is_plain and is_one_word and len(endpoint) <= LONGEST):
        raise NotAVendor
    return endpoint


@transaction.atomic
def subscribe(*, member: Member, endpoint: str, device: str) -> PushSubscription:
    """Push to this browser from now on; the same one again has no effect. Raises NotAVendor.

    A browser belongs to whoever asked last. Of more than RULES["push_browsers"], the oldest is dropped.
    """
    check_endpoint(endpoint)
    found, _made = PushSubscription.objects.update_or_create(
        endpoint=endpoint, defaults={"member": member, "device": device}
    )
    kept = member.push_subscriptions.order_by("-added_at").values("pk")[: settings.RULES["push_browsers"]]
    member.push_subscriptions.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
    return found


def enqueue(member_id: UUID) -> None:
    """Enqueue a push to each browser of a member. Call in a transaction."""
    for pk in PushSubscription.objects.filter(member=member_id).values_list("pk", flat=True):
        jobs.enqueue(kind=PUSH, subject=pk)


def push(*, subscription_id: UUID) -> None:
    """Wake a browser, unless its member is in quiet hours, was told since the last visit, or there is no news.

    Raises Unreachable, OSError, upon which the job is retried. A browser that its vendor no longer knows is dropped.
    """
    found = PushSubscription.objects.select_related("member").filter(pk=subscription_id).first()
    if found is None or not _has_news(found):
        return
    status = _post(found.endpoint)
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Unreachable(status)
    mine = PushSubscription.objects.filter(pk=found.pk)
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        logger.info("push subscription %s dropped: %s", found.pk, status)
        mine.delete()
    else:
        mine.update(told_at=timezone.now())


def _has_news(found: PushSubscription) -> bool:
    member = found.member
    preference = preference_of(member)
    now = timezone.now()
    if not member.is_verified or times.quiet_until(preference, zone=zone_of(member, preference), now=now):
        return False
    if found.told_at is not None:
        visit = last_visit(member, preference)
        if visit is None or visit <= found.told_at:
            return False
    since = found.told_at or found.added_at
    news = Notice.objects.filter(member=member, channel=Channel.AT_ONCE, read_at=None, at__gt=since)
    wanted = [one for one in news.order_by("-at")[: bell.ON_A_PAGE] if preference.channel_of(one.kind) == one.channel]
    return bool(bell.openable(member, wanted))


def _connect(host: str) -> HTTPConnection:
    return HTTPSConnection(host, timeout=SECONDS, context=ssl.create_default_context())


def _post(endpoint: str) -> int:
    """Send the wake-up call; return the status. Follows no redirect. Raises NotAVendor, OSError."""
    parts = urlsplit(check_endpoint(endpoint))
    connection = _connect(parts.hostname or "")
    try:
        connection.request(
            "POST",
            parts.path + (f"?{parts.query}" if parts.query else ""),
            headers={
                "Authorization": vapid.authorization(endpoint),
                "TTL": str(int(LIVES.total_seconds())),
                "Content-Length": "0",
                "Topic": "notices",
            },
        )
        return connection.getresponse().status
    except HTTPException as error:
        raise Unreachable from error
    finally:
        connection.close()
