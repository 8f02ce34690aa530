"""Who needs a factor where. Reads the member and the session only: no page pays a query for it.

- Everybody verified enrols a passkey or an authenticator app before the first case is shown.
- Moderators, privacy officers and administrators give one at each sign-in; a recovery code does not do.
- The demo community on one machine is exempt: its passwords are printed, and its patients are drawn.
"""

from typing import Any, Final

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.membership.models import Member

STRONG: Final = (Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP)
ENROL: Final = "enrol"
GIVE: Final = "give"


def is_demo(member: Any) -> bool:
    """Whether this is a member of the demo community, on one machine: nobody can receive mail at its domain."""
    return bool(settings.EMBEDDED) and str(getattr(member, "email", "")).endswith(f"@{settings.DEMO_DOMAIN}")


def holds_office(member: Member) -> bool:
    """Whether this member is a moderator, privacy officer or administrator."""
    return member.is_moderator or member.is_officer


def gave_factor(request: HttpRequest, member: Member) -> bool:
    """Whether a passkey or an authenticator app was used in this session."""
    return any(_is_strong(record) for record in get_authentication_records(request, member))


def missing(request: HttpRequest, member: Member) -> str:
    """Return what a verified member has to do before anything else: ENROL, GIVE, or "" for nothing."""
    if not member.is_verified or is_demo(member):
        return ""
    if member.factor_enrolled_at is None:
        return ENROL
    return GIVE if holds_office(member) and not gave_factor(request, member) else ""


def factors_of(member: Member) -> QuerySet[Authenticator]:
    """Return the member's passkeys and app, without recovery codes, which are no factor by themselves."""
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user=member, type__in=STRONG)
    return found


def may_remove(member: Member, factor: Authenticator) -> bool:
    """Whether the member may remove this factor; whoever holds an office keeps one."""
    return not holds_office(member) or factors_of(member).exclude(pk=factor.pk).exists()


def _is_strong(record: dict[str, Any]) -> bool:
    return record.get("method") == "mfa" and record.get("type") in STRONG
