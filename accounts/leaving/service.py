"""Leaving: asked for, stopped within fourteen days, and the erasure after them.

Fourteen days, because a stolen session must not destroy in an hour what its owner built in years: the member is told by
mail and stops it by signing in. Until then the account is as before. The erasure is done twice, at once and an hour
later, for what was being written in the same moment.
"""

import uuid
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.appointments.models import FIELDS
from accounts.exceptions import NotYet
from accounts.leaving import exports, rooms
from accounts.leaving.models import Leaving, LeavingState
from accounts.leaving.rooms import Wishes
from accounts.leaving.states import LEAVING, Moved
from accounts.membership.lifecycle import standing_changed
from accounts.membership.models import Member, Standing
from accounts.membership.states import STANDING
from accounts.security import sessions
from accounts.security.changes import tell_of_change
from accounts.security.models import Change
from audit.record import record
from core import jobs
from core.crypto import vault
from core.models import DataKey

ERASE: Final = "accounts.erase"  # subject: the leaving
DAYS: Final = 14
REMINDED_DAYS: Final = 3  # before
BATCH: Final = 500  # members
ONCE_MORE_AFTER: Final = timedelta(hours=1)  # longer than any request


def current(member: Member) -> Leaving | None:
    """Return the member's waiting request to leave, or None."""
    return Leaving.objects.filter(member=member, state=LeavingState.ASKED).first()


def refusal(member: Member) -> str:
    """Return why this member cannot leave now and what to do first; "" when nothing is in the way."""
    verified = Member.objects.verified().exclude(pk=member.pk)
    if member.is_staff and not verified.filter(is_staff=True).exists():
        return _("You are the last administrator. Appoint another one on the page People, then leave.")
    if member.is_moderator and not Member.objects.moderators().exclude(pk=member.pk).exists():
        return _("You are the last moderator. Ask an administrator to appoint another one, then leave.")
    if member.is_privacy_officer and not verified.filter(is_privacy_officer=True).exists():
        return _("You are the last privacy officer. Ask an administrator to appoint another one, then leave.")
    return ""


def ask(*, member: Member, wishes: Wishes) -> Leaving:
    """Have the account erased in fourteen days. Raises NotYet for who cannot be spared, or asked already."""
    why = refusal(member)
    if why:
        raise NotYet(why)
    with transaction.atomic():
        Member.objects.select_for_update(no_key=True).get(pk=member.pk)  # asked twice at once, the second one waits
        if current(member) is not None:
            raise NotYet(_("You have asked for this already."))
        made = Leaving.objects.create(
            member=member,
            due_at=timezone.now() + timedelta(days=DAYS),
            remove_comments=wishes.remove_comments,
            remove_answers=wishes.remove_answers,
        )
        tell_of_change(member, Change.LEAVING)
        record(verb="member.leaving_asked", actor=member, subject=("member", member.pk))
    return made


@transaction.atomic
def stop(*, member: Member) -> None:
    """Stay. Raises NotYet when nothing is waiting."""
    waiting = current(member)
    if waiting is None:
        raise NotYet(_("Nothing is waiting: your account stays."))
    LEAVING.move(waiting, to=LeavingState.STOPPED, ended_at=timezone.now())
    tell_of_change(member, Change.LEAVING_STOPPED)
    record(verb="member.leaving_stopped", actor=member, subject=("member", member.pk))


def remind() -> int:
    """Tell members three days before their erasure, once; return how many."""
    soon = timezone.now() + timedelta(days=REMINDED_DAYS)
    count = 0
    for waiting in Leaving.objects.filter(state=LeavingState.ASKED, reminded_at=None, due_at__lte=soon):
        with transaction.atomic():
            mine = Leaving.objects.filter(pk=waiting.pk, state=LeavingState.ASKED, reminded_at=None)
            if mine.update(reminded_at=timezone.now()):
                tell_of_change(waiting.member, Change.LEAVING_SOON)
                count += 1
    return count


