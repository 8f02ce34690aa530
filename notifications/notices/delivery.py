"""Delivery of notices by mail: at once, held back in quiet hours, and in digests. Rounds find, jobs send.

Nothing of it happens in the transaction in which a member is told: a mail server that does not answer delays no page.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import Member
from core import jobs
from notifications import mail
from notifications.notices import bell, times, unsubscribing
from notifications.notices.kinds import Channel, Kind
from notifications.notices.models import Notice, Preference, Rhythm
from notifications.notices.preferences import last_visit, lock, preference_of, zone_of
from notifications.notices.wording import words_of
from notifications.push import sending

MAIL: Final = "notices.mail"  # subject: the member
DIGEST: Final = "notices.digest"  # subject: the member
MOST: Final = 500  # members in one round
HANDED_AGAIN_AFTER: Final = timedelta(hours=6)  # a mail server may have been away for longer than a job tries
KEPT_DAYS: Final = 90


def waiting(channel: Channel) -> QuerySet[Notice]:
    """Return unread notices that no mail has said yet."""
    return Notice.objects.filter(channel=channel, read_at=None, mailed_at=None)


# --- Rounds


def hand_over() -> int:
    """Enqueue a mail for every member who is to be told at once and is not in quiet hours; return how many."""
    now = timezone.now()
    held = Preference.objects.filter(member=OuterRef("member"), held_until__gt=now)
    fresh = waiting(Channel.AT_ONCE).filter(Q(handed_at=None) | Q(handed_at__lt=now - HANDED_AGAIN_AFTER))
    members = fresh.filter(~Exists(held)).order_by("member").values_list("member", flat=True).distinct()[:MOST]
    for member_id in list(members):
        with transaction.atomic():
            if fresh.filter(member=member_id).update(handed_at=now):
                jobs.enqueue(kind=MAIL, subject=member_id)
                sending.enqueue(member_id)
    return len(members)


def hand_over_digests() -> int:
    """Enqueue the digests whose hour has come, if anything waits for them; return how many."""
    _begin_digests()
    now = timezone.now()
    due = Preference.objects.filter(digest_due_at__lte=now).select_related("member").order_by("digest_due_at")
    enqueued = 0
    for preference in list(due[:MOST]):
        after = times.next_digest(preference, zone=zone_of(preference.member, preference), now=now)
        mine = Preference.objects.filter(pk=preference.pk, digest_due_at=preference.digest_due_at)
        with transaction.atomic():
            if not mine.update(digest_due_at=after):
                continue
            if waiting(Channel.DIGEST).filter(member=preference.pk).exists():
                jobs.enqueue(kind=DIGEST, subject=preference.pk)
                enqueued += 1
    return enqueued


def _begin_digests() -> None:
    """Note when the next digest is due for members who have chosen nothing so far."""
    without = waiting(Channel.DIGEST).filter(member__notice_preference=None)
    for member in Member.objects.filter(pk__in=without.values("member"))[:MOST]:
        with transaction.atomic():
            lock(member)


def forget_old() -> int:
    """Delete notices that are older than KEPT_DAYS; return how many."""
    old = Notice.objects.filter(at__lt=timezone.now() - timedelta(days=KEPT_DAYS))
    return old.delete()[0]


# --- Jobs


def mail_at_once(*, member_id: UUID) -> None:
    """Mail a member that there is news, unless they are in quiet hours or had such a mail since their last visit.

    Raises OSError, smtplib.SMTPException, upon which the job is retried.
    """
    member = Member.objects.filter(pk=member_id).first()
    if member is None:
        return
    now = timezone.now()
    preference = preference_of(member)
    end = times.quiet_until(preference, zone=zone_of(member, preference), now=now)
    if end is not None:
        _hold(member, until=end)
        return
    found = list(waiting(Channel.AT_ONCE).filter(member=member))
    kinds = [] if _was_mailed(member, preference) else _to_say(member, preference, found, Channel.AT_ONCE)
    if kinds:
        _send_at_once(member, kinds)
    with transaction.atomic():
        Notice.objects.filter(pk__in=[one.pk for one in found]).update(mailed_at=now)
        if kinds:
            lock(member)
            Preference.objects.filter(member=member).update(mailed_at=now, held_until=None)


def _hold(member: Member, *, until: datetime) -> None:
    """Hand these notices over again when the quiet hours end."""
    with transaction.atomic():
        lock(member)
        Preference.objects.filter(member=member).update(held_until=until)
        waiting(Channel.AT_ONCE).filter(member=member).update(handed_at=None)


def _was_mailed(member: Member, preference: Preference) -> bool:
    """Whether the member was mailed and has not been here since."""
    if preference.mailed_at is None:
        return False
    visit = last_visit(member, preference)
    return visit is None or visit <= preference.mailed_at


def _to_say(member: Member, preference: Preference, found: list[Notice], channel: Channel) -> list[Notice]:
    """Return the notices that a mail may speak of now: still wanted so, and about what the member may open."""
    if not member.is_verified:
        return []
    wanted = [one for one in found if preference.channel_of(one.kind) == channel]
    return bell.openable(member, wanted)


def _send_at_once(member: Member, notices: list[Notice]) -> None:
    kinds = [kind for kind in Kind if kind in {one.kind for one in notices}]
    path = unsubscribing.path_of(member, kinds)
    with translation.override(member.language):
        sentences = list(dict.fromkeys(str(words_of(kind).in_mail) for kind in kinds))
    mail.send(
        mail.Notice(
            "notice",
            member.email,
            reverse("notifications:notices"),
            language=member.language,
            facts={"sentences": sentences, "stop": _address(path), "choose": _choose()},
            headers=unsubscribing.headers_of(path),
        )
    )


def mail_digest(*, member_id: UUID) -> None:
    """Mail a member what waits for the digest, counted by kind; nothing when there is nothing to say.

    Raises OSError, smtplib.SMTPException, upon which the job is retried.
    """
    member = Member.objects.filter(pk=member_id).first()
    if member is None:
        return
    preference = preference_of(member)
    found = list(waiting(Channel.DIGEST).filter(member=member).order_by("at"))
    notices = [] if preference.rhythm == Rhythm.NEVER else _to_say(member, preference, found, Channel.DIGEST)
    if notices:
        _send_digest(member, notices)
    Notice.objects.filter(pk__in=[one.pk for one in found]).update(mailed_at=timezone.now())


def _send_digest(member: Member, notices: list[Notice]) -> None:
    counts = Counter[str]()
    for one in notices:
        counts[one.kind] += one.count
    path = unsubscribing.path_of(member)
    page = _address(reverse("notifications:notices"))
    with translation.override(member.language):
        lines = [
            {"sentence": f"{kind.label}: {counts[kind]}", "address": f"{page}?kind={kind}"}
            for kind in Kind
            if kind in counts
        ]
    mail.send(
        mail.Notice(
            "digest",
            member.email,
            reverse("notifications:notices"),
            language=member.language,
            facts={"lines": lines, "stop": _address(path), "choose": _choose()},
            headers=unsubscribing.headers_of(path),
        )
    )


def _choose() -> str:
    return _address(reverse("notifications:settings"))


def _address(path: str) -> str:
    return settings.SITE_ADDRESS.rstrip("/") + path
