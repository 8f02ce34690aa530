"""Which browser, system and network a request comes from, as coarsely as a member needs to know their own again."""

import ipaddress
import re
from typing import Final, NamedTuple

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

# The first that fits: browsers name those that they descend from as well.
_BROWSERS: Final = (
    ("Edge", r"\bEdg(?:e|A|iOS)?/"),
    ("Opera", r"\b(?:OPR|Opera|OPT)/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\b(?:Firefox|FxiOS)/"),
    ("Chrome", r"\b(?:(?:Headless)?Chrome|CriOS|Chromium)/"),
    ("Safari", r"\bVersion/[\d.]+.*\bSafari/"),
)
_SYSTEMS: Final = (
    ("iPad", r"\biPad\b"),
    ("iPhone", r"\biPhone\b"),
    ("Android", r"\bAndroid\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Windows", r"\bWindows\b"),
    ("macOS", r"\bMac OS X\b|\bMacintosh\b"),
    ("Linux", r"\bLinux\b|\bX11\b"),
)
_LONGEST: Final = 400  # characters of a user agent that are looked at
_PREFIX: Final = {4: 24, 6: 48}  # bits of an address that are kept


class Device(NamedTuple):
    """A browser as in `Firefox · Windows`, and the network it was in as in `192.0.2.0/24`; "" where unknown."""

    name: str
    network: str


def device_of(request: HttpRequest) -> Device:
    """Return the device that sent a request."""
    return Device(_name(request.headers.get("User-Agent", "")[:_LONGEST]), _network(request))


def _name(agent: str) -> str:
    found = (_first(_BROWSERS, agent), _first(_SYSTEMS, agent))
    return " · ".join(part for part in found if part)


def _first(table: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for name, pattern in table if re.search(pattern, agent)), "")


def _network(request: HttpRequest) -> str:
    """Return the /24 or /48 of the sender: enough to know one's own clinic again, too little to find a desk."""
    try:
        address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    except (PermissionDenied, ValueError):
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    return str(ipaddress.ip_network(f"{address}/{_PREFIX[address.version]}", strict=False))
