"""Receivers that keep directory and profiles in step with the member: standing, name, country, profession, office."""

import uuid
from typing import Any, Final

from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.membership.lifecycle import standing_changed
from accounts.membership.models import Member, Standing
from accounts.profiles import directory, service

_OF_THE_DIRECTORY: Final = frozenset(
    ("name", "country", "profession", "standing", "verified_until", "is_staff", "is_privacy_officer")
)


@receiver(standing_changed, dispatch_uid="profiles.follow_standing")
def follow_standing(sender: object, member_id: uuid.UUID, **sent: Any) -> None:
    """List or unlist somebody whose verification began or ended; leave nothing of somebody erased."""
    if Member.objects.filter(pk=member_id, standing=Standing.ERASED).exists():
        service.erase(member_id)
    else:
        directory.refresh(member_id)


@receiver(post_save, sender=Member, dispatch_uid="profiles.follow_member")
def follow_member(
    sender: object, instance: Member, created: bool, update_fields: frozenset[str] | None, raw: bool, **sent: Any
) -> None:
    """Follow what is saved of a member; a sign-in and a new password are none of it."""
    if raw or (update_fields is not None and _OF_THE_DIRECTORY.isdisjoint(update_fields)):
        return
    if not created or instance.may_see_cases:
        directory.refresh(instance.pk)
