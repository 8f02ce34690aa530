"""`Member.factor_enrolled_at`, kept in the transaction in which a passkey or app is added or removed."""

from functools import partial
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils import timezone

from accounts.membership.models import Member
from accounts.security.factors import secret_text
from accounts.security.factors.rules import STRONG


@receiver(post_save, sender=Authenticator, dispatch_uid="accounts.note_factor")
def note_factor(instance: Authenticator, created: bool, **_sent: Any) -> None:
    """Note the first factor of a member."""
    if created and instance.type in STRONG:
        Member.objects.filter(pk=instance.user_id, factor_enrolled_at=None).update(factor_enrolled_at=timezone.now())


@receiver(post_delete, sender=Authenticator, dispatch_uid="accounts.note_factor_gone")
def note_factor_gone(instance: Authenticator, **_sent: Any) -> None:
    """Note that the last factor of a member is gone; once that is committed, destroy the keys of its secrets."""
    if not Authenticator.objects.filter(user_id=instance.user_id, type__in=STRONG).exists():
        Member.objects.filter(pk=instance.user_id).update(factor_enrolled_at=None)
    transaction.on_commit(partial(secret_text.destroy_keys, instance.data))
