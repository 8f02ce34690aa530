"""Limits on wrong withdrawal codes and PINs, each for one visitor: nobody shuts anybody else out.

Threat: somebody who guesses, and somebody who enters wrong codes so that patients cannot withdraw. A code has 140
random bits, so that guesses need no limit for everybody together, and a right code is never refused. A PIN has four
digits: a try is counted before it is looked at.
"""

import ipaddress

from allauth.account.adapter import get_adapter
from django.http import HttpRequest

from core.counts import Limit

WRONG_CODES = Limit(name="code", most=10, seconds=15 * 60)
WRONG_PINS = Limit(name="hand-over-pin", most=5, seconds=5 * 60)


def client_address(request: HttpRequest) -> str:
    """Return the visitor's address; X-Forwarded-For counts only as far as the settings trust proxies."""
    address: str = get_adapter(request).get_client_ip(request)
    if ":" not in address:
        return address
    # One household can choose from a whole IPv6 /64.
    return ":".join(_ipv6_groups(address)[:4])


def _ipv6_groups(address: str) -> list[str]:
    return ipaddress.IPv6Address(address.partition("%")[0]).exploded.split(":")