def begin_due() -> int:
    """Begin the erasures whose day has come, and have those of an hour ago done once more; return how many."""
    now = timezone.now()
    begun = sum(_begin(waiting) for waiting in Leaving.objects.filter(state=LeavingState.ASKED, due_at__lte=now))
    again: QuerySet[Leaving] = Leaving.objects.filter(state=LeavingState.ERASING, began_at__lte=now - ONCE_MORE_AFTER)
    for one in again:
        with transaction.atomic():
            jobs.enqueue(kind=ERASE, subject=one.pk)
    return begun


@transaction.atomic
def _begin(waiting: Leaving) -> bool:
    """Close the account at once and enqueue its erasure; waits, an hour at a time, for whoever cannot be spared."""
    # All who hold an office, in one order: of two last administrators who leave at once, one is the last. No key is
    # locked: whoever stops it, answers or withdraws refers to a member, and would wait crosswise.
    held = Q(is_staff=True) | Q(is_moderator=True) | Q(is_privacy_officer=True) | Q(is_trusted_person=True)
    locked = Member.objects.select_for_update(no_key=True).filter(held | Q(pk=waiting.member_id)).order_by("pk")
    member = next(row for row in locked if row.pk == waiting.member_id)
    if refusal(member):
        return False
    try:
        LEAVING.move(waiting, to=LeavingState.ERASING, began_at=timezone.now())
    except Moved:  # stopped meanwhile
        return False
    tell_of_change(member, Change.LEFT, to=member.email)
    no_office: dict[str, Any] = dict.fromkeys(FIELDS.values(), False)
    STANDING.move(member, to=Standing.ERASED, **no_office)
    sessions.end_all(member.pk)
    standing_changed.send(sender=Member, member_id=member.pk)
    exports.recall(member.pk)  # after the listings, as a withdrawal does
    jobs.enqueue(kind=ERASE, subject=waiting.pk)
    record(verb="member.left", actor=member, subject=("member", member.pk))
    return True


def erase(leaving_id: uuid.UUID) -> None:
    """Erase a member who has left, room by room. May run twice or die anywhere; the second time ends it."""
    leaving = Leaving.objects.select_related("member").filter(pk=leaving_id, state=LeavingState.ERASING).first()
    if leaving is None:
        return
    # Remembered where a restored backup of the rows does not reach: no key of this id can ever be made again.
    vault.destroy(leaving.member_id)
    for room in rooms.all_rooms():
        room.erase(leaving.member, leaving.wishes)
    if leaving.began_at is not None and leaving.began_at <= timezone.now() - ONCE_MORE_AFTER:
        with transaction.atomic():
            LEAVING.move(leaving, to=LeavingState.ERASED, ended_at=timezone.now())
            record(verb="member.erased", actor=None, subject=("member", leaving.member_id))


def erase_again_after_restore() -> int:
    """Begin the erasure of members whom a restored backup brought back; return how many.

    What they wanted to have removed may be gone with the rows: nothing of theirs stays then.
    """
    members = Member.objects.exclude(standing=Standing.ERASED).order_by("pk").values_list("pk", flat=True)
    found = 0
    for batch in _batched(members.iterator(chunk_size=BATCH), BATCH):
        for pk in DataKey.objects.filter(pk__in=batch, wrapped__isnull=True).values_list("pk", flat=True):
            found += _begin_again(pk)
    return found


@transaction.atomic
def _begin_again(member_id: uuid.UUID) -> bool:
    member = Member.objects.select_for_update(no_key=True).get(pk=member_id)
    Leaving.objects.filter(member=member).exclude(state=LeavingState.STOPPED).delete()
    again = Leaving.objects.create(member=member, due_at=timezone.now(), remove_comments=True, remove_answers=True)
    return _begin(again)


def _batched(ids: Iterable[uuid.UUID], size: int) -> Iterator[list[uuid.UUID]]:
    """Yield lists of at most `size`."""
    rest = iter(ids)
    while batch := list(islice(rest, size)):
        yield batch
