"""The language in which a member is written to: that of the pages that they use."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from accounts.membership.models import Member, active_language


def write_in(*, member: Member, language: str) -> None:
    """Write to this member in this language from now on."""
    if member.language != language:
        Member.objects.filter(pk=member.pk).update(language=language)


@receiver(user_logged_in, dispatch_uid="accounts.follow_sign_in")
def follow_sign_in(user: Member, **_sent: Any) -> None:
    """Take over the language of the page on which a member signed in."""
    write_in(member=user, language=active_language())
