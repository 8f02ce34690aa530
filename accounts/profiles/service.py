"""Changes of a profile: its fields, the lines of the CV and their order, following, and erasure."""

import uuid
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from accounts.exceptions import NotYours, TooLate
from accounts.membership.models import Member
from accounts.profiles import directory, portraits
from accounts.profiles.models import DirectoryRow, Follow, Position, Profile, Publication, Training
from core import permissions

Line = TypeVar("Line", Training, Position, Publication)
LINES: tuple[type[Model], ...] = (Training, Position, Publication)


def save(*, member: Member, **fields: Any) -> None:
    """Store fields of a member's own profile, and bring the directory in step.

    Threat: a form that was opened before ORCID confirmed an iD puts another number in its place.
    """
    with transaction.atomic():
        _lock(member.pk)
        if Profile.objects.filter(member=member, orcid_confirmed_at__isnull=False).exists():
            fields.pop("orcid", None)
        Profile.objects.update_or_create(member=member, defaults=fields)
        directory.refresh(member.pk)


def add_line(line: Line, *, member: Member) -> None:
    """Add a line of the CV in front of the others of its kind. Raises TooLate when there are many."""
    with transaction.atomic():
        _lock(member.pk)
        places = list(type(line).objects.filter(member=member).values_list("place", flat=True))
        if len(places) >= int(settings.RULES["profile_lines"]):
            raise TooLate(_("There are many lines already. Delete one that matters less, then add this one."))
        line.member = member
        line.place = min(places, default=1) - 1
        line.save(force_insert=True)


def move_line(line: Line, *, up: bool) -> None:
    """Let a line change places with its neighbour; at the end of the list nothing happens."""
    with transaction.atomic():
        _lock(line.member_id)
        rows: list[Any] = list(type(line).objects.filter(member=line.member_id).order_by("place", "id"))
        at = next((number for number, row in enumerate(rows) if row.pk == line.pk), None)
        other = None if at is None else at - 1 if up else at + 1
        if at is None or other is None or not 0 <= other < len(rows):
            return
        rows[at], rows[other] = rows[other], rows[at]
        for number, row in enumerate(rows):
            row.place = number
        type(line).objects.bulk_update(rows, ["place"])


def follow(*, member: Member, followed: Member) -> None:
    """Follow somebody; a second time changes nothing. Raises NotYours, TooLate."""
    with transaction.atomic():
        _lock(member.pk)
        if not permissions.allows(member, "profile.follow", followed):
            raise NotYours(_("You cannot follow this person."))
        mine = Follow.objects.filter(follower=member)
        if mine.count() >= int(settings.RULES["follows"]) and not mine.filter(followed=followed).exists():
            raise TooLate(_("You follow as many members as one can. Stop following somebody else first."))
        Follow.objects.get_or_create(follower=member, followed=followed)


def unfollow(*, member: Member, followed_id: uuid.UUID) -> None:
    """Stop following somebody, whatever has become of them."""
    permissions.allowed(member, "profile.unfollow").filter(followed=followed_id).delete()


def erase(member_id: uuid.UUID) -> None:
    """Delete everything of a member's profile, and who follows whom. Call in the transaction that erases the member."""
    portraits.forget(member_id)
    models: tuple[type[Model], ...] = (Profile, *LINES, DirectoryRow)
    for model in models:
        model._default_manager.filter(member=member_id).delete()
    Follow.objects.filter(follower=member_id).delete()
    Follow.objects.filter(followed=member_id).delete()


def _lock(member_id: uuid.UUID) -> None:
    """Lock the member's row, so that two windows of one member do not write at once."""
    Member.objects.select_for_update(no_key=True).get(pk=member_id)
