"""Mails to members about changes of their account, whoever made them."""

from typing import Final

from django.http import HttpRequest

from accounts.membership.models import Member
from accounts.security.devices import Device, device_of
from accounts.security.models import Change, SecurityNotice
from core import jobs

TELL: Final = "accounts.tell_of_change"  # subject: the notice


def tell_of_change(member: Member, what: str, *, request: HttpRequest | None = None, to: str = "") -> None:
    """Enqueue the mail that tells a member of a change of their account. Call in the transaction of the change.

    With `request`, the mail names the browser and the network that it came from, no finer than a list of sessions
    does. `to` is another address than the member's own: the former one. Raises ValueError for an unknown change.
    """
    device = device_of(request) if request is not None else Device("", "")
    notice = SecurityNotice.objects.create(
        member=member,
        what=Change(what),
        to=to,
        language=member.language,
        device=device.name,
        network=device.network,
    )
    jobs.enqueue(kind=TELL, subject=notice.pk)
