"""Marks: what two accounts may share, kept as keyed hashes, so that nothing can be read from them.

Of a licence picture there is one of its bytes and four of what it looks like, a quarter of the picture's outlines each:
a copy that was saved again or made smaller shares most of them. They outlive the picture, which is destroyed. Those of
a browser and its network are deleted after a month.
"""

import hashlib
import io
import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.crypto import salted_hmac
from PIL import Image

from accounts.vetting.checking.institutions import mail_base
from accounts.vetting.models import Application, Mark, MarkKind

BROWSER_DAYS = 30
_SIDE, _QUARTERS = 16, 4
_EDGES = 6  # fewer are chance, or a margin


@dataclass(frozen=True)
class Origin:
    """The browser from which an application came: its address, and what it says of itself."""

    address: str
    browser: str


def note(application: Application, kind: MarkKind, values: Iterable[str]) -> None:
    """Store the marks of an application; empty values and those it has already are left out."""
    made = [Mark(application=application, kind=kind, value=_keyed(kind, value)) for value in values if value]
    Mark.objects.bulk_create(made, ignore_conflicts=True)


def note_address(application: Application, email: str) -> None:
    """Store the mark of an address at an institution without its tags, points and final digits."""
    note(application, MarkKind.ADDRESS, [address_base(email)])


def note_origin(application: Application, origin: Origin | None) -> None:
    """Store the marks of the browser's network, and of the browser in that network."""
    network = network_of(origin.address) if origin else ""
    if origin is None or not network:
        return
    note(application, MarkKind.NETWORK, [network])
    note(application, MarkKind.DEVICE, [f"{network} {origin.browser}" if origin.browser else ""])


def note_bytes(application: Application, data: bytes) -> None:
    """Store the mark of a picture as it was sent."""
    note(application, MarkKind.PICTURE, [hashlib.sha256(data).hexdigest()])


def note_looks(application: Application, data: bytes) -> None:
    """Store the marks of a picture that the engine has made clean; plain quarters have none."""
    note(application, MarkKind.LOOKS, looks_of(data))


def address_base(email: str) -> str:
    """Return an address without tags, points and final digits, under its institution's domain; "" at a free one."""
    base = mail_base(email)
    person = re.sub(r"[^\w]|_", "", email.rpartition("@")[0].partition("+")[0].lower()).rstrip("0123456789")
    return f"{person}@{base}" if base and person else ""


def network_of(address: str) -> str:
    """Return the network of an address, /24 of IPv4 and /48 of IPv6; "" for what is none, or leads nowhere outside."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if found.is_loopback or found.is_unspecified:
        return ""
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 48), strict=False))


def looks_of(data: bytes) -> list[str]:
    """Return a text a quarter: where it gets brighter from left to right, on a 16 by 16 grid; none of plain ones."""
    try:
        grey = Image.open(io.BytesIO(data)).convert("L").resize((_SIDE + 1, _SIDE), Image.Resampling.BOX)
    except OSError:
        return []
    row = _SIDE + 1
    light = grey.tobytes()
    bits = "".join("01"[light[y * row + x + 1] > light[y * row + x] + 2] for y in range(_SIDE) for x in range(_SIDE))
    length = len(bits) // _QUARTERS
    quarters = [bits[start : start + length] for start in range(0, len(bits), length)]
    return [f"{number} {quarter}" for number, quarter in enumerate(quarters) if quarter.count("1") >= _EDGES]


def forget_browsers() -> int:
    """Delete the marks of browsers that are older than a month; return how many."""
    old = timezone.now() - timedelta(days=BROWSER_DAYS)
    return Mark.objects.filter(kind__in=(MarkKind.NETWORK, MarkKind.DEVICE), at__lt=old).delete()[0]


def _keyed(kind: MarkKind, value: str) -> str:
    return salted_hmac("accounts.vetting.marks", f"{kind}|{value}", algorithm="sha256").hexdigest()
