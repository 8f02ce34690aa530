"""Links that stop mails of a kind, or the digest, without a sign-in (RFC 8058)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from accounts.models import Member
from notifications.notices.kinds import Kind

_SALT: Final = "notifications.unsubscribe"


@dataclass(frozen=True)
class Wish:
    """What a link stops for whom: mails of these kinds, or without kinds the digest."""

    member: Member
    kinds: tuple[Kind, ...]


def path_of(member: Member, kinds: Collection[str] = ()) -> str:
    """Return the path of the link that stops mails of these kinds for a member; of the digest without kinds.

    It never ends: a mail may be read years later, and all it can do is to stop mails.
    """
    token = signing.dumps({"m": member.pk.hex, "k": sorted(kinds)}, salt=_SALT)
    return reverse("notifications:stop", args=[token])


def headers_of(path: str) -> Mapping[str, str]:
    """Return the headers by which a mail program offers to stop such mails with one click."""
    return {
        "List-Unsubscribe": f"<{settings.SITE_ADDRESS.rstrip('/')}{path}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def read(token: str) -> Wish | None:
    """Return what a link stops; None for one that this site did not make, or whose member has left."""
    try:
        said = signing.loads(token, salt=_SALT)
        member_id, kinds = UUID(said["m"]), tuple(Kind(kind) for kind in said["k"] if kind in Kind.values)
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return None
    member = Member.objects.filter(pk=member_id).first()
    if member is None or not member.is_active or (said["k"] and not kinds):
        return None
    return Wish(member, kinds)
